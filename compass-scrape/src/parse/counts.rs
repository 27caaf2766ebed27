//! Which counters can be believed, and how precisely.
//!
//! `stats` rounds from 10,000 on and its sum of likes overflows 32 bits; `statsV2` is exact for profiles and not always for
//! posts. A counter that cannot be true becomes `None` with a note, never a number.

use std::fmt;

use compass_core::{Count, ProfileCounts, Refusal, VideoCounts};
use serde::Deserialize;

use super::lenient::Figure;

/// An account's counters as they are written, in `stats`, `statsV2` or `authorStats`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawProfileStats {
    pub(super) follower_count: Figure,
    pub(super) following_count: Figure,
    pub(super) heart_count: Figure,
    pub(super) heart: Figure,
    pub(super) video_count: Figure,
}

impl RawProfileStats {
    fn likes(&self) -> Figure {
        self.heart_count.or(self.heart)
    }

    pub(super) fn is_empty(&self) -> bool {
        [self.follower_count, self.following_count, self.likes(), self.video_count].iter().all(|f| *f == Figure::Absent)
    }
}

/// A post's counters as they are written, in `stats` or `statsV2`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawItemStats {
    play_count: Figure,
    digg_count: Figure,
    comment_count: Figure,
    share_count: Figure,
    collect_count: Figure,
}

/// Counters that were read, and what was wrong with the others.
#[derive(Debug, Default)]
pub(super) struct Read<T> {
    pub(super) counts: T,
    pub(super) refused: Vec<Refusal>,
    pub(super) disagreements: Vec<String>,
}

/// How far `statsV2` can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// To the unit: on a profile.
    Exact,
    /// A round value can be a rounded one: beside a post.
    MaybeRounded,
}

/// Reads an account's counters from both of its tables.
pub(super) fn profile_counts(
    stats: Option<&RawProfileStats>,
    v2: Option<&RawProfileStats>,
    precision: Precision,
) -> Read<ProfileCounts> {
    let none = RawProfileStats::default();
    let (stats, v2) = (stats.unwrap_or(&none), v2.unwrap_or(&none));
    let mut read = Read::default();
    let mut field = |name: &str, old: Figure, new: Figure| {
        let new = counter(&mut read, format_args!("statsV2.{name}"), new, |n| match precision {
            Precision::Exact => Count::exact(n).ok(),
            Precision::MaybeRounded => Count::maybe_rounded(n).ok(),
        });
        // Where there is an exact figure, what an overflow made of the other one is of no interest.
        if name == "heartCount" && new.is_some() {
            return new;
        }
        let old = counter(&mut read, format_args!("stats.{name}"), old, |n| Count::maybe_rounded(n).ok());
        agreed(&mut read.disagreements, name, ("statsV2", new), ("stats", old))
    };
    let followers = field("followerCount", stats.follower_count, v2.follower_count);
    let following = field("followingCount", stats.following_count, v2.following_count);
    let videos = field("videoCount", stats.video_count, v2.video_count);
    let mut likes = field("heartCount", stats.likes(), v2.likes());
    if let (Figure::Absent, Some(n)) = (v2.likes(), stats.likes().number())
        && has_wrapped(n, stats.follower_count)
    {
        likes = None;
        read.refused.push(suspect(
            "stats.heartCount",
            &format!("{n} is not rounded as the other counters are: it is what an overflow of 32 bits left of a larger number"),
        ));
    }
    read.counts = ProfileCounts { followers, following, likes, videos };
    read
}

/// The counters of a post's author, as the post repeats them: zero followers mean that they are withheld.
pub(super) fn author_counts(stats: Option<&RawProfileStats>, v2: Option<&RawProfileStats>) -> Read<ProfileCounts> {
    let mut read = profile_counts(stats, v2, Precision::MaybeRounded);
    if read.counts.followers.is_some_and(|followers| followers.hi() == 0) {
        read.counts.followers = None;
        read.counts.following = read.counts.following.filter(|following| following.hi() > 0);
    }
    read
}

/// Reads a post's counters from both of its tables.
///
/// # Errors
/// Which counter cannot be true, and why: a post with one of those is not believed at all.
pub(super) fn item_counts(
    stats: Option<&RawItemStats>,
    v2: Option<&RawItemStats>,
) -> Result<(VideoCounts, Vec<String>), Refusal> {
    let none = RawItemStats::default();
    let (stats, v2) = (stats.unwrap_or(&none), v2.unwrap_or(&none));
    let mut read = Read::<()>::default();
    let mut field = |name: &str, old: Figure, new: Figure| {
        let new = counter(&mut read, format_args!("statsV2.{name}"), new, |n| Count::maybe_rounded(n).ok());
        let old = counter(&mut read, format_args!("stats.{name}"), old, |n| Count::maybe_rounded(n).ok());
        agreed(&mut read.disagreements, name, ("statsV2", new), ("stats", old))
    };
    let counts = VideoCounts {
        views: field("playCount", stats.play_count, v2.play_count),
        likes: field("diggCount", stats.digg_count, v2.digg_count),
        comments: field("commentCount", stats.comment_count, v2.comment_count),
        shares: field("shareCount", stats.share_count, v2.share_count),
        saves: field("collectCount", stats.collect_count, v2.collect_count),
    };
    if let Some(refusal) = read.refused.pop() {
        return Err(refusal);
    }
    if let Some(why) = more_likes_than_views(&counts) {
        return Err(suspect("diggCount", &why));
    }
    Ok((counts, read.disagreements))
}

/// Why a post's likes cannot be true; `None` if they can.
pub(crate) fn more_likes_than_views(counts: &VideoCounts) -> Option<String> {
    let (likes, views) = (counts.likes?, counts.views?);
    (likes.lo() > views.hi()).then(|| format!("{likes} likes are more than {views} views"))
}

/// A refusal of a value that cannot be true.
pub(super) fn suspect(field: impl fmt::Display, why: &str) -> Refusal {
    Refusal { item: None, reason: "suspect_value".to_owned(), detail: format!("{field}: {why}") }
}

/// Two readings of one counter, each with the layer that gives it: the more exact one, and of equally exact ones the
/// first. Where they cannot both be true, that is noted too.
pub(super) fn agreed(
    disagreements: &mut Vec<String>,
    name: &str,
    (first, one): (&str, Option<Count>),
    (second, other): (&str, Option<Count>),
) -> Option<Count> {
    let (Some(a), Some(b)) = (one, other) else { return one.or(other) };
    if !a.agrees_with(b) {
        disagreements.push(format!("{name}: {first} says {a}, {second} says {b}"));
    }
    Some(if b.hi() - b.lo() < a.hi() - a.lo() { b } else { a })
}

/// A counter, or a note of why it cannot be true.
pub(super) fn counter<T>(
    read: &mut Read<T>,
    field: impl fmt::Display,
    figure: Figure,
    count: impl FnOnce(u64) -> Option<Count>,
) -> Option<Count> {
    match figure {
        Figure::Absent => None,
        Figure::Unreadable => {
            read.refused.push(suspect(field, "it is not a whole number"));
            None
        }
        Figure::Number(n) => {
            let count = u64::try_from(n).ok().and_then(count);
            if count.is_none() {
                let why = if n < 0 { "is negative" } else { "is larger than any counter" };
                read.refused.push(suspect(field, &format!("{n} {why}")));
            }
            count
        }
    }
}

/// Whether a sum of likes is what an overflow of 32 bits left of a larger one.
///
/// An honest value of this size is rounded, if the account's other large counter is; the remains of an overflow are the
/// true value modulo 2^32 and look like any number. Nobody has thousands of millions of likes with so few followers that
/// they are not rounded, so nothing is suspected there.
fn has_wrapped(likes: i64, followers: Figure) -> bool {
    let is_rounded = |n: i64| u64::try_from(n).is_ok_and(|n| Count::maybe_rounded(n).is_ok_and(|c| !c.is_exact()));
    let large = 10_000..=i64::from(u32::MAX);
    large.contains(&likes) && !is_rounded(likes) && followers.number().is_some_and(is_rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(stats: &str, v2: &str) -> Read<ProfileCounts> {
        let read = |json: &str| serde_json::from_str::<Option<RawProfileStats>>(json).unwrap();
        profile_counts(read(stats).as_ref(), read(v2).as_ref(), Precision::Exact)
    }

    #[test]
    fn the_exact_table_wins_over_the_rounded_one() {
        let read = profile(
            r#"{"followerCount":38500,"followingCount":24,"heartCount":593000,"videoCount":927}"#,
            r#"{"followerCount":"38490","followingCount":"24","heartCount":"593024","videoCount":"927"}"#,
        );
        assert_eq!(read.counts.followers, Count::exact(38_490).ok());
        assert_eq!(read.counts.likes, Count::exact(593_024).ok());
        assert!(read.refused.is_empty() && read.disagreements.is_empty());
    }

    #[test]
    fn without_the_exact_table_large_counters_are_ranges() {
        let read = profile(r#"{"followerCount":303800,"heart":9600000,"videoCount":842}"#, "null");
        assert_eq!(read.counts.followers, Count::range(303_750, 303_849).ok());
        assert_eq!(read.counts.likes, Count::range(9_550_000, 9_649_999).ok());
        assert_eq!(read.counts.following, None);
    }

    #[test]
    fn an_overflowed_sum_of_likes_is_no_number() {
        for wrapped in [-977_433_948_i64, 1_234_567_891] {
            let stats = format!(r#"{{"followerCount":155600000,"heartCount":{wrapped}}}"#);
            let read = profile(&stats, "null");
            assert_eq!(read.counts.likes, None, "{wrapped}");
            assert_eq!(read.refused[0].reason, "suspect_value");
            assert_eq!(
                profile(&stats, r#"{"heartCount":"11907467940"}"#).counts.likes,
                Count::exact(11_907_467_940).ok()
            );
        }
    }

    #[test]
    fn an_unrounded_sum_of_likes_is_believed_where_nothing_is_rounded() {
        assert_eq!(
            profile(r#"{"followerCount":3666,"heartCount":272628}"#, "null").counts.likes,
            Count::exact(272_628).ok()
        );
        assert_eq!(
            profile(r#"{"followerCount":38490,"heartCount":593024}"#, "null").counts.likes,
            Count::exact(593_024).ok()
        );
    }

    #[test]
    fn two_tables_that_cannot_both_be_true_are_reported() {
        let read = profile(r#"{"followerCount":40000}"#, r#"{"followerCount":"38490"}"#);
        assert_eq!(read.counts.followers, Count::exact(38_490).ok());
        assert_eq!(read.disagreements, ["followerCount: statsV2 says 38490, stats says 39950-40049"]);
    }

    #[test]
    fn zero_followers_beside_a_post_are_withheld_ones() {
        let stats = serde_json::from_str(r#"{"followerCount":0,"followingCount":0,"heart":37300000,"videoCount":686}"#)
            .unwrap();
        let counts = author_counts(Some(&stats), None).counts;
        assert_eq!((counts.followers, counts.following), (None, None));
        assert_eq!(counts.videos, Count::exact(686).ok());
    }

    #[test]
    fn a_post_with_impossible_counters_is_refused() {
        let counts = |json: &str| item_counts(Some(&serde_json::from_str(json).unwrap()), None);
        assert!(counts(r#"{"playCount":100,"diggCount":500}"#).unwrap_err().detail.contains("500 likes"));
        assert!(counts(r#"{"playCount":-1}"#).unwrap_err().detail.contains("stats.playCount: -1 is negative"));
        // 12,300 may stand for anything up to 12,349.
        assert!(counts(r#"{"playCount":12300,"diggCount":12340}"#).is_ok());
        assert_eq!(counts(r#"{"diggCount":5}"#).unwrap().0.views, None);
    }
}
