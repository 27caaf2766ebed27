//! The numbers and days beside a chart: few, round, and at equal distances.

use jiff::{Timestamp, tz::TimeZone};

use super::Scale;
use crate::words::short;

/// Between so many lines a chart is read easily.
const MOST_STEPS: f64 = 5.0;
const SECONDS_A_DAY: f64 = 86_400.0;

/// The values between which a chart is drawn, and those with a line of their own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    scale: Scale,
    /// The round values, the lowest first: both ends and equal distances between them, on the chart's scale.
    pub(super) ticks: Vec<f64>,
}

impl Axis {
    pub(super) fn of(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let (lo, hi) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), value| (lo.min(value), hi.max(value)));
        let (lo, hi) = if lo <= hi { (lo, hi) } else { (0.0, 1.0) };
        let ticks = match scale {
            Scale::Linear => linear(lo, hi),
            Scale::Log => decades(lo.max(1.0), hi.max(1.0)),
        };
        Self { scale, ticks }
    }

    /// Where a value lies between the ends: 0 is the lower one.
    pub(super) fn place(&self, value: f64) -> f64 {
        let on = |value: f64| match self.scale {
            Scale::Linear => value,
            Scale::Log => value.max(1.0).log10(),
        };
        let (first, last) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        ((on(value) - on(first)) / (on(last) - on(first))).clamp(0.0, 1.0)
    }

    /// The values as they are written, the highest first.
    pub(super) fn labels(&self) -> Vec<String> {
        self.ticks.iter().rev().map(|&tick| short(tick)).collect()
    }
}

fn linear(lo: f64, hi: f64) -> Vec<f64> {
    let span = (hi - lo).max(hi.abs() * 1e-3).max(1.0);
    let rough = span / MOST_STEPS;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(10.0 * power);
    // Whole numbers are counted.
    let step = step.max(1.0);
    let (first, last) = ((lo / step).floor(), (hi / step).ceil());
    let steps = (last - first).max(1.0) as i32;
    (0..=steps).map(|i| (first + f64::from(i)) * step).collect()
}

fn decades(lo: f64, hi: f64) -> Vec<f64> {
    let (first, last) = (lo.log10().floor() as i32, hi.log10().ceil() as i32);
    (first..=last.max(first + 1)).map(|power| 10_f64.powi(power)).collect()
}

/// Days at equal distances, both ends among them.
pub(super) fn days(from: Timestamp, to: Timestamp, zone: &TimeZone) -> Vec<String> {
    let seconds = to.duration_since(from).as_secs_f64();
    let format = match seconds / SECONDS_A_DAY {
        0.0..4.0 => "%-d %b, %H:%M",
        4.0..360.0 => "%-d %b",
        _ => "%b %Y",
    };
    let label = |part: f64| {
        let at = Timestamp::from_second(from.as_second() + (seconds * part) as i64).unwrap_or(to);
        at.to_zoned(zone.clone()).strftime(format).to_string()
    };
    [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0].map(label).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64], scale: Scale) -> Vec<f64> {
        Axis::of(values.iter().copied(), scale).ticks
    }

    #[test]
    fn lines_are_at_round_values_around_what_is_shown() {
        assert_eq!(ticks(&[43_210.0, 48_912.0], Scale::Linear), [42_000.0, 44_000.0, 46_000.0, 48_000.0, 50_000.0]);
        assert_eq!(ticks(&[30.0, 250_000.0], Scale::Log), [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0]);
        assert_eq!(ticks(&[5.0, 5.0], Scale::Linear), [5.0, 6.0]);
        assert_eq!(ticks(&[0.0], Scale::Log), [1.0, 10.0]);
        assert_eq!(ticks(&[], Scale::Linear), [0.0, 1.0]);
    }

    #[test]
    fn places_are_between_the_ends() {
        let axis = Axis::of([100.0, 10_000.0].into_iter(), Scale::Log);
        assert_eq!([100.0, 1_000.0, 10_000.0, 0.0].map(|value| axis.place(value)), [0.0, 0.5, 1.0, 0.0]);
    }

    #[test]
    fn days_are_told_as_exactly_as_their_distance_deserves() {
        let day = |text: &str| text.parse::<Timestamp>().unwrap();
        let of = |from, to| days(day(from), day(to), &TimeZone::UTC);
        assert_eq!(of("2026-05-01T00:00:00Z", "2026-05-31T00:00:00Z"), ["1 May", "11 May", "21 May", "31 May"]);
        assert_eq!(of("2024-05-01T00:00:00Z", "2026-05-01T00:00:00Z")[0], "May 2024");
        assert_eq!(of("2026-05-01T00:00:00Z", "2026-05-01T03:00:00Z")[1], "1 May, 01:00");
    }
}
