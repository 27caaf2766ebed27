//! Where the creator stands among others of its size.

use askama::Template;
use compass_core::analytics::{CreatorReport, Metric, Quality, Standing, Tier};

use crate::words::{Figure, percent};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/benchmarks.html")]
pub(super) struct BenchmarksSection {
    summary: String,
    rows: Vec<BenchmarkRow>,
}

#[derive(Clone, Debug)]
struct BenchmarkRow {
    metric: &'static Metric,
    value: String,
    /// Whole percents, 0 to 100, with the ends of the interval.
    percentile: f64,
    lo: f64,
    width: f64,
    words: String,
    peers: u64,
}

impl BenchmarksSection {
    pub(super) fn new(report: &CreatorReport) -> Self {
        let rows: Vec<BenchmarkRow> =
            report.benchmarks.iter().filter_map(|standing| BenchmarkRow::new(standing, report)).collect();
        Self { summary: summary(report, rows.len()), rows }
    }
}

impl BenchmarkRow {
    fn new(standing: &Standing, report: &CreatorReport) -> Option<Self> {
        let share = standing.percentile.value?;
        let figure = Figure::of(report, standing.metric)?;
        let interval = standing.percentile.interval;
        let (lo, hi) = interval.map_or((share, share), |interval| (interval.lo, interval.hi));
        Some(Self {
            metric: figure.metric,
            value: figure.value()?,
            percentile: share * 100.0,
            lo: lo * 100.0,
            width: ((hi - lo) * 100.0).max(0.5),
            words: format!("higher than {} of them ({} to {})", percent(share), percent(lo), percent(hi)),
            peers: standing.percentile.n,
        })
    }
}

fn summary(report: &CreatorReport, told: usize) -> String {
    let Some(first) = report.benchmarks.iter().find(|s| s.percentile.value.is_some()).or(report.benchmarks.first())
    else {
        return match report.counts.followers {
            Some(_) => "Not sure yet: this service knows too few other creators of this size. It compares with 30 or more that it \
                        has looked at itself, never with a table from elsewhere: published tables disagree by a factor of 5 to 20."
                .to_owned(),
            None => "The source does not show the followers, so it is not known whom to compare with.".to_owned(),
        };
    };
    let group = format!(
        "{} with {} followers{}",
        if first.percentile.n == 1 { "creator" } else { "creators" },
        followers(first.tier),
        first.language.map_or_else(String::new, |language| format!(" who post in {language}"))
    );
    match (told, first.percentile.quality) {
        (0, Quality::TooFew { needed }) => format!(
            "Not sure yet: known are {} {group}, and it takes {needed}. Published tables disagree by a factor of 5 to 20, so none is used.",
            first.percentile.n
        ),
        _ => format!("Compared with {} {group} that this service has looked at.", first.percentile.n),
    }
}

fn followers(tier: Tier) -> &'static str {
    match tier {
        Tier::Nano => "fewer than 10,000",
        Tier::Micro => "10,000 to 99,999",
        Tier::Mid => "100,000 to 499,999",
        Tier::Macro => "500,000 to 999,999",
        Tier::Mega => "1,000,000 or more",
    }
}

#[cfg(test)]
mod tests {
    use compass_core::analytics::{Estimate, Interval, MetricId};

    use super::*;
    use crate::pages::analytics::tests::report_of;

    fn standing(percentile: Estimate) -> Standing {
        Standing { metric: MetricId::TYPICAL_VIEWS, tier: Tier::Micro, language: None, percentile }
    }

    #[test]
    fn a_place_among_peers_is_told_with_their_number() {
        let mut report = report_of("sample.steady");
        let interval = Some(Interval { lo: 0.5, hi: 0.8, level: 0.95 });
        report.benchmarks = vec![standing(Estimate::new(MetricId::PERCENTILE, report.as_of, 40, 0.66, interval))];
        let html = BenchmarksSection::new(&report).to_string();
        for text in
            ["Compared with 40 creators", "higher than 66% of them (50% to 80%)", "Typical views", "10,000 to 99,999"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn too_few_peers_are_said() {
        let mut report = report_of("sample.steady");
        assert!(BenchmarksSection::new(&report).to_string().contains("Not sure yet"));
        let few = Estimate::none(MetricId::PERCENTILE, report.as_of, 4, Quality::TooFew { needed: 30 });
        report.benchmarks = vec![standing(few)];
        let html = BenchmarksSection::new(&report).to_string();
        assert!(
            html.contains("Not sure yet: 4 creators") && html.contains("it takes 30") && !html.contains("<table"),
            "{html}"
        );
    }
}
