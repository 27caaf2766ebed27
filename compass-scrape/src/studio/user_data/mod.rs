//! `user_data_tiktok.json`, of "Download your data": posts, profile, and the days on which followers came.
//!
//! The file holds private messages, addresses and what was watched. Only the fields that are named here are read; all
//! others are skipped as they stream by and are never kept.

mod any;
mod fans;
mod loose;
mod posts;
mod record;
mod sections;

use std::{collections::BTreeMap, io::Read};

use compass_core::{Handle, ProfileCounts, Text, VideoObservation};
use jiff::civil::Date;
use serde::de::DeserializeSeed as _;

use self::{
    any::Any,
    loose::Loose,
    posts::Post,
    sections::{PROFILE, Reading, Section, Sections},
};
use super::{Bad, few_refusals::FewRefusals};

/// What was read.
#[derive(Debug)]
pub(super) struct UserData {
    pub(super) handle: Option<Handle>,
    pub(super) nickname: Option<Text>,
    pub(super) bio: Option<Text>,
    pub(super) counts: ProfileCounts,
    pub(super) followed_since: BTreeMap<Date, u64>,
    posts: Vec<Post>,
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

/// Reads the data as it streams by, and tells which of its sections and posts are not accepted: none of them fails the
/// others.
///
/// # Errors
/// If it is no JSON.
pub(super) fn read(json: impl Read) -> Result<(UserData, FewRefusals), Bad> {
    let mut json = json;
    let mut start = [0; 3];
    let length = fill(&mut json, &mut start)?;
    let start = start[..length].strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start[..length]).to_vec();
    let mut sections = Sections::default();
    let mut json = serde_json::Deserializer::from_reader(start.as_slice().chain(json));
    let reading = Any(Reading { section: Section::File, into: &mut sections });
    reading.deserialize(&mut json).and_then(|()| json.end()).map_err(|e| {
        // The message itself may quote what must not be kept.
        Bad::new("malformed", format!("it is not the JSON that is expected at line {} column {}", e.line(), e.column()))
    })?;
    Ok(UserData::of(sections))
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
    fn of(sections: Sections) -> (Self, FewRefusals) {
        let Sections { profile, posts, fans, mut refused } = sections;
        if fans.undated > 0 {
            let detail = format!("{} followers have no day", fans.undated);
            refused.push(|| Some("FansList".to_owned()), Bad::new("missing_field", detail));
        }
        let mut count = |field: usize| {
            profile[field].count().unwrap_or_else(|()| {
                let [name, ..] = PROFILE[field] else { unreachable!("every field has a name") };
                let bad = Bad::new("suspect_value", format!("{name} is no count"));
                refused.push(|| Some(format!("ProfileMap.{name}")), bad);
                None
            })
        };
        let counts = ProfileCounts { followers: count(3), following: count(4), likes: count(5), videos: None };
        let text = |value: &Loose| value.text().map(Text::lossy);
        let data = Self {
            handle: profile[0].text().and_then(|name| Handle::parse(name).ok()),
            nickname: text(&profile[1]),
            bio: text(&profile[2]),
            counts,
            followed_since: fans.days,
            posts: posts.read,
        };
        refused.append(posts.refused);
        (data, refused)
    }

    /// Whether nothing was accepted.
    pub(super) fn is_empty(&self) -> bool {
        let Self { handle, nickname, bio, counts, followed_since, posts } = self;
        let says_nothing = handle.is_none() && nickname.is_none() && bio.is_none();
        says_nothing && *counts == ProfileCounts::default() && followed_since.is_empty() && posts.is_empty()
    }

    /// Refuses the followers and posts of days after the one on which the data was made at the latest.
    pub(super) fn refuse_after(&mut self, latest: Option<Date>) -> FewRefusals {
        let mut refused = FewRefusals::default();
        let Some(latest) = latest else { return refused };
        let too_late = |day: Date| day > latest;
        let followers: u64 = self.followed_since.iter().filter(|(day, _)| too_late(**day)).map(|(_, n)| n).sum();
        self.followed_since.retain(|day, _| !too_late(*day));
        if followers > 0 {
            let detail = format!("{followers} followers would have come after {latest}, when the data was made");
            refused.push(|| Some("FansList".to_owned()), Bad::new("suspect_value", detail));
        }
        self.posts.retain(|post| {
            let day = post.day();
            if too_late(day) {
                let detail = format!("it would be of {day}, and the data was made by {latest}");
                refused.push(|| Some(format!("post {}", post.video.id)), Bad::new("suspect_value", detail));
            }
            !too_late(day)
        });
        refused
    }

    /// The newest day that it speaks of.
    pub(super) fn newest(&self) -> Option<Date> {
        self.posts.iter().map(Post::day).chain(self.followed_since.keys().copied()).max()
    }

    /// The posts as they were on the day on which the data was made.
    pub(super) fn posts(&self, exported_on: Date) -> impl Iterator<Item = VideoObservation> {
        self.posts.iter().map(move |post| post.observation(exported_on))
    }
}
