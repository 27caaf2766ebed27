//! Observations of many accounts at once, as they are imported and exported.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    CreatorId, ProfileObservation, Snapshot, SourceKind, Video, VideoCounts, VideoId, VideoObservation,
    account::uuid_id,
};

uuid_id!(
    /// A batch's identity: a store that has kept a batch does not keep it again.
    BatchId
);

/// Observations of any number of accounts and posts.
///
/// What a post says of itself changes seldom, so each wording stands in [`posts`](Self::posts) once and the observations
/// point to it.
///
/// ```
/// use compass_core::{Batch, samples::World};
///
/// let at = "2026-05-01T12:00:00Z".parse()?;
/// let looks = World::standard().creators()[0].history(at, 7);
/// let posts = looks.iter().map(|look| look.videos.len()).sum::<usize>();
/// let batch = Batch::from_iter(looks);
/// assert_eq!(batch.looks.len(), posts);
/// assert!(batch.posts.len() < posts);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Observations of profiles.
    pub profiles: Vec<ProfileLook>,
    /// Posts; one that was reworded stands here once with each wording.
    pub posts: Vec<Post>,
    /// Observations of these posts.
    pub looks: Vec<Look>,
}

/// A profile observation and when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ProfileLook {
    /// What was observed.
    pub observation: ProfileObservation,
    /// When a store first kept it; `None` if none has.
    pub recorded_at: Option<Timestamp>,
}

/// A post and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Post {
    /// Whose it is.
    pub creator: CreatorId,
    /// What it says of itself.
    pub video: Video,
}

/// A post's counters as one source showed them at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which of [`Batch::posts`] it is of.
    pub post: u32,
    /// When the source showed it, UTC.
    pub observed_at: Timestamp,
    /// Who showed it.
    pub source: SourceKind,
    /// When a store first kept it; `None` if none has.
    pub recorded_at: Option<Timestamp>,
    /// Whether the creator had pinned it to the top of the profile.
    pub pinned: bool,
    /// Its counters.
    pub counts: VideoCounts,
}

impl Batch {
    /// Whether there is no observation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.looks.is_empty()
    }

    /// A batch for each account, by id: together they have the same observations, but for those that point to no post.
    #[must_use]
    pub fn by_account(self) -> BTreeMap<CreatorId, Self> {
        let mut accounts: BTreeMap<CreatorId, Self> = BTreeMap::new();
        for look in self.profiles {
            accounts.entry(look.observation.profile.id).or_default().profiles.push(look);
        }
        let places: Vec<(CreatorId, u32)> = self
            .posts
            .into_iter()
            .map(|post| {
                let creator = post.creator;
                let posts = &mut accounts.entry(creator).or_default().posts;
                posts.push(post);
                (creator, posts.len() as u32 - 1)
            })
            .collect();
        for look in self.looks {
            if let Some(&(creator, post)) = places.get(look.post as usize) {
                accounts.entry(creator).or_default().looks.push(Look { post, ..look });
            }
        }
        accounts
    }

    /// The posts with their observations; `None` if one points to no post.
    #[must_use]
    pub fn observations(&self) -> Option<Vec<(CreatorId, VideoObservation)>> {
        let of = |look: &Look| {
            let Post { creator, video } = self.posts.get(look.post as usize)?;
            let Look { observed_at, source, pinned, counts, .. } = *look;
            Some((*creator, VideoObservation { video: video.clone(), observed_at, source, pinned, counts }))
        };
        self.looks.iter().map(of).collect()
    }
}

/// Snapshots that no store has kept. What they tell of refusals, blocks and disagreements is left behind.
///
/// # Panics
/// If they have more than `u32::MAX` wordings of posts.
impl FromIterator<Snapshot> for Batch {
    fn from_iter<I: IntoIterator<Item = Snapshot>>(snapshots: I) -> Self {
        let mut builder = BatchBuilder::default();
        for Snapshot { profile, videos, .. } in snapshots {
            let creator = profile.profile.id;
            builder.profile(ProfileLook { observation: profile, recorded_at: None });
            for video in videos {
                builder.look(creator, video, None);
            }
        }
        builder.finish()
    }
}

/// Puts a batch together, each wording of a post once.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    batch: Batch,
    wordings: HashMap<(CreatorId, VideoId), Vec<u32>>,
}

impl BatchBuilder {
    pub(crate) fn profile(&mut self, look: ProfileLook) {
        self.batch.profiles.push(look);
    }

    pub(crate) fn look(&mut self, creator: CreatorId, look: VideoObservation, recorded_at: Option<Timestamp>) {
        let VideoObservation { video, observed_at, source, pinned, counts } = look;
        let posts = &mut self.batch.posts;
        let known = self.wordings.entry((creator, video.id)).or_default();
        let post = known.iter().copied().find(|&post| posts[post as usize].video == video);
        let post = post.unwrap_or_else(|| {
            let next = u32::try_from(posts.len()).expect("a batch in memory has fewer posts");
            posts.push(Post { creator, video });
            known.push(next);
            next
        });
        self.batch.looks.push(Look { post, observed_at, source, recorded_at, pinned, counts });
    }

    pub(crate) fn finish(self) -> Batch {
        self.batch
    }
}
