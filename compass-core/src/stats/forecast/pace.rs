//! Since when a series has moved as it moves now.

use super::WEEK;
use crate::stats::{mad, median, pelt};

/// The days that tell of the days to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// The first of them.
    pub(super) since: usize,
    /// Whether there are eight weeks of them, with enough changes from one day to the next to see a change of pace.
    pub(super) settled: bool,
}

/// A pace of fewer days is not told from a burst.
const SHORTEST: usize = 2 * WEEK;

/// The days since the last change of the mean daily change, as far as there are eight weeks of them.
///
/// A forecast that goes on as before is off by the change of pace times the days ahead, and so were those from days
/// before a change: what errors they made says nothing of the errors to come.
pub(super) fn pace(days: &[Option<f64>]) -> Pace {
    const SETTLED: usize = 8 * WEEK;
    let mut since = 0;
    loop {
        match last_change(&days[since..]) {
            Some(0) => return Pace { since, settled: days.len() - since >= SETTLED },
            // The rest has a noise of its own, beside which further changes may show.
            Some(further) if days.len() - since - further >= SETTLED => since += further,
            _ => return Pace { since, settled: false },
        }
    }
}

/// The day of the last change, 0 if there is none; `None` where too few days follow each other.
///
/// PELT (see [`pelt`]) with a penalty of 3 v ln n, where v is the variance that a day adds in the long run: a
/// fourteenth of that of the difference between neighbouring weeks, which neither weekdays nor the noise of single looks
/// enter, and in which days that go together do. Single days beyond four deviations count as four: a jump is not a pace.
fn last_change(days: &[Option<f64>]) -> Option<usize> {
    const FAR: f64 = 4.0;
    const PENALTY: f64 = 3.0;
    let (at, mut changes): (Vec<usize>, Vec<f64>) =
        days.windows(2).enumerate().filter_map(|(day, two)| Some((day, two[1]? - two[0]?))).unzip();
    if changes.len() < 2 * SHORTEST {
        return None;
    }
    let centre = median(&mut changes.clone())?;
    let far = FAR * mad(&changes)?;
    // Where most changes are the same, none is said to be far.
    let far = if far > 0.0 { far } else { f64::INFINITY };
    changes.iter_mut().for_each(|change| *change = (*change - centre).clamp(-far, far));
    let sum = |days: &[f64]| days.iter().sum::<f64>();
    let weeks = changes.windows(2 * WEEK).map(|days| sum(&days[WEEK..]) - sum(&days[..WEEK]));
    let differences: Vec<f64> = weeks.map(f64::abs).collect();
    let squares = differences.iter().map(|difference| difference * difference).sum::<f64>() / differences.len() as f64;
    let robust = 1.4826 * median(&mut differences.clone())?;
    let variance = if robust > 0.0 { robust * robust } else { squares } / (2 * WEEK) as f64;
    if variance <= 0.0 {
        return Some(0);
    }
    let cuts = pelt(&changes, SHORTEST, PENALTY * variance * (changes.len() as f64).ln())?;
    Some(cuts.last().map_or(0, |&cut| at[cut]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many days at each pace, with a week in them.
    fn series(paces: &[(usize, f64)]) -> Vec<Option<f64>> {
        let week = [3.0, -2.0, 5.0, -4.0, -1.0, 2.0, -3.0];
        let mut level = 1_000.0;
        let days = paces.iter().flat_map(|&(days, pace)| std::iter::repeat_n(pace, days));
        days.enumerate()
            .map(|(day, pace)| {
                level += pace + week[day % 7] + ((day * day * 31) % 11) as f64 - 5.0;
                Some(level)
            })
            .collect()
    }

    #[test]
    fn days_before_a_change_of_pace_do_not_count() {
        let Pace { since, settled } = pace(&series(&[(150, 10.0), (100, 40.0)]));
        assert!(settled && (147..=152).contains(&since), "{since}");
        assert_eq!(pace(&series(&[(250, 10.0)])), Pace { since: 0, settled: true });
    }

    #[test]
    fn a_pace_of_less_than_eight_weeks_is_not_settled() {
        assert_eq!(pace(&series(&[(150, 10.0), (40, 40.0)])), Pace { since: 0, settled: false });
        assert_eq!(pace(&series(&[(55, 10.0)])), Pace { since: 0, settled: false });
        assert!(pace(&series(&[(56, 10.0)])).settled);
    }

    #[test]
    fn a_jump_is_no_change_of_pace() {
        let mut days = series(&[(200, 10.0)]);
        days[120..].iter_mut().for_each(|day| *day = day.map(|level| level + 5_000.0));
        assert_eq!(pace(&days), Pace { since: 0, settled: true });
    }

    #[test]
    fn days_that_do_not_follow_each_other_show_no_pace() {
        let days: Vec<Option<f64>> =
            series(&[(200, 10.0)]).into_iter().enumerate().map(|(day, level)| level.filter(|_| day % 2 == 0)).collect();
        assert_eq!(pace(&days), Pace { since: 0, settled: false });
    }

    #[test]
    fn a_straight_line_is_settled() {
        let days: Vec<Option<f64>> = (0..90).map(|day| Some(f64::from(day))).collect();
        assert_eq!(pace(&days), Pace { since: 0, settled: true });
    }
}
