//! The two forecasts that any other has to beat.

use super::WEEK;

/// The straight line through the first and the last value, from the last value on (the "drift method" of Hyndman and
/// Athanasopoulos, Forecasting: Principles and Practice, 5.2): the best there is for a random walk with drift.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Drift {
    first: Option<(f64, f64)>,
    last: (f64, f64),
    days: f64,
}

impl Drift {
    /// The line of a series.
    #[must_use]
    pub fn of(days: &[Option<f64>]) -> Self {
        let mut line = Self::default();
        days.iter().for_each(|&day| line.push(day));
        line
    }

    /// Takes in one more day.
    pub(super) fn push(&mut self, day: Option<f64>) {
        if let Some(value) = day {
            self.last = (self.days, value);
            self.first.get_or_insert(self.last);
        }
        self.days += 1.0;
    }

    /// The forecast `ahead` days after the end of the series; `None` if no day was observed.
    #[must_use]
    pub fn forecast(&self, ahead: usize) -> Option<f64> {
        self.forecast_with(&[0.0; WEEK], ahead)
    }

    /// The same for a series that each weekday adds something to; the first is the weekday of the first day.
    #[must_use]
    pub fn forecast_with(&self, season: &[f64; WEEK], ahead: usize) -> Option<f64> {
        let (start, from) = self.first?;
        let (end, to) = self.last;
        let (from, to) = (from - season[start as usize % WEEK], to - season[end as usize % WEEK]);
        let slope = if end > start { (to - from) / (end - start) } else { 0.0 };
        let on = self.days - 1.0 + ahead as f64;
        Some(to + slope * (on - end) + season[on as usize % WEEK])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_goes_on_from_the_last_value_at_the_average_pace() {
        let line = Drift::of(&[Some(10.0), None, Some(20.0), Some(16.0), None]);
        assert_eq!(line.forecast(1), Some(16.0 + 2.0 * 2.0));
        assert_eq!(line.forecast(3), Some(16.0 + 2.0 * 4.0));
        assert_eq!(Drift::of(&[None, Some(3.0)]).forecast(9), Some(3.0));
        assert_eq!(Drift::of(&[None, None]).forecast(1), None);
    }
}
