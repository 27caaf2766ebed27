//! What was claimed, what is left of it, and what came: side by side.

use jiff::Timestamp;

use crate::{
    Zone,
    analytics::{CreatorReport, Lift, TimeComparison},
};

/// The same difference three times, each a relative one: 0.2 is a fifth more.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipts {
    /// The plain difference, as one reads it off the posts.
    pub claimed: Option<f64>,
    /// What is left of it where chance and the choice of the best are accounted for.
    pub shrunken: f64,
    /// What came: of hours, what the same choice, made on half of the posts, came to on the other half; of anything else, what was seen
    /// after it was last advised, if that is known.
    pub realised: Option<f64>,
}

/// Hours in a block.
const HOURS: u8 = 3;

impl Receipts {
    pub(super) fn of(report: &CreatorReport, comparison: &TimeComparison) -> Option<Self> {
        Some(Self {
            claimed: claimed(report, comparison.best_first_hour),
            shrunken: comparison.lift.value?,
            realised: comparison.realised.value,
        })
    }

    /// What is realised of it, the ledger tells.
    pub(super) fn of_lift(lift: &Lift) -> Option<Self> {
        Some(Self { claimed: lift.claimed, shrunken: lift.lift.value?, realised: None })
    }
}

/// The geometric mean of the views at 30 days of the posts in a block over that of all that are compared, less 1.
fn claimed(report: &CreatorReport, first_hour: u8) -> Option<f64> {
    let zone = &report.posting.zone;
    // A post that has no place among the others was not compared, either.
    let compared = report.videos.iter().filter(|video| video.standout.z.is_some());
    let posts: Vec<(bool, f64)> = compared
        .filter_map(|video| {
            let in_block = block(video.created_at, zone) == first_hour;
            Some((in_block, video.growth.log_views_compared()?))
        })
        .collect();
    let mean = |of: &dyn Fn(bool) -> bool| {
        let views: Vec<f64> = posts.iter().filter(|(in_block, _)| of(*in_block)).map(|(_, views)| *views).collect();
        crate::stats::mean(&views)
    };
    Some((mean(&|in_block| in_block)? - mean(&|_| true)?).exp_m1())
}

/// The first hour of the block of a moment, by the clock on the wall.
pub(in crate::recommend) fn block(at: Timestamp, zone: &Zone) -> u8 {
    let hour = u8::try_from(at.to_zoned(zone.rules()).hour()).unwrap_or(0);
    hour / HOURS * HOURS
}
