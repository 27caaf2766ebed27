//! The sections of a report, each for itself.

use std::collections::BTreeMap;

use axum::response::Response;
use compass_core::{
    Handle, ProfileCounts, SourceKind,
    analytics::{
        Cpm, CreatorReport, EngagementFigures, Estimate, Forecast, GrowthCoverage, GrowthSource, LevelTrend, Lifts,
        MetricId, PostValue, PostingSection, ReportOptions, ReportVideo,
    },
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Focus};
use crate::problem::{Fails, Problem, ProblemKind};

/// Whom a section is about, and what it rests on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct About {
    /// The handle, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// The moment that the figures speak of, UTC.
    as_of: Timestamp,
    /// Every source behind the figures.
    sources: Vec<SourceKind>,
}

impl About {
    pub(super) fn of(report: &mut CreatorReport) -> Self {
        let sources = std::mem::take(&mut report.sources);
        Self { handle: report.handle.clone(), as_of: report.as_of, sources }
    }
}

/// The report's figures of these families: `er` has `er.views.median@1` and others.
fn figures(report: &mut CreatorReport, families: &[&str]) -> BTreeMap<MetricId, Estimate> {
    let family = |id: &MetricId| id.0.split(['.', '@']).next().is_some_and(|family| families.contains(&family));
    std::mem::take(&mut report.metrics).into_iter().filter(|(id, _)| family(id)).collect()
}

/// Gives the engagement rates of a creator's posts.
#[utoipa::path(
    get, path = "/analytics/{handle}/engagement", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The rates", body = EngagementFigures, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn engagement(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked.answer("engagement", || asked.engagement()).await
}

/// How the account's counters move.
#[derive(Debug, Serialize, ToSchema)]
struct GrowthView {
    #[serde(flatten)]
    about: About,
    /// The newest counters of the account.
    counts: ProfileCounts,
    /// The growth of the last 90 days, by metric.
    #[schema(value_type = BTreeMap<String, compass_core::openapi::Estimate>)]
    metrics: BTreeMap<MetricId, Estimate>,
    /// Followers, day by day; null if they were never shown.
    followers: Option<LevelTrend>,
    /// Likes over all posts; null if they were never shown.
    likes: Option<LevelTrend>,
    /// Posts; null if their number was never shown.
    videos: Option<LevelTrend>,
}

/// Gives how an account's followers, likes and posts grow.
#[utoipa::path(
    get, path = "/analytics/{handle}/growth", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The growth", body = GrowthView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn growth(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked
        .cut("growth", |mut report| GrowthView {
            about: About::of(&mut report),
            counts: report.counts,
            metrics: figures(&mut report, &["growth"]),
            followers: report.growth.followers,
            likes: report.growth.likes,
            videos: report.growth.videos,
        })
        .await
}

/// When the creator posts, and what the time of posting does.
#[derive(Debug, Serialize, ToSchema)]
struct PostingView {
    #[serde(flatten)]
    about: About,
    /// How often, by metric.
    #[schema(value_type = BTreeMap<String, compass_core::openapi::Estimate>)]
    metrics: BTreeMap<MetricId, Estimate>,
    #[serde(flatten)]
    posting: PostingSection,
}

/// Gives how often and at which hours a creator posts, and whether some hours do better.
#[utoipa::path(
    get, path = "/analytics/{handle}/posting", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The times of posting", body = PostingView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn posting(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked
        .cut("posting", |mut report| {
            let (about, metrics) = (About::of(&mut report), figures(&mut report, &["posting"]));
            PostingView { about, metrics, posting: report.posting }
        })
        .await
}

/// The posts, and how their views grow.
#[derive(Debug, Serialize, ToSchema)]
struct PostsView {
    #[serde(flatten)]
    about: About,
    /// What a post's views are usually, by metric.
    #[schema(value_type = BTreeMap<String, compass_core::openapi::Estimate>)]
    metrics: BTreeMap<MetricId, Estimate>,
    /// What the views at equal age rest on.
    views_model: GrowthSource,
    /// How often the intervals of projected views held for creators that the model had not seen; null if too few of their
    /// posts were seen twice.
    views_model_coverage: Option<GrowthCoverage>,
    /// The posts with their newest counters, newest post first.
    videos: Vec<ReportVideo>,
}

/// Gives a creator's posts with their views at equal age, and which of them stand out.
#[utoipa::path(
    get, path = "/analytics/{handle}/videos", tag = "analytics", operation_id = "video_figures",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The posts", body = PostsView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn videos(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked
        .cut("videos", |mut report| PostsView {
            about: About::of(&mut report),
            metrics: figures(&mut report, &["views", "view_rate", "consistency"]),
            views_model: report.views_model,
            views_model_coverage: report.views_model_coverage,
            videos: report.videos,
        })
        .await
}

/// What posts with something in common do better.
#[derive(Debug, Serialize, ToSchema)]
struct LiftsView {
    #[serde(flatten)]
    about: About,
    lifts: Lifts,
}

/// Gives whether posts with a hashtag, a sound, a length or a format do better than the creator's others.
#[utoipa::path(
    get, path = "/analytics/{handle}/hashtags", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "What was tested, and what survived", body = LiftsView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn hashtags(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked.cut("hashtags", |mut report| LiftsView { about: About::of(&mut report), lifts: report.lifts }).await
}

/// The followers in the days to come.
#[derive(Debug, Serialize, ToSchema)]
struct ForecastView {
    #[serde(flatten)]
    about: About,
    forecast: Forecast,
}

/// Gives the followers of the next four weeks, if things go on as they have.
#[utoipa::path(
    get, path = "/analytics/{handle}/forecast", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The forecast", body = ForecastView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn forecast(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked
        .cut("forecast", |mut report| ForecastView { about: About::of(&mut report), forecast: report.growth.forecast })
        .await
}

/// The market's definitions of engagement.
#[derive(Debug, Serialize, ToSchema)]
struct RosettaView {
    #[serde(flatten)]
    about: About,
    /// Side by side from the same posts.
    #[schema(value_type = Vec<compass_core::openapi::Estimate>)]
    definitions: Vec<Estimate>,
}

/// Gives the engagement rates found in the market, side by side from the same posts.
#[utoipa::path(
    get, path = "/analytics/{handle}/rosetta", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The definitions", body = RosettaView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn rosetta(asked: Asked<Focus>) -> Result<Response, Problem> {
    asked.cut("rosetta", |mut report| RosettaView { about: About::of(&mut report), definitions: report.rosetta }).await
}

/// What a post is worth.
#[derive(Debug, Serialize, ToSchema)]
struct ValueView {
    #[serde(flatten)]
    about: About,
    value: Option<PostValue>,
}

/// What a thousand views are paid: there is no usual price.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Priced {
    /// The lowest price of a thousand views.
    #[param(minimum = 0.01, maximum = 1_000_000)]
    cpm_low: f64,
    /// The highest one; without it, the lowest. Of the two the smaller is the lowest.
    #[param(minimum = 0.01, maximum = 1_000_000)]
    cpm_high: Option<f64>,
    /// The currency of the prices, three capital letters.
    #[param(pattern = "^[A-Z]{3}$")]
    currency: String,
    /// The day of the prices; without it, that of the figures.
    #[param(value_type = Option<String>, format = Date)]
    priced_on: Option<Date>,
    /// The moment that the figures speak of; without it, now.
    as_of: Option<Timestamp>,
    /// The figures per post are those of so many of the newest posts.
    #[param(minimum = 1, maximum = 1000, default = 30)]
    window: Option<usize>,
}

impl Priced {
    fn options(&self, now: Timestamp) -> Result<ReportOptions, Problem> {
        let focus = Focus { as_of: self.as_of, window: self.window, zone: None };
        let mut options = focus.options()?;
        let day = || self.as_of.unwrap_or(now).to_zoned(jiff::tz::TimeZone::UTC).date();
        let wrong = |why: String| Problem::new(ProblemKind::BadRequest).with_detail(why);
        let price = |name: &str, price: f64| {
            let is_one = (0.01..=1_000_000.0).contains(&price);
            is_one.then_some(price).ok_or_else(|| wrong(format!("{name}: it is a price from 0.01 to 1000000")))
        };
        let one = price("cpm_low", self.cpm_low)?;
        let other = self.cpm_high.map_or(Ok(one), |high| price("cpm_high", high))?;
        let cpm = Cpm::new(one.min(other), one.max(other), &self.currency, self.priced_on.unwrap_or_else(day));
        let wrong = |error| wrong(format!("cpm_low, cpm_high, currency: {error}"));
        options.cpm = Some(cpm.map_err(wrong)?);
        Ok(options)
    }
}

/// Gives what a creator's posts are worth at a price of views.
#[utoipa::path(
    get, path = "/analytics/{handle}/value", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Priced),
    responses(
        (status = 200, description = "The value of a post", body = ValueView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn value(asked: Asked<Priced>) -> Result<Response, Problem> {
    let options = asked.query.options(asked.now())?;
    let mut report = asked.report_with(asked.query.as_of, &options).await?;
    Ok(asked.answer_once(&ValueView { about: About::of(&mut report), value: report.value }))
}
