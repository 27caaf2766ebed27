//! The form of every figure: value, interval, sample size, time, and whether it can be trusted.

use jiff::Timestamp;

use super::MetricId;

/// An uncertainty interval, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Interval {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Nominal coverage, such as 0.95; 1 if the truth must lie inside.
    pub level: f64,
}

/// Whether a figure can be trusted, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Enough data.
    Ok,
    /// Fewer than 8 data points, or a projection of which one cannot tell how far off it is: a first impression.
    Thin,
    /// The posts have no views, or fewer than the figure needs.
    NoViews,
    /// The source does not show the counter.
    Hidden,
    /// More data points are needed.
    TooFew {
        /// How many are needed, in the unit of the sample size.
        needed: u64,
    },
    /// There is no earlier observation to compare with, or what was observed was zero.
    NoHistory,
}

impl Quality {
    /// Samples below this size are thin.
    pub const ENOUGH: usize = 8;

    /// The quality of a figure from `n` data points.
    #[must_use]
    pub fn of_sample(n: usize) -> Self {
        if n < Self::ENOUGH { Self::Thin } else { Self::Ok }
    }

    /// The stable name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Thin => "thin",
            Self::NoViews => "no_views",
            Self::Hidden => "hidden",
            Self::TooFew { .. } => "too_few",
            Self::NoHistory => "no_history",
        }
    }

    /// How many data points are needed; `None` unless that is the trouble.
    #[must_use]
    pub fn needed(self) -> Option<u64> {
        match self {
            Self::TooFew { needed } => Some(needed),
            _ => None,
        }
    }
}

/// Something a reader should know of how a figure was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Flag {
    /// The follower count is not from the time of posting: only a later (or earlier) one is known.
    FollowersNotAtPosting,
    /// Some counters of the posts or looks behind the figure were rounded by the source.
    RoundedCounters,
    /// Some posts in the window do not show the counter and were left out.
    SomeHidden,
    /// Some posts behind the figure are known from an export alone, which names only those that did best.
    BestPostsOnly,
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Which metric.
    pub id: MetricId,
    /// The figure; `None` if there is not enough to say one.
    pub value: Option<f64>,
    /// Its interval; `None` with fewer than 3 data points or where none applies.
    pub interval: Option<Interval>,
    /// Data points behind it: posts, or observations.
    pub n: u64,
    /// The moment that the figure speaks of, UTC.
    pub as_of: Timestamp,
    /// Whether to trust it, or why there is no value.
    pub quality: Quality,
    /// What else to know.
    pub flags: Vec<Flag>,
}

impl Estimate {
    /// Samples below this size get no interval.
    pub const INTERVAL_FROM: usize = 3;

    /// A figure from `n` data points.
    ///
    /// A value or an interval that is not finite is not a figure: it is dropped, so that none leaves the engine.
    #[must_use]
    pub fn new(id: MetricId, as_of: Timestamp, n: usize, value: f64, interval: Option<Interval>) -> Self {
        let finite = value.is_finite();
        let interval = interval.filter(|i| finite && n >= Self::INTERVAL_FROM && i.lo.is_finite() && i.hi.is_finite());
        let quality = if finite { Quality::of_sample(n) } else { Quality::TooFew { needed: 1 } };
        Self { id, value: finite.then_some(value), interval, n: n as u64, as_of, quality, flags: Vec::new() }
    }

    /// No figure, and why.
    #[must_use]
    pub fn none(id: MetricId, as_of: Timestamp, n: usize, why: Quality) -> Self {
        Self { id, value: None, interval: None, n: n as u64, as_of, quality: why, flags: Vec::new() }
    }

    /// The same figure with one more flag, if the condition holds.
    #[must_use]
    pub fn flagged(mut self, flag: Flag, condition: bool) -> Self {
        if condition && !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
        self
    }
}

#[cfg(feature = "serde")]
mod json {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{Estimate, Flag, Interval, MetricId, Quality};

    #[derive(Serialize, Deserialize)]
    struct Shape<'a> {
        id: MetricId,
        value: Option<f64>,
        interval: Option<Interval>,
        n: u64,
        as_of: Timestamp,
        quality: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        needed: Option<u64>,
        #[serde(default, skip_serializing_if = "<[Flag]>::is_empty")]
        flags: Cow<'a, [Flag]>,
    }

    impl Serialize for Estimate {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            Shape {
                id: self.id,
                value: self.value,
                interval: self.interval,
                n: self.n,
                as_of: self.as_of,
                quality: self.quality.as_str().into(),
                needed: self.quality.needed(),
                flags: Cow::Borrowed(&self.flags),
            }
            .serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Estimate {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let shape = Shape::deserialize(deserializer)?;
            let quality = match (&*shape.quality, shape.needed) {
                ("ok", None) => Quality::Ok,
                ("thin", None) => Quality::Thin,
                ("no_views", None) => Quality::NoViews,
                ("hidden", None) => Quality::Hidden,
                ("too_few", Some(needed)) => Quality::TooFew { needed },
                ("no_history", None) => Quality::NoHistory,
                (other, _) => return Err(D::Error::custom(format!("no figure has the quality {other:?}"))),
            };
            Ok(Self {
                id: shape.id,
                value: shape.value,
                interval: shape.interval,
                n: shape.n,
                as_of: shape.as_of,
                quality,
                flags: shape.flags.into_owned(),
            })
        }
    }
}
