//! What a creator's newest posts are in and speak of, post by post, as small as it is kept to guess from.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use crate::{
    Language, Profile, Video, VideoId, VideoObservation,
    words::{is_unspaced, words},
};

/// What a creator's newest posts are in and speak of: which of them is in which language and has which words. No text can be read back from
/// it but the words.
///
/// From it, what a person wants of an audience is guessed where no source tells it ([`audience_fit`](super::audience_fit)): a creator who
/// speaks of baking is taken to be watched by people who like it.
///
/// - A post is in the language that its source says that its caption is in.
/// - A post speaks of a topic if its caption and hashtags have each word of the topic, in whatever order, or if it has the topic as a hashtag,
///   with accents or without, or as the beginning of a hashtag, if it has four letters or more. Words are those of
///   [`recommend::words`](crate::recommend::words): lower case, none of one letter; of scripts without spaces, pairs of characters. Other
///   forms of a word (a plural, a case) are other words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContentSignals {
    pub(super) posts: u32,
    /// How many posts are in each language, of those in any; of a creator whose posts have none, that of the profile.
    pub(super) languages: Vec<(Language, u32)>,
    pub(super) language_is_the_profiles: bool,
    pub(super) words: PostWords,
}

impl ContentSignals {
    /// So many posts are looked at, the newest.
    pub const POSTS: usize = 30;

    /// Reads the newest posts of an account, each as it was last seen, whatever the order and however often each was seen.
    #[must_use]
    pub fn of<'a>(profile: Option<&Profile>, looks: impl IntoIterator<Item = &'a VideoObservation>) -> Self {
        let posts = newest(looks);
        let mut languages: BTreeMap<Language, u32> = BTreeMap::new();
        for language in posts.iter().filter_map(|post| post.language.as_deref().and_then(Language::told)) {
            *languages.entry(language).or_default() += 1;
        }
        let language_is_the_profiles = languages.is_empty();
        if language_is_the_profiles {
            let language = profile.and_then(|profile| profile.language.as_deref()).and_then(Language::told);
            languages.extend(language.map(|language| (language, 1)));
        }
        Self {
            posts: posts.len() as u32,
            languages: languages.into_iter().collect(),
            language_is_the_profiles,
            words: PostWords::of(&posts),
        }
    }
}

fn newest<'a>(looks: impl IntoIterator<Item = &'a VideoObservation>) -> Vec<&'a Video> {
    let mut last: BTreeMap<VideoId, &VideoObservation> = BTreeMap::new();
    for look in looks {
        match last.entry(look.video.id) {
            Entry::Occupied(mut known)
                if (known.get().observed_at, known.get().source) <= (look.observed_at, look.source) =>
            {
                known.insert(look);
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(first) => {
                first.insert(look);
            }
        }
    }
    let mut posts: Vec<&Video> = last.into_values().map(|look| &look.video).collect();
    posts.sort_by_key(|post| Reverse((post.created_at, post.id)));
    posts.truncate(ContentSignals::POSTS);
    posts
}

/// The words of posts, each with the posts that have it: as bits, the newest post's first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PostWords {
    /// One after another, in their order.
    text: Box<str>,
    /// Where each ends.
    ends: Box<[u32]>,
    posts: Box<[u32]>,
    /// Which posts have a word.
    any: u32,
}

const _: () = assert!(ContentSignals::POSTS <= u32::BITS as usize, "a post is a bit");

/// So many hashtags of a post are read: captions have room for fewer.
const MOST_HASHTAGS: usize = 1_000;

impl PostWords {
    fn of(posts: &[&Video]) -> Self {
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        for (place, post) in posts.iter().enumerate() {
            let mut add = |word: String| *found.entry(word).or_default() |= 1 << place;
            let mut read = |word: String| {
                // A hashtag is also the words that it is made of.
                if let Some(bare) = word.strip_prefix('#') {
                    words(bare).into_iter().for_each(&mut add);
                }
                word.chars().filter(|&c| is_unspaced(c)).for_each(|c| add(c.to_string()));
                add(word);
            };
            words(post.caption.as_str()).into_iter().for_each(&mut read);
            let hashtags = post.hashtags.iter().take(MOST_HASHTAGS).flat_map(|tag| words(&format!("#{tag}")));
            hashtags.for_each(&mut read);
        }
        let any = found.values().fold(0, |any, posts| any | posts);
        let mut text = String::with_capacity(found.keys().map(String::len).sum());
        let mut ends = Vec::with_capacity(found.len());
        for word in found.keys() {
            text.push_str(word);
            ends.push(u32::try_from(text.len()).expect("thirty posts have less than 4 GB of words"));
        }
        Self { text: text.into(), ends: ends.into(), posts: found.into_values().collect(), any }
    }

    /// The posts with a word.
    pub(super) fn with(&self, word: &str) -> u32 {
        let place = self.first_from(word);
        if self.word(place) == Some(word) { self.posts[place] } else { 0 }
    }

    /// The posts with a word that begins so.
    pub(super) fn beginning(&self, with: &str) -> u32 {
        let from = self.first_from(with)..;
        let words = from.take_while(|&place| self.word(place).is_some_and(|word| word.starts_with(with)));
        words.fold(0, |posts, place| posts | self.posts[place])
    }

    /// How many posts have words.
    pub(super) fn any(&self) -> u32 {
        self.any.count_ones()
    }

    fn word(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(begin as usize..end as usize)
    }

    /// The place of the first word that is not before this one.
    fn first_from(&self, word: &str) -> usize {
        let (mut from, mut to) = (0, self.ends.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.word(middle) {
                Some(other) if other < word => from = middle + 1,
                _ => to = middle,
            }
        }
        from
    }
}
