//! What may look unusual, with its evidence and without a verdict.

use askama::Template;
use compass_core::analytics::{CreatorReport, Estimate, Interval, MetricUnit, Signal, SignalKind, Standing};

use crate::words::{Figure, amount, localised, percent, thousands};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/authenticity.html")]
pub(super) struct AuthenticitySection {
    signals: Vec<SignalRow>,
}

#[derive(Clone, Debug)]
struct SignalRow {
    name: String,
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
            Some(standing) => standing.percentile.value.map_or_else(String::new, |share| place(standing, share)),
            None if signal.jump.is_some() => "judged by this account's own days".to_owned(),
            None => "not sure yet: too few others of this size are known".to_owned(),
        };
        Self { name: localised(name), why, value, standing }
    }
}

fn place(standing: &Standing, share: f64) -> String {
    let Estimate { n, interval, .. } = &standing.percentile;
    let interval = interval.map_or_else(String::new, |Interval { lo, hi, level }| {
        format!(" ({} to {}, {} interval)", percent(lo), percent(hi), percent(level))
    });
    let language = standing.language.map_or_else(String::new, |language| format!(" in {language}"));
    format!("higher than {} of {} others of this size{language}{interval}", percent(share), thousands(*n))
}

#[cfg(test)]
mod tests {
    use compass_core::analytics::{MetricId, Tier};

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
    fn a_place_among_others_is_told_with_its_interval() {
        let mut report = report_of("sample.steady");
        let interval = Some(Interval { lo: 0.05, hi: 0.2, level: 0.95 });
        let percentile = Estimate::new(MetricId::PERCENTILE, report.as_of, 1_040, 0.1, interval);
        let standing = Standing { metric: MetricId::ENGAGEMENT, tier: Tier::Micro, language: None, percentile };
        report.authenticity[0].standing = Some(standing);
        let html = AuthenticitySection::new(&report).to_string();
        let told = "higher than 10% of 1,040 others of this size (5% to 20%, 95% interval)";
        assert!(html.contains(told), "{html}");
    }

    #[test]
    fn without_figures_there_is_nothing_to_see() {
        let html = AuthenticitySection::new(&without_posts()).to_string();
        assert!(html.contains("Not sure yet") && !html.contains("<table"), "{html}");
    }
}
