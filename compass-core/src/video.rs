//! A post: what it is, apart from its counters.

use jiff::Timestamp;

use crate::{Text, VideoId};

/// Whether a post moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum VideoKind {
    /// A film.
    Video,
    /// A series of pictures.
    Photo,
}

/// A post as its source describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Video {
    /// The post's identity.
    pub id: VideoId,
    /// When it was posted, to the second.
    pub created_at: Timestamp,
    /// Whether `created_at` comes from the id rather than from the source.
    pub created_at_derived: bool,
    /// Film or pictures.
    pub kind: VideoKind,
    /// Length in seconds; `None` for pictures and where the source does not say.
    pub duration: Option<u32>,
    /// The caption; empty if there is none or the source does not show it.
    pub caption: Text,
    /// Hashtags without `#`, lower case, in the caption's order, each once.
    pub hashtags: Vec<String>,
    /// The sound's id; `None` where the source does not say.
    pub sound: Option<String>,
    /// Language of the caption as TikTok states it; `None` if undetermined.
    pub language: Option<String>,
}

impl Video {
    /// A post of which only the id is known: everything else is empty, the time is taken from the id.
    #[must_use]
    pub fn from_id(id: VideoId, kind: VideoKind) -> Self {
        Self {
            id,
            created_at: id.upload_started(),
            created_at_derived: true,
            kind,
            duration: None,
            caption: Text::default(),
            hashtags: Vec::new(),
            sound: None,
            language: None,
        }
    }
}
