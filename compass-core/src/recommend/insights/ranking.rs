//! What is told first: impact x certainty x novelty x actionability.

use jiff::{SignedDuration, Timestamp};

use super::{Call, Certainty};

/// Why an insight stands where it stands: four numbers from 0 to 1, and their product.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rank {
    /// How much it is about: a difference by how much of a doubling it is, anything else by a fixed number.
    pub impact: f64,
    /// 1 if sure, 0.7 if likely, 0.3 if not sure yet.
    pub certainty: f64,
    /// 1 if it was not told, or has changed since; otherwise 0.2 right after it was told, and back at 1 after 90 days.
    pub novelty: f64,
    /// 1 for something to do, 0.7 for something to try, 0.5 for something to wait for, 0.3 for something to know.
    pub actionability: f64,
    /// The product of the four.
    pub score: f64,
}

/// Something that was told before.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The insight's id.
    pub id: String,
    /// When it was told last.
    pub at: Timestamp,
    /// What its first fact was then; `None` if it had no value.
    pub value: Option<f64>,
    /// What was seen of it since, in the same unit; `None` if that is not known.
    pub seen: Option<f64>,
}

/// What was told is as new again after so many days.
const FORGOTTEN_AFTER: f64 = 90.0;

/// How new it is right after it was told.
const JUST_TOLD: f64 = 0.2;

impl Rank {
    pub(super) fn new(impact: f64, certainty: Certainty, novelty: f64, call: Call) -> Self {
        let impact = if impact.is_finite() { impact.clamp(0.0, 1.0) } else { 0.0 };
        let certainty = match certainty {
            Certainty::Sure => 1.0,
            Certainty::Likely => 0.7,
            Certainty::NotSureYet => 0.3,
        };
        let actionability = match call {
            Call::Do => 1.0,
            Call::Try => 0.7,
            Call::Wait => 0.5,
            Call::Know => 0.3,
        };
        Self { impact, certainty, novelty, actionability, score: impact * certainty * novelty * actionability }
    }
}

/// How much of a doubling, or a halving, a relative difference is.
pub(super) fn of_a_doubling(lift: f64) -> f64 {
    (lift.ln_1p().abs() / std::f64::consts::LN_2).min(1.0)
}

/// How new it is to say that a figure has this value; it has changed if what was told lies outside its interval now.
pub(super) fn novelty(told: Option<&Told>, within: Option<(f64, f64)>, now: Timestamp) -> f64 {
    let Some(told) = told else { return 1.0 };
    if let (Some(before), Some((lo, hi))) = (told.value, within)
        && !(lo..=hi).contains(&before)
    {
        return 1.0;
    }
    let days = now.duration_since(told.at).max(SignedDuration::ZERO).as_secs_f64() / 86_400.0;
    (JUST_TOLD + (1.0 - JUST_TOLD) * days / FORGOTTEN_AFTER).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_new_again_when_it_changed_or_is_long_ago() {
        let now: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
        let told = |days: i64| Told {
            id: "rate".to_owned(),
            at: now - SignedDuration::from_hours(24 * days),
            value: Some(0.05),
            seen: None,
        };
        assert_eq!(novelty(None, None, now), 1.0);
        assert!((novelty(Some(&told(0)), Some((0.04, 0.06)), now) - 0.2).abs() < 1e-12);
        // Half of 90 days is half of the way from 0.2 to 1.
        assert!((novelty(Some(&told(45)), Some((0.04, 0.06)), now) - 0.6).abs() < 1e-12);
        assert_eq!(novelty(Some(&told(400)), Some((0.04, 0.06)), now), 1.0);
        assert_eq!(novelty(Some(&told(0)), Some((0.06, 0.08)), now), 1.0);
    }

    #[test]
    fn a_doubling_counts_as_much_as_a_halving() {
        assert!((of_a_doubling(1.0) - 1.0).abs() < 1e-12 && (of_a_doubling(-0.5) - 1.0).abs() < 1e-12);
        // Half a doubling is a factor of the square root of 2.
        assert!((of_a_doubling(2.0_f64.sqrt() - 1.0) - 0.5).abs() < 1e-12);
        assert_eq!((of_a_doubling(0.0), of_a_doubling(30.0)), (0.0, 1.0));
    }
}
