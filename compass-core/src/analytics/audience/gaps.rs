//! What would have to be different for an audience to fit better.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    AudienceShares, AudienceTarget, ContentSignals, Dimension, DimensionFit, Shares, Wanted, audience_fit,
    fit::geometric_mean,
};

/// What of an audience is furthest from the wanted one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceGap {
    /// The dimension.
    pub dimension: Dimension,
    /// How much higher the fit would be if this dimension were exactly as wanted, and nothing else were different.
    pub gain: f64,
    /// The groups whose shares would be others, those that lack most first. Of a wish for any of several groups, all of them together
    /// are one.
    pub groups: Vec<GroupGap>,
}

/// A group's share, and the one that is wanted.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupGap {
    /// The group, or several with ` or ` between them.
    pub group: String,
    /// Its share as far as it is told.
    pub share: f64,
    /// The share that is wanted.
    pub wanted: f64,
}

/// What would have to be different for an audience to fit better, the most worthwhile dimension first. It says what the fit would be, not
/// what would bring it about.
///
/// Only dimensions that the source tells of are in it, and no figure rests on what is not told: the fit is the middle of its bounds. What
/// is guessed from posts is not: other words in posts would raise the guess, and nobody knows what they would do to the audience.
#[must_use]
pub fn audience_gaps(
    told: Option<&AudienceShares>,
    posts: &ContentSignals,
    target: &AudienceTarget,
    as_of: Timestamp,
) -> Vec<AudienceGap> {
    let fit = audience_fit(told, posts, target, as_of);
    let Some(overall) = fit.overall.value else { return Vec::new() };
    let known: f64 = fit.parts.iter().filter(|part| part.value.is_some()).map(|part| part.weight).sum();
    let gap = |part: &DimensionFit| {
        let value = part.value?;
        let others = fit.parts.iter().filter(|other| other.dimension != part.dimension);
        let rest = geometric_mean(others.filter_map(|other| Some((other.value?, other.weight / known))));
        let wanted = &target.0.get(&part.dimension)?.wanted;
        let groups = wanted.gaps(told?.dimensions.get(&part.dimension)?);
        let gain = rest - overall;
        (value < 1.0 && gain > 0.0).then_some(AudienceGap { dimension: part.dimension, gain, groups })
    };
    let mut gaps: Vec<AudienceGap> = fit.parts.iter().filter_map(gap).collect();
    gaps.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    gaps
}

impl Wanted {
    fn gaps(&self, shares: &Shares) -> Vec<GroupGap> {
        let mut gaps: Vec<GroupGap> = match self {
            Self::AnyOf(groups) => {
                let share = groups.iter().filter_map(|group| shares.of(group)).sum::<f64>().min(1.0);
                let group = groups.iter().map(String::as_str).collect::<Vec<_>>().join(" or ");
                vec![GroupGap { group, share, wanted: 1.0 }]
            }
            Self::Distribution(wanted) => {
                let total: f64 = wanted.iter().map(|(_, share)| share).sum();
                let names: BTreeSet<&str> = wanted.iter().chain(shares.iter()).map(|(name, _)| name).collect();
                let gap = |name: &str| GroupGap {
                    group: name.to_owned(),
                    share: shares.of(name).unwrap_or(0.0),
                    wanted: wanted.of(name).unwrap_or(0.0) / total,
                };
                names.into_iter().map(gap).collect()
            }
        };
        gaps.sort_by(|a, b| (b.wanted - b.share).total_cmp(&(a.wanted - a.share)));
        gaps
    }
}
