//! Advice is held against what happened: predictions, and what later reports say of them.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::insights::{Call, Evidence, Insight, InsightKind, block};
use crate::{
    Video, VideoId, Zone,
    analytics::{BestTime, CreatorReport, Feature, FeatureKind, Interval, ReportVideo},
    stats::mean,
};

/// What is expected to be seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Of what.
    pub about: About,
    /// The expected value: a relative difference in views, or followers.
    pub value: f64,
    /// Its interval, 80 %.
    pub interval: Interval,
    /// When it can be told.
    pub due: Timestamp,
}

/// What a prediction is about.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// Posts in a block of three hours with posts at other times.
    Hours {
        /// The first of the three hours.
        first_hour: u8,
        /// Their zone.
        zone: Zone,
    },
    /// Posts with a feature with posts without it; several that the very same posts had.
    Features(Vec<Feature>),
    /// The follower count on the day on which it is due.
    Followers,
}

/// A kept prediction that cannot be read, by its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the kept prediction has no {0:?} that makes sense: it was not written by this program, or changed since")]
pub struct DamagedPrediction(pub &'static str);

/// What came of a prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdviceResult {
    /// Hit, missed, or neither.
    pub verdict: AdviceVerdict,
    /// Whether the expected interval held, widened by what the new posts leave open; `None` if it cannot be told.
    pub held: Option<bool>,
    /// What was seen.
    pub value: Option<f64>,
    /// Data points behind it: new posts of the kind, or 1 for a count.
    pub n: u64,
}

/// Whether it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AdviceVerdict {
    /// The difference points the way that was expected; a count lies in its interval.
    Hit,
    /// It does not.
    Missed,
    /// Too little was seen since.
    CannotTell,
}

/// Predictions of posts are due after eight weeks: most creators have posted a few of each kind by then.
const DUE_AFTER: SignedDuration = SignedDuration::from_hours(56 * 24);

/// So many new posts of the kind, and so many others, tell something.
const FEWEST_POSTS: usize = 5;

/// A look this many days off the day still counts as one on it.
const DAYS_OFF: i64 = 1;

/// The level of predictions.
const LEVEL: f64 = 0.8;

impl Prediction {
    /// What an insight of a report predicts when it is told; `None` if it calls for nothing that posts or followers after that
    /// could show, or its value lies outside of its interval.
    #[must_use]
    pub fn of(insight: &Insight, report: &CreatorReport, told_at: Timestamp) -> Option<Self> {
        let fact = insight.facts.first()?;
        let (value, interval) = (fact.value?, fact.interval.filter(|interval| interval.level == LEVEL)?);
        let calls = matches!(insight.call, Call::Do | Call::Try);
        let due = told_at.checked_add(DUE_AFTER).ok()?;
        match (insight.kind, &fact.evidence) {
            (InsightKind::BestTime, Evidence::Hours { first_hour, zone }) if calls => {
                let compared = match &report.posting.best_time {
                    BestTime::Evidence(c) | BestTime::NoEvidence(c) => c.lift.n,
                    BestTime::NotEnoughVariety(_) => return None,
                };
                // The report compares with the habit, which has a share of the hours; new posts are compared with posts at
                // other times, since the habit may change.
                let rest = 1.0 - fact.n as f64 / compared as f64;
                let apart = |lift: f64| (lift.ln_1p() / rest).exp_m1();
                let about = About::Hours { first_hour: *first_hour, zone: zone.clone() };
                let interval = Interval { lo: apart(interval.lo), hi: apart(interval.hi), level: LEVEL };
                Self { about, value: apart(value), interval, due }.sound().ok()
            }
            (InsightKind::Feature, Evidence::Features { features }) if calls => {
                Self { about: About::Features(features.clone()), value, interval, due }.sound().ok()
            }
            (InsightKind::Outlook, _) => {
                let day = report.growth.forecast.days.last()?.day;
                let due = day.checked_add(1.day()).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
                Self { about: About::Followers, value, interval, due }
                    .sound()
                    .ok()
                    .filter(|prediction| prediction.due > told_at)
            }
            _ => None,
        }
    }

    /// Only what can be held against something: a level between 0 and 1, and -1 < lo <= value <= hi.
    fn sound(self) -> Result<Self, DamagedPrediction> {
        let Interval { lo, hi, level } = self.interval;
        if !(0.0 < level && level < 1.0) {
            return Err(DamagedPrediction("level"));
        }
        // A comparison with what is no number is false.
        let is_ordered = -1.0 < lo && lo <= self.value && self.value <= hi && hi.is_finite();
        if is_ordered { Ok(self) } else { Err(DamagedPrediction("interval")) }
    }

    /// The form in which a ledger keeps it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let about = match &self.about {
            About::Hours { first_hour, zone } => json!({"hours": {"first_hour": first_hour, "zone": zone.name()}}),
            About::Features(features) => {
                let features: Vec<Value> =
                    features.iter().map(|feature| json!({"kind": kind(feature.kind), "name": feature.name})).collect();
                json!({ "features": features })
            }
            About::Followers => json!("followers"),
        };
        json!({
            "about": about,
            "value": self.value,
            "lo": self.interval.lo,
            "hi": self.interval.hi,
            "level": self.interval.level,
            "due": self.due.to_string(),
        })
    }

    /// Reads what [`Prediction::to_value`] wrote.
    ///
    /// # Errors
    /// [`DamagedPrediction`] names the part that is missing or makes no sense.
    pub fn from_value(value: &Value) -> Result<Self, DamagedPrediction> {
        let number = |name: &'static str| value.get(name).and_then(Value::as_f64).ok_or(DamagedPrediction(name));
        let about = value.get("about").and_then(About::from_value).ok_or(DamagedPrediction("about"))?;
        let interval = Interval { lo: number("lo")?, hi: number("hi")?, level: number("level")? };
        let due = value.get("due").and_then(Value::as_str).and_then(|due| due.parse().ok());
        let due = due.ok_or(DamagedPrediction("due"))?;
        Self { about, value: number("value")?, interval, due }.sound()
    }
}

impl About {
    fn from_value(about: &Value) -> Option<Self> {
        Some(if let Some(hours) = about.get("hours") {
            let first_hour = u8::try_from(hours.get("first_hour")?.as_u64()?).ok().filter(|hour| *hour < 24)?;
            Self::Hours { first_hour, zone: Zone::parse(hours.get("zone")?.as_str()?).ok()? }
        } else if let Some(features) = about.get("features") {
            let feature = |value: &Value| {
                let name = value.get("name")?.as_str()?.to_owned();
                let named = value.get("kind")?.as_str()?;
                Some(Feature { kind: KINDS.into_iter().find(|&of| kind(of) == named)?, name })
            };
            Self::Features(features.as_array()?.iter().map(feature).collect::<Option<_>>()?)
        } else {
            (about.as_str() == Some("followers")).then_some(Self::Followers)?
        })
    }
}

/// What a later report, and the posts that it was made of, say of a prediction made at a moment. Of posts, those since then
/// alone count: the older ones made the prediction.
///
/// `posts` may hold a post several times. With fewer than 5 new posts of the kind or 5 others, or no look at the account
/// within a day of the day, it cannot be told.
#[must_use]
pub fn settle(expected: &Prediction, given_at: Timestamp, later: &CreatorReport, posts: &[Video]) -> AdviceResult {
    match &expected.about {
        About::Followers => expected.against_followers(later),
        About::Hours { first_hour, zone } => {
            expected.against(new_posts(later, given_at, |video| block(video.created_at, zone) == *first_hour))
        }
        About::Features(features) => {
            let with = posts.iter().filter(|post| features.iter().all(|feature| feature.is_of(post)));
            let with: HashSet<VideoId> = with.map(|post| post.id).collect();
            expected.against(new_posts(later, given_at, |video| with.contains(&video.id)))
        }
    }
}

/// ln(1 + views at 30 days) of the posts since a moment: those of a kind, and the others.
fn new_posts(later: &CreatorReport, since: Timestamp, is_of_kind: impl Fn(&ReportVideo) -> bool) -> [Vec<f64>; 2] {
    let mut posts = [Vec::new(), Vec::new()];
    for video in later.videos.iter().filter(|video| video.created_at > since) {
        if let Some(log_views) = video.growth.log_views_compared() {
            posts[usize::from(!is_of_kind(video))].push(log_views);
        }
    }
    posts
}

impl Prediction {
    fn against(&self, [with, without]: [Vec<f64>; 2]) -> AdviceResult {
        let nothing =
            AdviceResult { verdict: AdviceVerdict::CannotTell, held: None, value: None, n: with.len() as u64 };
        if with.len() < FEWEST_POSTS || without.len() < FEWEST_POSTS {
            return nothing;
        }
        let (Some(mean_with), Some(mean_without)) = (mean(&with), mean(&without)) else { return nothing };
        let seen = mean_with - mean_without;
        let squares = |values: &[f64], mean: f64| values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        let (n, m) = (with.len() as f64, without.len() as f64);
        let variance = (squares(&with, mean_with) + squares(&without, mean_without)) / (n + m - 2.0);
        let error = (variance * (1.0 / n + 1.0 / m)).sqrt();
        let Ok(student) = StudentsT::new(0.0, 1.0, n + m - 2.0) else { return nothing };
        let open = error * student.inverse_cdf(f64::midpoint(1.0, self.interval.level));
        let (value, lo, hi) = (self.value.ln_1p(), self.interval.lo.ln_1p(), self.interval.hi.ln_1p());
        // What was left open then, and what the new posts leave open now, are independent.
        let reach = if seen < value { (value - lo).hypot(open) } else { (hi - value).hypot(open) };
        let is_hit = seen != 0.0 && (seen > 0.0) == (value > 0.0);
        AdviceResult {
            verdict: if is_hit { AdviceVerdict::Hit } else { AdviceVerdict::Missed },
            held: Some((seen - value).abs() <= reach),
            value: Some(seen.exp_m1()),
            n: with.len() as u64,
        }
    }

    fn against_followers(&self, later: &CreatorReport) -> AdviceResult {
        let nothing = AdviceResult { verdict: AdviceVerdict::CannotTell, held: None, value: None, n: 0 };
        // It is due when its day is over.
        let day = self.due.to_zoned(TimeZone::UTC).date().saturating_sub(1.day());
        let off = |of: Date| of.since(day).map_or(i64::MAX, |span| i64::from(span.get_days()).abs());
        let looks = later.growth.followers.iter().flat_map(|followers| &followers.counts);
        let Some(look) = looks.min_by_key(|look| off(look.day)).filter(|look| off(look.day) <= DAYS_OFF) else {
            return nothing;
        };
        let (lo, hi) = (look.count.lo() as f64, look.count.hi() as f64);
        let held = hi >= self.interval.lo && lo <= self.interval.hi;
        AdviceResult {
            verdict: if held { AdviceVerdict::Hit } else { AdviceVerdict::Missed },
            held: Some(held),
            value: Some(look.count.midpoint() as f64),
            n: 1,
        }
    }
}

impl AdviceResult {
    /// The form in which a ledger keeps it.
    #[must_use]
    pub fn to_value(self) -> Value {
        json!({"came": self.verdict.as_str(), "held": self.held, "value": self.value, "n": self.n})
    }

    /// Reads what [`AdviceResult::to_value`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let came = value.get("came")?.as_str()?;
        let verdict = [AdviceVerdict::Hit, AdviceVerdict::Missed, AdviceVerdict::CannotTell]
            .into_iter()
            .find(|of| of.as_str() == came)?;
        Some(Self {
            verdict,
            held: value.get("held").and_then(Value::as_bool),
            value: value.get("value").and_then(Value::as_f64),
            n: value.get("n")?.as_u64()?,
        })
    }
}

impl AdviceVerdict {
    /// The stable name, as in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Missed => "missed",
            Self::CannotTell => "cannot_tell",
        }
    }
}

const KINDS: [FeatureKind; 4] = [FeatureKind::Hashtag, FeatureKind::Sound, FeatureKind::Length, FeatureKind::Format];

fn kind(kind: FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Hashtag => "hashtag",
        FeatureKind::Sound => "sound",
        FeatureKind::Length => "length",
        FeatureKind::Format => "format",
    }
}
