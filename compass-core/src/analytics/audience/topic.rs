//! Whether a post speaks of a topic.

use super::content::PostWords;
use crate::words::{is_unspaced, without_accents, words, written_together};

/// A topic in anybody's words, as it is looked for in posts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Topic {
    words: Vec<String>,
    /// Hashtags, with `#`, in which the topic is written as one word.
    hashtags: Vec<String>,
    /// Whether a hashtag may go on after them.
    may_go_on: bool,
}

/// `#foodtour` is of food, `#carnival` is not of cars: so many letters are not a beginning by chance.
const BEGINS_A_HASHTAG: usize = 4;

impl Topic {
    /// Reads a topic; `None` if there is nothing to look for, as in an emoji or one letter.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let words = words(&name.replace(['#', '@'], " "));
        let together = written_together(name);
        let letters = together.chars().count();
        let mut hashtags = Vec::new();
        if letters > 1 || together.chars().any(is_unspaced) {
            hashtags.push(format!("#{together}"));
            let plain = format!("#{}", without_accents(&together));
            hashtags.extend(Some(plain).filter(|plain| *plain != hashtags[0]));
        }
        let may_go_on = letters >= BEGINS_A_HASHTAG;
        (!words.is_empty() || !hashtags.is_empty()).then_some(Self { words, hashtags, may_go_on })
    }

    /// The posts that speak of it: those with each of its words, in whatever order, and those with it as a hashtag, or as the beginning of
    /// one.
    pub(super) fn posts(&self, posts: &PostWords) -> u32 {
        let with_all = self.words.iter().map(|word| posts.with(word)).reduce(|all, next| all & next).unwrap_or(0);
        let with_tag = |tag: &String| if self.may_go_on { posts.beginning(tag) } else { posts.with(tag) };
        self.hashtags.iter().map(with_tag).fold(with_all, |any, next| any | next)
    }
}
