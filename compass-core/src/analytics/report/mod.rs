//! The report: everything that is known of creators at a moment, in one value.

mod bulk;
mod looks;
mod options;
mod video;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;

pub use bulk::{Subject, creator_reports};
pub use options::ReportOptions;
pub use video::ReportVideo;

use super::{
    Estimate, MetricId, VideoTable, engagement::engagement, followers::FollowerSeries, posting::posting, views::views,
};
use crate::{CreatorId, Handle, Profile, ProfileCounts, ProfileObservation, SourceKind, Text, VideoObservation};
use looks::looks;

/// A report on any number of creators. Its JSON form is a contract: `compass.report/1`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// [`Report::SCHEMA`].
    #[cfg_attr(feature = "serde", serde(deserialize_with = "this_schema"))]
    pub schema: Cow<'static, str>,
    /// The newest moment that the report speaks of, UTC; `None` if it speaks of no creator.
    pub as_of: Option<Timestamp>,
    /// The creators, in the order of the input.
    pub creators: Vec<CreatorReport>,
    /// What was not accepted, and why.
    pub refused: Vec<Refused>,
}

impl Report {
    /// The name and version of the JSON form.
    pub const SCHEMA: &'static str = "compass.report/1";

    /// Puts creators and refusals together.
    #[must_use]
    pub fn new(creators: Vec<CreatorReport>, refused: Vec<Refused>) -> Self {
        Self { schema: Cow::Borrowed(Self::SCHEMA), as_of: creators.iter().map(|c| c.as_of).max(), creators, refused }
    }
}

/// Something that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refused {
    /// The input that it was in: a file's path, or a source's name.
    pub input: String,
    /// Which item of the input; `None` if all of it was refused.
    pub item: Option<String>,
    /// A stable name: `grid_unavailable`, `suspect_value`, `duplicate`...
    pub reason: String,
    /// What was wrong and where, for people.
    pub detail: String,
}

/// What is known of one creator.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatorReport {
    /// The handle, without `@`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub handle: Handle,
    /// The display name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub nickname: Text,
    /// TikTok's numeric id, as a string.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: CreatorId,
    /// The biography.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub bio: Text,
    /// Whether TikTok shows the verified badge.
    pub verified: bool,
    /// The moment that the figures speak of, UTC.
    pub as_of: Timestamp,
    /// Every source behind the figures.
    pub sources: Vec<SourceKind>,
    /// The newest counters of the account.
    pub counts: ProfileCounts,
    /// The posts with their newest counters, newest post first.
    pub videos: Vec<ReportVideo>,
    /// The figures, by metric.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, crate::openapi::Estimate>))]
    pub metrics: BTreeMap<MetricId, Estimate>,
}

/// Makes the report of one creator as of a moment: observations after it are not looked at.
///
/// `history` and `videos` may come in any order and hold any number of observations of the same thing.
///
/// ```
/// use compass_core::{analytics::{MetricId, ReportOptions, creator_report}, samples::World, SourceKind};
/// let now = "2026-05-01T00:00:00Z".parse()?;
/// let world = World::standard();
/// let creator = &world.creators()[0];
/// let look = creator.snapshot(now, 30, SourceKind::Sample);
/// let report = creator_report(&creator.profile(), &[look.profile], &look.videos, now, &ReportOptions::default());
/// assert!(report.metrics[&MetricId::ENGAGEMENT].value.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn creator_report(
    profile: &Profile,
    history: &[ProfileObservation],
    videos: &[VideoObservation],
    as_of: Timestamp,
    options: &ReportOptions,
) -> CreatorReport {
    let mut history: Vec<&ProfileObservation> = history.iter().filter(|o| o.observed_at <= as_of).collect();
    history.sort_by_key(|o| (o.observed_at, o.source));
    let posts = looks(videos, as_of);

    let mut table = VideoTable::default();
    table.push_creator(posts.iter().map(|post| post.newest));
    let columns = table.creator(0).expect("one creator was pushed");
    let window = columns.window(options.window, as_of);
    let followers = FollowerSeries::new(&history);
    let figures = views(&window, followers.latest(), as_of)
        .into_iter()
        .chain(engagement(&window, &followers, &options.weights, as_of))
        .chain(posting(&window, as_of))
        .chain(followers.growth(as_of, options.growth));

    let profile = history.last().map_or(profile, |newest| &newest.profile);
    let sources: BTreeSet<SourceKind> =
        history.iter().map(|o| o.source).chain(posts.iter().map(|post| post.newest.source)).collect();
    CreatorReport {
        handle: profile.handle.clone(),
        nickname: profile.nickname.clone(),
        id: profile.id,
        bio: profile.bio.clone(),
        verified: profile.verified,
        as_of,
        sources: sources.into_iter().collect(),
        counts: history.last().map(|o| o.counts).unwrap_or_default(),
        metrics: figures.map(|figure| (figure.id, figure)).collect(),
        videos: posts.iter().map(|post| ReportVideo::new(post, &options.corpus.growth, as_of)).collect(),
    }
}

/// Another schema is not read: its figures may mean something else.
#[cfg(feature = "serde")]
fn this_schema<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    let name = <String as serde::Deserialize>::deserialize(deserializer)?;
    if name != Report::SCHEMA {
        return Err(serde::de::Error::custom(format!("the report is {name:?}, not {:?}", Report::SCHEMA)));
    }
    Ok(Cow::Borrowed(Report::SCHEMA))
}
