//! What was observed of an account: the newest, and the posts.

use std::sync::Arc;

use axum::response::IntoResponse;
use compass_core::{
    Handle, Profile, ProfileCounts, ProfileObservation, SourceKind, VideoCounts, VideoId, VideoKind, VideoObservation,
    ports::{Clock, CreatorStore, VideoPage},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Address, Json, Path, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    this_machine::KnownHost,
};

const LARGEST_PAGE: u32 = 100;
const USUAL_PAGE: u32 = 30;

/// An account as it was last observed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatorView {
    /// The handle it had then, without `@`.
    handle: String,
    /// TikTok's lasting id; a string, since it is larger than JavaScript's integers.
    id: String,
    nickname: String,
    bio: String,
    verified: bool,
    private: bool,
    language: Option<String>,
    /// When the account was made.
    created_at: Option<Timestamp>,
    observed_at: Timestamp,
    source: SourceKind,
    counts: ProfileCounts,
}

impl From<ProfileObservation> for CreatorView {
    fn from(observation: ProfileObservation) -> Self {
        let profile = observation.profile;
        Self {
            handle: profile.handle.to_string(),
            id: profile.id.to_string(),
            nickname: profile.nickname.to_string(),
            bio: profile.bio.to_string(),
            verified: profile.verified,
            private: profile.private,
            language: profile.language,
            created_at: profile.created_at,
            observed_at: observation.observed_at,
            source: observation.source,
            counts: observation.counts,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AsOf {
    /// Only observations up to this moment; without it, up to now.
    as_of: Option<Timestamp>,
}

/// Gives the newest observation of an account.
#[utoipa::path(
    get, path = "/tiktok/{handle}", tag = "tiktok",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), AsOf),
    responses((status = 200, description = "The account", body = CreatorView), Fails<400>, Fails<404>, Fails<422>)
)]
pub(super) async fn creator(
    _here: KnownHost,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Path(handle): Path<Handle>,
    Query(query): Query<AsOf>,
) -> Result<Json<CreatorView>, Problem> {
    let profile = find(&*creators, &handle).await?;
    let newest = creators.latest(profile.id, query.as_of.unwrap_or_else(|| clock.now())).await?;
    Ok(Json(newest.ok_or_else(|| unknown_creator(&handle))?.into()))
}

/// A post with its newest counters.
#[derive(Debug, Serialize, ToSchema)]
struct VideoView {
    /// TikTok's lasting id, as a string.
    id: String,
    created_at: Timestamp,
    /// Whether the time of posting was derived from the id.
    created_at_derived: bool,
    kind: VideoKind,
    /// Seconds.
    duration: Option<u32>,
    caption: String,
    hashtags: Vec<String>,
    pinned: bool,
    observed_at: Timestamp,
    source: SourceKind,
    counts: VideoCounts,
}

impl From<VideoObservation> for VideoView {
    fn from(observation: VideoObservation) -> Self {
        let video = observation.video;
        Self {
            id: video.id.to_string(),
            created_at: video.created_at,
            created_at_derived: video.created_at_derived,
            kind: video.kind,
            duration: video.duration,
            caption: video.caption.to_string(),
            hashtags: video.hashtags,
            pinned: observation.pinned,
            observed_at: observation.observed_at,
            source: observation.source,
            counts: observation.counts,
        }
    }
}

/// Some of an account's posts, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VideosView {
    /// The moment that the whole list speaks of: a new look between two pages does not shift it.
    as_of: Timestamp,
    videos: Vec<VideoView>,
    /// What to send as `cursor` for the next page; `null` if this is the last.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct VideosQuery {
    /// Where the previous page ended, as it said in `next`.
    #[param(pattern = r"^[0-9]{1,17}\.[0-9]{1,17}\.[1-9][0-9]{0,17}$")]
    cursor: Option<String>,
    /// The most posts to give, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 30)]
    limit: Option<u32>,
}

/// Gives an account's posts, newest first, page by page.
#[utoipa::path(
    get, path = "/tiktok/{handle}/videos", tag = "tiktok",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), VideosQuery),
    responses((status = 200, description = "A page of posts", body = VideosView, headers(("link" = Option<String>, description = "The next page, as rel=\"next\"; absent on the last one"))), Fails<400>, Fails<404>, Fails<422>)
)]
pub(super) async fn videos(
    _here: KnownHost,
    address: Address,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Path(handle): Path<Handle>,
    Query(query): Query<VideosQuery>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let limit = query.limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(bad_request(&format!("limit: a page has 1 to {LARGEST_PAGE} posts")));
    }
    let cursor = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let profile = find(&*creators, &handle).await?;
    let as_of = cursor.as_ref().map_or_else(|| clock.now(), |cursor| cursor.as_of);
    // One more than asked for tells whether there is another page.
    let page = VideoPage { after: cursor.map(|cursor| cursor.after), limit: limit + 1 };
    let mut videos = creators.videos(profile.id, as_of, page).await?;
    let more = videos.len() > limit as usize;
    videos.truncate(limit as usize);
    let last = videos.last().filter(|_| more);
    let next = last.map(|last| Cursor { as_of, after: (last.video.created_at, last.video.id) }.to_string());
    Ok((
        address.next(next.as_deref()),
        Json(VideosView { as_of, videos: videos.into_iter().map(VideoView::from).collect(), next }),
    ))
}

/// A place in a list of posts: everything needed to go on, so nothing has to be kept for it.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    as_of: Timestamp,
    after: (Timestamp, VideoId),
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let mut parts = text.split('.');
            let mut time = || parts.next()?.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok());
            let (as_of, created_at) = (time()?, time()?);
            let id = VideoId::parse(parts.next()?).ok()?;
            parts.next().is_none().then_some(Self { as_of, after: (created_at, id) })
        };
        read().ok_or_else(|| bad_request("cursor: send what the previous page gave as next"))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (created_at, id) = self.after;
        write!(f, "{}.{}.{id}", self.as_of.as_microsecond(), created_at.as_microsecond())
    }
}

/// The problem of an account of which nothing is known.
pub(crate) fn unknown_creator(handle: &Handle) -> Problem {
    Problem::new(ProblemKind::NotFound)
        .with_detail(format!("@{handle} was not observed by then; POST tiktok/{handle}/refresh asks for a look"))
}

pub(crate) async fn find(creators: &dyn CreatorStore, handle: &Handle) -> Result<Profile, Problem> {
    creators.find(handle).await?.ok_or_else(|| unknown_creator(handle))
}

pub(super) fn bad_request(detail: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest).with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_survives_the_round_trip_and_a_forged_one_is_refused() {
        let text = "1746057600000001.1739372260000000.7470546959699348744";
        assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        for forged in ["", "a.b.c", "1.2", "1.2.3.4", "1.2.-3", "1.2.0", "99999999999999999999.2.3", "1.2.3\0", "é.1.2"]
        {
            assert!(Cursor::parse(forged).is_err(), "{forged:?}");
        }
    }
}
