//! The grid that the weights of similar creators were chosen on: on one half of the creators, the other is not looked at.

use std::fmt;

use compass_core::{
    recommend::{PartWeights, ProfileIndex, ProfileVector},
    stats::{Seed, mean},
};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::{
    halves::{Creators, DEALS, Post, deal, is_held_back, people, text, vector},
    input::InputError,
    model::Model,
};

/// How well creators of the tuning half are found again by each choice of weights.
#[derive(Debug)]
pub(crate) struct Tuning {
    creators: usize,
    /// Words, spelling, engagement and language in tenths, with the mean reciprocal rank: the best first.
    grid: Vec<([u8; PARTS], f64)>,
    /// The weight of meaning beside the usual ones; empty without a model.
    meaning: Vec<(f64, f64)>,
}

const PARTS: usize = 4;
/// Parts are asked for one by one.
const ALONE: PartWeights =
    PartWeights { words: 0.0, spelling: 0.0, engagement: 0.0, language: 0.0, size: 0.0, meaning: 0.0 };
const EACH: [PartWeights; PARTS] = [
    PartWeights { words: 1.0, ..ALONE },
    PartWeights { spelling: 1.0, ..ALONE },
    PartWeights { engagement: 1.0, ..ALONE },
    PartWeights { language: 1.0, ..ALONE },
];
/// Creators are looked at by so many of their posts, and by all.
const POSTS: [usize; 3] = [5, 8, usize::MAX];
/// So many of the grid are told.
const TOLD: usize = 10;

/// What one creator's half has in common with each half that is searched.
struct Look {
    own: usize,
    parts: Vec<[f64; PARTS]>,
    /// By the usual weights.
    usual: Vec<f64>,
    meaning: Option<Vec<f64>>,
}

impl Tuning {
    pub(crate) fn measure(items: &Creators, seed: u64, model: Option<&Model>) -> Result<Self, InputError> {
        let (names, people) = people(items);
        let tuned: Vec<Vec<Post>> =
            names.iter().zip(people).filter(|(name, _)| !is_held_back(name)).map(|(_, posts)| posts).collect();
        if tuned.is_empty() {
            return Err(InputError::TooLittle("no creator of the tuning half has four posts"));
        }
        let seed = Seed::new("halves of posts").with(seed);
        let mut looks = Vec::new();
        for posts in POSTS {
            let some: Vec<Vec<Post>> = tuned.iter().map(|of| drawn(of, posts, seed)).collect();
            for number in 0..DEALS {
                let [one, other] = deal(&some, seed.with(number));
                looks.append(&mut look(&one, &other, model)?);
                looks.append(&mut look(&other, &one, model)?);
            }
        }
        let of_weights = |weights: [u8; PARTS]| {
            let sum =
                |parts: &[f64; PARTS]| parts.iter().zip(weights).map(|(part, weight)| part * f64::from(weight)).sum();
            mean_reciprocal_rank(&looks, |look| look.parts.iter().map(sum).collect())
        };
        let mut grid: Vec<([u8; PARTS], f64)> =
            tenths().into_par_iter().map(|weights| (weights, of_weights(weights))).collect();
        grid.sort_by(|a, b| b.1.total_cmp(&a.1));
        let of_meaning = |weight: f64| {
            mean_reciprocal_rank(&looks, |look| {
                let meaning = look.meaning.iter().flatten();
                look.usual
                    .iter()
                    .zip(meaning)
                    .map(|(usual, meaning)| (1.0 - weight) * usual + weight * meaning)
                    .collect()
            })
        };
        let weights = (0..=10).map(|step| 0.06 * f64::from(step));
        let meaning =
            if model.is_some() { weights.map(|weight| (weight, of_meaning(weight))).collect() } else { Vec::new() };
        Ok(Self { creators: tuned.len(), grid, meaning })
    }

    pub(crate) fn json(&self) -> Value {
        let row = |([words, spelling, engagement, language], found): &([u8; PARTS], f64)| {
            let [words, spelling, engagement, language] =
                [words, spelling, engagement, language].map(|n| f64::from(*n) / 10.0);
            json!({
                "words": words, "spelling": spelling, "engagement": engagement, "language": language,
                "mean_reciprocal_rank": found,
            })
        };
        let meaning =
            self.meaning.iter().map(|(weight, found)| json!({"meaning": weight, "mean_reciprocal_rank": found}));
        json!({
            "creators": self.creators,
            "best": self.grid.iter().take(TOLD).map(row).collect::<Vec<_>>(),
            "usual": self.usual().map(|(place, of)| json!({"place": place, "of": row(of)})),
            "meaning": meaning.collect::<Vec<_>>(),
        })
    }

    /// The choice that is nearest to the usual weights, and its place.
    fn usual(&self) -> Option<(usize, &([u8; PARTS], f64))> {
        let PartWeights { words, spelling, engagement, language, .. } = PartWeights::default();
        let sum = words + spelling + engagement + language;
        let tenths = [words, spelling, engagement, language].map(|weight| (10.0 * weight / sum).round() as u8);
        let place = self.grid.iter().position(|(weights, _)| *weights == tenths)?;
        Some((place + 1, &self.grid[place]))
    }
}

/// Every way to share ten tenths among the parts.
fn tenths() -> Vec<[u8; PARTS]> {
    let up_to = |left: u8| 0..=left;
    let mut all = Vec::new();
    for words in up_to(10) {
        for spelling in up_to(10 - words) {
            for engagement in up_to(10 - words - spelling) {
                all.push([words, spelling, engagement, 10 - words - spelling - engagement]);
            }
        }
    }
    all
}

/// Some posts of a creator.
fn drawn(posts: &[Post], most: usize, seed: Seed) -> Vec<Post> {
    let mut drawn = posts.to_vec();
    drawn.sort_by_key(|post| seed.with(post.id).with(1).get());
    drawn.truncate(most);
    drawn
}

fn look(asked: &[Vec<&Post>], among: &[Vec<&Post>], model: Option<&Model>) -> Result<Vec<Look>, InputError> {
    let drawn: Vec<ProfileVector> = among.iter().enumerate().map(|(index, posts)| vector(index, posts)).collect();
    let indices = EACH.map(|weights| ProfileIndex::with_weights(drawn.clone(), weights));
    let usual = ProfileIndex::new(drawn);
    let vectors = |halves: &[Vec<&Post>]| -> Result<Option<Vec<Vec<f32>>>, InputError> {
        let texts = || halves.iter().map(|posts| text(posts)).collect::<Vec<_>>();
        model.map(|model| model.vectors(&texts())).transpose()
    };
    let (meant, known) = (vectors(asked)?, vectors(among)?);
    let find = |(own, posts): (usize, &Vec<&Post>)| {
        let of = vector(own, posts);
        let [words, spelling, engagement, language] = indices.each_ref().map(|index| index.scores(&of));
        let parts = (0..among.len()).map(|at| [words[at], spelling[at], engagement[at], language[at]]).collect();
        let meaning = meant.as_ref().zip(known.as_ref()).map(|(meant, known)| {
            let cosine =
                |other: &Vec<f32>| other.iter().zip(&meant[own]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            known.iter().map(|other| f64::clamp(cosine(other), 0.0, 1.0)).collect()
        });
        Look { own, parts, usual: usual.scores(&of), meaning }
    };
    Ok(asked.par_iter().enumerate().map(find).collect())
}

/// Of equals the own half is in the middle.
fn mean_reciprocal_rank(looks: &[Look], scores: impl Fn(&Look) -> Vec<f64>) -> f64 {
    let ranks = looks.iter().map(|look| {
        let scores = scores(look);
        let own = scores[look.own];
        let above = scores.iter().filter(|&&score| score > own).count() as f64;
        let equal = scores.iter().filter(|&&score| score == own).count() as f64;
        1.0 / (above + (equal + 1.0) / 2.0)
    });
    mean(&ranks.collect::<Vec<_>>()).unwrap_or_default()
}

impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Weights of similar creators, by the {} creators of the tuning half: 5, 8 and all posts of each\n",
            self.creators
        )?;
        writeln!(
            f,
            "{:>5} {:>6} {:>9} {:>11} {:>9} {:>21}",
            "place", "words", "spelling", "engagement", "language", "mean reciprocal rank"
        )?;
        let mut row = |place: usize, (weights, found): &([u8; PARTS], f64)| {
            let [words, spelling, engagement, language] = weights.map(|tenths| f64::from(tenths) / 10.0);
            writeln!(f, "{place:5} {words:6.1} {spelling:9.1} {engagement:11.1} {language:9.1} {found:21.4}")
        };
        self.grid.iter().take(TOLD).enumerate().try_for_each(|(place, of)| row(place + 1, of))?;
        if let Some((place, of)) = self.usual().filter(|(place, _)| *place > TOLD) {
            row(place, of)?;
        }
        if let Some((place, _)) = self.usual() {
            writeln!(f, "\nThe usual weights are those of place {place}, in shares of all but size.")?;
        }
        for (weight, found) in &self.meaning {
            writeln!(f, "  with meaning {weight:4.2}, and the usual weights for the rest: {found:.4}")?;
        }
        Ok(())
    }
}
