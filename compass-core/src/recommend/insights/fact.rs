//! A fact: a figure with everything that it rests on.

use jiff::civil::Date;

use super::family::Answer;
use crate::{
    Language, VideoId, Zone,
    analytics::{Estimate, Feature, Interval, MetricId, Tier},
};

/// A figure that an insight rests on.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fact {
    /// Its name within the insight, with which the names of its slots begin.
    pub id: &'static str,
    /// Which metric; `None` for what is none, such as a plain count, or the Kendall tau of a trend.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub metric: Option<MetricId>,
    /// The figure; `None` if too little is known.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Data points behind it.
    pub n: u64,
    /// How often chance alone does as much; `None` if it is no test.
    pub p: Option<f64>,
    /// The false discovery rate at which it would survive, over everything that the report tested.
    pub q: Option<f64>,
    /// What it was taken from.
    pub evidence: Evidence,
}

/// What a fact was taken from.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "of", rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Evidence {
    /// The counters of the account.
    Account,
    /// The counters of the account around a day.
    Day {
        /// Which day, UTC.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        day: Date,
    },
    /// The creator's posts.
    Posts,
    /// Some of them.
    SomePosts {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
        posts: Vec<VideoId>,
    },
    /// Posts with a feature, and those without.
    Features {
        /// The feature; several that the very same posts have.
        features: Vec<Feature>,
    },
    /// Posts in a block of hours, and the others.
    Hours {
        /// The first of its three hours.
        first_hour: u8,
        /// The zone of the hours.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        zone: Zone,
    },
    /// Other creators.
    Peers {
        /// The figure that is compared.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        compared: MetricId,
        /// Their size.
        tier: Tier,
        /// Their language; `None` if they are of all.
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        language: Option<Language>,
    },
    /// What is known of the audience.
    Audience,
}

impl Fact {
    pub(super) fn of(id: &'static str, figure: &Estimate, evidence: Evidence) -> Self {
        let (metric, value, interval) = (Some(figure.id), figure.value, figure.interval);
        Self { id, metric, value, interval, n: figure.n, p: None, q: None, evidence }
    }

    pub(super) fn counted(id: &'static str, value: f64, n: u64, evidence: Evidence) -> Self {
        Self { id, metric: None, value: Some(value), interval: None, n, p: None, q: None, evidence }
    }

    pub(super) fn over_posts(self, n: u64) -> Self {
        Self { n, ..self }
    }

    pub(super) fn tested(self, answer: Option<Answer>) -> Self {
        Self { p: answer.map(|answer| answer.p), q: answer.map(|answer| answer.q), ..self }
    }
}
