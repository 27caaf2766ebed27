//! One post: the item struct, the same in lists, on video pages and in search.

use std::{borrow::Cow, fmt};

use compass_core::{Refusal, Text, Video, VideoCounts, VideoId, VideoKind};
use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    Account,
    container::first_value,
    counts::{RawItemStats, RawProfileStats, author_counts, item_counts},
    hashtags::{Challenge, Mark, hashtags},
    lenient::{Figure, Filled, Flag, Id, Words},
    moment,
    user::{RawUser, language},
};

/// A post as an item struct describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the post is.
    pub video: Video,
    /// Whether it is pinned to the top of the profile.
    pub pinned: bool,
    /// Its counters.
    pub counts: VideoCounts,
    /// Who posted it, where the struct says so; its counters are often withheld.
    pub author: Option<Account>,
    /// When it was recorded (`collectTime`), where whoever saved it wrote that down.
    pub collected_at: Option<Timestamp>,
    /// Where two parts of the struct said different things.
    pub disagreements: Vec<String>,
}

/// Reads an item struct; `place` names it where it has no id.
///
/// # Errors
/// Why the post is not accepted: `malformed`, `live_card`, `withheld` or `suspect_value`.
pub(super) fn item(json: &str, place: fmt::Arguments<'_>) -> Result<Item, Refusal> {
    let raw: RawItem<'_> = first_value(json).map_err(|e| refusal(place, "malformed", format!("{place}: {e}")))?;
    raw.read(place)
}

fn refusal(item: impl fmt::Display, reason: &str, detail: String) -> Refusal {
    Refusal { item: Some(item.to_string()), reason: reason.to_owned(), detail }
}

impl RawItem<'_> {
    /// # Errors
    /// As for [`item`].
    pub(super) fn read(&self, place: fmt::Arguments<'_>) -> Result<Item, Refusal> {
        let id = VideoId::parse(&self.id.0).map_err(|e| refusal(place, "malformed", format!("{place}: id: {e}")))?;
        if self.live_room_info.0 {
            return Err(refusal(id, "live_card", format!("{place} is the card of a live broadcast, not a post")));
        }
        if self.create_time == Figure::Number(0) || (self.stats.is_none() && self.stats_v2.is_none()) {
            return Err(refusal(
                id,
                "withheld",
                format!("{place} has no figures: they are shown after a sign-in only"),
            ));
        }
        let (counts, disagreements) = item_counts(self.stats.as_ref(), self.stats_v2.as_ref())
            .map_err(|e| Refusal { item: Some(id.to_string()), detail: format!("{place}: {}", e.detail), ..e })?;
        Ok(Item {
            pinned: self.is_pinned_item.0,
            counts,
            author: self.author(),
            collected_at: moment::seconds(self.collect_time),
            disagreements: disagreements.into_iter().map(|said| format!("{id} {said}")).collect(),
            video: self.video(id),
        })
    }
}

/// An item struct as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawItem<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(borrow)]
    desc: Option<Words<'a>>,
    create_time: Figure,
    #[serde(borrow)]
    author: Option<RawAuthor<'a>>,
    #[serde(borrow)]
    author_id: Id<'a>,
    #[serde(borrow)]
    nickname: Option<Words<'a>>,
    author_stats: Option<RawProfileStats>,
    author_stats_v2: Option<RawProfileStats>,
    stats: Option<RawItemStats>,
    stats_v2: Option<RawItemStats>,
    video: Option<RawFilm>,
    image_post: Filled,
    is_pinned_item: Flag,
    #[serde(borrow)]
    music: Option<RawMusic<'a>>,
    #[serde(borrow)]
    text_language: Option<Words<'a>>,
    #[serde(borrow)]
    text_extra: Option<Vec<Mark<'a>>>,
    #[serde(borrow)]
    challenges: Option<Vec<Challenge<'a>>>,
    live_room_info: Filled,
    collect_time: Figure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawFilm {
    duration: Figure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawMusic<'a> {
    #[serde(borrow)]
    id: Id<'a>,
}

impl RawItem<'_> {
    fn video(&self, id: VideoId) -> Video {
        let kind = if self.image_post.0 { VideoKind::Photo } else { VideoKind::Video };
        let caption = self.desc.as_ref().map_or("", |words| &words.0);
        let posted = moment::seconds(self.create_time);
        let duration = self.video.as_ref().and_then(|film| film.duration.number());
        Video {
            created_at: posted.unwrap_or_else(|| id.upload_started()),
            created_at_derived: posted.is_none(),
            // A series of pictures says 0 seconds.
            duration: duration.and_then(|s| u32::try_from(s).ok()).filter(|s| *s > 0),
            caption: Text::lossy(caption),
            hashtags: hashtags(
                caption,
                self.text_extra.as_deref().unwrap_or_default(),
                self.challenges.as_deref().unwrap_or_default(),
            ),
            sound: self.music.as_ref().and_then(|music| sound(&music.id.0)),
            language: self.text_language.as_ref().and_then(|words| language(&words.0)),
            ..Video::from_id(id, kind)
        }
    }

    fn author(&self) -> Option<Account> {
        let flattened;
        let user = match self.author.as_ref()? {
            RawAuthor::User(user) => user.as_ref(),
            RawAuthor::Handle(handle) => {
                flattened = RawUser {
                    id: self.author_id.clone(),
                    unique_id: Some(Words(Cow::Borrowed(handle.as_ref()))),
                    nickname: self.nickname.clone(),
                    ..RawUser::default()
                };
                &flattened
            }
        };
        let stats = self.author_stats.unwrap_or_else(|| user.own_stats());
        let read = author_counts(Some(&stats), self.author_stats_v2.as_ref());
        Some(Account {
            profile: user.profile().ok()?,
            counts: read.counts,
            refused: read.refused,
            disagreements: read.disagreements,
            observed_at: None,
        })
    }
}

fn sound(id: &str) -> Option<String> {
    let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    is_id.then(|| id.to_owned())
}

/// The author: an object, or before 2023 the handle alone.
#[derive(Debug)]
enum RawAuthor<'a> {
    Handle(Cow<'a, str>),
    User(Box<RawUser<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for RawAuthor<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = RawAuthor<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an author object or a handle")
            }

            fn visit_borrowed_str<E: Error>(self, handle: &'de str) -> Result<Self::Value, E> {
                Ok(RawAuthor::Handle(Cow::Borrowed(handle)))
            }

            fn visit_str<E: Error>(self, handle: &str) -> Result<Self::Value, E> {
                Ok(RawAuthor::Handle(Cow::Owned(handle.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                RawUser::deserialize(MapAccessDeserializer::new(map)).map(|user| RawAuthor::User(Box::new(user)))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
