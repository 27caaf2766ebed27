//! Who uses which word how much: weights where what everybody says counts nothing.

use std::collections::HashMap;

/// Words, or parts of words, of a number of creators.
#[derive(Clone, Debug)]
pub(super) struct Lexicon {
    creators: usize,
    features: HashMap<u64, Feature>,
}

#[derive(Clone, Debug, Default)]
struct Feature {
    /// How much it counts: 0 if all have it.
    rarity: f64,
    /// Who has it, by index and in its order, with the weight in a vector of length 1.
    holders: Vec<(u32, f64)>,
}

impl Lexicon {
    /// Learns from each creator's features and their weights.
    pub(super) fn of<'a, F>(creators: impl ExactSizeIterator<Item = F>) -> Self
    where
        F: Iterator<Item = (u64, f64)> + 'a,
    {
        let count = creators.len();
        let mut features: HashMap<u64, Feature> = HashMap::new();
        let mut own: Vec<Vec<u64>> = Vec::with_capacity(count);
        for (index, creator) in (0_u32..).zip(creators) {
            own.push(
                creator
                    .map(|(hash, weight)| {
                        features.entry(hash).or_default().holders.push((index, weight));
                        hash
                    })
                    .collect(),
            );
        }
        for feature in features.values_mut() {
            feature.rarity = rarity(count, feature.holders.len());
        }
        let mut lexicon = Self { creators: count, features };
        for (index, own) in (0_u32..).zip(own) {
            lexicon.normalise(index, &own);
        }
        lexicon
    }

    /// A creator's features, of those that are learnt from or not, as a vector of length 1; empty if all are everybody's.
    pub(super) fn vector(&self, features: impl Iterator<Item = (u64, f64)>) -> Vec<(u64, f64)> {
        let weighed = features.map(|(hash, weight)| {
            let rarity = self.features.get(&hash).map_or_else(|| rarity(self.creators, 0), |feature| feature.rarity);
            (hash, weight * rarity)
        });
        let mut vector: Vec<(u64, f64)> = weighed.collect();
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        if length == 0.0 {
            return Vec::new();
        }
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
        vector
    }

    /// Everybody who has a feature, with the weight in a vector of length 1.
    pub(super) fn holders(&self, hash: u64) -> &[(u32, f64)] {
        self.features.get(&hash).map_or(&[], |feature| &feature.holders)
    }

    /// The weight of a feature in the vector of the creator with an index; 0 if it does not have it.
    pub(super) fn weight(&self, hash: u64, index: u32) -> f64 {
        let holders = self.holders(hash);
        holders.binary_search_by_key(&index, |&(holder, _)| holder).map_or(0.0, |at| holders[at].1)
    }

    fn normalise(&mut self, index: u32, own: &[u64]) {
        let place = |lexicon: &Self, hash: &u64| {
            let feature = &lexicon.features[hash];
            let at = feature.holders.binary_search_by_key(&index, |&(holder, _)| holder);
            (at.expect("who has a feature is among its holders"), feature.rarity)
        };
        let mut squares = 0.0;
        for hash in own {
            let (at, rarity) = place(self, hash);
            let weight = self.features[hash].holders[at].1 * rarity;
            squares += weight * weight;
        }
        let length = squares.sqrt();
        for hash in own {
            let (at, rarity) = place(self, hash);
            let feature = self.features.get_mut(hash).expect("it was found above");
            let weight = &mut feature.holders[at].1;
            *weight = if length > 0.0 { *weight * rarity / length } else { 0.0 };
        }
    }
}

/// Inverse document frequency, 0 for what all creators have: ln((1 + creators) / (1 + holders)).
fn rarity(creators: usize, holders: usize) -> f64 {
    ((1.0 + creators as f64) / (1.0 + holders as f64)).ln()
}
