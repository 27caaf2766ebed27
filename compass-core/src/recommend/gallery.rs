//! The creators that others are compared with, and who of them is most alike.

use std::{cmp::Ordering, collections::BTreeSet};

use super::{Filter, PartWeights, Portrait, Reason, Score, Shared, Trait, lexicon::Lexicon, variety::diverse};
use crate::{CreatorId, analytics::Tier};

/// Portraits of creators, and what is usual among them.
///
/// How rare a word is, and how far creators' posts differ, is learnt from these portraits alone.
///
/// ```
/// use compass_core::{
///     CreatorId,
///     recommend::{Gallery, Known, KnownPost, Portrait, Search},
/// };
///
/// let portrait = |id, caption| {
///     let post = KnownPost { caption, ..KnownPost::default() };
///     let id = CreatorId::try_from(id).expect("ids here are positive");
///     Portrait::of(&Known { id, bio: "", posts: &[post], followers: None, language: None, region: None })
/// };
/// let gallery = Gallery::new(vec![
///     portrait(1, "Marathon training"),
///     portrait(2, "Bún chả #monngon"),
///     portrait(3, "Trail running"),
/// ]);
/// let alike = gallery.similar(&portrait(4, "Bánh mì #monngon"), &Search::default())?;
/// assert_eq!(alike[0].id, CreatorId::try_from(2)?);
/// assert_eq!(alike[0].score.reasons[0].to_string(), "both use #monngon");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gallery {
    portraits: Vec<Portrait>,
    weights: PartWeights,
    terms: Lexicon,
    grams: Lexicon,
    /// The standard deviation of each trait between creators; `None` where it tells nobody apart.
    spreads: [Option<f64>; Trait::ALL.len()],
}

/// What to look for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The most creators to give.
    pub most: usize,
    /// From 0, where those given should differ most, to 1, the plain ranking.
    pub lambda: f64,
    /// Who may be among them.
    pub filter: Filter,
}

impl Default for Search {
    /// Ten, in the plain order of their scores, of all creators.
    fn default() -> Self {
        Self { most: 10, lambda: 1.0, filter: Filter::default() }
    }
}

/// A creator that is like the one asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Who it is.
    pub id: CreatorId,
    /// How alike, and why.
    pub score: Score,
}

/// Nobody can be called similar to a creator of whom too little is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too little is known of account {0}: neither its biography nor a caption has a word")]
pub struct TooLittleKnown(pub CreatorId);

/// Variety is chosen among so many times more than what is wanted.
const POOL: usize = 5;

/// What a creator has in common with one of the gallery.
#[derive(Clone, Copy, Debug, Default)]
struct Cosines {
    terms: f64,
    grams: f64,
}

impl Gallery {
    /// A gallery compared by the usual weights; of two portraits of one creator the first is kept.
    #[must_use]
    pub fn new(portraits: Vec<Portrait>) -> Self {
        Self::with_weights(portraits, PartWeights::default())
    }

    /// A gallery compared by other weights.
    #[must_use]
    pub fn with_weights(mut portraits: Vec<Portrait>, weights: PartWeights) -> Self {
        // By id, so that the order of the portraits does not matter.
        portraits.sort_by_key(|portrait| portrait.id);
        portraits.dedup_by_key(|portrait| portrait.id);
        let terms = Lexicon::of(portraits.iter().map(terms));
        let grams = Lexicon::of(portraits.iter().map(grams));
        let spreads = Trait::ALL.map(|of| spread(portraits.iter().filter_map(|portrait| portrait.value(of)).collect()));
        Self { portraits, weights, terms, grams, spreads }
    }

    /// The portraits, by id.
    #[must_use]
    pub fn portraits(&self) -> &[Portrait] {
        &self.portraits
    }

    /// The creators that are most like one, who need not be in the gallery and is never given.
    ///
    /// Creators without words are passed over.
    ///
    /// # Errors
    /// [`TooLittleKnown`] if the one has no words.
    pub fn similar(&self, of: &Portrait, search: &Search) -> Result<Vec<Match>, TooLittleKnown> {
        if !of.has_words() {
            return Err(TooLittleKnown(of.id));
        }
        let mut ranking: Vec<(usize, f64)> = (self.scores(of).into_iter().enumerate())
            .filter(|&(index, _)| {
                let other = &self.portraits[index];
                other.id != of.id && other.has_words() && search.filter.admits(other)
            })
            .collect();
        let order = |a: &(usize, f64), b: &(usize, f64)| -> Ordering { b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)) };
        let pool = if search.lambda < 1.0 { search.most.saturating_mul(POOL) } else { search.most };
        if pool > 0 && ranking.len() > pool {
            ranking.select_nth_unstable_by(pool - 1, order);
        }
        ranking.truncate(pool);
        ranking.sort_unstable_by(order);
        let scores: Vec<f64> = ranking.iter().map(|(_, score)| *score).collect();
        let chosen = diverse(&scores, search.most, search.lambda.clamp(0.0, 1.0), |a, b| {
            self.between(ranking[a].0, ranking[b].0)
        });
        Ok(chosen
            .into_iter()
            .map(|place| ranking[place].0)
            .map(|index| Match { id: self.portraits[index].id, score: self.explain(of, index) })
            .collect())
    }

    /// How alike each creator of the gallery is, by the order of [`Gallery::portraits`].
    #[must_use]
    pub fn scores(&self, of: &Portrait) -> Vec<f64> {
        let mut cosines = vec![Cosines::default(); self.portraits.len()];
        for (hash, weight) in self.terms.vector(terms(of)) {
            for &(index, other) in self.terms.holders(hash) {
                cosines[index as usize].terms += weight * other;
            }
        }
        for (hash, weight) in self.grams.vector(grams(of)) {
            for &(index, other) in self.grams.holders(hash) {
                cosines[index as usize].grams += weight * other;
            }
        }
        cosines.into_iter().zip(&self.portraits).map(|(cosines, other)| self.sum(cosines, of, other)).collect()
    }

    /// How alike two creators of the gallery are, by their indices.
    fn between(&self, one: usize, other: usize) -> f64 {
        let cosines = Cosines { terms: self.terms.cosine(one, other), grams: self.grams.cosine(one, other) };
        self.sum(cosines, &self.portraits[one], &self.portraits[other])
    }

    fn sum(&self, cosines: Cosines, of: &Portrait, other: &Portrait) -> f64 {
        let engagement: f64 = Trait::ALL.iter().map(|&on| self.alike(of, other, on)).sum();
        let languages: f64 = languages(of, other).map(|(_, shared)| shared).sum();
        let size = of.tier.zip(other.tier).map_or(0.0, |(one, other)| nearness(one, other));
        self.weights.words * cosines.terms
            + self.weights.spelling * cosines.grams
            + self.weights.engagement * engagement
            + self.weights.language * languages
            + self.weights.size * size
    }

    /// The score with the creator of an index, in parts.
    fn explain(&self, of: &Portrait, index: usize) -> Score {
        let (other, at) = (&self.portraits[index], u32::try_from(index).expect("galleries are indexed by u32"));
        let PartWeights { words, spelling, engagement, language, size } = self.weights;
        let vector = self.terms.vector(terms(of));
        let shared: Vec<(&str, f64)> = (of.terms.iter().zip(&vector))
            .map(|(term, &(hash, weight))| (term.text.as_str(), words * weight * self.terms.weight(hash, at)))
            .filter(|(_, adds)| *adds > 0.0)
            .collect();
        let tags: BTreeSet<&str> = shared.iter().filter_map(|(text, _)| text.strip_prefix('#')).collect();
        let (mut hashtags, mut plain) = (Vec::<(String, f64)>::new(), Vec::new());
        for &(text, adds) in &shared {
            let bare = text.trim_start_matches('#');
            match hashtags.iter_mut().find(|(tag, _)| tag == bare) {
                Some((_, sum)) => *sum += adds,
                None if tags.contains(bare) => hashtags.push((bare.to_owned(), adds)),
                None => plain.push((bare.to_owned(), adds)),
            }
        }
        let spelt: f64 =
            (self.grams.vector(grams(of)).into_iter()).map(|(hash, weight)| weight * self.grams.weight(hash, at)).sum();
        let sizes = of
            .tier
            .zip(other.tier)
            .map(|(one, other)| Reason { adds: size * nearness(one, other), shared: Shared::Size(one, other) });
        let alike = Trait::ALL.iter().map(|&on| (on, engagement * self.alike(of, other, on))).collect();
        let spoken = languages(of, other).map(|(code, shared)| (code, language * shared)).collect();
        let reasons = [
            Reason::of(hashtags, Shared::Hashtags),
            Reason::of(plain, Shared::Words),
            Reason { adds: spelling * spelt, shared: Shared::Spelling },
            Reason::of(alike, Shared::Engagement),
            Reason::of(spoken, Shared::Languages),
        ];
        Score::of(reasons.into_iter().chain(sizes).collect())
    }

    /// How alike posts are from a side: at most a sixth, and nothing if it is not known of both.
    fn alike(&self, of: &Portrait, other: &Portrait, on: Trait) -> f64 {
        let known = of.value(on).zip(other.value(on)).zip(self.spreads[on as usize]);
        known.map_or(0.0, |((one, other), spread)| {
            let distance = (one - other) / spread;
            (-distance * distance / 2.0).exp() / Trait::ALL.len() as f64
        })
    }
}

fn terms(of: &Portrait) -> impl Iterator<Item = (u64, f64)> {
    of.terms.iter().map(|term| (term.hash, term.weight))
}

fn grams(of: &Portrait) -> impl Iterator<Item = (u64, f64)> {
    of.grams.iter().copied()
}

fn languages(of: &Portrait, other: &Portrait) -> impl Iterator<Item = (crate::Language, f64)> {
    of.languages.iter().filter_map(|(code, &share)| other.languages.get(code).map(|&its| (*code, share.min(its))))
}

fn nearness(one: Tier, other: Tier) -> f64 {
    match (one as u8).abs_diff(other as u8) {
        0 => 1.0,
        1 => 0.5,
        _ => 0.0,
    }
}

fn spread(values: Vec<f64>) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    // Creators that differ by rounding alone are not told apart.
    (variance.is_finite() && variance > 1e-12).then(|| variance.sqrt())
}
