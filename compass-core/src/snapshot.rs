//! What one look at an account gave: counters with their time and source.

use std::fmt;

use jiff::Timestamp;

use crate::{Block, Count, CreatorId, Handle, Profile, Video, VideoId};

/// Where a figure comes from, in the order of the names. Of two looks at one moment, the later in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum SourceKind {
    /// The file that a creator gets from TikTok's "Download your data".
    DataDownload,
    /// TikTok's official Display API.
    DisplayApi,
    /// The public page over plain HTTP.
    Page,
    /// A recorded page or response.
    Replay,
    /// Generated sample data.
    Sample,
    /// The creator's own TikTok Studio export.
    StudioExport,
    /// A browser that opened the public page.
    WebDriver,
}

impl SourceKind {
    /// Every source, in order.
    pub const ALL: [Self; 7] = [
        Self::DataDownload,
        Self::DisplayApi,
        Self::Page,
        Self::Replay,
        Self::Sample,
        Self::StudioExport,
        Self::WebDriver,
    ];

    /// The stable name, as in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebDriver => "web_driver",
            Self::Page => "page",
            Self::DataDownload => "data_download",
            Self::DisplayApi => "display_api",
            Self::StudioExport => "studio_export",
            Self::Replay => "replay",
            Self::Sample => "sample",
        }
    }

    /// The source of that name; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account's counters; each is `None` where the source withholds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileCounts {
    /// Accounts that follow it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub followers: Option<Count>,
    /// Accounts that it follows.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub following: Option<Count>,
    /// Likes over all its posts.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub likes: Option<Count>,
    /// Posts, private ones included.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub videos: Option<Count>,
}

/// A post's counters; each is `None` where the source withholds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VideoCounts {
    /// Plays.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub views: Option<Count>,
    /// Likes.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub likes: Option<Count>,
    /// Comments.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub comments: Option<Count>,
    /// Shares.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub shares: Option<Count>,
    /// Saves ("favourites").
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub saves: Option<Count>,
}

/// A profile as one source showed it at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProfileObservation {
    /// What the profile says.
    pub profile: Profile,
    /// When the source showed it, UTC.
    pub observed_at: Timestamp,
    /// Who showed it.
    pub source: SourceKind,
    /// Its counters.
    pub counts: ProfileCounts,
}

/// An account's counters at one time, whatever else the source said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountLook {
    /// When the source showed them, UTC.
    pub observed_at: Timestamp,
    /// Who showed them.
    pub source: SourceKind,
    /// The counters.
    pub counts: ProfileCounts,
}

impl From<&ProfileObservation> for AccountLook {
    fn from(look: &ProfileObservation) -> Self {
        Self { observed_at: look.observed_at, source: look.source, counts: look.counts }
    }
}

/// A post's counters at one time, whatever else the source said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostLook {
    /// Which post.
    pub id: VideoId,
    /// When it was posted, as the source said at that time, UTC.
    pub created_at: Timestamp,
    /// When the source showed them, UTC.
    pub observed_at: Timestamp,
    /// Who showed them.
    pub source: SourceKind,
    /// The counters.
    pub counts: VideoCounts,
}

impl From<&VideoObservation> for PostLook {
    fn from(look: &VideoObservation) -> Self {
        let VideoObservation { video, observed_at, source, counts, .. } = look;
        Self { id: video.id, created_at: video.created_at, observed_at: *observed_at, source: *source, counts: *counts }
    }
}

/// A post as one source showed it at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct VideoObservation {
    /// What the post is.
    pub video: Video,
    /// When the source showed it, UTC.
    pub observed_at: Timestamp,
    /// Who showed it.
    pub source: SourceKind,
    /// Whether the creator had pinned it to the top of the profile.
    pub pinned: bool,
    /// Its counters.
    pub counts: VideoCounts,
}

/// Something in a source's answer that was not accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// Which item: its id, or its place in the list (`"line 12"`); `None` if the whole input was refused.
    pub item: Option<String>,
    /// A stable name: `suspect_value`, `duplicate`, `missing_field`...
    pub reason: String,
    /// What was wrong and where, for people.
    pub detail: String,
}

/// One look at one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The profile and its counters.
    pub profile: ProfileObservation,
    /// The posts that the source showed, each once, in its order.
    pub videos: Vec<VideoObservation>,
    /// What was not accepted.
    pub refused: Vec<Refusal>,
    /// What told the source to stop before it had read all, if something did. It is among what was not accepted, too.
    pub block: Option<Block>,
    /// Where two layers of the same page said different things: which field, and what each said.
    pub disagreements: Vec<String>,
}

impl Snapshot {
    /// The account's lasting identity.
    #[must_use]
    pub fn creator(&self) -> CreatorId {
        self.profile.profile.id
    }

    /// The handle that the profile shows.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.profile.profile.handle
    }
}
