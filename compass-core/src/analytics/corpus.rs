//! What other creators teach: how views grow with age, and what is usual among peers.

use std::sync::Arc;

use jiff::Timestamp;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{CreatorReport, GrowthModel, GrowthPair, Peer, Peers, ReportOptions, Subject, creator_report};

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

impl Corpus {
    /// Learns from creators as they were observed by a moment: the growth of views from posts that were seen more than
    /// once, and what is usual among peers from each creator's figures at its newest look.
    ///
    /// The corpus of `options` is not used. The figures of all creators are held at once.
    #[must_use]
    pub fn learn(creators: &[Subject], as_of: Timestamp, options: &ReportOptions) -> Self {
        let pairs: Vec<Vec<GrowthPair>> = creators.par_iter().map(|creator| creator.growth_pairs(as_of)).collect();
        let growth = GrowthModel::fit(&pairs.concat());
        let corpus = Arc::new(Self { growth, peers: Peers::default() });
        let options = ReportOptions { corpus: Arc::clone(&corpus), ..options.clone() };
        let figures = |creator: &Subject| {
            let CreatorReport { id, counts, language, metrics, .. } =
                creator_report(&creator.profile, &creator.history, &creator.videos, creator.newest(as_of)?, &options);
            Some((id, counts.followers?.midpoint(), language, metrics))
        };
        let figures: Vec<_> = creators.par_iter().filter_map(figures).collect();
        let peers = Peers::new(figures.iter().map(|(id, followers, language, metrics)| Peer {
            id: *id,
            followers: *followers,
            language: *language,
            metrics,
        }));
        Self { growth: corpus.growth.clone(), peers }
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
