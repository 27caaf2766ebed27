//! Creators' posts, dealt out in halves: one looks for the other.

use std::collections::BTreeMap;

use compass_core::{
    CreatorId, Language,
    recommend::{Known, KnownPost, ProfileVector},
    stats::Seed,
};

use crate::{items::Item, plain::fair_words};

/// A post for the test.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: u64,
    caption: String,
    pub(crate) words: Vec<String>,
    language: Option<Language>,
    pub(crate) item: Item,
}

/// By the creator's name and the post's id.
pub(crate) type Creators = BTreeMap<String, BTreeMap<u64, Item>>;

/// Halves of fewer posts say little of anybody.
pub(crate) const FEWEST_POSTS: usize = 4;
/// How often posts are dealt out in halves; each half looks for the other.
pub(crate) const DEALS: u64 = 5;

/// Whether the weights were chosen without a creator, wherever they were chosen: on the other half of the creators, by their names.
pub(crate) fn is_held_back(name: &str) -> bool {
    Seed::new(&format!("weights of similar creators {name}")).get() & 1 == 1
}

/// Creators with enough posts, and their posts in the order of ids.
pub(crate) fn people(items: &Creators) -> (Vec<&str>, Vec<Vec<Post>>) {
    let enough = || items.iter().filter(|(_, posts)| posts.len() >= FEWEST_POSTS);
    let told = enough().map(|(name, posts)| {
        let posts = posts.values().map(|post| (post.caption.as_str(), post.hashtags.as_slice()));
        (name.as_str(), posts.collect())
    });
    let people = fair_words(told).into_iter().zip(enough()).map(|(words, (_, posts))| {
        let posts = posts.iter().zip(words).map(|((&id, item), words)| Post {
            id,
            caption: words.join(" "),
            words,
            language: item.language.as_deref().filter(|&code| code != "un").and_then(|code| Language::parse(code).ok()),
            item: item.clone(),
        });
        posts.collect()
    });
    (enough().map(|(name, _)| name.as_str()).collect(), people.collect())
}

/// Each creator's posts in two halves.
pub(crate) fn deal(people: &[Vec<Post>], seed: Seed) -> [Vec<Vec<&Post>>; 2] {
    let (one, other) = people
        .iter()
        .map(|posts| {
            let mut dealt: Vec<&Post> = posts.iter().collect();
            dealt.sort_by_key(|post| seed.with(post.id).get());
            let second = dealt.split_off(dealt.len() / 2);
            (dealt, second)
        })
        .unzip();
    [one, other]
}

/// Who is at a place.
pub(crate) fn id(index: usize) -> CreatorId {
    i64::try_from(index + 1).ok().and_then(|id| CreatorId::try_from(id).ok()).expect("indices are small")
}

/// What posts say, without what gives their creator away.
pub(crate) fn text(posts: &[&Post]) -> String {
    posts.iter().map(|post| post.caption.as_str()).collect::<Vec<_>>().join("\n")
}

/// A creator by some of its posts. Biography and followers are left out.
pub(crate) fn vector(index: usize, posts: &[&Post]) -> ProfileVector {
    let count = |value: Option<f64>| value.map(|value| value as u64);
    let known: Vec<KnownPost<'_>> = posts
        .iter()
        .map(|post| KnownPost {
            caption: &post.caption,
            hashtags: &[],
            language: post.language,
            duration: post.item.duration,
            views: count(post.item.views),
            reactions: post.item.reactions.map(count),
        })
        .collect();
    ProfileVector::of(&Known { id: id(index), bio: "", posts: &known, followers: None, language: None, region: None })
}
