//! What other creators teach: how views grow with age, and what is usual among peers.

use super::{CreatorReport, GrowthModel, Peer, Peers};

/// What is known of creators in general. The default knows only the built-in growth of views, and no peers.
///
/// A report depends on nothing else but its creator's observations: the same corpus gives the same report, alone or
/// among a million.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// How views grow with age.
    pub growth: GrowthModel,
    /// What is usual among creators of a size and language.
    pub peers: Peers,
}

impl Default for Corpus {
    fn default() -> Self {
        Self { growth: GrowthModel::prior(), peers: Peers::default() }
    }
}

impl CreatorReport {
    /// What others compare themselves with; `None` if the followers are not shown.
    #[must_use]
    pub fn as_peer(&self) -> Option<Peer<'_>> {
        let followers = self.counts.followers?.midpoint();
        Some(Peer { id: self.id, followers, language: self.language, metrics: &self.metrics })
    }
}
