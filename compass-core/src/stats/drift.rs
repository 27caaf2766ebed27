//! How sure one can be of the slope of a series that adds its changes up.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// From so many changes on, the changes themselves tell how far neighbours depend on each other.
const TELLING: usize = 8;

/// Taken for the autocorrelation of neighbouring changes where there are fewer.
const USUAL: f64 = 0.2;

/// From so many changes on, weekdays have means of their own: the six that occur twice leave six degrees of freedom.
const TWO_WEEKS: usize = 13;

/// The variance of the slope over a long series, times its length, for changes with a variance of one: 6/5 for the least
/// squares slope of a random walk, which is a weighted sum of the changes; the Theil-Sen slope's is a few hundredths
/// more, as simulations show.
const SLOPE: f64 = 1.25;

/// Half the width of an interval of the mean daily change about the Theil-Sen slope of the levels.
///
/// Sen's own interval takes the levels to scatter about a line independently of each other, but a counter adds its
/// changes up, so that each change stays in all the levels after it: of a random walk's intervals for 95 %, it makes one
/// in three hold the truth over two weeks and one in ten over a year. Here the changes are what is random: weekdays may
/// differ, and what is left may follow a first-order autoregression. Its long-run variance gives the slope's, and
/// Student's t the width, with a third of the degrees of freedom left to the autocorrelation that had to be estimated.
///
/// `days` are whole days, ascending; where they do not follow each other, the change is spread over them. `None` if the
/// slices differ in length, with fewer than two changes, or if a level is not finite.
#[must_use]
pub fn drift_half_width(days: &[i64], levels: &[f64], level: f64) -> Option<f64> {
    let ascending = days.windows(2).all(|pair| pair[0] < pair[1]);
    if days.len() != levels.len() || days.len() < 3 || !ascending || !(0.0..1.0).contains(&level) {
        return None;
    }
    let span = days.last()?.abs_diff(*days.first()?) as f64;
    let steps: Vec<Step> =
        days.windows(2).zip(levels.windows(2)).map(|(days, levels)| Step::new(days, levels)).collect();
    let daily: Vec<Step> = steps.iter().copied().filter(|step| step.days == 1.0).collect();
    let told = if daily.len() >= TELLING && 2 * daily.len() >= steps.len() {
        Dependence::of_daily(&daily)
    } else {
        Dependence::of_few(&steps)
    };
    let long_run = told.variance * (1.0 + told.autocorrelation) / (1.0 - told.autocorrelation);
    let t = StudentsT::new(0.0, 1.0, told.freedom).ok()?.inverse_cdf(f64::midpoint(1.0, level));
    let half = t * (SLOPE * long_run / span).sqrt();
    half.is_finite().then_some(half)
}

/// A change from one day to a later one.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: i64,
    days: f64,
    change: f64,
}

impl Step {
    fn new(days: &[i64], levels: &[f64]) -> Self {
        Self { from: days[0], days: days[1].abs_diff(days[0]) as f64, change: levels[1] - levels[0] }
    }
}

/// How the changes vary, and how far neighbours go together.
struct Dependence {
    variance: f64,
    autocorrelation: f64,
    freedom: f64,
}

impl Dependence {
    fn of_daily(daily: &[Step]) -> Self {
        let n = daily.len();
        let weekday = |step: &Step| step.from.rem_euclid(7) as usize;
        let mut kinds = [0.0; 7];
        daily.iter().for_each(|step| kinds[weekday(step)] += 1.0);
        let weekdays = kinds.iter().filter(|&&of| of > 0.0).count();
        let by_weekday = n >= TWO_WEEKS && n - weekdays >= 6;
        let group = |step: &Step| if by_weekday { weekday(step) } else { 0 };
        let (mut sums, mut sizes) = ([0.0; 7], [0.0; 7]);
        for step in daily {
            sums[group(step)] += step.change;
            sizes[group(step)] += 1.0;
        }
        let rest: Vec<f64> = daily.iter().map(|step| step.change - sums[group(step)] / sizes[group(step)]).collect();
        let squares: f64 = rest.iter().map(|r| r * r).sum();
        let freedom = (n - if by_weekday { weekdays } else { 1 }) as f64;

        let neighbours = || daily.windows(2).zip(rest.windows(2)).filter(|(days, _)| days[0].from + 1 == days[1].from);
        let (pairs, products) = neighbours().fold((0.0, 0.0), |(n, sum), (_, rest)| (n + 1.0, sum + rest[0] * rest[1]));
        let size = n as f64;
        let raw = if squares > 0.0 && pairs > 0.0 { products / pairs * size / squares } else { 0.0 };
        // Taking means off takes dependence off with them, the more the shorter the series is (Marriott and Pope 1954).
        let taken = if by_weekday { 0.0 } else { 2.0 / size };
        let autocorrelation = (raw * (size - 1.0) / (size - 4.0) + taken).clamp(-0.3, 0.8);
        Self { variance: squares / freedom, autocorrelation, freedom: freedom * 2.0 / 3.0 }
    }

    /// From steps of any length: their variance grows with it.
    fn of_few(steps: &[Step]) -> Self {
        let days: f64 = steps.iter().map(|step| step.days).sum();
        let mean = steps.iter().map(|step| step.change).sum::<f64>() / days;
        let squares: f64 = steps.iter().map(|step| (step.change - mean * step.days).powi(2) / step.days).sum();
        let freedom = (steps.len() - 1) as f64;
        Self { variance: squares / freedom, autocorrelation: USUAL, freedom }
    }
}
