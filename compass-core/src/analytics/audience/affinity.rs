//! How over-represented a group is in an audience.

use jiff::Timestamp;

use super::{AudienceShares, Dimension};
use crate::{
    analytics::{Estimate, Interval, MetricId, Quality},
    stats::wilson,
};

/// How over-represented one group is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupAffinity {
    /// What the group is one of.
    pub dimension: Dimension,
    /// The group, in lower case.
    pub group: String,
    /// Its share of the audience over its share of the usual one.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub affinity: Estimate,
}

/// The affinity of every group that both audiences tell of, the most over-represented of each dimension first.
///
/// Exports give shares without the number of people behind them, so the figures have no interval.
#[must_use]
pub fn affinities(audience: &AudienceShares, usual: &AudienceShares, as_of: Timestamp) -> Vec<GroupAffinity> {
    let mut found = Vec::new();
    for (&dimension, shares) in &audience.dimensions {
        let Some(base) = usual.dimensions.get(&dimension) else { continue };
        let known =
            shares.iter().filter_map(|(group, share)| Some((group, affinity(share, base.of(group)?, None, as_of))));
        let mut groups: Vec<GroupAffinity> = known
            .filter(|(_, affinity)| affinity.value.is_some())
            .map(|(group, affinity)| GroupAffinity { dimension, group: group.to_owned(), affinity })
            .collect();
        groups.sort_by(|a, b| b.affinity.value.unwrap_or(0.0).total_cmp(&a.affinity.value.unwrap_or(0.0)));
        found.append(&mut groups);
    }
    found
}

/// The affinity index: a group's share over its share in a base, such as the platform's users of the country.
///
/// `people` is how many the share was counted among; if it is known, the figure has a 95 % interval, Wilson's of the
/// share over the base, which is taken as exact. No figure for a share outside 0 to 1, or a base that is not above 0.
#[must_use]
pub fn affinity(share: f64, base: f64, people: Option<u64>, as_of: Timestamp) -> Estimate {
    let n = people.map_or(1, |people| usize::try_from(people).unwrap_or(usize::MAX));
    let id = MetricId::AUDIENCE_AFFINITY;
    if !((0.0..=1.0).contains(&share) && base > 0.0 && base <= 1.0) || n == 0 {
        return Estimate::none(id, as_of, n, Quality::TooFew { needed: 1 });
    }
    let of_share = people.and_then(|people| wilson(share * people as f64, people as f64, 0.95));
    let interval = of_share.map(|i| Interval { lo: i.lo / base, hi: i.hi / base, level: i.level });
    Estimate::new(id, as_of, n, share / base, interval)
}
