//! Rows of many observations, and the batch that they are.

use std::collections::HashMap;

use compass_core::{
    Batch, CreatorId, Look, Post, ProfileLook,
    ports::{BatchPlace, StoreError},
};

use super::creators::{Counters, Description, Place, ProfileRow};
use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_video_observations`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct LookRow {
    creator_id: i64,
    video_id: i64,
    observed_at: Stamp,
    source: String,
    recorded_at: Stamp,
    description: i64,
    pinned: bool,
    #[sqlx(flatten)]
    counters: Counters,
}

/// A row of `compass_video_descriptions`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct DescriptionRow {
    creator_id: i64,
    video_id: i64,
    digest: i64,
    #[sqlx(flatten)]
    description: Description,
}

/// What was read for one batch.
#[derive(Debug, Default)]
pub(crate) struct BatchRows {
    pub(crate) profiles: Vec<ProfileRow>,
    pub(crate) looks: Vec<LookRow>,
    /// Those of [`wordings`](Self::wordings).
    pub(crate) descriptions: Vec<DescriptionRow>,
}

impl BatchRows {
    /// The keys of the descriptions that the posts had when they were looked at, in order: account, post, digest.
    pub(crate) fn wordings(&self) -> Vec<(i64, i64, i64)> {
        let mut keys: Vec<_> = self.looks.iter().map(|row| (row.creator_id, row.video_id, row.description)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

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
                counts: row.counters.read(&at)?,
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
        let video = row.description.read(row.video_id)?;
        let creator = CreatorId::try_from(row.creator_id)
            .map_err(|why| corrupt("compass_video_descriptions", row.video_id, "creator_id", why))?;
        Ok(Self { creator, video })
    }
}
