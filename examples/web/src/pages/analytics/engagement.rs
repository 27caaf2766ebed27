//! Engagement: the rates, and why two tools disagree about one account.

use askama::Template;
use compass_core::analytics::{CreatorReport, Metric, MetricId, MetricUnit};

use crate::words::{Figure, amount, localised};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/engagement.html")]
pub(super) struct EngagementSection {
    figures: Vec<Figure>,
    definitions: Vec<Definition>,
    /// How far the definitions lie apart; `None` with fewer than two.
    apart: Option<String>,
}

/// One of the market's definitions, applied to the same posts.
#[derive(Clone, Debug)]
struct Definition {
    metric: &'static Metric,
    value: Option<String>,
    n: u64,
    meaning: String,
}

const SHOWN: [MetricId; 10] = [
    MetricId::ENGAGEMENT,
    MetricId::ENGAGEMENT_POOLED,
    MetricId::ENGAGEMENT_MEAN,
    MetricId::ENGAGEMENT_BY_FOLLOWERS,
    MetricId::LIKE_RATE,
    MetricId::COMMENT_RATE,
    MetricId::SHARE_RATE,
    MetricId::SAVE_RATE,
    MetricId::VIEWS_PER_FOLLOWER,
    MetricId::CONSISTENCY,
];

impl EngagementSection {
    pub(super) fn new(report: &CreatorReport) -> Self {
        let definition = |estimate: &compass_core::analytics::Estimate| {
            let metric = Metric::find(estimate.id)?;
            let value = estimate.value.map(|v| amount(MetricUnit::Fraction, v));
            Some(Definition { metric, value, n: estimate.n, meaning: localised(metric.meaning) })
        };
        let values: Vec<f64> =
            report.rosetta.iter().filter_map(|estimate| estimate.value).filter(|v| *v > 0.0).collect();
        let (lo, hi) = values.iter().fold((f64::INFINITY, 0.0_f64), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        Self {
            figures: SHOWN.iter().filter_map(|&id| Figure::of(report, id)).collect(),
            definitions: report.rosetta.iter().filter_map(definition).collect(),
            apart: (values.len() > 1)
                .then(|| format!("from {} to {}", amount(MetricUnit::Fraction, lo), amount(MetricUnit::Fraction, hi))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    #[test]
    fn six_definitions_stand_side_by_side() {
        let html = EngagementSection::new(&report_of("sample.steady")).to_string();
        for text in ["Why two tools disagree", "Likes and comments by followers, 12 posts", "of followers", "12 posts"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert_eq!(html.matches("<tr>").count(), 7);
    }

    #[test]
    fn without_posts_it_says_what_it_takes() {
        let html = EngagementSection::new(&without_posts()).to_string();
        assert!(html.contains("not sure yet") && html.contains("not known") && !html.contains("NaN"), "{html}");
    }
}
