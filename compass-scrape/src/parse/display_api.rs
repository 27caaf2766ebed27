//! What the official Display API answers: an account, a page of its posts, and tokens.

use std::time::Duration;

use compass_core::{Count, Handle, ProfileCounts, Refusal, Text, Video, VideoCounts, VideoId, VideoKind};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    container::first_value,
    counts::{Read, counter, more_likes_than_views, suspect},
    hashtags::in_caption,
    lenient::{Figure, Flag, Id, Words},
    moment,
};

/// An account as `/v2/user/info/` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUser {
    /// TikTok's name of the account for this application; empty if it was not asked for.
    pub open_id: String,
    /// The handle; `None` if it was not asked for.
    pub handle: Option<Handle>,
    /// The display name.
    pub nickname: Text,
    /// The biography; empty if there is none.
    pub bio: Text,
    /// Whether TikTok shows the verified badge.
    pub verified: bool,
    /// Its counters, exact; `None` where one was not asked for or cannot be true.
    pub counts: ProfileCounts,
    /// Counters that were not accepted, and why.
    pub refused: Vec<Refusal>,
}

/// One page of `/v2/video/list/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiVideos {
    /// The posts, newest first.
    pub videos: Vec<ApiVideo>,
    /// Posts that were not accepted, and why.
    pub refused: Vec<Refusal>,
    /// Where the next page begins: a time in milliseconds.
    pub cursor: Option<i64>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// A post as the API describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiVideo {
    /// What the post is. Its hashtags are those of the description.
    pub video: Video,
    /// Its counters, exact; the API has no saves.
    pub counts: VideoCounts,
}

/// What `/v2/oauth/token/` answers.
#[derive(Clone, Debug)]
pub struct ApiTokens {
    /// Opens the API.
    pub access_token: SecretString,
    /// How long the access token works.
    pub expires_in: Duration,
    /// Buys the next access token; `None` if the one that was used stays good.
    pub refresh_token: Option<SecretString>,
    /// How long the refresh token works; `None` if the answer does not say.
    pub refresh_expires_in: Option<Duration>,
    /// TikTok's name of the account for this application.
    pub open_id: String,
    /// What the creator allowed.
    pub scopes: Vec<String>,
}

/// What an answer of the API is when it is not the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The API says no.
    #[error("{code}: {message}")]
    Refused {
        /// TikTok's name of the error: `access_token_invalid`.
        code: String,
        /// TikTok's words, with the number under which its support finds the request.
        message: String,
    },
    /// It is not in a form that is known.
    #[error("{path}: {detail}")]
    Malformed {
        /// Where in the answer.
        path: String,
        /// What was expected there.
        detail: String,
    },
    /// There is nothing in it.
    #[error("the answer is empty")]
    Empty,
}

/// Reads the answer of `/v2/user/info/`.
///
/// # Errors
/// [`ApiError`] if it is no account.
///
/// ```
/// use compass_scrape::parse::display_api::user;
///
/// let answer = r#"{"data": {"user": {"open_id": "o1", "username": "ada", "display_name": "Ada", "follower_count": 38490}},
///                  "error": {"code": "ok", "message": "", "log_id": "2026"}}"#;
/// let ada = user(answer)?;
/// assert_eq!(ada.counts.followers.map(|count| count.to_string()).as_deref(), Some("38490"));
/// assert_eq!(ada.counts.likes, None);
/// # Ok::<(), compass_scrape::parse::display_api::ApiError>(())
/// ```
pub fn user(json: &str) -> Result<ApiUser, ApiError> {
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        user: RawUser<'a>,
    }
    let Data { user: raw } = read(data(json)?, "data.user")?;
    let words = |words: &Option<Words<'_>>| Text::lossy(words.as_ref().map_or("", |words| &words.0));
    let handle = raw.username.as_ref().map(|name| {
        let detail = |e| format!("{:?}: {e}", name.0.chars().take(32).collect::<String>());
        Handle::parse(&name.0).map_err(|e| malformed("data.user.username", detail(e)))
    });
    let mut checked = Read::<()>::default();
    let mut count = |name: &str, figure| counter(&mut checked, name, figure, |n| Count::exact(n).ok());
    Ok(ApiUser {
        handle: handle.transpose()?,
        nickname: words(&raw.display_name),
        bio: words(&raw.bio_description),
        verified: raw.is_verified.0,
        counts: ProfileCounts {
            followers: count("follower_count", raw.follower_count),
            following: count("following_count", raw.following_count),
            likes: count("likes_count", raw.likes_count),
            videos: count("video_count", raw.video_count),
        },
        refused: checked.refused,
        open_id: name(&raw.open_id.0),
    })
}

/// Reads the answer of `/v2/video/list/`.
///
/// # Errors
/// [`ApiError`] if it is no list. A post that cannot be true is refused alone.
pub fn videos(json: &str) -> Result<ApiVideos, ApiError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Data<'a> {
        #[serde(borrow)]
        videos: Option<Vec<&'a RawValue>>,
        cursor: Figure,
        has_more: Flag,
    }
    let data: Data<'_> = read(data(json)?, "data.videos")?;
    let mut page = ApiVideos { cursor: data.cursor.number(), has_more: data.has_more.0, ..ApiVideos::default() };
    for (at, raw) in data.videos.unwrap_or_default().into_iter().enumerate() {
        match video(raw.get(), &format!("data.videos[{at}]")) {
            Ok(video) => page.videos.push(video),
            Err(refusal) => page.refused.push(refusal),
        }
    }
    Ok(page)
}

/// Reads the answer of `/v2/oauth/token/`.
///
/// # Errors
/// [`ApiError`] if it is no pair of tokens; what it says never holds a part of the answer but TikTok's own words.
pub fn tokens(json: &str) -> Result<ApiTokens, ApiError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Answer<'a> {
        #[serde(borrow)]
        access_token: Option<Words<'a>>,
        expires_in: Figure,
        #[serde(borrow)]
        refresh_token: Option<Words<'a>>,
        refresh_expires_in: Figure,
        #[serde(borrow)]
        open_id: Id<'a>,
        #[serde(borrow)]
        scope: Option<Words<'a>>,
    }
    oauth_refusal(json)?;
    // The library's message would repeat what it found.
    let unknown = |e: serde_json::Error| malformed("tokens", format!("not as expected at column {}", e.column()));
    let answer: Answer<'_> = first_value(json).map_err(unknown)?;
    let lasting = |figure: Figure| {
        // Ten years are longer than any token lasts, and short enough to be added to any date.
        let seconds = figure.number().and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0)?;
        Some(Duration::from_secs(seconds.min(315_360_000)))
    };
    let refresh_token = answer.refresh_token.filter(|words| !words.0.is_empty());
    let expires_in = lasting(answer.expires_in)
        .ok_or_else(|| malformed("expires_in", "a number of seconds above zero is expected".to_owned()))?;
    Ok(ApiTokens {
        access_token: secret("access_token", answer.access_token.as_ref().map_or("", |words| &words.0))?,
        expires_in,
        refresh_token: refresh_token.map(|words| secret("refresh_token", &words.0)).transpose()?,
        refresh_expires_in: lasting(answer.refresh_expires_in),
        open_id: name(&answer.open_id.0),
        scopes: answer.scope.map_or_else(Vec::new, |words| {
            words.0.split([',', ' ']).map(name).filter(|scope| !scope.is_empty()).take(64).collect()
        }),
    })
}

/// Checks the answer of `/v2/oauth/revoke/`, which has no content if it worked.
///
/// # Errors
/// [`ApiError::Refused`] if the API says no.
pub fn revoked(json: &str) -> Result<(), ApiError> {
    if json.trim().is_empty() { Ok(()) } else { oauth_refusal(json) }
}

/// Fields of the account, as far as the granted scopes give them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawUser<'a> {
    #[serde(borrow)]
    open_id: Id<'a>,
    #[serde(borrow)]
    username: Option<Words<'a>>,
    #[serde(borrow)]
    display_name: Option<Words<'a>>,
    #[serde(borrow)]
    bio_description: Option<Words<'a>>,
    is_verified: Flag,
    follower_count: Figure,
    following_count: Figure,
    likes_count: Figure,
    video_count: Figure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawVideo<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    create_time: Figure,
    #[serde(borrow)]
    share_url: Option<Words<'a>>,
    #[serde(borrow)]
    video_description: Option<Words<'a>>,
    #[serde(borrow)]
    title: Option<Words<'a>>,
    duration: Figure,
    view_count: Figure,
    like_count: Figure,
    comment_count: Figure,
    share_count: Figure,
}

fn video(json: &str, place: &str) -> Result<ApiVideo, Refusal> {
    let refusal =
        |item: &str, reason: &str, detail| Refusal { item: Some(item.to_owned()), reason: reason.to_owned(), detail };
    let raw: RawVideo<'_> = first_value(json).map_err(|e| refusal(place, "malformed", format!("{place}: {e}")))?;
    let id = VideoId::parse(&raw.id.0).map_err(|e| refusal(place, "malformed", format!("{place}: id: {e}")))?;
    let mut checked = Read::<()>::default();
    let mut count = |name: &str, figure| counter(&mut checked, name, figure, |n| Count::exact(n).ok());
    let counts = VideoCounts {
        views: count("view_count", raw.view_count),
        likes: count("like_count", raw.like_count),
        comments: count("comment_count", raw.comment_count),
        shares: count("share_count", raw.share_count),
        saves: None,
    };
    let impossible =
        checked.refused.pop().or_else(|| more_likes_than_views(&counts).map(|why| suspect("like_count", &why)));
    if let Some(Refusal { detail, reason, .. }) = impossible {
        return Err(refusal(&id.to_string(), &reason, format!("{place}: {detail}")));
    }
    let posted = moment::seconds(raw.create_time);
    let texts = [&raw.video_description, &raw.title];
    let caption = texts.into_iter().flatten().map(|words| &*words.0).find(|text| !text.is_empty()).unwrap_or("");
    let is_photo = raw.share_url.is_some_and(|url| url.0.split(['?', '#']).next().unwrap_or("").contains("/photo/"));
    let video = Video {
        created_at: posted.unwrap_or_else(|| id.upload_started()),
        created_at_derived: posted.is_none(),
        duration: raw.duration.number().and_then(|s| u32::try_from(s).ok()).filter(|s| *s > 0),
        caption: Text::lossy(caption),
        hashtags: in_caption(caption),
        ..Video::from_id(id, if is_photo { VideoKind::Photo } else { VideoKind::Video })
    };
    Ok(ApiVideo { video, counts })
}

/// The `data` of an answer whose error code is `ok`.
fn data(json: &str) -> Result<&str, ApiError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Envelope<'a> {
        #[serde(borrow)]
        data: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<RawError<'a>>,
    }
    if json.trim().is_empty() {
        return Err(ApiError::Empty);
    }
    let Envelope { data, error } = read(json, "answer")?;
    error.ok_or_else(|| malformed("error", "there is none, not even \"ok\"".to_owned()))?.check()?;
    data.map(RawValue::get).ok_or_else(|| malformed("data", "there is none".to_owned()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawError<'a> {
    #[serde(borrow)]
    code: Id<'a>,
    #[serde(borrow)]
    message: Option<Words<'a>>,
    #[serde(borrow)]
    log_id: Id<'a>,
}

impl RawError<'_> {
    fn check(self) -> Result<(), ApiError> {
        match &*self.code.0 {
            "ok" => Ok(()),
            code => Err(refused(code, self.message.as_ref().map_or("", |words| &words.0), &self.log_id.0)),
        }
    }
}

/// Finds the error in an answer of the token endpoint, which has it in the way of OAuth or in that of the API.
fn oauth_refusal(json: &str) -> Result<(), ApiError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Answer<'a> {
        #[serde(borrow)]
        error: Option<&'a RawValue>,
        #[serde(borrow)]
        error_description: Option<Words<'a>>,
        #[serde(borrow)]
        log_id: Id<'a>,
    }
    if json.trim().is_empty() {
        return Err(ApiError::Empty);
    }
    let unknown = |e: serde_json::Error| malformed("tokens", format!("not as expected at column {}", e.column()));
    let Answer { error, error_description, log_id } = first_value(json).map_err(unknown)?;
    let Some(error) = error.map(RawValue::get) else { return Ok(()) };
    if error.starts_with('{') {
        return first_value::<RawError<'_>>(error).map_err(unknown)?.check();
    }
    let code: Id<'_> = first_value(error).map_err(unknown)?;
    if matches!(&*code.0, "" | "0" | "ok") {
        return Ok(());
    }
    Err(refused(&code.0, error_description.as_ref().map_or("", |words| &words.0), &log_id.0))
}

fn refused(code: &str, message: &str, log_id: &str) -> ApiError {
    let message: String = message.chars().filter(|c| !c.is_control()).take(300).collect();
    let message = if message.is_empty() { "no message".to_owned() } else { message };
    let log_id = name(log_id);
    let message = if log_id.is_empty() { message } else { format!("{message} (log id {log_id})") };
    ApiError::Refused { code: name(code), message }
}

fn read<'a, T: Deserialize<'a>>(json: &'a str, path: &str) -> Result<T, ApiError> {
    first_value(json).map_err(|e| malformed(path, e.to_string()))
}

fn malformed(path: &str, detail: String) -> ApiError {
    ApiError::Malformed { path: path.to_owned(), detail }
}

/// A token, which has to fit into a header.
fn secret(path: &str, token: &str) -> Result<SecretString, ApiError> {
    let fits = (1..=4_096).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| SecretString::from(token))
        .ok_or_else(|| malformed(path, "a token of visible ASCII is expected".to_owned()))
}

/// A name in TikTok's words, kept short and plain.
fn name(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control() && *c != char::REPLACEMENT_CHARACTER).take(128).collect()
}
