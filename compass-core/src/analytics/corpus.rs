//! What other creators teach: how views grow with age, and what is usual among peers.

use super::GrowthModel;

/// What is known of creators in general. The default knows only the built-in growth of views, and no peers.
///
/// A report depends on nothing else but its creator's observations: the same corpus gives the same report, alone or
/// among a million.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// How views grow with age.
    pub growth: GrowthModel,
}

impl Default for Corpus {
    fn default() -> Self {
        Self { growth: GrowthModel::prior() }
    }
}
