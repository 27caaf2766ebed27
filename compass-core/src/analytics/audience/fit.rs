//! How well an audience fits the one that is wanted, with bounds for what is not known of it.

use jiff::Timestamp;

use super::{
    AudienceShares, AudienceSource, AudienceTarget, ContentSignals, Dimension, PostEvidence, Shares, Wanted,
    inferred::Guess, target::Wish,
};
use crate::{
    analytics::{Estimate, Interval, MetricId, Quality},
    stats::jensen_shannon_part,
};

/// How well an audience fits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceFit {
    /// The source that tells shares, where it tells of anything that is wanted; otherwise `inferred`, also where nothing is known. Each part
    /// says where it is known from: languages and interests are always inferred.
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
    /// Where this part is known from; `None` if nothing is known of it, and in reports of before parts said so.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source: Option<AudienceSource>,
    /// The posts that an inferred part is guessed from; `None` where it is told, or guessed from the language of the profile.
    #[cfg_attr(feature = "serde", serde(default))]
    pub posts: Option<PostEvidence>,
    /// Its weight among those with a wish; the weights add up to 1.
    pub weight: f64,
    /// The middle between the bounds; `None` if nothing is known of it.
    pub value: Option<f64>,
    /// The fit is at least this.
    pub lo: f64,
    /// The fit is at most this.
    pub hi: f64,
}

/// How well an audience fits a target: the weighted geometric mean over the dimensions with a wish.
///
/// Of each dimension, what a source tells counts; of what it does not tell, what the creator's posts let guess: of territories, languages
/// and interests. What is not known bounds the fit. Groups that are not told may hold anything from nothing to all of the rest, and posts of
/// which it cannot be seen may be anything; a dimension of which nothing is known may fit from 0 to 1, and the figure is that of the others.
/// Of what is inferred, up to 30 % of the audience are taken to be guessed wrong, in whatever way: an assumption, since nothing public
/// measures it. No figure without a wish, or if no dimension with a wish is known.
#[must_use]
pub fn audience_fit(
    told: Option<&AudienceShares>,
    posts: &ContentSignals,
    target: &AudienceTarget,
    as_of: Timestamp,
) -> AudienceFit {
    // Divided by the largest first, so that weights of any size have a finite sum.
    let largest = target.0.values().map(|wish| wish.weight).fold(0.0, f64::max);
    let total: f64 = target.0.values().map(|wish| wish.weight / largest).sum();
    let parts: Vec<DimensionFit> = target
        .0
        .iter()
        .map(|(&dimension, wish)| DimensionFit::new(dimension, wish, wish.weight / largest / total, told, posts))
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
    let told = told.filter(|told| target.0.keys().any(|dimension| told.dimensions.contains_key(dimension)));
    AudienceFit { source: told.map_or(AudienceSource::Inferred, |told| told.source), overall, parts }
}

impl DimensionFit {
    fn new(
        dimension: Dimension,
        wish: &Wish,
        weight: f64,
        told: Option<&AudienceShares>,
        posts: &ContentSignals,
    ) -> Self {
        let told = told.and_then(|told| Some((told.source, told.dimensions.get(&dimension)?)));
        let known = match told {
            Some((source, shares)) => {
                let wrong = if source == AudienceSource::Inferred { GUESSED_WRONG } else { 0.0 };
                Some((source, bounds(shares, &wish.wanted, wrong), None))
            }
            None => posts.guess(dimension, wish).map(|guess| match guess {
                Guess::Posts { share, unknown, evidence } => {
                    (AudienceSource::Inferred, any_of(share, unknown, GUESSED_WRONG, true), evidence)
                }
                Guess::Shares(shares) => (AudienceSource::Inferred, bounds(&shares, &wish.wanted, GUESSED_WRONG), None),
            }),
        };
        match known {
            Some((source, (lo, hi), posts)) => {
                Self { dimension, source: Some(source), posts, weight, value: Some(f64::midpoint(lo, hi)), lo, hi }
            }
            None => Self { dimension, source: None, posts: None, weight, value: None, lo: 0.0, hi: 1.0 },
        }
    }
}

/// The mean of values from 0 to 1 with weights that add up to 1.
pub(super) fn geometric_mean(values: impl Iterator<Item = (f64, f64)>) -> f64 {
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
            let told: f64 = groups.iter().filter_map(|group| shares.of(group)).sum();
            any_of(told, shares.rest(), wrong, groups.iter().any(|group| shares.of(group).is_none()))
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

/// The least and the most that groups of a share may have, if a part `wrong` of the audience may be in any group, and the rest in these
/// where one of them is not told.
fn any_of(told: f64, rest: f64, wrong: f64, one_is_untold: bool) -> (f64, f64) {
    let (told, open) = ((1.0 - wrong) * told, (1.0 - wrong) * rest + wrong);
    let may_take_open = wrong > 0.0 || one_is_untold;
    (told.min(1.0), if may_take_open { (told + open).min(1.0) } else { told.min(1.0) })
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
