//! How well an audience fits the one that is wanted, with bounds for what is not known of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{AudienceShares, AudienceSource, Dimension, Shares, shares::bucket};
use crate::{
    TargetAudience,
    analytics::{Estimate, Interval, MetricId, Quality},
    stats::jensen_shannon_part,
};

/// The audience that is wanted, by dimension; a dimension without a wish does not count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudienceTarget(BTreeMap<Dimension, (Wanted, f64)>);

/// What is wanted of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Shares like these: the fit is 1 less the Jensen-Shannon divergence in bits.
    Distribution(Shares),
    /// People of any of these groups: the fit is their share. An empty set is no wish.
    AnyOf(BTreeSet<String>),
}

/// Why a wish is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A weight is negative or no number.
    #[error("the weight of {0} is not a number from 0 on")]
    Weight(Dimension),
    /// A wanted distribution has no group with a share above 0.
    #[error("the wanted distribution of {0} has no group with a share")]
    Empty(Dimension),
}

/// How well an audience fits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceFit {
    /// Where the shares come from.
    pub source: AudienceSource,
    /// The fit over all dimensions, from 0 to 1. The interval is no confidence interval but bounds, level 1: whatever
    /// the unknown parts are, the fit lies inside. `n` is the number of dimensions known.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub overall: Estimate,
    /// The dimensions with a wish.
    pub parts: Vec<DimensionFit>,
}

/// How well one dimension fits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DimensionFit {
    /// Which.
    pub dimension: Dimension,
    /// Its weight among those with a wish; the weights add up to 1.
    pub weight: f64,
    /// The middle between the bounds; `None` if nothing is known of it.
    pub value: Option<f64>,
    /// The fit is at least this.
    pub lo: f64,
    /// The fit is at most this.
    pub hi: f64,
}

impl AudienceTarget {
    /// The same target with a wish for one dimension. Weight 0 is no wish.
    ///
    /// # Errors
    /// [`TargetError`] for a weight that is negative or not finite, or a distribution without shares.
    pub fn with(mut self, dimension: Dimension, wanted: Wanted, weight: f64) -> Result<Self, TargetError> {
        if !(0.0..f64::INFINITY).contains(&weight) {
            return Err(TargetError::Weight(dimension));
        }
        let no_wish = match &wanted {
            Wanted::Distribution(shares) if shares.iter().all(|(_, share)| share == 0.0) => {
                return Err(TargetError::Empty(dimension));
            }
            Wanted::Distribution(_) => weight == 0.0,
            Wanted::AnyOf(groups) => weight == 0.0 || groups.is_empty(),
        };
        if no_wish {
            self.0.remove(&dimension);
        } else {
            self.0.insert(dimension, (wanted, weight));
        }
        Ok(self)
    }

    /// Whether there is no wish.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Wanted {
    /// People of any of these groups; names are compared as those of [`Shares`] are.
    #[must_use]
    pub fn any_of<'a>(groups: impl IntoIterator<Item = &'a str>) -> Self {
        Self::AnyOf(groups.into_iter().map(bucket).collect())
    }
}

/// The countries of the wish are the wanted territories, its hours those of activity; genders and ages are wanted in their shares. Each
/// weighs the same. Languages and interests are no dimensions of a source's shares.
impl From<&TargetAudience> for AudienceTarget {
    fn from(target: &TargetAudience) -> Self {
        let countries = target.countries.iter().map(|country| bucket(&country.to_string())).collect();
        let hours = target.active_hours.iter().map(|hour| format!("{hour:02}")).collect();
        let any_of = |dimension, groups: BTreeSet<String>| {
            (!groups.is_empty()).then_some((dimension, (Wanted::AnyOf(groups), 1.0)))
        };
        let shares = |dimension, wanted: Vec<(&str, u8)>| {
            let rows = wanted.iter().map(|(group, percent)| (*group, f64::from(*percent) / 100.0));
            let shares = Shares::parse(dimension, rows).ok().filter(|_| !wanted.is_empty())?;
            Some((dimension, (Wanted::Distribution(shares), 1.0)))
        };
        let wishes = [
            any_of(Dimension::Territory, countries),
            any_of(Dimension::ActiveHours, hours),
            shares(Dimension::Gender, target.genders.iter().collect()),
            shares(Dimension::Age, target.ages.iter().collect()),
        ];
        Self(wishes.into_iter().flatten().collect())
    }
}

/// How well an audience fits a target: the weighted geometric mean over the dimensions with a wish.
///
/// What the source does not tell bounds the fit. Groups that are not told may hold anything from nothing to all of the
/// rest; a dimension that is not told may fit from 0 to 1, and the figure is that of the others. Of inferred shares, up
/// to 30 % of the audience are taken to be guessed wrong, in whatever way: an assumption, since nothing public measures
/// it. No figure without a wish, or if no dimension with a wish is known.
#[must_use]
pub fn audience_fit(audience: &AudienceShares, target: &AudienceTarget, as_of: Timestamp) -> AudienceFit {
    // Divided by the largest first, so that weights of any size have a finite sum.
    let largest = target.0.values().map(|(_, weight)| *weight).fold(0.0, f64::max);
    let total: f64 = target.0.values().map(|(_, weight)| weight / largest).sum();
    let wrong = if audience.source == AudienceSource::Inferred { GUESSED_WRONG } else { 0.0 };
    let parts: Vec<DimensionFit> = target
        .0
        .iter()
        .map(|(&dimension, (wanted, weight))| {
            let weight = weight / largest / total;
            audience.dimensions.get(&dimension).map_or(
                DimensionFit { dimension, weight, value: None, lo: 0.0, hi: 1.0 },
                |shares| {
                    let (lo, hi) = bounds(shares, wanted, wrong);
                    DimensionFit { dimension, weight, value: Some(f64::midpoint(lo, hi)), lo, hi }
                },
            )
        })
        .collect();

    let known: Vec<&DimensionFit> = parts.iter().filter(|part| part.value.is_some()).collect();
    let weight_known: f64 = known.iter().map(|part| part.weight).sum();
    let overall = if parts.is_empty() {
        Estimate::none(MetricId::AUDIENCE_MATCH, as_of, 0, Quality::TooFew { needed: 1 })
    } else if weight_known <= 0.0 {
        Estimate::none(MetricId::AUDIENCE_MATCH, as_of, 0, Quality::Hidden)
    } else {
        let value = geometric_mean(known.iter().map(|part| (part.value.unwrap_or(0.0), part.weight / weight_known)));
        let lo = geometric_mean(parts.iter().map(|part| (part.lo, part.weight))).min(value);
        let hi = geometric_mean(parts.iter().map(|part| (part.hi, part.weight))).max(value);
        Estimate {
            id: MetricId::AUDIENCE_MATCH,
            value: Some(value),
            interval: Some(Interval { lo, hi, level: 1.0 }),
            n: known.len() as u64,
            as_of,
            quality: Quality::Ok,
            flags: Vec::new(),
        }
    };
    AudienceFit { source: audience.source, overall, parts }
}

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
/// Only dimensions that the source tells of are in it, and no figure rests on what is not told: the fit is the middle of its bounds.
#[must_use]
pub fn audience_gaps(audience: &AudienceShares, target: &AudienceTarget, as_of: Timestamp) -> Vec<AudienceGap> {
    let fit = audience_fit(audience, target, as_of);
    let Some(overall) = fit.overall.value else { return Vec::new() };
    let known: f64 = fit.parts.iter().filter(|part| part.value.is_some()).map(|part| part.weight).sum();
    let gap = |part: &DimensionFit| {
        let value = part.value?;
        let others = fit.parts.iter().filter(|other| other.dimension != part.dimension);
        let rest = geometric_mean(others.filter_map(|other| Some((other.value?, other.weight / known))));
        let (wanted, _) = target.0.get(&part.dimension)?;
        let groups = wanted.gaps(audience.dimensions.get(&part.dimension)?);
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

/// The mean of values from 0 to 1 with weights that add up to 1.
fn geometric_mean(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    values.map(|(value, weight)| value.powf(weight)).product::<f64>().min(1.0)
}

/// Up to so many people are taken to stand in a wrong group if their group was guessed.
const GUESSED_WRONG: f64 = 0.3;

/// The least and the best fit of one dimension, if a part `wrong` of the audience may be in any group.
fn bounds(shares: &Shares, wanted: &Wanted, wrong: f64) -> (f64, f64) {
    let right = 1.0 - wrong;
    let open = right * shares.rest() + wrong;
    match wanted {
        Wanted::AnyOf(groups) => {
            let told: f64 = groups.iter().filter_map(|group| shares.of(group)).sum::<f64>() * right;
            let may_take_open = wrong > 0.0 || groups.iter().any(|group| shares.of(group).is_none());
            (told.min(1.0), if may_take_open { (told + open).min(1.0) } else { told.min(1.0) })
        }
        Wanted::Distribution(wanted) => {
            let total: f64 = wanted.iter().map(|(_, share)| share).sum();
            let mut groups: Vec<Group> = wanted
                .iter()
                .map(|(name, share)| {
                    let told = shares.of(name);
                    Group { p: right * told.unwrap_or(0.0), q: share / total, open: wrong > 0.0 || told.is_none() }
                })
                .collect();
            let unwanted = shares.iter().filter(|(name, _)| wanted.of(name).is_none());
            groups.extend(unwanted.map(|(_, share)| Group { p: right * share, q: 0.0, open: false }));
            // The divergence grows with the unwanted share, and by no group faster.
            let worst = divergence(&groups) + jensen_shannon_part(open, 0.0);
            let unplaced = pour(&mut groups, open);
            let best = divergence(&groups) + jensen_shannon_part(unplaced, 0.0);
            let fit = |divergence: f64| (1.0 - divergence).clamp(0.0, 1.0);
            (fit(worst), fit(best).max(fit(worst)))
        }
    }
}

/// A group's share in the audience, its wanted share, and whether it may have some of the rest.
#[derive(Clone, Copy)]
struct Group {
    p: f64,
    q: f64,
    open: bool,
}

fn divergence(groups: &[Group]) -> f64 {
    groups.iter().map(|group| jensen_shannon_part(group.p, group.q)).sum()
}

/// Gives the rest to the open groups in the way that makes the divergence least, and returns what no group can have.
///
/// The divergence is convex, and its slope in p depends on p / q alone: so the least ratios are raised to one level, as
/// water fills a basin.
fn pour(groups: &mut [Group], rest: f64) -> f64 {
    let mut basin: Vec<&mut Group> = groups.iter_mut().filter(|group| group.open && group.q > 0.0).collect();
    if basin.is_empty() {
        return rest;
    }
    basin.sort_by(|a, b| (a.p / a.q).total_cmp(&(b.p / b.q)));
    let (mut p, mut q, mut level) = (rest, 0.0, f64::INFINITY);
    for group in &basin {
        if group.p / group.q >= level {
            break;
        }
        p += group.p;
        q += group.q;
        level = p / q;
    }
    for group in basin {
        group.p = group.p.max(level * group.q);
    }
    0.0
}
