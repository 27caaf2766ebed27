//! What posts have in common: hashtags, sounds, lengths and formats, and whether they do better.

use askama::Template;
use compass_core::analytics::{CreatorReport, Interval, Lift, MetricUnit};

use crate::words::{amount, false_discovery_rate, feature, lifts, thousands};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/features.html")]
pub(super) struct FeaturesSection {
    summary: String,
    tested: String,
    rows: Vec<FeatureRow>,
    /// How many are not in the table.
    more: usize,
}

#[derive(Clone, Debug)]
struct FeatureRow {
    name: String,
    kind: &'static str,
    posts: String,
    lift: String,
    range: Option<String>,
    q: String,
    survives: bool,
}

const MOST_ROWS: usize = 25;
/// Features that always go together are named up to so many.
const NAMED: usize = 4;

impl FeaturesSection {
    pub(super) fn new(report: &CreatorReport) -> Self {
        let rows: Vec<FeatureRow> = report.lifts.lifts.iter().take(MOST_ROWS).map(FeatureRow::new).collect();
        Self {
            summary: lifts(report),
            tested: thousands(report.lifts.tested),
            more: report.lifts.lifts.len() - rows.len(),
            rows,
        }
    }
}

impl FeatureRow {
    fn new(lift: &Lift) -> Self {
        use compass_core::analytics::FeatureKind::{Format, Hashtag, Length, Sound};
        let mut names: Vec<String> = lift.features.iter().take(NAMED).map(|of| feature(of, lift)).collect();
        if lift.features.len() > NAMED {
            names.push(format!("{} more", lift.features.len() - NAMED));
        }
        let kind = match lift.features.first().map(|feature| feature.kind) {
            Some(Hashtag) => "hashtag",
            Some(Sound) => "sound",
            Some(Length) => "length",
            Some(Format) | None => "format",
        };
        let of = |x| amount(MetricUnit::Lift, x);
        let range = |Interval { lo, hi, .. }: Interval| format!("{} to {}", of(lo), of(hi));
        Self {
            name: names.join(", "),
            kind,
            posts: thousands(lift.with),
            lift: lift.lift.value.map_or_else(|| "not known".to_owned(), of),
            range: lift.lift.interval.map(range),
            q: false_discovery_rate(lift.q),
            survives: lift.survives,
        }
    }
}

#[cfg(test)]
mod tests {
    use compass_core::{
        analytics::{ReportOptions, creator_report},
        testing::planted::Plan,
    };

    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    #[test]
    fn everything_tested_is_told_with_what_it_is_worth() {
        let plan = Plan { posts: 120, ..Plan::default() };
        let creator = plan.creator(3);
        let options = ReportOptions::default();
        let report = creator_report(&creator.profile(), &creator.looks(), &creator.videos(), plan.as_of, &options);
        let section = FeaturesSection::new(&report);
        assert_eq!(section.rows.len() + section.more, report.lifts.lifts.len());
        let html = section.to_string();
        assert!(html.contains("What posts have in common"), "{html}");
        assert_eq!(
            html.matches("chance explains it").count(),
            report.lifts.lifts.iter().filter(|it| !it.survives).count()
        );
    }

    #[test]
    fn nothing_tested_is_said() {
        let html = FeaturesSection::new(&without_posts()).to_string();
        assert!(html.contains("Not sure yet") && !html.contains("<table"), "{html}");
        assert!(FeaturesSection::new(&report_of("sample.steady")).to_string().contains("What posts have in common"));
    }
}
