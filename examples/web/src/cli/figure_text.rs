//! One line for each figure of a report: what it is, its value, and how sure it is.

use compass_core::analytics::{CreatorReport, Flag, Metric};

use crate::words::{Figure, remark};

/// The figures of one creator, the headlines first.
pub(super) fn figures(creator: &CreatorReport) -> Vec<String> {
    let figures = Figure::all(creator, Metric::all());
    let width = figures.iter().map(|figure| figure.metric.name.len()).max().unwrap_or(0);
    figures.iter().map(|figure| format!("{:<width$}  {}", figure.metric.name, told(figure))).collect()
}

/// What is said once of the posts, not of each figure.
const ONCE: [Flag; 2] = [Flag::RoundedCounters, Flag::BestPostsOnly];

fn told(figure: &Figure) -> String {
    let Some(value) = figure.value() else {
        return figure.why_none.clone();
    };
    let after = figure.metric.after;
    let space = if after.is_empty() { "" } else { " " };
    let mut text = format!("{value}{space}{after} ({})", behind(figure));
    // That counters are rounded is seen where they are shown.
    let remarks = figure.estimate.flags.iter().filter(|flag| !ONCE.contains(flag)).copied().map(remark);
    for note in figure.is_thin().then(|| figure.trust()).into_iter().chain(remarks) {
        text = text + "; " + note;
    }
    text
}

/// The interval and the sample. That an interval is one of 95 % is said once, above the figures.
fn behind(figure: &Figure) -> String {
    const USUAL: f64 = 0.95;
    let is_named = figure.estimate.interval.is_some_and(|interval| (interval.level - USUAL).abs() > 1e-9);
    match figure.interval() {
        Some(interval) if is_named => format!("{}: {}, {}", interval.certainty, interval.range, figure.sample()),
        Some(interval) => format!("{}, {}", interval.range, figure.sample()),
        None => figure.sample(),
    }
}
