//! The report: everything that is known of creators at a moment, in one value.

mod alone;
mod bulk;
mod figures;
mod gone;
mod looks;
mod options;
mod own;
mod sections;
mod video;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;

pub use alone::EngagementFigures;
pub use bulk::{Subject, creator_reports};
pub(super) use gone::METRICS;
pub use options::ReportOptions;
pub use own::{DatedDay, FollowedOn, FollowerGroup, FollowerShares, HourOfDay, OwnSection, OwnSum, OwnTotals};
pub use sections::{GrowthSection, PostingSection};
pub use video::ReportVideo;

use super::{
    AudienceFit, Columns, ContentSignals, Estimate, GroupAffinity, GrowthCoverage, GrowthSource, Lifts, MetricId,
    PostValue, Quality, RosettaPosts, Signal, Standing, affinities, audience_fit, definitions,
    followers::FollowerSeries, post_value, posting_times, signals,
};
use crate::{
    CreatorId, Handle, Language, OwnData, Profile, ProfileCounts, ProfileObservation, SourceKind, Text,
    VideoObservation,
};
use figures::Seen;
use gone::Gone;
use sections::{ComparablePosts, unexplained_jumps};

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
    /// The display name; `None` if nothing tells it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub nickname: Option<Text>,
    /// TikTok's numeric id, as a string; `None` if the creator is known from an own export alone, which does not tell it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<CreatorId>,
    /// The biography; `None` if nothing tells it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub bio: Option<Text>,
    /// Whether TikTok shows the verified badge; `None` if nothing tells it.
    pub verified: Option<bool>,
    /// The moment that the figures speak of, UTC.
    pub as_of: Timestamp,
    /// Every source behind the figures.
    pub sources: Vec<SourceKind>,
    /// The language that most of the posts are in, ISO 639-1; `None` if the posts do not say.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub language: Option<Language>,
    /// The newest counters of the account.
    pub counts: ProfileCounts,
    /// The posts with their newest counters, newest post first.
    pub videos: Vec<ReportVideo>,
    /// The figures, by metric.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, crate::openapi::Estimate>))]
    pub metrics: BTreeMap<MetricId, Estimate>,
    /// The engagement rates found in the market, side by side from the same posts.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Estimate>))]
    pub rosetta: Vec<Estimate>,
    /// What the views at equal age rest on.
    pub views_model: GrowthSource,
    /// How often the intervals of projected views held for creators that the model had not seen; `None` if too few of
    /// their posts were seen twice.
    pub views_model_coverage: Option<GrowthCoverage>,
    /// How the account's counters move.
    pub growth: GrowthSection,
    /// When the creator posts, and what the time of posting does.
    pub posting: PostingSection,
    /// Whether posts with a hashtag, a sound, a length or a format do better than the creator's others.
    pub lifts: Lifts,
    /// Where the creator stands among its peers, for each figure that is compared; empty without peers.
    pub benchmarks: Vec<Standing>,
    /// What may look unusual, with the evidence; never a verdict.
    pub authenticity: Vec<Signal>,
    /// What a post is worth; `None` unless the caller says what views are paid.
    pub value: Option<PostValue>,
    /// How well the audience fits the wanted one; `None` unless the caller wants one.
    pub audience: Option<AudienceFit>,
    /// How over-represented the groups of the audience are; empty unless the caller gives what is usual.
    pub affinities: Vec<GroupAffinity>,
    /// What the creator's own export tells; `None` without one.
    pub own: Option<OwnSection>,
}

impl CreatorReport {
    /// What the creator is called: the display name, or else the handle.
    #[must_use]
    pub fn name(&self) -> &str {
        self.nickname.as_ref().map(Text::as_str).filter(|name| !name.is_empty()).unwrap_or(self.handle.as_str())
    }
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
    Observed { handle: &profile.handle, profile: Some(profile), history, videos, own: None }.report(as_of, options)
}

/// Everything that was observed of one creator.
#[derive(Clone, Copy, Debug)]
struct Observed<'a> {
    handle: &'a Handle,
    profile: Option<&'a Profile>,
    history: &'a [ProfileObservation],
    videos: &'a [VideoObservation],
    own: Option<&'a OwnData>,
}

impl Observed<'_> {
    fn report(self, as_of: Timestamp, options: &ReportOptions) -> CreatorReport {
        let newest_profile =
            self.history.iter().filter(|o| o.observed_at <= as_of).max_by_key(|o| (o.observed_at, o.source));
        let profile = newest_profile.map(|newest| &newest.profile).or(self.profile);
        let seen = Seen::of(self, as_of);
        let Seen { history, posts, best_only, followers, levels } = &seen;
        let exports = || self.own.into_iter().flat_map(|own| own.exports_by(as_of));
        let accounts = || exports().filter_map(|(_, export)| export.account.as_ref());
        let gone = Gone::of(posts, self.videos, as_of);
        let videos = ReportVideo::all(posts, &gone, best_only, &options.corpus.growth, as_of);
        let comparable = ComparablePosts::of(posts, &videos, best_only);
        let tables = seen.tables(options.window);
        let window = tables.grown().window(options.window, as_of);
        let figures = seen.figures(&tables, options, as_of).chain([gone.figure(as_of)]);

        let mut sources: BTreeSet<SourceKind> =
            history.iter().map(|o| o.source).chain(posts.iter().map(|post| post.newest.source)).collect();
        let own = self.own.and_then(|own| OwnSection::new(own, as_of));
        sources.extend(self.own.filter(|_| own.is_some()).into_iter().flat_map(|own| own.sources_by(as_of)));
        let mut report = CreatorReport {
            handle: profile.map_or(self.handle, |profile| &profile.handle).clone(),
            nickname: profile
                .map(|profile| &profile.nickname)
                .or_else(|| accounts().find_map(|own| own.nickname.as_ref()))
                .cloned(),
            id: profile.map(|profile| profile.id),
            bio: profile.map(|profile| &profile.bio).or_else(|| accounts().find_map(|own| own.bio.as_ref())).cloned(),
            verified: profile.map(|profile| profile.verified),
            as_of,
            sources: sources.into_iter().collect(),
            language: seen.language(),
            counts: seen.counts(),
            metrics: figures.map(|figure| (figure.id, figure)).collect(),
            rosetta: rosetta(&window, followers, as_of).into_iter().map(|figure| seen.of_posts(figure)).collect(),
            views_model: options.corpus.growth.source().clone(),
            views_model_coverage: options.corpus.growth_coverage,
            growth: GrowthSection::new(levels, as_of),
            posting: PostingSection::new(
                &comparable,
                posting_times(tables.listed().created, &options.zone),
                &options.zone,
                as_of,
            ),
            lifts: comparable.lifts(as_of),
            benchmarks: Vec::new(),
            authenticity: Vec::new(),
            value: options.cpm.as_ref().map(|cpm| post_value(&comparable.of_window(options.window, as_of), cpm, as_of)),
            audience: (!options.wanted.is_empty()).then(|| self.audience_fit(profile, as_of, options)),
            affinities: (options.audience.as_ref().zip(options.usual_audience.as_ref()))
                .map_or_else(Vec::new, |(shares, usual)| affinities(shares, usual, as_of)),
            own,
            videos,
        };
        report.benchmarks = report.as_peer().map_or_else(Vec::new, |peer| options.corpus.peers.standings(&peer, as_of));
        let [of_followers, ..] = levels;
        report.authenticity =
            signals(&report.metrics, &report.benchmarks, unexplained_jumps(of_followers, &report.videos));
        report
    }

    fn audience_fit(self, profile: Option<&Profile>, as_of: Timestamp, options: &ReportOptions) -> AudienceFit {
        // What everybody can see, as for everybody whose audience is compared; posts of an own export have no words as a rule.
        let posts = ContentSignals::of(profile, self.videos.iter().filter(|look| look.observed_at <= as_of));
        audience_fit(options.audience.as_ref(), &posts, &options.wanted, as_of)
    }
}

/// The definitions of the market from the posts of the window.
fn rosetta(window: &Columns<'_>, followers: &FollowerSeries, as_of: Timestamp) -> Vec<Estimate> {
    let at_posting: Vec<Option<f64>> =
        window.created.iter().map(|&created| followers.at(created).map(|f| f.followers)).collect();
    let posts = RosettaPosts {
        views: window.views,
        likes: window.likes,
        comments: window.comments,
        shares: window.shares,
        followers: &at_posting,
    };
    let why_none = |n: usize| match (window.is_empty(), n) {
        (true, _) => Quality::TooFew { needed: 1 },
        (false, 0) => Quality::Hidden,
        (false, _) => Quality::NoViews,
    };
    let estimate = |(id, value, n): (MetricId, Option<f64>, usize)| match value {
        Some(value) => Estimate::new(id, as_of, n, value, None),
        None => Estimate::none(id, as_of, n, why_none(n)),
    };
    definitions(&posts, followers.latest().map(|f| f as f64)).map(estimate).into()
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
