//! What became of a plan's posts: which post of a report is which of the plan.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::{ExperimentPlan, PlannedPost, PostOutcome, SETTLING};
use crate::{VideoId, analytics::CreatorReport};

/// A post this far off its hour is still that of the plan: half of the three hours that hours are compared in.
const OFF: SignedDuration = SignedDuration::from_mins(90);

/// What became of each post of a plan, in its order, as a report tells: the nearest post within an hour and a half of the planned
/// moment, with its views at 30 days of age.
///
/// A post is [`Pending`](PostOutcome::Pending) until a week after its day, and [`Skipped`](PostOutcome::Skipped) if the report has no
/// post there, or none whose views are known. Whether a post has what its arm is called after, nobody but its creator knows.
#[must_use]
pub fn outcomes(plan: &ExperimentPlan, report: &CreatorReport) -> Vec<PostOutcome> {
    let mut taken: HashSet<VideoId> = HashSet::new();
    let mut posts: Vec<_> = report.videos.iter().collect();
    posts.sort_unstable_by_key(|post| post.created_at);
    let today = report.as_of.to_zoned(plan.zone.rules()).date();
    let outcome = |planned: &PlannedPost| {
        if planned.day.checked_add(SETTLING.days()).is_ok_and(|settled| settled > today) {
            return PostOutcome::Pending;
        }
        let off = |at: Timestamp| at.duration_since(planned.at).abs();
        let first = posts.partition_point(|post| post.created_at < planned.at && off(post.created_at) > OFF);
        let near = posts[first..].iter().take_while(|post| post.created_at < planned.at || off(post.created_at) <= OFF);
        let near = near.filter(|post| !taken.contains(&post.id));
        let Some(post) = near.min_by_key(|post| (off(post.created_at), post.id)) else {
            return PostOutcome::Skipped;
        };
        taken.insert(post.id);
        post.growth.log_views_compared().map_or(PostOutcome::Skipped, PostOutcome::LogViews)
    };
    plan.posts.iter().map(outcome).collect()
}
