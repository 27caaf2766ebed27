//! What a report says to its creator.

mod account;
mod claims;
mod texts;

use compass_core::{
    analytics::{CreatorReport, ReportOptions, creator_report},
    recommend::{InsightOptions, Insights, insights},
    testing::planted::Plan,
};

/// The report of a creator of a plan.
pub(super) fn report(plan: &Plan, seed: u64) -> CreatorReport {
    let creator = plan.creator(seed);
    let (looks, videos) = (creator.looks(), creator.videos());
    creator_report(&creator.profile(), &looks, &videos, plan.as_of, &ReportOptions::default())
}

pub(super) fn told(report: &CreatorReport) -> Insights {
    insights(report, &InsightOptions::default())
}
