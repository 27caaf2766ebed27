//! What a post is worth, at a price that the reader brings.

use askama::Template;
use compass_core::analytics::{CreatorReport, Estimate, MetricUnit};

use super::asked::Asked;
use crate::words::{amount, thousands};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/value.html")]
pub(super) struct ValueSection {
    asked: Asked,
    /// What is wrong with the price.
    mistake: Option<String>,
    told: Option<Told>,
}

#[derive(Clone, Debug)]
struct Told {
    prices: String,
    single: String,
    mean: String,
}

impl ValueSection {
    pub(super) fn new(report: &CreatorReport, asked: &Asked, mistake: Option<String>) -> Self {
        Self { asked: asked.clone(), mistake, told: report.value.as_ref().map(Told::new) }
    }

    fn thousand(&self) -> String {
        thousands(1_000)
    }
}

impl Told {
    fn new(value: &compass_core::analytics::PostValue) -> Self {
        let cpm = &value.cpm;
        let money = |x: f64| format!("{} {}", amount(MetricUnit::Money, x), cpm.currency());
        let single = |estimate: &Estimate| match (estimate.value, estimate.interval) {
            (Some(middle), Some(interval)) => format!(
                "{}. Of ten such posts, eight bring {} to {}.",
                money(middle),
                money(interval.lo),
                money(interval.hi)
            ),
            (Some(middle), None) => format!("{}. How far off that can be is not sure yet.", money(middle)),
            (None, _) => not_yet(estimate),
        };
        let mean = |estimate: &Estimate| match estimate.value {
            Some(mean) => {
                let posts = thousands(estimate.n);
                format!("{} each, counting the rare post with very many views, of {posts} posts.", money(mean))
            }
            None => not_yet(estimate),
        };
        let prices = if cpm.lo() < cpm.hi() {
            format!("{} to {}", amount(MetricUnit::Money, cpm.lo()), money(cpm.hi()))
        } else {
            money(cpm.lo())
        };
        Self {
            prices: format!(
                "{prices} for {} views, as you said on {}",
                thousands(1_000),
                cpm.dated().strftime("%-d %b %Y")
            ),
            single: single(&value.single),
            mean: mean(&value.mean),
        }
    }
}

fn not_yet(estimate: &Estimate) -> String {
    match estimate.quality.needed() {
        Some(needed) => format!("Not sure yet: it takes {needed} posts whose views at 30 days are known."),
        None => "Not sure yet: no post shows its views.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use compass_core::analytics::Cpm;

    use super::*;
    use crate::pages::analytics::tests::report_with;

    #[test]
    fn a_price_makes_a_value_with_its_range() {
        let report = report_with("sample.steady", |options| {
            options.cpm = Cpm::new(2.0, 6.0, "EUR", jiff::civil::date(2026, 5, 1)).ok();
        });
        let html = ValueSection::new(&report, &Asked::default(), None).to_string();
        for text in
            ["EUR", "2.0 to 6.0 EUR for 1,000 views, as you said on 1 May 2026", "eight bring", "each, counting"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn without_a_price_it_is_asked_for_and_a_wrong_one_is_told() {
        let report = report_with("sample.steady", |_| {});
        let html = ValueSection::new(&report, &Asked::default(), Some("A price is a number.".to_owned())).to_string();
        assert!(html.contains("A price is a number.") && html.contains("name=\"price_from\""), "{html}");
    }
}
