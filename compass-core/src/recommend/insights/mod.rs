//! What a report says to its creator: facts in plain words, each with what it rests on, what to do and how sure.

mod account;
mod audience;
mod draft;
mod fact;
mod family;
mod posting;
mod ranking;
mod receipts;
mod shown;
mod sizes;

use jiff::Timestamp;

pub use fact::{Evidence, Fact};
pub use ranking::{Rank, Told};
pub use receipts::Receipts;
pub use shown::{Shown, Wording};

pub(super) use receipts::block;
pub(super) use sizes::deviation;

use crate::{Handle, analytics::CreatorReport};
use draft::Draft;
use family::Family;

/// What the caller knows beside the report.
#[derive(Clone, Debug, Default)]
pub struct InsightOptions {
    /// What was told before, each id once at most; it is less new.
    pub told: Vec<Told>,
}

/// What a report says to its creator, the most useful first.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insights {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub handle: Handle,
    /// The moment that the figures speak of, UTC.
    pub as_of: Timestamp,
    /// How many questions the report tested, all as one family.
    pub tested: u64,
    /// How many of them are more than chance.
    pub survived: u64,
    /// The insights.
    pub insights: Vec<Insight>,
}

/// One thing that a report says.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insight {
    /// Its stable name: the same question has the same name in the next report.
    pub id: String,
    /// What it is about.
    pub kind: InsightKind,
    /// What it calls for.
    pub call: Call,
    /// How sure it is.
    pub certainty: Certainty,
    /// Which way its first fact points; `None` if it is no difference, or its interval holds none.
    pub direction: Option<Direction>,
    /// What it rests on, the fact that it is about first.
    pub facts: Vec<Fact>,
    /// The sentences with slots, and what fills them.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub wording: Wording,
    /// The sentences, filled, in plain English.
    pub text: String,
    /// What was claimed, what is left of it and what came, where all are known.
    pub receipts: Option<Receipts>,
    /// Why it stands where it stands.
    pub rank: Rank,
}

/// What an insight is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InsightKind {
    /// The hours of posting.
    BestTime,
    /// A hashtag, a sound, a length or a format.
    Feature,
    /// How often there is a post.
    Pace,
    /// How the followers grow.
    Growth,
    /// Whether growth speeds up or slows down.
    Trend,
    /// The day on which the pace of growth changed.
    Change,
    /// The followers in four weeks.
    Outlook,
    /// A day that brought many followers without a post to explain it.
    Jump,
    /// Posts far ahead of the others.
    Breakouts,
    /// Posts far behind the others.
    Flops,
    /// A figure beside that of other creators.
    Standing,
    /// The engagement rate.
    Rate,
    /// The views of a typical post.
    Views,
    /// What a post is worth.
    Value,
    /// How well the audience fits the wanted one.
    AudienceFit,
    /// The hours in which followers are active.
    ActiveHours,
}

/// What an insight calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Call {
    /// Something to do: it is more than chance over everything that was tested, and its interval keeps the direction.
    Do,
    /// Something to try, since nobody knows yet.
    Try,
    /// Something to wait for: too little is known to say.
    Wait,
    /// Something to know.
    Know,
}

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Certainty {
    /// Of a difference: its q is at most 0.005, far below what it must be. Of a figure: its interval reaches a quarter of it
    /// to each side at most.
    Sure,
    /// Of a difference: it is more than chance over everything tested. Of a figure: it has an interval, or is a plain count.
    Likely,
    /// Anything else: places among others, changes of pace, jumps and posts that stand out, too, which nobody tested together.
    NotSureYet,
}

/// Which way a difference points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Direction {
    /// More, higher, faster.
    Up,
    /// Less, lower, slower.
    Down,
}

/// Says what a report means for its creator.
///
/// The differences that the report tested are one family: something to do is told only of those whose false discovery rate
/// is at most 0.03 over all of them. Nothing here is an experiment, so nothing is said to bring anything about.
///
/// ```
/// use compass_core::{analytics::{ReportOptions, creator_report}, recommend::{InsightOptions, insights}, samples::World, SourceKind};
/// let now = "2026-05-01T00:00:00Z".parse()?;
/// let world = World::standard();
/// let creator = &world.creators()[0];
/// let look = creator.snapshot(now, 30, SourceKind::Sample);
/// let report = creator_report(&creator.profile(), &[look.profile], &look.videos, now, &ReportOptions::default());
/// let told = insights(&report, &InsightOptions::default());
/// assert!(told.insights.iter().any(|insight| insight.text.starts_with("Your typical engagement rate is ")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn insights(report: &CreatorReport, options: &InsightOptions) -> Insights {
    let family = Family::of(report);
    let drafts: Vec<Draft> =
        [posting::drafts(report, &family), account::drafts(report, &family), audience::drafts(report)].concat();
    let mut insights: Vec<Insight> =
        drafts.into_iter().map(|draft| draft.ranked(&options.told, report.as_of)).collect();
    insights.sort_by(|a, b| b.rank.score.total_cmp(&a.rank.score).then_with(|| a.id.cmp(&b.id)));
    Insights {
        handle: report.handle.clone(),
        as_of: report.as_of,
        tested: family.tested(),
        survived: family.survived(),
        insights,
    }
}

impl InsightKind {
    /// The stable name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BestTime => "best_time",
            Self::Feature => "feature",
            Self::Pace => "pace",
            Self::Growth => "growth",
            Self::Trend => "trend",
            Self::Change => "change",
            Self::Outlook => "outlook",
            Self::Jump => "jump",
            Self::Breakouts => "breakouts",
            Self::Flops => "flops",
            Self::Standing => "standing",
            Self::Rate => "rate",
            Self::Views => "views",
            Self::Value => "value",
            Self::AudienceFit => "audience_fit",
            Self::ActiveHours => "active_hours",
        }
    }
}

impl Call {
    /// The stable name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::Try => "try",
            Self::Wait => "wait",
            Self::Know => "know",
        }
    }
}

impl Certainty {
    /// The stable name, as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Likely => "likely",
            Self::NotSureYet => "not_sure_yet",
        }
    }
}

impl Insights {
    /// What there is to do.
    pub fn to_do(&self) -> impl Iterator<Item = &Insight> {
        self.insights.iter().filter(|insight| insight.call == Call::Do)
    }
}
