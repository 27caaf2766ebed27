//! What may look unusual, with its evidence and without a verdict.

use askama::Template;
use compass_core::analytics::{CreatorReport, MetricUnit, Signal, SignalKind};

use crate::words::{Figure, amount, percent, thousands};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/authenticity.html")]
pub(super) struct AuthenticitySection {
    signals: Vec<SignalRow>,
}

#[derive(Clone, Debug)]
struct SignalRow {
    name: &'static str,
    why: &'static str,
    value: String,
    standing: String,
}

impl AuthenticitySection {
    pub(super) fn new(report: &CreatorReport) -> Self {
        Self { signals: report.authenticity.iter().map(|signal| SignalRow::new(signal, report)).collect() }
    }
}

impl SignalRow {
    fn new(signal: &Signal, report: &CreatorReport) -> Self {
        let (name, why) = match signal.kind {
            SignalKind::ViewsPerFollower => ("Views for each follower", "Bought followers do not watch."),
            SignalKind::EngagementRate => {
                ("Reactions for each view", "Bought views bring no reactions; bought likes come without views.")
            }
            SignalKind::CommentsPerLike => ("Comments for 1,000 likes", "Bought likes come without words."),
            SignalKind::UniformViews => ("How far views spread", "Bought views come in even lots."),
            SignalKind::FollowerJump => {
                ("A day with many new followers", "Bought followers come at once, without a post.")
            }
        };
        let value = match &signal.jump {
            Some(jump) => format!(
                "{} on {}, and {} on a usual day; none of the {} posts around it stands out",
                amount(MetricUnit::FollowersPerDay, jump.gained),
                jump.day.strftime("%-d %b %Y"),
                amount(MetricUnit::FollowersPerDay, jump.usual),
                thousands(jump.posts.len() as u64)
            ),
            None => {
                let figure = signal.figures.first().and_then(|figure| Figure::of(report, figure.id));
                figure.map_or_else(
                    || "not known".to_owned(),
                    |figure| {
                        let interval =
                            figure.interval().map_or_else(String::new, |i| format!(", {} ({})", i.range, i.certainty));
                        format!("{}{interval}, from {}", figure.value().unwrap_or_default(), figure.sample())
                    },
                )
            }
        };
        let standing = match &signal.standing {
            Some(standing) => standing.percentile.value.map_or_else(String::new, |share| {
                format!("higher than {} of {} others of this size", percent(share), standing.percentile.n)
            }),
            None if signal.jump.is_some() => "judged by this account's own days".to_owned(),
            None => "not sure yet: too few others of this size are known".to_owned(),
        };
        Self { name, why, value, standing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    #[test]
    fn each_signal_has_its_evidence_and_none_is_a_verdict() {
        let html = AuthenticitySection::new(&report_of("sample.steady")).to_string();
        for text in ["Bought followers do not watch.", "95% interval", "no verdict", "too few others of this size"] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn without_figures_there_is_nothing_to_see() {
        let html = AuthenticitySection::new(&without_posts()).to_string();
        assert!(html.contains("Not sure yet") && !html.contains("<table"), "{html}");
    }
}
