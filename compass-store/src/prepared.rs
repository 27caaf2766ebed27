//! A batch as the tables take it: each row once, in the order of the keys.

use std::collections::{BTreeMap, BTreeSet};

use compass_core::{
    Batch, Count, CreatorId, Look, Post, ProfileLook, SourceKind, Video, VideoCounts, VideoId, ports::StoreError,
};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    rows::{kind_name, signed, storable_option},
    stamp::Stamp,
};

/// Fewer posts or observations are not worth the way to another thread.
const FEW: usize = 1_000;

/// What is to be written, checked so far as it can be without the database.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) profiles: Vec<ProfileLook>,
    pub(crate) posts: Vec<Wording>,
    pub(crate) looks: Vec<KeptLook>,
    /// When what was not recorded before is.
    pub(crate) now: Stamp,
}

/// A row of `compass_video_descriptions`, and so of `compass_videos`.
#[derive(Clone, Debug)]
pub(crate) struct Wording {
    pub(crate) creator: i64,
    pub(crate) id: i64,
    pub(crate) digest: i64,
    pub(crate) created_at: Stamp,
    pub(crate) created_at_derived: bool,
    pub(crate) kind: &'static str,
    pub(crate) duration: Option<i64>,
    pub(crate) caption: String,
    pub(crate) hashtags: String,
    pub(crate) sound: Option<String>,
    pub(crate) language: Option<String>,
}

/// A row of `compass_video_observations`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptLook {
    pub(crate) key: LookKey,
    pub(crate) recorded_at: Stamp,
    pub(crate) description: i64,
    pub(crate) pinned: bool,
    pub(crate) counts: VideoCounts,
}

/// The primary key of `compass_video_observations`, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LookKey {
    pub(crate) creator: i64,
    pub(crate) video: i64,
    pub(crate) observed_at: Stamp,
    pub(crate) source: SourceKind,
}

impl Prepared {
    pub(crate) fn new(batch: &Batch, now: Stamp) -> Result<Self, StoreError> {
        let mut profiles = batch.profiles.clone();
        // The first of several at one place is kept: sorting leaves it before the others.
        profiles.sort_by_key(profile_key);
        profiles.dedup_by_key(|look| profile_key(look));
        for look in &profiles {
            storable_option("a profile's language", look.observation.profile.language.as_ref())?;
        }
        let mut posts = mapped(&batch.posts, Wording::new).into_iter().collect::<Result<Vec<_>, _>>()?;
        let looks = kept_looks(&batch.looks, &posts, now)?;
        posts.sort_unstable_by_key(Wording::key);
        posts.dedup_by_key(|post| post.key());
        one_account_each(&posts)?;
        Ok(Self { profiles, posts, looks, now })
    }

    /// The accounts that the batch is about, ascending.
    pub(crate) fn creators(&self) -> BTreeSet<i64> {
        self.with_profile().chain(self.posts.iter().map(|post| post.creator)).collect()
    }

    /// An account whose profile is neither in the batch nor among the known ones.
    pub(crate) fn unknown(&self, known: &[i64]) -> Option<i64> {
        let known: BTreeSet<i64> = known.iter().copied().chain(self.with_profile()).collect();
        self.posts.iter().map(|post| post.creator).find(|creator| !known.contains(creator))
    }

    /// The newest profile observation of each account, by account.
    pub(crate) fn newest_profiles(&self) -> impl Iterator<Item = &ProfileLook> {
        self.profiles.chunk_by(|a, b| creator_of(a) == creator_of(b)).filter_map(<[_]>::last)
    }

    /// The months of the observations, each by a moment in it.
    #[cfg(feature = "postgres")]
    pub(crate) fn months(&self) -> BTreeMap<Month, Stamp> {
        let profiles = self.profiles.iter().map(|look| Stamp::from(look.observation.observed_at));
        let looks = self.looks.iter().map(|look| look.key.observed_at);
        let mut months = BTreeMap::new();
        let mut last = None;
        for moment in profiles.chain(looks) {
            // Neighbours are mostly of one month, and to find a date takes longer than to compare two hours.
            let hour = moment.get().as_second().div_euclid(3_600);
            if last != Some(hour) {
                months.entry(month(moment)).or_insert(moment);
                last = Some(hour);
            }
        }
        months
    }

    fn with_profile(&self) -> impl Iterator<Item = i64> {
        self.profiles.iter().map(|look| signed(creator_of(look).get()))
    }
}

/// A year and a month of it, UTC.
#[cfg(feature = "postgres")]
pub(crate) type Month = (i16, i8);

#[cfg(feature = "postgres")]
pub(crate) fn month(moment: Stamp) -> Month {
    let date = jiff::tz::Offset::UTC.to_datetime(moment.get());
    (date.year(), date.month())
}

impl Wording {
    fn new(post: &Post) -> Result<Self, StoreError> {
        let Post { creator, video } = post;
        for hashtag in &video.hashtags {
            crate::rows::storable("a hashtag", hashtag)?;
        }
        storable_option("a sound's id", video.sound.as_ref())?;
        storable_option("a caption's language", video.language.as_ref())?;
        Ok(Self {
            creator: signed(creator.get()),
            id: signed(video.id.get()),
            digest: digest(video)?,
            created_at: video.created_at.into(),
            created_at_derived: video.created_at_derived,
            kind: kind_name(video.kind),
            duration: video.duration.map(i64::from),
            caption: video.caption.as_str().to_owned(),
            hashtags: serde_json::to_string(&video.hashtags).map_err(unwritable)?,
            sound: video.sound.clone(),
            language: video.language.clone(),
        })
    }

    pub(crate) fn key(&self) -> (i64, i64, i64) {
        (self.creator, self.id, self.digest)
    }
}

/// The observations in the order of their keys, each key once: of several the first. The keys alone are sorted, for they are
/// a fourth of what is kept.
fn kept_looks(looks: &[Look], posts: &[Wording], now: Stamp) -> Result<Vec<KeptLook>, StoreError> {
    let mut keys = Vec::with_capacity(looks.len());
    for (place, look) in looks.iter().enumerate() {
        let post = posts.get(look.post as usize).ok_or_else(|| {
            StoreError::Invalid(format!("an observation points to post {} of {} in the batch", look.post, posts.len()))
        })?;
        let observed_at = look.observed_at.into();
        keys.push((LookKey { creator: post.creator, video: post.id, observed_at, source: look.source }, place));
    }
    if keys.len() < FEW {
        keys.sort_unstable()
    } else {
        keys.par_sort_unstable()
    };
    keys.dedup_by_key(|(key, _)| *key);
    let kept = |&(key, place): &(LookKey, usize)| {
        let Look { post, recorded_at, pinned, counts, .. } = looks[place];
        let recorded_at = recorded_at.map_or(now, Stamp::from);
        KeptLook { key, recorded_at, description: posts[post as usize].digest, pinned, counts }
    };
    Ok(mapped(&keys, kept))
}

/// Maps them in their order, on all cores where they are many.
fn mapped<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    if items.len() < FEW {
        items.iter().map(each).collect()
    } else {
        items.par_iter().with_min_len(FEW).map(each).collect()
    }
}

impl KeptLook {
    /// The counters in the order of the table.
    pub(crate) fn counters(&self) -> [Option<Count>; 5] {
        let VideoCounts { views, likes, comments, shares, saves } = self.counts;
        [views, likes, comments, shares, saves]
    }

    /// The counters as their columns.
    pub(crate) fn bounds(&self) -> [Option<i64>; 10] {
        let [views, likes, comments, shares, saves] = self.counters();
        let lo = |count: Option<Count>| count.map(|count| signed(count.lo()));
        let hi = |count: Option<Count>| count.map(|count| signed(count.hi()));
        [
            lo(views),
            hi(views),
            lo(likes),
            hi(likes),
            lo(comments),
            hi(comments),
            lo(shares),
            hi(shares),
            lo(saves),
            hi(saves),
        ]
    }
}

fn profile_key(look: &ProfileLook) -> (CreatorId, Stamp, SourceKind) {
    (creator_of(look), look.observation.observed_at.into(), look.observation.source)
}

fn creator_of(look: &ProfileLook) -> CreatorId {
    look.observation.profile.id
}

/// A post has one account for ever; a batch that says otherwise has mixed them up.
fn one_account_each(posts: &[Wording]) -> Result<(), StoreError> {
    let mut owners: BTreeMap<i64, i64> = BTreeMap::new();
    let accounts = posts.chunk_by(|a, b| a.creator == b.creator).count();
    for post in posts.iter().filter(|_| accounts > 1) {
        let owner = *owners.entry(post.id).or_insert(post.creator);
        if owner != post.creator {
            return Err(belongs_to(post.id, owner, post.creator));
        }
    }
    Ok(())
}

/// The error for a post that a batch says is another account's.
pub(crate) fn belongs_to(video: i64, owner: i64, other: i64) -> StoreError {
    StoreError::Conflict(format!("post {video} is of account {owner}, not {other}"))
}

/// Tells one wording of a post's description from the others that the same post had.
fn digest(video: &Video) -> Result<i64, StoreError> {
    let text = serde_json::to_vec(video).map_err(unwritable)?;
    let first = Sha256::digest(text).first_chunk().copied();
    Ok(i64::from_be_bytes(first.expect("SHA-256 gives 32 bytes")))
}

fn unwritable(why: serde_json::Error) -> StoreError {
    StoreError::Invalid(format!("a post: {why}"))
}

/// The ids of a row as the domain has them.
pub(crate) fn ids(creator: i64, video: i64) -> Option<(CreatorId, VideoId)> {
    Some((CreatorId::try_from(creator).ok()?, VideoId::try_from(video).ok()?))
}
