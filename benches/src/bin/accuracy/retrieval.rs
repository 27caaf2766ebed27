//! How well creators are found again: one half of their posts among the other halves of everybody's.

use std::{collections::BTreeMap, fmt};

use compass_core::{
    CreatorId, Language,
    recommend::{Known, KnownPost, PartWeights, ProfileIndex, ProfileVector, Search},
    stats::{Seed, mean},
};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::{
    items::Item,
    plain::{PlainTfIdf, fair_words},
};

/// Creators found again by half of their posts, and what the lists of similar creators are like.
#[derive(Debug)]
pub(crate) struct Retrieval {
    creators: Vec<Creator>,
    with_fewer_posts: usize,
    without_views: usize,
    lists: Option<Lists>,
}

/// How often a creator was found among the first and the first ten, by each way of comparing.
#[derive(Debug)]
struct Creator {
    /// Whether the weights were chosen without its half of the creators.
    held_back: bool,
    ours: Hits,
    words_only: Hits,
    plain: Hits,
}

/// Shares of the tries.
#[derive(Clone, Copy, Debug, Default)]
struct Hits {
    first: f64,
    ten: f64,
}

/// What the lists of the ten most similar creators are like, over all creators with words.
#[derive(Clone, Copy, Debug)]
struct Lists {
    /// The share of creators that stand in somebody's list.
    coverage: f64,
    /// The mean of -log2 of the share of lists that have the same creator.
    novelty: f64,
    /// How much of a list stays when the creator's posts are drawn anew from themselves.
    stability: f64,
}

/// A way of comparing.
type Way = fn(&Creator) -> Hits;

/// A post for the test.
#[derive(Debug)]
struct Post {
    id: u64,
    caption: String,
    words: Vec<String>,
    language: Option<Language>,
    item: Item,
}

/// By the creator's name and the post's id.
type Creators = BTreeMap<String, BTreeMap<u64, Item>>;

/// Halves of fewer posts say little of anybody.
const FEWEST_POSTS: usize = 4;
/// How often posts are dealt out in halves; each half looks for the other.
const DEALS: u64 = 5;
/// How often posts are drawn anew.
const DRAWS: u64 = 5;

impl Retrieval {
    /// Looks for creators with four posts and more. Biographies and followers are left out: both halves have them.
    pub(crate) fn measure(items: &Creators, seed: u64) -> Self {
        let (names, people) = people(items);
        let seed = Seed::new("halves of posts").with(seed);
        let deals: Vec<Vec<[Hits; 3]>> = (0..DEALS).flat_map(|deal| both_ways(&people, seed.with(deal))).collect();
        let creators = names.iter().enumerate().map(|(index, name)| {
            let [ours, words_only, plain] = [0, 1, 2].map(|way| Hits::mean(deals.iter().map(|deal| deal[index][way])));
            Creator { held_back: is_held_back(name), ours, words_only, plain }
        });
        Self {
            creators: creators.collect(),
            with_fewer_posts: items.len() - names.len(),
            without_views: people.iter().flatten().filter(|post| post.item.views.is_none()).count(),
            lists: lists(&people, seed),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let all: Vec<&Creator> = self.creators.iter().collect();
        let held_back: Vec<&Creator> = self.creators.iter().filter(|creator| creator.held_back).collect();
        let mut figures = figures(&all);
        figures["held_back"] = self::figures(&held_back);
        figures["lists"] = self.lists.map_or(
            Value::Null,
            |lists| json!({ "coverage": lists.coverage, "novelty": lists.novelty, "stability": lists.stability }),
        );
        figures
    }

    /// How often creators are found by how their posts do, where the posts come without captions.
    pub(crate) fn json_without_captions(&self) -> Value {
        let share = |of: fn(&Creator) -> f64| mean(&self.creators.iter().map(of).collect::<Vec<_>>());
        json!({
            "n": self.creators.len(),
            "r_at_1": share(|c| c.ours.first),
            "r_at_10": share(|c| c.ours.ten),
        })
    }

    /// The same for people.
    pub(crate) fn without_captions(&self) -> String {
        let Hits { first, ten } = Hits::mean(self.creators.iter().map(|creator| creator.ours));
        format!(
            "\nCreators of the panel, which has no captions: of {}, {:.1} % are found first and {:.1} % among ten",
            self.creators.len(),
            100.0 * first,
            100.0 * ten,
        )
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        vec![format!(
            "similar creators: {} creators; not used: {} with fewer than {FEWEST_POSTS} posts; {} posts have words and no views",
            self.creators.len(),
            self.with_fewer_posts,
            self.without_views,
        )]
    }
}

impl Hits {
    /// Where the own half stands among all; of equals any may be first.
    fn of(scores: &[f64], own: usize) -> Self {
        let above = scores.iter().filter(|&&score| score > scores[own]).count() as f64;
        let equal = scores.iter().filter(|&&score| score == scores[own]).count() as f64;
        let within = |places: f64| ((places - above) / equal).clamp(0.0, 1.0);
        Self { first: within(1.0), ten: within(10.0) }
    }

    fn mean(hits: impl Iterator<Item = Self>) -> Self {
        let (first, ten): (Vec<f64>, Vec<f64>) = hits.map(|hits| (hits.first, hits.ten)).unzip();
        Self { first: mean(&first).unwrap_or_default(), ten: mean(&ten).unwrap_or_default() }
    }
}

/// The weights were chosen on the other creators of the data that they were chosen on; elsewhere both halves are new.
fn is_held_back(name: &str) -> bool {
    Seed::new(&format!("weights of similar creators {name}")).get() & 1 == 1
}

/// Creators with enough posts, and their posts in the order of ids.
fn people(items: &Creators) -> (Vec<&str>, Vec<Vec<Post>>) {
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

/// Deals posts out, and looks for each half among the others: hits by each way of comparing, creator by creator.
fn both_ways(people: &[Vec<Post>], seed: Seed) -> [Vec<[Hits; 3]>; 2] {
    let (one, other): (Vec<Vec<&Post>>, Vec<Vec<&Post>>) = people
        .iter()
        .map(|posts| {
            let mut dealt: Vec<&Post> = posts.iter().collect();
            dealt.sort_by_key(|post| seed.with(post.id).get());
            let second = dealt.split_off(dealt.len() / 2);
            (dealt, second)
        })
        .unzip();
    [look(&one, &other), look(&other, &one)]
}

/// Looks for everybody's posts among those of all. What is rare is learnt from the latter.
fn look(asked: &[Vec<&Post>], among: &[Vec<&Post>]) -> Vec<[Hits; 3]> {
    let vectors = |posts: &[Vec<&Post>]| -> Vec<ProfileVector> {
        posts.par_iter().enumerate().map(|(index, posts)| vector(index, posts)).collect()
    };
    let words = |posts: &[&Post]| -> Vec<String> { posts.iter().flat_map(|post| post.words.clone()).collect() };
    let profiles = ProfileIndex::new(vectors(among));
    let words_only = PartWeights { engagement: 0.0, size: 0.0, ..PartWeights::default() };
    let words_only = ProfileIndex::with_weights(vectors(among), words_only);
    let plain = PlainTfIdf::new(&among.iter().map(|posts| words(posts)).collect::<Vec<_>>());
    let find = |(index, posts): (usize, &Vec<&Post>)| {
        let vector = vector(index, posts);
        let scores = [profiles.scores(&vector), words_only.scores(&vector), plain.scores(&words(posts))];
        scores.map(|scores| Hits::of(&scores, index))
    };
    asked.par_iter().enumerate().map(find).collect()
}

fn vector(index: usize, posts: &[&Post]) -> ProfileVector {
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
    let id = i64::try_from(index + 1).ok().and_then(|id| CreatorId::try_from(id).ok()).expect("indices are small");
    ProfileVector::of(&Known { id, bio: "", posts: &known, followers: None, language: None, region: None })
}

/// The lists of all creators by all their posts; `None` if nobody is like anybody.
fn lists(people: &[Vec<Post>], seed: Seed) -> Option<Lists> {
    let all: Vec<Vec<&Post>> = people.iter().map(|posts| posts.iter().collect()).collect();
    let profiles = ProfileIndex::new(all.iter().enumerate().map(|(index, posts)| vector(index, posts)).collect());
    let list = |index: usize, posts: &[&Post]| -> Vec<CreatorId> {
        let found = profiles.similar(&vector(index, posts), &Search::default());
        found.map_or_else(|_| Vec::new(), |found| found.into_iter().map(|found| found.id).collect())
    };
    let told: Vec<Vec<CreatorId>> = all.par_iter().enumerate().map(|(index, posts)| list(index, posts)).collect();
    let told_with_words = told.iter().filter(|list| !list.is_empty()).count();
    let standing = |id: CreatorId| told.iter().filter(|list| list.contains(&id)).count() as f64;
    let listed: Vec<f64> = profiles.vectors().par_iter().map(|vector| standing(vector.id())).collect();
    let surprise = |&n: &f64| n * -(n / told_with_words as f64).log2();
    let kept = all.par_iter().enumerate().flat_map_iter(|(index, posts)| {
        let told = &told[index];
        (0..if told.is_empty() { 0 } else { DRAWS }).map(move |draw| {
            let seed = seed.with(draw).with(index as u64);
            let pick = |post| posts[(seed.with(post).unit() * posts.len() as f64) as usize];
            let drawn: Vec<&Post> = (0..posts.len() as u64).map(pick).collect();
            let again = list(index, &drawn);
            told.iter().filter(|id| again.contains(id)).count() as f64 / told.len() as f64
        })
    });
    let stability = mean(&kept.collect::<Vec<f64>>())?;
    let places: f64 = listed.iter().sum();
    Some(Lists {
        coverage: listed.iter().filter(|&&n| n > 0.0).count() as f64 / all.len() as f64,
        novelty: listed.iter().filter(|&&n| n > 0.0).map(surprise).sum::<f64>() / places,
        stability,
    })
}

/// Means over creators; null without creators.
fn figures(creators: &[&Creator]) -> Value {
    let share = |of: fn(&Creator) -> f64| mean(&creators.iter().map(|creator| of(creator)).collect::<Vec<_>>());
    json!({
        "n": creators.len(),
        "r_at_1": share(|c| c.ours.first),
        "r_at_10": share(|c| c.ours.ten),
        "words_only_r_at_1": share(|c| c.words_only.first),
        "words_only_r_at_10": share(|c| c.words_only.ten),
        "baseline_r_at_1": share(|c| c.plain.first),
        "baseline_r_at_10": share(|c| c.plain.ten),
    })
}

impl fmt::Display for Retrieval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Similar creators: half of a creator's posts, looked for among the other halves of all\n")?;
        writeln!(f, "{:48} {:>8} {:>7} {:>7}", "Found among", "creators", "first", "ten")?;
        let rows: [(&str, Way); 3] = [
            ("ours", |c| c.ours),
            ("ours, words and languages alone", |c| c.words_only),
            ("plain TF-IDF", |c| c.plain),
        ];
        let row = |f: &mut fmt::Formatter<'_>, name: &str, n: usize, first: f64, ten: f64| {
            writeln!(f, "  {name:46} {n:8} {:5.1} % {:5.1} %", 100.0 * first, 100.0 * ten)
        };
        let group = |f: &mut fmt::Formatter<'_>, creators: &[&Creator]| {
            rows.into_iter().try_for_each(|(name, of)| {
                let Hits { first, ten } = Hits::mean(creators.iter().map(|creator| of(creator)));
                row(f, name, creators.len(), first, ten)
            })
        };
        let all: Vec<&Creator> = self.creators.iter().collect();
        group(f, &all)?;
        let chance = |places: f64| (places / all.len().max(1) as f64).min(1.0);
        row(f, "chance", all.len(), chance(1.0), chance(10.0))?;
        writeln!(f, "Of them, those who had no part in choosing the weights")?;
        group(f, &self.creators.iter().filter(|creator| creator.held_back).collect::<Vec<_>>())?;
        match self.lists {
            Some(Lists { coverage, novelty, stability }) => write!(
                f,
                "\nLists of ten: {:.1} % of the creators stand in one (coverage), {novelty:.2} bits of surprise a place (novelty),\n\
                 {:.1} % stay when a creator's posts are drawn anew (stability)",
                100.0 * coverage,
                100.0 * stability,
            ),
            None => write!(f, "\nLists of ten: none"),
        }
    }
}
