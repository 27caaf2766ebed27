//! Who uses which word how much: weights where what everybody says counts nothing.

use std::{cmp::Ordering, collections::HashMap};

/// Words, or parts of words, of a number of creators.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    /// Where each feature stands in `features`.
    places: HashMap<u64, u32>,
    features: Vec<Feature>,
    /// Each creator's features by place, as a vector of length 1; zeros if all are everybody's.
    vectors: Vec<Vec<(u32, f64)>>,
}

#[derive(Clone, Debug, Default)]
struct Feature {
    /// How much it counts: 0 if all have it.
    rarity: f64,
    /// Who has it, by index and in its order, with the weight in its vector.
    holders: Vec<(u32, f64)>,
}

impl Lexicon {
    /// Learns from each creator's features and their weights.
    pub(super) fn of<F: Iterator<Item = (u64, f64)>>(creators: impl Iterator<Item = F>) -> Self {
        let mut places: HashMap<u64, u32> = HashMap::new();
        let mut held: Vec<usize> = Vec::new();
        let mut place = |(hash, weight): (u64, f64)| {
            let next = u32::try_from(held.len()).expect("fewer features than u32::MAX fit into memory");
            let place = *places.entry(hash).or_insert(next);
            if place == next {
                held.push(0);
            }
            held[place as usize] += 1;
            (place, weight)
        };
        let mut vectors: Vec<Vec<(u32, f64)>> = creators.map(|features| features.map(&mut place).collect()).collect();
        let rare = |&holders: &usize| Feature { rarity: rarity(vectors.len(), holders), holders: Vec::new() };
        let mut features: Vec<Feature> = held.iter().map(rare).collect();
        for (index, vector) in (0_u32..).zip(&mut vectors) {
            vector.iter_mut().for_each(|(place, weight)| *weight *= features[*place as usize].rarity);
            normalise(vector);
            vector.iter().for_each(|&(place, weight)| features[place as usize].holders.push((index, weight)));
            vector.sort_unstable_by_key(|&(place, _)| place);
        }
        Self { places, features, vectors }
    }

    /// A creator's features, of those that are learnt from or not, as a vector of length 1; zeros if all are everybody's.
    pub(super) fn vector(&self, features: impl Iterator<Item = (u64, f64)>) -> Vec<(u64, f64)> {
        let unknown = rarity(self.vectors.len(), 0);
        let weighed = features.map(|(hash, weight)| (hash, weight * self.feature(hash).map_or(unknown, |f| f.rarity)));
        let mut vector: Vec<(u64, f64)> = weighed.collect();
        normalise(&mut vector);
        vector
    }

    /// Everybody who has a feature, with the weight in a vector of length 1.
    pub(super) fn holders(&self, hash: u64) -> &[(u32, f64)] {
        self.feature(hash).map_or(&[], |feature| &feature.holders)
    }

    /// The weight of a feature in the vector of the creator with an index; 0 if it does not have it.
    pub(super) fn weight(&self, hash: u64, index: u32) -> f64 {
        let holders = self.holders(hash);
        holders.binary_search_by_key(&index, |&(holder, _)| holder).map_or(0.0, |at| holders[at].1)
    }

    /// The cosine of two creators by their indices.
    pub(super) fn cosine(&self, one: usize, other: usize) -> f64 {
        let (mut one, mut other) = (&self.vectors[one][..], &self.vectors[other][..]);
        let mut sum = 0.0;
        while let (Some((a, rest)), Some((b, others))) = (one.split_first(), other.split_first()) {
            match a.0.cmp(&b.0) {
                Ordering::Less => one = rest,
                Ordering::Greater => other = others,
                Ordering::Equal => {
                    sum += a.1 * b.1;
                    (one, other) = (rest, others);
                }
            }
        }
        sum
    }

    fn feature(&self, hash: u64) -> Option<&Feature> {
        self.places.get(&hash).map(|&place| &self.features[place as usize])
    }
}

/// Inverse document frequency, 0 for what all creators have: ln((1 + creators) / (1 + holders)).
fn rarity(creators: usize, holders: usize) -> f64 {
    ((1.0 + creators as f64) / (1.0 + holders as f64)).ln()
}

/// Makes a vector one of length 1; zeros stay zeros.
fn normalise<K>(vector: &mut [(K, f64)]) {
    let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
}
