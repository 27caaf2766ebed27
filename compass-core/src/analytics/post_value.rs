//! What a post is worth: its views at 30 days of age, times a price for 1,000 views that the host brings.

use jiff::{Timestamp, civil::Date};
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Counter, Estimate, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf};
use crate::stats::{Seed, looks_normal, mean, median, quantile};

impl MetricId {
    /// The expected value of a post.
    pub const POST_VALUE: Self = Self("value.post.mean@1");
    /// What one post may bring.
    pub const POST_VALUE_SINGLE: Self = Self("value.post.single@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::POST_VALUE,
        name: "Value of a post on average",
        unit: MetricUnit::Money,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "What many posts like the recent ones would bring each; a few posts with many views make much of it.",
        definition: "Mean views at 30 days x expected price of 1,000 views / 1,000. No interval: what a few dozen posts \
                     leave open hangs on those that they did not have.",
    },
    Metric {
        id: MetricId::POST_VALUE_SINGLE,
        name: "Value of the next post",
        unit: MetricUnit::Money,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "What a single post may bring: 8 in 10 fall inside the interval.",
        definition: "Median views at 30 days x middle price of 1,000 views / 1,000; 80 % prediction interval.",
    },
];

/// A range of prices for 1,000 views: there is no default, since no published table agrees with another.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "UncheckedCpm"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cpm {
    lo: f64,
    hi: f64,
    currency: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    dated: Date,
}

/// Why a range of prices is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CpmError {
    /// Not 0 < lo <= hi.
    #[error("a price range is two numbers above 0, the lower first")]
    Range,
    /// Not three capital letters.
    #[error("a currency is three capital letters, as in ISO 4217")]
    Currency,
}

/// The value of a post, at a price range.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostValue {
    /// The prices that the figures rest on.
    pub cpm: Cpm,
    /// The expected value of a post.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub mean: Estimate,
    /// What one post may bring.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub single: Estimate,
}

impl Cpm {
    /// A range of prices for 1,000 views in a currency, as of a date. A known price is a range from it to itself.
    ///
    /// # Errors
    /// [`CpmError`] if the prices are not in order and above 0, or the currency is not three capital letters.
    pub fn new(lo: f64, hi: f64, currency: &str, dated: Date) -> Result<Self, CpmError> {
        if !(lo > 0.0 && lo <= hi && hi.is_finite() && (hi / lo).is_finite()) {
            return Err(CpmError::Range);
        }
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(CpmError::Currency);
        }
        Ok(Self { lo, hi, currency: currency.to_owned(), dated })
    }

    /// The lowest price.
    #[must_use]
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The highest price.
    #[must_use]
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// The currency, ISO 4217.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// When the prices held.
    #[must_use]
    pub fn dated(&self) -> Date {
        self.dated
    }

    /// The price below which a part of prices lie. Prices are compared by their ratio, so their logarithm is taken to
    /// be uniform: from 2 to 4 is as likely as from 4 to 8.
    fn at(&self, part: f64) -> f64 {
        self.lo * (part * (self.hi / self.lo).ln()).exp()
    }

    /// The mean price: the logarithmic mean of both ends.
    fn expected(&self) -> f64 {
        let log_ratio = (self.hi / self.lo).ln();
        // Below this the difference of the ends has lost its digits; the middle is right to 1e-13.
        if log_ratio < 1e-6 { f64::midpoint(self.lo, self.hi) } else { (self.hi - self.lo) / log_ratio }
    }
}

/// The value of a post from `log_views`, ln(1 + views at 30 days of age) of the posts old enough to say, in any order.
///
/// The interval of one post speaks of the posts' spread and of the price together: if the price is any in the range, each
/// with the weight that [`Cpm`] gives it, 80 % of such intervals hold the value of the next post. At one price it is an
/// interval of views alone.
///
/// The mean has no interval: it hangs on posts with very many views, of which a few dozen posts may hold none. An interval
/// of the lognormal mean would be right for lognormal views only, and so few posts cannot rule out another shape.
#[must_use]
pub fn post_value(log_views: &[f64], cpm: &Cpm, as_of: Timestamp) -> PostValue {
    let mut logs: Vec<f64> = log_views.iter().copied().filter(|log| log.is_finite()).collect();
    // The same posts in another order are the same posts.
    logs.sort_unstable_by(f64::total_cmp);
    let n = logs.len();
    let none = |id| Estimate::none(id, as_of, n, Quality::TooFew { needed: 1 });
    let views: Vec<f64> = logs.iter().map(|log| log.exp_m1()).collect();
    let (Some(mean_views), Some(median_log)) = (mean(&views), median(&mut logs.clone())) else {
        return PostValue {
            cpm: cpm.clone(),
            mean: none(MetricId::POST_VALUE),
            single: none(MetricId::POST_VALUE_SINGLE),
        };
    };
    let value = mean_views * cpm.expected() / A_THOUSAND;
    let likely = median_log.exp_m1() * cpm.at(0.5) / A_THOUSAND;
    let of_single = if looks_normal(&logs) { lognormal_interval(&logs, cpm) } else { free_interval(&logs, cpm) };
    let of_single = of_single.map(|interval| holding(likely, interval));
    PostValue {
        cpm: cpm.clone(),
        mean: Estimate::new(MetricId::POST_VALUE, as_of, n, value, None),
        single: Estimate::new(MetricId::POST_VALUE_SINGLE, as_of, n, likely, of_single),
    }
}

const LEVEL: f64 = 0.8;

const A_THOUSAND: f64 = 1_000.0;

const DRAWS: usize = 1_000;

/// The interval of the next value of lognormal views, times the price.
fn lognormal_interval(logs: &[f64], cpm: &Cpm) -> Option<Interval> {
    let n = logs.len() as f64;
    let centre = mean(logs)?;
    let squares: f64 = logs.iter().map(|log| (log - centre).powi(2)).sum();
    let mut random = Random::of(seed(logs));
    let mut single = || {
        // What the data leave open: the variance is distributed like squares / chi-squared, the mean of the logarithms
        // normally around theirs, and the next logarithm around that mean, which makes Student's t of it.
        let variance = squares / random.chi_squared(n - 1.0);
        let log_mean = centre + random.normal() * (variance / n).sqrt();
        let price = cpm.at(random.unit());
        worth(log_mean + random.normal() * variance.sqrt(), price)
    };
    middle(&mut (0..DRAWS).map(|_| single()).collect::<Vec<f64>>())
}

/// Where the next value falls whatever the distribution, times the price: it lies below the k-th smallest of n values
/// with probability k / (n + 1) (Wilks 1941), interpolated between.
fn free_interval(logs: &[f64], cpm: &Cpm) -> Option<Interval> {
    let places = logs.len() as f64 + 1.0;
    if places * (1.0 - LEVEL) / 2.0 < 1.0 {
        return None;
    }
    let mut random = Random::of(seed(logs));
    let next = |part: f64| {
        let place = (part * places).clamp(1.0, places - 1.0) - 1.0;
        let (below, fraction) = (place.floor() as usize, place.fract());
        logs[below] + fraction * (logs[(below + 1).min(logs.len() - 1)] - logs[below])
    };
    let mut singles: Vec<f64> = (0..DRAWS).map(|_| worth(next(random.unit()), cpm.at(random.unit()))).collect();
    middle(&mut singles)
}

/// The middle 80 % of draws.
fn middle(draws: &mut [f64]) -> Option<Interval> {
    let tail = (1.0 - LEVEL) / 2.0;
    Some(Interval { lo: quantile(draws, tail)?, hi: quantile(draws, 1.0 - tail)?, level: LEVEL })
}

/// What a post is worth whose ln(1 + views) is known.
fn worth(log_views: f64, price: f64) -> f64 {
    log_views.exp_m1().max(0.0) * price / A_THOUSAND
}

/// The interval, widened where it must be to hold the figure itself.
fn holding(value: f64, interval: Interval) -> Interval {
    Interval { lo: interval.lo.min(value), hi: interval.hi.max(value), ..interval }
}

fn seed(logs: &[f64]) -> Seed {
    Seed::new(MetricId::POST_VALUE.0).with_all(logs)
}

struct Random {
    bits: Xoshiro256PlusPlus,
    spare: Option<f64>,
}

impl Random {
    fn of(seed: Seed) -> Self {
        Self { bits: Xoshiro256PlusPlus::seed_from_u64(seed.get()), spare: None }
    }

    /// From 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.bits.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A standard normal number, by Marsaglia's polar method (1964).
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Chi-squared with at least 2 degrees of freedom: Marsaglia and Tsang, "A simple method for generating gamma
    /// variables", ACM Transactions on Mathematical Software 26 (2000).
    fn chi_squared(&mut self, degrees: f64) -> f64 {
        let d = degrees / 2.0 - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v <= 0.0 {
                continue;
            }
            let u = 1.0 - self.unit();
            // The authors' squeeze spares 98 of 100 draws both logarithms.
            if u < 1.0 - 0.0331 * x.powi(4) || u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return 2.0 * d * v;
            }
        }
    }
}

/// A range of prices as it comes from outside.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct UncheckedCpm {
    lo: f64,
    hi: f64,
    currency: String,
    dated: Date,
}

#[cfg(feature = "serde")]
impl TryFrom<UncheckedCpm> for Cpm {
    type Error = CpmError;

    fn try_from(cpm: UncheckedCpm) -> Result<Self, CpmError> {
        Self::new(cpm.lo, cpm.hi, &cpm.currency, cpm.dated)
    }
}
