//! Where the creator stands among others of its size.

use askama::Template;
use compass_core::analytics::{CreatorReport, Metric, Peers, Quality, Standing, Tier};

use crate::words::{Figure, localised, percent, thousands};

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
    /// The place, among how many of which group, and the interval: each figure has a group of its own.
    words: String,
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
            words: format!(
                "higher than {} of {} creators of this size{} ({} to {})",
                percent(share),
                thousands(standing.percentile.n),
                standing.language.map_or_else(String::new, |language| format!(" in {language}")),
                percent(lo),
                percent(hi)
            ),
        })
    }
}

fn summary(report: &CreatorReport, told: usize) -> String {
    let Some(largest) = report.benchmarks.iter().max_by_key(|standing| standing.percentile.n) else {
        return match report.counts.followers {
            Some(_) => "Not sure yet: this service knows too few other creators of this size. It compares with 30 or more that it \
                        has looked at itself, never with a table from elsewhere: published tables disagree by a factor of 5 to 20."
                .to_owned(),
            None => "The source does not show the followers, so it is not known whom to compare with.".to_owned(),
        };
    };
    let known = largest.percentile.n;
    let group = format!("with {} followers", localised(followers(largest.tier)));
    match (told, largest.percentile.quality) {
        (0, Quality::TooFew { needed }) => format!(
            "Not sure yet: this service knows {} {} {group}, and it takes {needed}. Published tables disagree by a factor of 5 to 20, so none is used.",
            thousands(known),
            if known == 1 { "creator" } else { "creators" }
        ),
        _ => format!(
            "Compared with creators {group} that this service has looked at: with those who post in the same language where {} of them \
             show the figure, else with all.",
            Peers::FEWEST
        ),
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
    use compass_core::{
        Language,
        analytics::{Estimate, Interval, MetricId},
    };

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
        for text in [
            "Compared with creators with 10,000 to 99,999 followers",
            "higher than 66% of 40 creators of this size (50% to 80%)",
            "Typical views",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn each_figure_is_told_with_the_group_that_it_is_compared_in() {
        let mut report = report_of("sample.steady");
        let of = |n, share| Estimate::new(MetricId::PERCENTILE, report.as_of, n, share, None);
        let in_german = Language::parse("de").ok();
        let (views, engagement) = (standing(of(1_234, 0.5)), standing(of(31, 0.25)));
        report.benchmarks = vec![views, Standing { metric: MetricId::ENGAGEMENT, language: in_german, ..engagement }];
        let html = BenchmarksSection::new(&report).to_string();
        for text in ["50% of 1,234 creators of this size (", "25% of 31 creators of this size in de ("] {
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
            html.contains("this service knows 4 creators with")
                && html.contains("it takes 30")
                && !html.contains("<table"),
            "{html}"
        );
    }
}
