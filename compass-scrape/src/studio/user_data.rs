//! `user_data_tiktok.json`, of "Download your data": posts, profile, and the days on which followers came.
//!
//! The file holds private messages, addresses and what was watched. Only the fields that are named here are read; all
//! others are skipped as they stream by and are never kept.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    io::Read,
};

use compass_core::{Handle, ProfileCounts, SourceKind, Text, Video, VideoCounts, VideoObservation, own_data::noon_of};
use jiff::{civil::Date, tz::Offset};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use super::{
    Bad, content::PLANNED_AHEAD, few_refusals::FewRefusals, loose::Loose, post_link::linked, year::days_between,
};
use crate::parse::hashtags_in;

/// What was read.
#[derive(Debug)]
pub(super) struct UserData {
    pub(super) handle: Option<Handle>,
    pub(super) nickname: Option<Text>,
    pub(super) bio: Option<Text>,
    pub(super) counts: ProfileCounts,
    pub(super) followed_since: BTreeMap<Date, u64>,
    posts: Vec<Post>,
    pub(super) refused: FewRefusals,
}

/// A post, before it is known when the data was asked for.
#[derive(Debug)]
struct Post {
    video: Video,
    counts: VideoCounts,
}

/// Whether a file begins as the data of a user does. `start` is its first hundred bytes.
pub(crate) fn begins_user_data(start: &[u8]) -> bool {
    const SECTIONS: [&str; 19] = [
        "Activity",
        "Ads and data",
        "Ads and Data",
        "App Settings",
        "Comment",
        "Comments",
        "Direct Message",
        "Direct Messages",
        "Income Plus Wallet",
        "Income Plus Wallet Transactions",
        "Likes and Favorites",
        "Location Review",
        "Post",
        "Profile",
        "Profile And Settings",
        "TikTok Shop",
        "Tiktok Live",
        "Video",
        "Your Activity",
    ];
    let text = String::from_utf8_lossy(start);
    let inside = text.trim_start_matches('\u{FEFF}').trim_start().strip_prefix('{').map(str::trim_start);
    let key = inside.and_then(|inside| inside.strip_prefix('"')?.split_once('"')).map(|(key, _)| key);
    key.is_some_and(|key| SECTIONS.contains(&key))
}

/// Reads the data as it streams by.
pub(super) fn read(json: impl Read) -> Result<UserData, Bad> {
    let mut json = json;
    let mut start = [0; 3];
    let length = fill(&mut json, &mut start)?;
    let start = start[..length].strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start[..length]).to_vec();
    let file: File = serde_json::from_reader(start.as_slice().chain(json)).map_err(|e| {
        // The message itself may quote what must not be kept.
        Bad::new("malformed", format!("it is not the JSON that is expected at line {} column {}", e.line(), e.column()))
    })?;
    Ok(file.into_user_data())
}

fn fill(from: &mut impl Read, into: &mut [u8]) -> Result<usize, Bad> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(e) => return Err(Bad::new("unreadable", format!("it cannot be read: {e}"))),
        }
    }
    Ok(length)
}

impl UserData {
    /// Refuses the followers and posts of days after the one on which the data was made at the latest.
    pub(super) fn refuse_after(&mut self, latest: Option<Date>) {
        let Some(latest) = latest else { return };
        let too_late = |day: Date| day > latest;
        let followers: u64 = self.followed_since.iter().filter(|(day, _)| too_late(**day)).map(|(_, n)| n).sum();
        self.followed_since.retain(|day, _| !too_late(*day));
        if followers > 0 {
            let detail = format!("{followers} followers would have come after {latest}, when the data was made");
            self.refused.push(|| Some("FansList".to_owned()), Bad::new("suspect_value", detail));
        }
        let refused = &mut self.refused;
        self.posts.retain(|post| {
            let day = Offset::UTC.to_datetime(post.video.created_at).date();
            if too_late(day) {
                let detail = format!("it would be of {day}, and the data was made by {latest}");
                refused.push(|| Some(format!("post {}", post.video.id)), Bad::new("suspect_value", detail));
            }
            !too_late(day)
        });
    }

    /// The newest day that it speaks of.
    pub(super) fn newest(&self) -> Option<Date> {
        let posts = self.posts.iter().map(|post| Offset::UTC.to_datetime(post.video.created_at).date());
        posts.chain(self.followed_since.keys().copied()).max()
    }

    /// The posts as they were at noon (UTC) of the day on which the data was made, or when they were made.
    pub(super) fn posts(&self, exported_on: Date) -> Vec<VideoObservation> {
        let observation = |post: &Post| VideoObservation {
            video: post.video.clone(),
            observed_at: noon_of(exported_on).max(post.video.created_at),
            source: SourceKind::DataDownload,
            pinned: false,
            counts: post.counts,
        };
        self.posts.iter().map(observation).collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    #[serde(rename = "Post")]
    post: Option<PostSection>,
    #[serde(rename = "Video")]
    video: Option<PostSection>,
    #[serde(rename = "Profile")]
    profile: Option<ProfileSection>,
    #[serde(rename = "Profile And Settings")]
    profile_and_settings: Option<ProfileSection>,
    #[serde(rename = "Your Activity")]
    your_activity: Option<ActivitySection>,
    #[serde(rename = "Activity")]
    activity: Option<ActivitySection>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PostSection {
    #[serde(rename = "Posts")]
    posts: Option<VideoList>,
    #[serde(rename = "Videos")]
    videos: Option<VideoList>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VideoList {
    #[serde(rename = "VideoList")]
    list: Option<RawPosts>,
}

/// Posts, read as they stream by.
#[derive(Default)]
struct RawPosts {
    posts: Vec<Post>,
    refused: Vec<(usize, Bad)>,
    /// How many more are refused.
    more: usize,
}

/// Nobody has published more.
const MOST_POSTS: usize = 100_000;

/// So many posts of a list say why they are not accepted.
const MOST_REFUSED: usize = 100;

impl<'de> Deserialize<'de> for RawPosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = RawPosts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of posts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawPosts, A::Error> {
                let mut read = RawPosts::default();
                let mut number = 0;
                while let Some(post) = list.next_element::<RawPost>()? {
                    number += 1;
                    match post.read() {
                        Ok(post) if read.posts.len() < MOST_POSTS => read.posts.push(post),
                        Err(bad) if read.refused.len() < MOST_REFUSED => read.refused.push((number, bad)),
                        Ok(_) | Err(_) => read.more += 1,
                    }
                }
                Ok(read)
            }
        }

        deserializer.deserialize_seq(List)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawPost {
    #[serde(rename = "Date", alias = "date")]
    date: Loose,
    #[serde(rename = "Link", alias = "link")]
    link: Loose,
    #[serde(rename = "Likes", alias = "likes")]
    likes: Loose,
    #[serde(rename = "Title", alias = "title")]
    title: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileSection {
    #[serde(rename = "Profile Info")]
    info: Option<ProfileInfo>,
    #[serde(rename = "Profile Information")]
    information: Option<ProfileInfo>,
    #[serde(rename = "Follower", alias = "Follower List")]
    followers: Option<FansList>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileInfo {
    #[serde(rename = "ProfileMap")]
    map: Option<ProfileMap>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProfileMap {
    user_name: Loose,
    #[serde(alias = "displayName", alias = "name")]
    nick_name: Loose,
    bio_description: Loose,
    follower_count: Loose,
    following_count: Loose,
    likes_received: Loose,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActivitySection {
    #[serde(rename = "Follower", alias = "Follower List")]
    followers: Option<FansList>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FansList {
    #[serde(rename = "FansList")]
    days: Option<Fans>,
}

/// Followers, counted by day as they stream by: their names are not kept.
#[derive(Default)]
struct Fans {
    days: BTreeMap<Date, u64>,
    undated: u64,
}

impl<'de> Deserialize<'de> for Fans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Days;

        impl<'de> Visitor<'de> for Days {
            type Value = Fans;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of followers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Fans, A::Error> {
                #[derive(Default, Deserialize)]
                #[serde(default)]
                struct Fan {
                    #[serde(rename = "Date", alias = "date")]
                    date: Loose,
                }

                let mut fans = Fans::default();
                while let Some(fan) = list.next_element::<Fan>()? {
                    let day = fan.date.moment().map(|at| Offset::UTC.to_datetime(at).date());
                    // Other years are nobody's, and would let the days grow without end.
                    match day.filter(|day| (2014..2100).contains(&day.year())) {
                        Some(day) => *fans.days.entry(day).or_default() += 1,
                        None => fans.undated += 1,
                    }
                }
                Ok(fans)
            }
        }

        deserializer.deserialize_seq(Days)
    }
}

impl File {
    fn into_user_data(self) -> UserData {
        let mut refused = FewRefusals::default();
        let sections = [self.profile, self.profile_and_settings].into_iter().flatten();
        let (mut map, mut fans) = (None, Vec::new());
        for section in sections {
            let info = section.info.or(section.information).and_then(|info| info.map);
            map = map.or(info);
            fans.extend(section.followers);
        }
        fans.extend([self.your_activity, self.activity].into_iter().flatten().filter_map(|section| section.followers));
        // One list may stand in an old and in a new place: the first one with followers counts.
        let fans = fans.into_iter().filter_map(|list| list.days).find(|fans| !fans.days.is_empty() || fans.undated > 0);
        let fans = fans.unwrap_or_default();
        if fans.undated > 0 {
            let detail = format!("{} followers have no day", fans.undated);
            refused.push(|| Some("FansList".to_owned()), Bad::new("missing_field", detail));
        }
        let map = map.unwrap_or_default();
        let mut count = |name: &str, value: &Loose| {
            value.count().unwrap_or_else(|()| {
                let bad = Bad::new("suspect_value", format!("{name} is no count"));
                refused.push(|| Some(format!("ProfileMap.{name}")), bad);
                None
            })
        };
        let counts = ProfileCounts {
            followers: count("followerCount", &map.follower_count),
            following: count("followingCount", &map.following_count),
            likes: count("likesReceived", &map.likes_received),
            videos: None,
        };
        let lists = [self.post, self.video].into_iter().flatten().flat_map(|section| [section.posts, section.videos]);
        let lists: Vec<RawPosts> = lists.flatten().filter_map(|list| list.list).collect();
        let mut posts: Vec<Post> = Vec::new();
        let mut known = HashSet::new();
        for list in lists {
            for (number, bad) in list.refused {
                refused.push(|| Some(format!("post {number}")), bad);
            }
            refused.count_more(list.more);
            for post in list.posts {
                let id = post.video.id;
                if known.insert(id) {
                    posts.push(post);
                } else {
                    let detail = format!("post {id} stands in the file twice");
                    refused.push(|| Some(format!("post {id}")), Bad::new("duplicate", detail));
                }
            }
        }
        let handle = map.user_name.text().and_then(|name| Handle::parse(name).ok());
        UserData {
            handle,
            nickname: map.nick_name.text().map(Text::lossy),
            bio: map.bio_description.text().map(Text::lossy),
            counts,
            followed_since: fans.days,
            posts,
            refused,
        }
    }
}

impl RawPost {
    fn read(&self) -> Result<Post, Bad> {
        let link = self.link.text().ok_or_else(|| Bad::new("missing_field", "the post has no link"))?;
        let linked = linked(link).ok_or_else(|| Bad::new("not_a_post", "its link leads to no post on TikTok"))?;
        let created_at = self
            .date
            .moment()
            .ok_or_else(|| Bad::new("missing_field", "its date is no time such as 2025-01-26 15:50:46"))?;
        let uploaded_on = Offset::UTC.to_datetime(linked.id.upload_started()).date();
        let after = days_between(uploaded_on, Offset::UTC.to_datetime(created_at).date());
        if !(-1..=PLANNED_AHEAD + 1).contains(&after) {
            let detail =
                format!("its date is {created_at}, and its id says that post {} is of {uploaded_on}", linked.id);
            return Err(Bad::new("suspect_value", detail));
        }
        let likes = self.likes.count().map_err(|()| Bad::new("suspect_value", "its likes are no count"))?;
        let title = self.title.text().unwrap_or("");
        let video = Video {
            created_at,
            created_at_derived: false,
            caption: Text::lossy(title),
            hashtags: hashtags_in(title),
            ..Video::from_id(linked.id, linked.kind)
        };
        Ok(Post { video, counts: VideoCounts { likes, ..VideoCounts::default() } })
    }
}
