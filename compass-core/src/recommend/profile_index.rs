//! The creators that others are compared with, and who of them is most alike.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use super::{
    Filter, Meanings, PartWeights, ProfileVector, Reason, Score, Shared, Trait, lexicon::Lexicon, variety::diverse,
};
use crate::{CreatorId, analytics::Tier};

/// Profile vectors of creators, and what is usual among them.
///
/// How rare a word is, and how far creators' posts differ, is learnt from these vectors alone. A clone shares all of that.
///
/// ```
/// use compass_core::{
///     CreatorId,
///     recommend::{ProfileIndex, Known, KnownPost, ProfileVector, Search},
/// };
///
/// let vector = |id, caption| {
///     let post = KnownPost { caption, ..KnownPost::default() };
///     let id = CreatorId::try_from(id).expect("ids here are positive");
///     ProfileVector::of(&Known { id, bio: "", posts: &[post], followers: None, language: None, region: None })
/// };
/// let profiles = ProfileIndex::new(vec![
///     vector(1, "Marathon training"),
///     vector(2, "Bún chả #monngon"),
///     vector(3, "Trail running"),
/// ]);
/// let alike = profiles.similar(&vector(4, "Bánh mì #monngon"), &Search::default())?;
/// assert_eq!(alike[0].id, CreatorId::try_from(2)?);
/// assert_eq!(alike[0].score.reasons[0].to_string(), "both use #monngon");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProfileIndex {
    vectors: Arc<[ProfileVector]>,
    weights: PartWeights,
    terms: Arc<Lexicon>,
    grams: Arc<Lexicon>,
    /// The standard deviation of each trait between creators; `None` where it tells nobody apart.
    spreads: [Option<f64>; Trait::ALL.len()],
    /// What their texts mean, where a model says so.
    meanings: Option<Arc<Meanings>>,
    scanned_from: usize,
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

/// From so many creators on, those whose texts mean the same are looked for first, by a scan, so that most of the others need no dense product.
/// Below it, that takes longer than it spares (the command `alike` of the benches).
const SCANNED_FROM: usize = 20_000;
/// The scan looks for so many, or for four times what is wanted.
const SCANNED_FOR: usize = 1_000;

/// Variety is chosen among so many times more than what is wanted.
const POOL: usize = 5;

/// What a creator has in common with one of the index.
#[derive(Clone, Copy, Debug, Default)]
struct Cosines {
    terms: f64,
    grams: f64,
}

impl ProfileIndex {
    /// An index compared by the usual weights; of two vectors of one creator the first is kept.
    #[must_use]
    pub fn new(vectors: Vec<ProfileVector>) -> Self {
        Self::with_weights(vectors, PartWeights::default())
    }

    /// An index compared by other weights.
    #[must_use]
    pub fn with_weights(mut vectors: Vec<ProfileVector>, weights: PartWeights) -> Self {
        // By id, so that the order of the vectors does not matter.
        vectors.sort_by_key(|vector| vector.id);
        vectors.dedup_by_key(|vector| vector.id);
        let terms = Arc::new(Lexicon::of(vectors.iter().map(terms)));
        let grams = Arc::new(Lexicon::of(vectors.iter().map(grams)));
        let spreads = Trait::ALL.map(|of| spread(vectors.iter().filter_map(|vector| vector.value(of)).collect()));
        let vectors = vectors.into();
        Self { vectors, weights, terms, grams, spreads, meanings: None, scanned_from: SCANNED_FROM }
    }

    /// The same compared by other weights.
    #[must_use]
    pub fn weighed_by(self, weights: PartWeights) -> Self {
        Self { weights, ..self }
    }

    /// The same with what its creators' texts mean, which counts as much as the weights say.
    #[must_use]
    pub fn with_meanings(self, meanings: Arc<Meanings>) -> Self {
        Self { meanings: Some(meanings), ..self }
    }

    /// The same, with meanings that are scanned first from so many creators on. It changes how long a question takes and no answer.
    #[must_use]
    pub fn scanned_from(self, creators: usize) -> Self {
        Self { scanned_from: creators, ..self }
    }

    /// The vectors, by id.
    #[must_use]
    pub fn vectors(&self) -> &[ProfileVector] {
        &self.vectors
    }

    /// The creators that are most like one, who need not be in the index and is never given.
    ///
    /// Creators without words are passed over.
    ///
    /// # Errors
    /// [`TooLittleKnown`] if the one has no words.
    pub fn similar(&self, of: &ProfileVector, search: &Search) -> Result<Vec<Match>, TooLittleKnown> {
        if !of.has_words() {
            return Err(TooLittleKnown(of.id));
        }
        let pool = if search.lambda < 1.0 { search.most.saturating_mul(POOL) } else { search.most };
        let mut ranking = self.candidates(of, search, pool);
        let order = |a: &(usize, f64), b: &(usize, f64)| -> Ordering { b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)) };
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
            .map(|index| Match { id: self.vectors[index].id, score: self.explain(of, index) })
            .collect())
    }

    /// How alike each creator of the index is, by the order of [`ProfileIndex::vectors`].
    #[must_use]
    pub fn scores(&self, of: &ProfileVector) -> Vec<f64> {
        let plain = self.plain_scores(of);
        plain.iter().zip(&*self.vectors).map(|(plain, other)| plain + self.meaning(of, other)).collect()
    }

    /// The indices of those who may be recommended, with their scores: of all, or without those who are not among the best `pool` for sure.
    ///
    /// This is Fagin's threshold algorithm over two lists: one by the score without meaning, which is known of all, and one by meaning, of
    /// which the beginning is known. Who stands in neither beginning has no more than its plain score and the last meaning of that list.
    fn candidates(&self, of: &ProfileVector, search: &Search, pool: usize) -> Vec<(usize, f64)> {
        let plain = self.plain_scores(of);
        let admitted = |index: usize| {
            let other = &self.vectors[index];
            other.id != of.id && other.has_words() && search.filter.admits(other)
        };
        let whole = |index: usize| (index, plain[index] + self.meaning(of, &self.vectors[index]));
        let all = || (0..plain.len()).filter(|&index| admitted(index));
        let index_of = |id| self.vectors.binary_search_by_key(&id, |vector| vector.id).ok();
        let scanned = || {
            let (meanings, asked) = self.asked(of)?;
            meanings.nearest(asked, SCANNED_FOR.max(pool.saturating_mul(4)), &|id| index_of(id).is_some_and(admitted))
        };
        let scanned = if plain.len() >= self.scanned_from && pool > 0 { scanned() } else { None };
        let Some((near, others)) = scanned else { return all().map(whole).collect() };
        let mut is_near = vec![false; plain.len()];
        near.iter().filter_map(|near| index_of(near.id)).for_each(|index| is_near[index] = true);
        let (mut first, mut rest): (Vec<usize>, Vec<usize>) = all().partition(|&index| is_near[index]);
        if rest.len() > pool {
            rest.select_nth_unstable_by(pool, |a, b| plain[*b].total_cmp(&plain[*a]));
        }
        first.extend(rest.drain(..pool.min(rest.len())));
        let mut found: Vec<(usize, f64)> = first.into_iter().map(whole).collect();
        let mut scores: Vec<f64> = found.iter().map(|(_, score)| *score).collect();
        if scores.len() > pool {
            let threshold = *scores.select_nth_unstable_by(pool - 1, |a, b| b.total_cmp(a)).1;
            // By far more than a sum of six parts is rounded.
            let most = self.weights.meaning * others + 1e-9;
            rest.retain(|&index| plain[index] + most >= threshold);
        }
        found.extend(rest.into_iter().map(whole));
        found
    }

    /// The scores without what texts mean.
    fn plain_scores(&self, of: &ProfileVector) -> Vec<f64> {
        let mut cosines = vec![Cosines::default(); self.vectors.len()];
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
        cosines.into_iter().zip(&*self.vectors).map(|(cosines, other)| self.sum(cosines, of, other)).collect()
    }

    /// How alike two creators of the index are, by their indices.
    fn between(&self, one: usize, other: usize) -> f64 {
        let cosines = Cosines { terms: self.terms.cosine(one, other), grams: self.grams.cosine(one, other) };
        let (one, other) = (&self.vectors[one], &self.vectors[other]);
        self.sum(cosines, one, other) + self.meaning(one, other)
    }

    fn sum(&self, cosines: Cosines, of: &ProfileVector, other: &ProfileVector) -> f64 {
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
    fn explain(&self, of: &ProfileVector, index: usize) -> Score {
        let (other, at) = (&self.vectors[index], u32::try_from(index).expect("profiles are indexed by u32"));
        let PartWeights { words, spelling, engagement, language, size, .. } = self.weights;
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
            Reason { adds: self.meaning(of, other), shared: Shared::Meaning },
            Reason::of(alike, Shared::Engagement),
            Reason::of(spoken, Shared::Languages),
        ];
        Score::of(reasons.into_iter().chain(sizes).collect())
    }

    /// What it adds to a score how alike texts are in what they mean.
    fn meaning(&self, of: &ProfileVector, other: &ProfileVector) -> f64 {
        let known = self.asked(of).and_then(|(meanings, of)| Some((of, meanings.get(other.id)?)));
        known.filter(|(of, other)| of.len() == other.len()).map_or(0.0, |(of, other)| {
            let cosine: f64 = of.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            self.weights.meaning * cosine.clamp(0.0, 1.0)
        })
    }

    /// What the texts of the one asked about mean, wherever it comes from, and what they are compared with.
    fn asked<'a>(&'a self, of: &'a ProfileVector) -> Option<(&'a Meanings, &'a [f32])> {
        let meanings = self.meanings.as_deref().filter(|_| self.weights.meaning > 0.0)?;
        Some((meanings, of.meaning.as_deref().or_else(|| meanings.get(of.id))?))
    }

    /// How alike posts are from a side: at most a sixth, and nothing if it is not known of both.
    fn alike(&self, of: &ProfileVector, other: &ProfileVector, on: Trait) -> f64 {
        let known = of.value(on).zip(other.value(on)).zip(self.spreads[on as usize]);
        known.map_or(0.0, |((one, other), spread)| {
            let distance = (one - other) / spread;
            (-distance * distance / 2.0).exp() / Trait::ALL.len() as f64
        })
    }
}

fn terms(of: &ProfileVector) -> impl Iterator<Item = (u64, f64)> {
    of.terms.iter().map(|term| (term.hash, term.weight))
}

fn grams(of: &ProfileVector) -> impl Iterator<Item = (u64, f64)> {
    of.grams.iter().copied()
}

fn languages(of: &ProfileVector, other: &ProfileVector) -> impl Iterator<Item = (crate::Language, f64)> {
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
