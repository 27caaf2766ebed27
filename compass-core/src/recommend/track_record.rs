//! How earlier advice did: how often it came true, and whether its intervals held.

use std::fmt;

use super::{AdviceResult, AdviceVerdict, insights::InsightKind};
use crate::{Advice, analytics::Interval, stats::wilson};

/// How earlier advice did: what was told to do or to try, and forecasts apart from it.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackRecord {
    /// Advice that is not due, or of which nothing was seen yet.
    pub open: u64,
    /// Advice of which it could not be told.
    pub cannot_tell: u64,
    /// Advice that hit.
    pub hits: u64,
    /// Advice that missed.
    pub missed: u64,
    /// Hits among both, with its 95 % interval (Wilson); `None` without either.
    pub hit_rate: Option<HitRate>,
    /// Expected 80 % intervals of advice that held.
    pub held: u64,
    /// Of so many.
    pub held_of: u64,
    /// How forecasts did. They point nowhere, so that nothing of them is in the hit rate.
    pub forecasts: ForecastRecord,
}

/// How earlier forecasts did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastRecord {
    /// Not due, or nothing was seen yet.
    pub open: u64,
    /// It could not be told.
    pub cannot_tell: u64,
    /// 80 % intervals that held.
    pub held: u64,
    /// Of so many.
    pub held_of: u64,
}

/// How often differences pointed the way that was expected, with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HitRate {
    /// The share.
    pub share: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// The share that guessing reaches: a difference points up or down, so one half.
    pub by_chance: f64,
}

impl TrackRecord {
    /// How advice did, of any number of pieces. An outcome that nobody can read counts as one that cannot be told.
    #[must_use]
    pub fn of<'a>(advice: impl IntoIterator<Item = &'a Advice>) -> Self {
        let mut record = Self::default();
        for piece in advice {
            let is_forecast = piece.kind == InsightKind::Outlook.as_str();
            let Some(outcome) = &piece.outcome else {
                *(if is_forecast { &mut record.forecasts.open } else { &mut record.open }) += 1;
                continue;
            };
            let found = AdviceResult::from_value(&outcome.found);
            if is_forecast {
                record.forecasts.settled(found);
                continue;
            }
            match found.map(|found| found.verdict) {
                Some(AdviceVerdict::Hit) => record.hits += 1,
                Some(AdviceVerdict::Missed) => record.missed += 1,
                Some(AdviceVerdict::CannotTell) | None => record.cannot_tell += 1,
            }
            if let Some(held) = found.and_then(|found| found.held) {
                record.held_of += 1;
                record.held += u64::from(held);
            }
        }
        let told = (record.hits + record.missed) as f64;
        record.hit_rate = wilson(record.hits as f64, told, 0.95).map(|interval| HitRate {
            share: record.hits as f64 / told,
            interval,
            by_chance: BY_CHANCE,
        });
        record
    }
}

impl ForecastRecord {
    fn settled(&mut self, found: Option<AdviceResult>) {
        match found.and_then(|found| found.held) {
            Some(held) => {
                self.held_of += 1;
                self.held += u64::from(held);
            }
            None => self.cannot_tell += 1,
        }
    }
}

/// In plain words: how often advice came true beside what guessing reaches, and how often its ranges held.
///
/// ```
/// use compass_core::recommend::TrackRecord;
/// assert_eq!(TrackRecord::default().to_string(), "Nothing that was told here could be scored yet.");
/// ```
impl fmt::Display for TrackRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.hits + self.missed;
        let mut sentences = Vec::new();
        if let Some(rate) = &self.hit_rate {
            let percent = |share: f64| (100.0 * share).round();
            let (lo, hi) = (percent(rate.interval.lo), percent(rate.interval.hi));
            sentences.push(format!(
                "Of {} that could be told, {} pointed the right way ({} %, {lo} to {hi}); guessing would give {}.",
                pieces(told),
                self.hits,
                percent(rate.share),
                rate.by_chance * told as f64,
            ));
        }
        let held = |held: u64, of: u64, whose: &str| {
            let expected = (EXPECTED * of as f64 * 10.0).round() / 10.0;
            (of > 0).then(|| format!("{held} of {of} {whose} ranges held; {expected} should."))
        };
        sentences.extend(held(self.held, self.held_of, "expected"));
        sentences.extend(held(self.forecasts.held, self.forecasts.held_of, "forecast"));
        if sentences.is_empty() {
            sentences.push("Nothing that was told here could be scored yet.".to_owned());
        }
        let cannot_tell = self.cannot_tell + self.forecasts.cannot_tell;
        if cannot_tell > 0 {
            sentences.push(format!("Of {} it could not be told.", pieces(cannot_tell)));
        }
        let open = self.open + self.forecasts.open;
        if open > 0 {
            sentences
                .push(format!("{} not due yet.", if open == 1 { "1 is".to_owned() } else { format!("{open} are") }));
        }
        f.write_str(&sentences.join(" "))
    }
}

fn pieces(n: u64) -> String {
    if n == 1 { "1 piece of advice".to_owned() } else { format!("{n} pieces of advice") }
}

/// The level of the ranges that are told.
const EXPECTED: f64 = 0.8;

/// A sign is guessed right so often.
const BY_CHANCE: f64 = 0.5;
