//! Creators' words for a fair test, and the plain TF-IDF that ours is measured against.

use std::collections::{BTreeMap, BTreeSet};

use compass_core::recommend::words;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of fewer creators are dropped: a name or a slogan of one's own finds oneself, and nobody alike.
const FEWEST_CREATORS: usize = 3;

/// Each post's words without what gives its creator away: the own handle, and words of fewer than three creators.
pub(crate) fn fair_words<'a>(
    creators: impl Iterator<Item = (&'a str, Vec<(&'a str, &'a [String])>)>,
) -> Vec<Vec<Vec<String>>> {
    let told: Vec<Vec<Vec<String>>> = creators
        .map(|(handle, posts)| {
            let handle = folded(handle);
            posts.into_iter().map(|(caption, tags)| not_own(caption, tags, &handle)).collect()
        })
        .collect();
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for posts in &told {
        let own: BTreeSet<&str> = posts.iter().flatten().map(String::as_str).collect();
        own.into_iter().for_each(|word| *users.entry(word).or_default() += 1);
    }
    let common: BTreeSet<String> =
        users.into_iter().filter(|&(_, n)| n >= FEWEST_CREATORS).map(|(word, _)| word.to_owned()).collect();
    let fair = |post: &Vec<String>| post.iter().filter(|word| common.contains(*word)).cloned().collect();
    told.iter().map(|posts| posts.iter().map(fair).collect()).collect()
}

fn not_own(caption: &str, tags: &[String], handle: &str) -> Vec<String> {
    let mut found = words(caption);
    for tag in tags.iter().flat_map(|tag| words(&format!("#{tag}"))) {
        if tag.starts_with('#') && !found.contains(&tag) {
            found.push(tag);
        }
    }
    found.retain(|word| !is_own(&folded(word), handle));
    found
}

/// Whether a word is the handle, a part of it, or has it as a part.
fn is_own(word: &str, handle: &str) -> bool {
    let long = |text: &str| text.chars().count() >= 4;
    !word.is_empty()
        && (word == handle || (long(word) && handle.contains(word)) || (long(handle) && word.contains(handle)))
}

/// Letters and digits alone, without accents.
fn folded(text: &str) -> String {
    let plain = text.to_lowercase().replace('đ', "d");
    plain.nfd().filter(|&c| c.is_alphanumeric() && !is_combining_mark(c)).collect()
}

/// TF-IDF as scikit-learn's `TfidfVectorizer` has it by default: counts, ln((1 + n) / (1 + df)) + 1, cosine.
#[derive(Debug)]
pub(crate) struct PlainTfIdf {
    rarity: BTreeMap<String, f64>,
    documents: Vec<BTreeMap<String, f64>>,
}

impl PlainTfIdf {
    /// Learns from the documents that are searched.
    pub(crate) fn new(documents: &[Vec<String>]) -> Self {
        let counts: Vec<BTreeMap<String, f64>> = documents.iter().map(|words| counted(words)).collect();
        let mut rarity: BTreeMap<String, f64> = BTreeMap::new();
        counts.iter().flat_map(BTreeMap::keys).for_each(|word| *rarity.entry(word.clone()).or_default() += 1.0);
        rarity.values_mut().for_each(|df| *df = ((1.0 + documents.len() as f64) / (1.0 + *df)).ln() + 1.0);
        let mut plain = Self { rarity, documents: Vec::new() };
        plain.documents = counts.into_iter().map(|counts| plain.vector(counts)).collect();
        plain
    }

    /// The cosine with each document.
    pub(crate) fn scores(&self, words: &[String]) -> Vec<f64> {
        let asked = self.vector(counted(words));
        let cosine = |document: &BTreeMap<String, f64>| {
            asked.iter().filter_map(|(word, weight)| document.get(word).map(|other| weight * other)).sum()
        };
        self.documents.iter().map(cosine).collect()
    }

    fn vector(&self, mut counts: BTreeMap<String, f64>) -> BTreeMap<String, f64> {
        counts.retain(|word, count| {
            let rarity = self.rarity.get(word);
            *count *= rarity.unwrap_or(&0.0);
            rarity.is_some()
        });
        let length = counts.values().map(|weight| weight * weight).sum::<f64>().sqrt();
        counts.values_mut().for_each(|weight| *weight /= length);
        counts
    }
}

fn counted(words: &[String]) -> BTreeMap<String, f64> {
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    words.iter().for_each(|word| *counts.entry(word.clone()).or_default() += 1.0);
    counts
}
