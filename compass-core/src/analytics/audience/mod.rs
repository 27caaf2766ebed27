//! Who the audience is, and how well it fits the one that is wanted.

mod affinity;
mod content;
mod fit;
mod gaps;
mod inferred;
mod shares;
mod target;
mod topic;

pub use affinity::{GroupAffinity, affinities, affinity};
pub use content::ContentSignals;
pub use fit::{AudienceFit, DimensionFit, audience_fit};
pub use gaps::{AudienceGap, GroupGap, audience_gaps};
pub use inferred::PostEvidence;
pub use shares::{AudienceShares, AudienceSource, Dimension, Shares, SharesError};
pub use target::{AudienceTarget, TargetError, Wanted};

use super::{Metric, MetricId, MetricUnit, SampleOf};

impl MetricId {
    /// How well the audience fits the one that is wanted.
    pub const AUDIENCE_MATCH: Self = Self("audience.match@1");
    /// How over-represented a group is in the audience.
    pub const AUDIENCE_AFFINITY: Self = Self("audience.affinity@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::AUDIENCE_MATCH,
        name: "Audience match",
        unit: MetricUnit::Score,
        after: "of 1",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "1 if the audience is exactly the one that is wanted, 0 if nobody in it is.",
        definition: "Weighted geometric mean over dimensions of 1 - Jensen-Shannon divergence (base 2) from a wanted \
                     distribution, or of the share of the wanted groups; the interval is what unknown parts leave open. \
                     Languages and interests are guessed from posts, which leaves 30 % open at least.",
    },
    Metric {
        id: MetricId::AUDIENCE_AFFINITY,
        name: "Affinity index",
        unit: MetricUnit::Ratio,
        after: "times as many as usual",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "Above 1, the group is more common in this audience than in the one it is compared with.",
        definition: "Share of a group in the audience / its share in the base.",
    },
];
