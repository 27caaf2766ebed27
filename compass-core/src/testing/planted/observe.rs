//! What a source would have shown of a planted creator.

use jiff::{SignedDuration, Timestamp};

use super::{Feature, PlantedCreator, PlantedPost, What};
use crate::{
    Count, CreatorId, Handle, Profile, ProfileCounts, ProfileObservation, SourceKind, Text, Video, VideoCounts,
    VideoId, VideoKind, VideoObservation, analytics::Counter, count::rounding_step, stats::Seed,
};

const SECONDS_A_DAY: f64 = 86_400.0;

pub(super) fn profile(creator: &PlantedCreator) -> Profile {
    let seed = Seed::new("creator").with(creator.seed).get();
    Profile {
        id: CreatorId::parse(&((seed >> 2) + 1).to_string()).expect("62 bits and 1 are a positive id"),
        handle: Handle::parse(&format!("planted.{seed:016x}")).expect("24 letters, digits and a dot"),
        nickname: Text::lossy("Planted"),
        bio: Text::lossy(""),
        verified: false,
        private: false,
        language: Some("en".to_owned()),
        created_at: None,
    }
}

/// The daily looks, and one with each look at the posts.
pub(super) fn looks(creator: &PlantedCreator) -> Vec<ProfileObservation> {
    let plan = &creator.plan;
    let daily = plan.followers.looked(creator.seed);
    let with_posts = plan.looks.iter().map(|&days_ago| (days_ago, 0.0));
    let mut moments: Vec<(Timestamp, f64, f64)> = daily
        .into_iter()
        .map(|(days_ago, off)| (days_ago as f64, off))
        .chain(with_posts)
        .map(|(days_ago, off)| (before(plan.as_of, days_ago), days_ago, off))
        .collect();
    moments.sort_by_key(|&(at, ..)| at);
    moments.dedup_by_key(|&mut (at, ..)| at);
    let profile = profile(creator);
    moments
        .into_iter()
        .map(|(at, days_ago, off)| {
            let shown = || creator.posts.iter().enumerate().filter(|&(place, post)| is_shown(creator, place, post, at));
            let likes = shown().map(|(_, post)| reactions(creator, post, at)[1]).sum();
            ProfileObservation {
                profile: profile.clone(),
                observed_at: at,
                source: SourceKind::Sample,
                counts: ProfileCounts {
                    followers: unless_hidden(creator, Counter::Followers, 0, followers_at(creator, days_ago) + off),
                    following: count(creator, 120.0),
                    likes: count(creator, likes),
                    videos: count(creator, shown().count() as f64),
                },
            }
        })
        .collect()
}

pub(super) fn videos(creator: &PlantedCreator) -> Vec<VideoObservation> {
    let mut moments: Vec<Timestamp> = creator.plan.looks.iter().map(|&ago| before(creator.plan.as_of, ago)).collect();
    moments.sort_unstable();
    moments.dedup();
    let posts: Vec<(usize, &PlantedPost, Video)> =
        creator.posts.iter().enumerate().map(|(place, post)| (place, post, video(creator, post))).collect();
    let seen =
        |at| posts.iter().filter(move |(place, post, _)| is_shown(creator, *place, post, at)).map(move |p| (at, p));
    moments
        .into_iter()
        .flat_map(seen)
        .map(|(at, (place, post, video))| VideoObservation {
            video: video.clone(),
            observed_at: at,
            source: SourceKind::Sample,
            pinned: creator.plan.pinned.contains(place),
            counts: counts(creator, post, at),
        })
        .collect()
}

fn is_shown(creator: &PlantedCreator, place: usize, post: &PlantedPost, at: Timestamp) -> bool {
    let deleted = creator.plan.deleted.iter().any(|d| d.post == place && before(creator.plan.as_of, d.days_ago) <= at);
    post.created_at <= at && !deleted
}

fn video(creator: &PlantedCreator, post: &PlantedPost) -> Video {
    let features: Vec<&Feature> = post.features.iter().map(|&f| &creator.plan.features[f]).collect();
    let hashtags: Vec<String> = features
        .iter()
        .filter_map(|f| if let What::Hashtag(name) = &f.what { Some(name.clone()) } else { None })
        .collect();
    let sound = features.iter().find_map(|f| if let What::Sound(id) = &f.what { Some(id.clone()) } else { None });
    // The upload began a few seconds before the post appeared, as the upper half of a real id says.
    let upload = (post.created_at.as_second() - 6).clamp(1, i64::from(i32::MAX)).cast_unsigned();
    let id = (upload << 32) | (post.bits >> 32);
    Video {
        id: VideoId::parse(&id.to_string()).expect("31 bits of seconds and 32 bits of noise are a positive id"),
        created_at: post.created_at,
        created_at_derived: false,
        kind: if post.duration.is_some() { VideoKind::Video } else { VideoKind::Photo },
        duration: post.duration,
        caption: Text::lossy(&hashtags.iter().map(|tag| format!("#{tag}")).collect::<Vec<_>>().join(" ")),
        hashtags,
        sound: Some(sound.unwrap_or_else(|| format!("7{:018}", post.bits % 1_000_000_000_000_000_000))),
        language: Some("en".to_owned()),
    }
}

fn counts(creator: &PlantedCreator, post: &PlantedPost, at: Timestamp) -> VideoCounts {
    let [views, likes, comments, shares, saves] = reactions(creator, post, at);
    let shown = |counter, value| unless_hidden(creator, counter, post.bits, value);
    VideoCounts {
        views: shown(Counter::Views, views),
        likes: shown(Counter::Likes, likes),
        comments: shown(Counter::Comments, comments),
        shares: shown(Counter::Shares, shares),
        saves: shown(Counter::Saves, saves),
    }
}

/// Views, likes, comments, shares and saves at a moment, in whole numbers.
fn reactions(creator: &PlantedCreator, post: &PlantedPost, at: Timestamp) -> [f64; 5] {
    post.counts(post.views_at(creator.plan.growth, post.age(at)))
}

fn followers_at(creator: &PlantedCreator, days_ago: f64) -> f64 {
    let last = creator.followers.len() - 1;
    let place = (last as f64 - days_ago).clamp(0.0, last as f64);
    let (from, part) = (place.floor() as usize, place.fract());
    let to = (from + 1).min(last);
    creator.followers[from] * (1.0 - part) + creator.followers[to] * part
}

fn unless_hidden(creator: &PlantedCreator, counter: Counter, bits: u64, value: f64) -> Option<Count> {
    let hidden = creator.plan.hidden.iter().any(|&(hidden, share)| {
        hidden == counter && Seed::new(counter.name()).with(creator.seed).with(bits).unit() < share
    });
    if hidden { None } else { count(creator, value) }
}

fn count(creator: &PlantedCreator, value: f64) -> Option<Count> {
    let whole = value.round().clamp(0.0, 1e15) as u64;
    if !creator.plan.rounded {
        return Count::exact(whole).ok();
    }
    let step = rounding_step(whole).unwrap_or(1);
    Count::maybe_rounded((whole + step / 2) / step * step).ok()
}

fn before(as_of: Timestamp, days: f64) -> Timestamp {
    as_of
        .saturating_sub(SignedDuration::from_secs((days * SECONDS_A_DAY) as i64))
        .expect("a plan lies within the years of jiff")
}
