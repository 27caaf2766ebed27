//! The growth model on videos that it has not seen.

use std::fmt;

use compass_core::{
    analytics::{GrowthModel, GrowthPair, GrowthSource},
    stats::{Seed, mean, median},
};
use serde_json::{Value, json};

use crate::{input::InputError, panel::Panel};

/// How right the growth model was.
#[derive(Debug)]
pub(crate) struct Growth {
    /// Learnt from all videos.
    pub model: GrowthModel,
    /// Of either half, as the model of the other half sees it.
    halves: [Vec<Check>; 2],
    /// Of all, as the built-in figures see it.
    built_in: Vec<Check>,
}

/// A later count against what was said of it.
#[derive(Clone, Copy, Debug)]
struct Check {
    from_age: f64,
    days: f64,
    inside: bool,
    below: bool,
    width: f64,
    /// Absolute errors of the logarithm.
    ours: f64,
    none: f64,
    median_factor: f64,
}

/// A number that a check has.
type Figure = fn(&Check) -> f64;
/// Makes one number of many checks'.
type Summary = fn(&[Check], Figure) -> f64;

/// Where the rows of the table begin and end, days.
const AGES: [f64; 10] = [GrowthModel::MIN_AGE, 2.0, 3.0, 5.0, 7.0, 10.0, 21.0, 30.0, 60.0, f64::INFINITY];
const HORIZONS: [f64; 6] = [0.0, 3.0, 7.0, 14.0, 21.0, f64::INFINITY];

impl Growth {
    /// Splits the videos in random halves and judges each half by the model of the other.
    pub(crate) fn measure(panel: &Panel, seed: u64) -> Result<Self, InputError> {
        let mut halves = [Vec::new(), Vec::new()];
        for (id, pairs) in panel.pairs() {
            let half = Seed::new("halves of a panel").with(seed).with(id).get() & 1;
            halves[half as usize].extend(pairs);
        }
        if halves.iter().any(Vec::is_empty) {
            return Err(InputError::TooLittle(
                "no growth to learn from: it takes videos with views in two snapshots, the first a day or more after posting",
            ));
        }
        let [first, second] = &halves;
        let checked = [checks(second, first), checks(first, second)];
        let all = halves.concat();
        Ok(Self {
            model: GrowthModel::fit(&all),
            halves: checked,
            built_in: checks_by(&GrowthModel::prior(), 0.0, &all),
        })
    }

    pub(crate) fn json(&self) -> Value {
        let all = self.all();
        let error = |error: Figure| json!({ "value": median_of(&all, error), "n": all.len() });
        json!({
            "coverage80": { "value": coverage(&all), "n": all.len() },
            "median_abs_log_error": {
                "ours": error(|c| c.ours),
                "none": error(|c| c.none),
                "median_factor": error(|c| c.median_factor),
            },
        })
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let source = match self.model.source() {
            GrowthSource::Prior { dated } => format!("the built-in figures of {dated} alone"),
            GrowthSource::Blend { pairs, dated } => format!("{pairs} pairs and the built-in figures of {dated}"),
            GrowthSource::Corpus { pairs } => format!("{pairs} pairs"),
        };
        vec![format!("the growth model of the whole panel: learnt from {source}")]
    }

    fn all(&self) -> Vec<Check> {
        self.halves.concat()
    }
}

/// The checks of one half's pairs by a model of the other half.
fn checks(learnt_from: &[GrowthPair], pairs: &[GrowthPair]) -> Vec<Check> {
    let model = GrowthModel::fit(learnt_from);
    let mut growths: Vec<f64> = learnt_from.iter().map(GrowthPair::log_growth).collect();
    let factor = median(&mut growths).expect("a half has pairs, and their growth is finite");
    checks_by(&model, factor, pairs)
}

/// The checks of pairs by a model, and by a factor that all are told to grow by.
fn checks_by(model: &GrowthModel, factor: f64, pairs: &[GrowthPair]) -> Vec<Check> {
    let check = |pair: &GrowthPair| {
        let expected = model.project(pair.from_age, pair.to_age).expect("the ages of a usable pair are projected");
        let growth = pair.log_growth();
        // A count that has not moved is the end of many intervals, and must not fall out by rounding.
        let slack = 1e-9;
        Check {
            from_age: pair.from_age,
            days: pair.to_age - pair.from_age,
            inside: (expected.lo - slack..=expected.hi + slack).contains(&growth),
            below: growth < expected.lo - slack,
            width: expected.hi - expected.lo,
            ours: (growth - expected.median).abs(),
            none: growth.abs(),
            median_factor: (growth - factor).abs(),
        }
    };
    pairs.iter().map(check).collect()
}

fn coverage(checks: &[Check]) -> f64 {
    share(checks, |c| c.inside)
}

fn share(checks: &[Check], which: fn(&Check) -> bool) -> f64 {
    checks.iter().filter(|c| which(c)).count() as f64 / checks.len() as f64
}

fn median_of(checks: &[Check], of: Figure) -> f64 {
    median(&mut checks.iter().map(of).collect::<Vec<_>>()).expect("there are checks, and their errors are finite")
}

fn mean_of(checks: &[Check], of: Figure) -> f64 {
    mean(&checks.iter().map(of).collect::<Vec<_>>()).expect("there are checks")
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all();
        writeln!(f, "Growth of views, each half of the videos judged by a model of the other half\n")?;
        writeln!(
            f,
            "{:32} {:>7} {:>8} {:>7} {:>7}",
            "80 % intervals of later views", "pairs", "coverage", "below", "width"
        )?;
        let coverage_row = |f: &mut fmt::Formatter<'_>, name: &str, checks: &[Check]| {
            let (held, below) = (100.0 * coverage(checks), 100.0 * share(checks, |c| c.below));
            let width = median_of(checks, |c| c.width);
            writeln!(f, "  {name:30} {:7} {held:6.1} % {below:5.1} % {width:7.3}", checks.len())
        };
        coverage_row(f, "all", &all)?;
        for (name, half) in ["first half", "second half"].into_iter().zip(&self.halves) {
            coverage_row(f, name, half)?;
        }
        coverage_row(f, "all, by the built-in figures", &self.built_in)?;
        for (name, checks) in grouped(&all, "age", &AGES, |c| c.from_age) {
            coverage_row(f, &name, &checks)?;
        }
        for (name, checks) in grouped(&all, "ahead", &HORIZONS, |c| c.days) {
            coverage_row(f, &name, &checks)?;
        }
        writeln!(
            f,
            "\n{:32} {:>7} {:>8} {:>9} {:>13}",
            "Absolute log error", "pairs", "ours", "no growth", "median factor"
        )?;
        let error_row = |f: &mut fmt::Formatter<'_>, name: &str, checks: &[Check], of: Summary| {
            let (ours, none, factor) =
                (of(checks, |c| c.ours), of(checks, |c| c.none), of(checks, |c| c.median_factor));
            writeln!(f, "  {name:30} {:7} {ours:8.4} {none:9.4} {factor:13.4}", checks.len())
        };
        error_row(f, "median, all", &all, median_of)?;
        error_row(f, "mean, all", &all, mean_of)?;
        for (name, checks) in grouped(&all, "median, age", &AGES, |c| c.from_age) {
            error_row(f, &name, &checks, median_of)?;
        }
        Ok(())
    }
}

/// The checks in groups by a number of days, with the groups' names; empty groups are left out.
fn grouped(checks: &[Check], name: &str, bounds: &[f64], days: Figure) -> Vec<(String, Vec<Check>)> {
    let groups = bounds.windows(2).map(|bounds| {
        let (from, to) = (bounds[0], bounds[1]);
        let group: Vec<Check> = checks.iter().filter(|c| (from..to).contains(&days(c))).copied().collect();
        let range = if to.is_finite() { format!("{from} to {to}") } else { format!("from {from}") };
        (format!("{name} {range} days"), group)
    });
    groups.filter(|(_, group)| !group.is_empty()).collect()
}
