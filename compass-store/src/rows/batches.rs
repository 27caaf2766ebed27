//! Rows of many observations, and the batch that they are.

use std::collections::HashMap;

use compass_core::{
    Batch, CreatorId, Look, Post, ProfileLook, Text, Video, VideoCounts, VideoId,
    ports::{BatchPlace, StoreError},
};
use serde_json::Value;
use sqlx::types::Json;

use super::creators::{Place, ProfileRow, kind_named};
use crate::stamp::Stamp;

/// A row of `compass_video_observations`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct LookRow {
    pub(crate) creator_id: i64,
    pub(crate) video_id: i64,
    observed_at: Stamp,
    source: String,
    recorded_at: Stamp,
    description: i64,
    pinned: bool,
    views_lo: Option<i64>,
    views_hi: Option<i64>,
    likes_lo: Option<i64>,
    likes_hi: Option<i64>,
    comments_lo: Option<i64>,
    comments_hi: Option<i64>,
    shares_lo: Option<i64>,
    shares_hi: Option<i64>,
    saves_lo: Option<i64>,
    saves_hi: Option<i64>,
}

/// A row of `compass_video_descriptions`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct DescriptionRow {
    creator_id: i64,
    video_id: i64,
    digest: i64,
    created_at: Stamp,
    created_at_derived: bool,
    kind: String,
    duration: Option<i64>,
    caption: String,
    hashtags: Json<Value>,
    sound: Option<String>,
    language: Option<String>,
}

/// What was read for one batch.
#[derive(Debug, Default)]
pub(crate) struct BatchRows {
    pub(crate) profiles: Vec<ProfileRow>,
    pub(crate) looks: Vec<LookRow>,
    /// Those of the posts that were looked at.
    pub(crate) descriptions: Vec<DescriptionRow>,
}

impl BatchRows {
    /// The batch and the place of its last observation; `None` if nothing was read.
    pub(crate) fn into_batch(self) -> Result<Option<(Batch, BatchPlace)>, StoreError> {
        let mut place = None;
        let mut batch = Batch::default();
        for row in self.profiles {
            let recorded_at = Some(row.recorded_at.get());
            let look = ProfileLook { observation: row.try_into()?, recorded_at };
            let seen = &look.observation;
            place = Some(BatchPlace::Profile(seen.profile.id, seen.observed_at, seen.source));
            batch.profiles.push(look);
        }
        let mut descriptions: HashMap<(i64, i64, i64), DescriptionRow> =
            self.descriptions.into_iter().map(|row| ((row.creator_id, row.video_id, row.digest), row)).collect();
        let mut posts: HashMap<(i64, i64, i64), u32> = HashMap::new();
        for row in self.looks {
            let at = Place { table: "compass_video_observations", id: row.video_id, observed_at: row.observed_at };
            let wording = (row.creator_id, row.video_id, row.description);
            let post = match posts.get(&wording) {
                Some(post) => *post,
                None => {
                    let description = descriptions.remove(&wording).ok_or_else(|| {
                        at.corrupt("description", format_args!("there is no description {}", row.description))
                    })?;
                    let post = batch.posts.len() as u32;
                    batch.posts.push(description.try_into()?);
                    posts.insert(wording, post);
                    post
                }
            };
            let source = at.source(&row.source)?;
            batch.looks.push(Look {
                post,
                observed_at: row.observed_at.get(),
                source,
                recorded_at: Some(row.recorded_at.get()),
                pinned: row.pinned,
                counts: VideoCounts {
                    views: at.count("views", row.views_lo, row.views_hi)?,
                    likes: at.count("likes", row.likes_lo, row.likes_hi)?,
                    comments: at.count("comments", row.comments_lo, row.comments_hi)?,
                    shares: at.count("shares", row.shares_lo, row.shares_hi)?,
                    saves: at.count("saves", row.saves_lo, row.saves_hi)?,
                },
            });
            let Post { creator, video } = &batch.posts[post as usize];
            place = Some(BatchPlace::Look(*creator, video.id, row.observed_at.get(), source));
        }
        Ok(place.map(|place| (batch, place)))
    }
}

impl TryFrom<DescriptionRow> for Post {
    type Error = StoreError;

    fn try_from(row: DescriptionRow) -> Result<Self, StoreError> {
        let at = Place { table: "compass_video_descriptions", id: row.video_id, observed_at: row.created_at };
        Ok(Self {
            creator: at.read("creator_id", CreatorId::try_from(row.creator_id))?,
            video: Video {
                id: at.read("video_id", VideoId::try_from(row.video_id))?,
                created_at: row.created_at.get(),
                created_at_derived: row.created_at_derived,
                kind: kind_named(&row.kind).ok_or_else(|| at.unknown("kind", &row.kind))?,
                duration: at.read("duration", row.duration.map(u32::try_from).transpose())?,
                caption: at.read("caption", Text::parse(&row.caption))?,
                hashtags: at.read("hashtags", serde_json::from_value(row.hashtags.0))?,
                sound: row.sound,
                language: row.language,
            },
        })
    }
}
