//! `/definitions`: what every figure means and how it is computed, each at an anchor of its id.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use compass_core::analytics::{Metric, MetricUnit, SampleOf};
use compass_http::{CurrentUser, Problem};

use super::frame::{Frame, show};
use crate::{AppState, words::listed};

#[derive(Debug, Template)]
#[template(path = "definitions.html")]
struct DefinitionsPage {
    frame: Frame,
}

impl DefinitionsPage {
    fn metrics(&self) -> impl Iterator<Item = &'static Metric> {
        Metric::all().iter().copied().chain(Metric::of_sections())
    }

    fn sample(&self, metric: &Metric) -> &'static str {
        match metric.sample {
            SampleOf::Posts => "posts",
            SampleOf::Gaps => "times between posts",
            SampleOf::Looks => "looks at the account or the post",
        }
    }

    fn unit(&self, metric: &Metric) -> &'static str {
        match metric.unit {
            MetricUnit::Views => "views",
            MetricUnit::Fraction => "a part of a whole, shown in percent",
            MetricUnit::Ratio => "times as many",
            MetricUnit::PostsPerWeek => "posts a week",
            MetricUnit::Hours => "hours, or days where they are many",
            MetricUnit::FollowersPerDay => "followers a day",
            MetricUnit::GrowthPerDay => "relative growth a day, in percent",
            MetricUnit::GrowthPerYear => "relative growth a year, in percent",
            MetricUnit::LikesPerDay => "likes a day",
            MetricUnit::PostsPerDay => "posts a day",
            MetricUnit::Followers => "followers",
            MetricUnit::Posts => "posts",
            MetricUnit::Days => "days",
            MetricUnit::ViewsPerDay => "views a day",
            MetricUnit::PerThousand => "how many for 1,000",
            MetricUnit::Decades => "a spread on a scale of powers of ten: 0.3 is a factor of 2",
            MetricUnit::Lift => "more or less than usual, in percent",
            MetricUnit::Score => "a number without a unit",
            MetricUnit::Money => "money, in the currency of the price",
        }
    }

    /// The counters that it is made of; empty where it needs none.
    fn counters(&self, metric: &Metric) -> String {
        let names: Vec<&str> = metric.counters.iter().map(|counter| counter.name()).collect();
        listed(&names)
    }
}

/// `/definitions`
pub(super) async fn definitions(State(state): State<AppState>, who: Option<CurrentUser>) -> Result<Response, Problem> {
    let frame = Frame::new("What the figures mean", None, &state, who.as_ref().map(|who| &who.user));
    show(StatusCode::OK, &DefinitionsPage { frame })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn every_figure_has_an_anchor_with_its_formula() {
        let page = Pages::new().get("/definitions").await;
        for metric in Metric::all().iter().copied().chain(Metric::of_sections()) {
            assert_eq!(page.html.matches(&format!(" id=\"{}\"", metric.id)).count(), 1, "{}", metric.id);
        }
        page.says(&["Median of", "newest 30 posts", "Theil-Sen"]);
    }
}
