//! What the report claims of creators with planted truth, and how often that is so.
//!
//! `cargo test -p compass-core --test it calibration -- --nocapture` prints the tables.

mod ages;
mod best_time;
mod claims;
mod figures;
mod followers;
mod forecasts;
mod lifts;
mod trends;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::thread;

use compass_core::{
    analytics::{CreatorReport, Estimate, ReportOptions, creator_report},
    stats::median,
    testing::planted::{Plan, PlantedCreator},
};
use jiff::Timestamp;

/// What `look` makes of each of so many creators of a plan and their reports, in the order of their seeds.
fn over_creators<T: Send>(
    plan: &Plan,
    options: &ReportOptions,
    creators: u64,
    look: impl Fn(&PlantedCreator, &CreatorReport) -> T + Sync,
) -> Vec<T> {
    over_creators_as_of(plan, options, plan.as_of, creators, look)
}

/// The same of reports as of another moment than the plan's.
fn over_creators_as_of<T: Send>(
    plan: &Plan,
    options: &ReportOptions,
    as_of: Timestamp,
    creators: u64,
    look: impl Fn(&PlantedCreator, &CreatorReport) -> T + Sync,
) -> Vec<T> {
    over_seeds(plan, options, as_of, 0..creators, look)
}

/// The same of the creators with these seeds.
fn over_seeds<T: Send>(
    plan: &Plan,
    options: &ReportOptions,
    as_of: Timestamp,
    seeds: Range<u64>,
    look: impl Fn(&PlantedCreator, &CreatorReport) -> T + Sync,
) -> Vec<T> {
    let creators = seeds.end - seeds.start;
    let threads = thread::available_parallelism().map_or(1, |n| n.get() as u64).min(creators);
    let look = &look;
    let part = |from: u64, to: u64| {
        move || -> Vec<T> {
            (from..to)
                .map(|seed| {
                    let creator = plan.creator(seed);
                    let (looks, videos) = (creator.looks(), creator.videos());
                    look(&creator, &creator_report(&creator.profile(), &looks, &videos, as_of, options))
                })
                .collect()
        }
    };
    let bound = |t: u64| seeds.start + t * creators / threads;
    thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|t| scope.spawn(part(bound(t), bound(t + 1)))).collect();
        started.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// How often an interval held the truth.
#[derive(Clone, Debug, Default)]
struct Coverage {
    level: f64,
    inside: u32,
    /// The truth lay below the interval.
    too_high: u32,
    /// The truth lay above the interval.
    too_low: u32,
    /// Widths of the intervals, relative to the truth unless that is zero.
    widths: Vec<f64>,
}

impl Coverage {
    fn count(&mut self, figure: &Estimate, truth: f64) {
        let Some(interval) = figure.interval else { return };
        self.level = interval.level;
        let scale = if truth == 0.0 { 1.0 } else { truth.abs() };
        self.widths.push((interval.hi - interval.lo) / scale);
        // A value that is a quotient of whole numbers may differ from the truth in its last bits.
        let room = 1e-9 * truth.abs();
        if truth < interval.lo - room {
            self.too_high += 1;
        } else if truth > interval.hi + room {
            self.too_low += 1;
        } else {
            self.inside += 1;
        }
    }

    fn total(&self) -> u32 {
        self.inside + self.too_high + self.too_low
    }

    /// Whether it is within two points of the level, and what so many intervals leave open: two standard errors.
    fn is_right(&self) -> bool {
        let open = 2.0 * (self.level * (1.0 - self.level) / f64::from(self.total())).sqrt();
        (self.share() - self.level).abs() <= 0.02 + open
    }

    fn share(&self) -> f64 {
        f64::from(self.inside) / f64::from(self.total())
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = median(&mut self.widths.clone()).unwrap_or_default();
        let percent = |n: u32| 100.0 * f64::from(n) / f64::from(self.total());
        write!(
            f,
            "{:5.1} % of {:4.1} %, too high {:4.1} %, too low {:4.1} %, of {}; median width {:.2} of the truth",
            percent(self.inside),
            100.0 * self.level,
            percent(self.too_high),
            percent(self.too_low),
            self.total(),
            width,
        )
    }
}

/// The coverage of each figure over so many creators, as far as its truth is known.
fn coverage(
    plan: &Plan,
    options: &ReportOptions,
    creators: u64,
    truths: &BTreeMap<&'static str, f64>,
) -> BTreeMap<&'static str, Coverage> {
    let figures = over_creators(plan, options, creators, |_, report| {
        report.metrics.iter().filter(|(id, _)| truths.contains_key(id.0)).map(|(_, f)| f.clone()).collect::<Vec<_>>()
    });
    let mut table: BTreeMap<&'static str, Coverage> = BTreeMap::new();
    for figure in figures.iter().flatten() {
        table.entry(figure.id.0).or_default().count(figure, truths[figure.id.0]);
    }
    table
}
