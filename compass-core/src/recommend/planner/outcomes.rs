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
/// `seen` says when somebody last looked at the posts ([`Subject::posts_seen`](crate::analytics::Subject::posts_seen)); `None` if nobody did.
/// A post is [`Pending`](PostOutcome::Pending) until there is a look from a week after its day or later, and
/// [`Skipped`](PostOutcome::Skipped) if the report then has no post there, or none whose views are known. Whether a post has what its arm is
/// called after, nobody but its creator knows.
#[must_use]
pub fn outcomes(plan: &ExperimentPlan, report: &CreatorReport, seen: Option<Timestamp>) -> Vec<PostOutcome> {
    let Some(seen) = seen else { return vec![PostOutcome::Pending; plan.posts.len()] };
    let mut taken: HashSet<VideoId> = HashSet::new();
    let mut posts: Vec<_> = report.videos.iter().collect();
    posts.sort_unstable_by_key(|post| post.created_at);
    // What happened since nobody knows.
    let known_to = seen.min(report.as_of).to_zoned(plan.zone.rules()).date();
    let outcome = |planned: &PlannedPost| {
        if planned.day.checked_add(SETTLING.days()).is_ok_and(|settled| settled > known_to) {
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

impl ExperimentPlan {
    /// Whether the day to look has come, and nobody has looked at the posts since: the account has to be looked at first.
    #[must_use]
    pub fn is_unseen(&self, now: Timestamp, seen: Option<Timestamp>) -> bool {
        let day = |at: Timestamp| at.to_zoned(self.zone.rules()).date();
        day(now) >= self.look_on && seen.is_none_or(|seen| day(seen) < self.look_on)
    }
}
