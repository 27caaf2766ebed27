//! How well creators are found again: one half of their posts among the other halves of everybody's.

use std::{fmt, sync::Arc};

use compass_core::{
    CreatorId,
    recommend::{PartWeights, ProfileIndex, ProfileVector, Search},
    stats::{Seed, mean},
};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::{
    halves::{Creators, DEALS, FEWEST_POSTS, Post, deal, id, is_held_back, people, text, vector},
    input::InputError,
    model::Model,
    plain::PlainTfIdf,
};

/// Creators found again by half of their posts, and what the lists of similar creators are like.
#[derive(Debug)]
pub(crate) struct Retrieval {
    creators: Vec<Creator>,
    with_fewer_posts: usize,
    without_views: usize,
    has_model: bool,
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
    /// Ours with what texts mean; as without where no model is named.
    meaning: Hits,
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

/// How often posts are drawn anew.
const DRAWS: u64 = 5;

impl Retrieval {
    /// Looks for creators with four posts and more. Biographies and followers are left out: both halves have them.
    pub(crate) fn measure(items: &Creators, seed: u64, model: Option<&Model>) -> Result<Self, InputError> {
        let (names, people) = people(items);
        let seed = Seed::new("halves of posts").with(seed);
        let mut deals = Vec::new();
        for number in 0..DEALS {
            let [one, other] = deal(&people, seed.with(number));
            deals.push(look(&one, &other, model)?);
            deals.push(look(&other, &one, model)?);
        }
        let creators = names.iter().enumerate().map(|(index, name)| {
            let [ours, words_only, plain, meaning] =
                [0, 1, 2, 3].map(|way| Hits::mean(deals.iter().map(|deal| deal[index][way])));
            Creator { held_back: is_held_back(name), ours, words_only, plain, meaning }
        });
        Ok(Self {
            creators: creators.collect(),
            with_fewer_posts: items.len() - names.len(),
            without_views: people.iter().flatten().filter(|post| post.item.views.is_none()).count(),
            has_model: model.is_some(),
            lists: lists(&people, seed),
        })
    }

    /// The headline is of those on whom no weight was chosen.
    pub(crate) fn json(&self) -> Value {
        let mut figures = self.figures(&self.held_back());
        figures["of"] = json!("creators on whom no weight was chosen: the half that is drawn by a hash of their names");
        figures["all"] = self.figures(&self.creators.iter().collect::<Vec<_>>());
        figures["lists"] = self.lists.map_or(
            Value::Null,
            |lists| json!({ "coverage": lists.coverage, "novelty": lists.novelty, "stability": lists.stability }),
        );
        figures
    }

    fn held_back(&self) -> Vec<&Creator> {
        self.creators.iter().filter(|creator| creator.held_back).collect()
    }

    /// Means over creators; null without creators.
    fn figures(&self, creators: &[&Creator]) -> Value {
        let share = |of: fn(&Creator) -> f64| mean(&creators.iter().map(|creator| of(creator)).collect::<Vec<_>>());
        let mut figures = json!({
            "n": creators.len(),
            "r_at_1": share(|c| c.ours.first),
            "r_at_10": share(|c| c.ours.ten),
            "words_only_r_at_1": share(|c| c.words_only.first),
            "words_only_r_at_10": share(|c| c.words_only.ten),
            "baseline_r_at_1": share(|c| c.plain.first),
            "baseline_r_at_10": share(|c| c.plain.ten),
        });
        if self.has_model {
            figures["with_meaning_r_at_1"] = json!(share(|c| c.meaning.first));
            figures["with_meaning_r_at_10"] = json!(share(|c| c.meaning.ten));
        }
        figures
    }

    /// How often creators are found by how their posts do, where the posts come without captions.
    pub(crate) fn json_without_captions(&self) -> Value {
        let found = |creators: &[&Creator]| {
            let share = |of: fn(&Creator) -> f64| mean(&creators.iter().map(|creator| of(creator)).collect::<Vec<_>>());
            json!({ "n": creators.len(), "r_at_1": share(|c| c.ours.first), "r_at_10": share(|c| c.ours.ten) })
        };
        let mut figures = found(&self.held_back());
        figures["all"] = found(&self.creators.iter().collect::<Vec<_>>());
        figures
    }

    /// The same for people.
    pub(crate) fn without_captions(&self) -> String {
        let told = |creators: Vec<&Creator>| {
            let Hits { first, ten } = Hits::mean(creators.iter().map(|creator| creator.ours));
            format!("of {}, {:.1} % are found first and {:.1} % among ten", creators.len(), 100.0 * first, 100.0 * ten)
        };
        let (held_back, all) = (told(self.held_back()), told(self.creators.iter().collect()));
        format!(
            "\nCreators of the panel, which has no captions, on whom no weight was chosen: {held_back};\nof all: {all}"
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

/// Looks for everybody's posts among those of all. What is rare is learnt from the latter.
fn look(asked: &[Vec<&Post>], among: &[Vec<&Post>], model: Option<&Model>) -> Result<Vec<[Hits; 4]>, InputError> {
    let vectors: Vec<ProfileVector> = among.par_iter().enumerate().map(|(index, posts)| vector(index, posts)).collect();
    let words = |posts: &[&Post]| -> Vec<String> { posts.iter().flat_map(|post| post.words.clone()).collect() };
    let words_only = PartWeights { engagement: 0.0, size: 0.0, ..PartWeights::default() };
    let words_only = ProfileIndex::with_weights(vectors.clone(), words_only);
    let with_meaning = match model {
        Some(model) => {
            let texts = |halves: &[Vec<&Post>]| halves.iter().map(|posts| text(posts)).collect::<Vec<_>>();
            let known: Vec<(CreatorId, String)> = (0..).map(id).zip(texts(among)).collect();
            let index = ProfileIndex::with_weights(vectors.clone(), PartWeights::with_meaning());
            Some((index.with_meanings(Arc::new(model.meanings(&known)?)), model.vectors(&texts(asked))?))
        }
        None => None,
    };
    let profiles = ProfileIndex::new(vectors);
    let plain = PlainTfIdf::new(&among.iter().map(|posts| words(posts)).collect::<Vec<_>>());
    let find = |(index, posts): (usize, &Vec<&Post>)| {
        let vector = vector(index, posts);
        let ours = profiles.scores(&vector);
        let meaning = with_meaning.as_ref().map_or_else(
            || ours.clone(),
            |(profiles, meant)| profiles.scores(&vector.clone().with_meaning(&meant[index])),
        );
        [ours, words_only.scores(&vector), plain.scores(&words(posts)), meaning].map(|scores| Hits::of(&scores, index))
    };
    Ok(asked.par_iter().enumerate().map(find).collect())
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

impl fmt::Display for Retrieval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Similar creators: half of a creator's posts, looked for among the other halves of all\n")?;
        writeln!(f, "{:48} {:>8} {:>7} {:>7}", "Found among", "creators", "first", "ten")?;
        let mut rows: Vec<(&str, Way)> = vec![
            ("ours", |c| c.ours),
            ("ours, words and languages alone", |c| c.words_only),
            ("plain TF-IDF", |c| c.plain),
        ];
        if self.has_model {
            rows.insert(1, ("ours, with what texts mean", |c| c.meaning));
        }
        let row = |f: &mut fmt::Formatter<'_>, name: &str, n: usize, first: f64, ten: f64| {
            writeln!(f, "  {name:46} {n:8} {:5.1} % {:5.1} %", 100.0 * first, 100.0 * ten)
        };
        let group = |f: &mut fmt::Formatter<'_>, creators: &[&Creator]| {
            rows.iter().try_for_each(|(name, of)| {
                let Hits { first, ten } = Hits::mean(creators.iter().map(|creator| of(creator)));
                row(f, name, creators.len(), first, ten)
            })
        };
        let all: Vec<&Creator> = self.creators.iter().collect();
        writeln!(f, "Those on whom no weight was chosen")?;
        group(f, &self.held_back())?;
        writeln!(f, "All")?;
        group(f, &all)?;
        let chance = |places: f64| (places / all.len().max(1) as f64).min(1.0);
        row(f, "chance", all.len(), chance(1.0), chance(10.0))?;
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
