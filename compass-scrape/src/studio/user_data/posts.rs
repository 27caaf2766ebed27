//! The posts of "Download your data", as they stream by.

use std::collections::HashSet;

use compass_core::{SourceKind, Text, Video, VideoCounts, VideoId, VideoObservation, own_data::noon_of};
use jiff::{civil::Date, tz::Offset};

use super::{Bad, loose::Loose};
use crate::{
    parse::hashtags_in,
    studio::{content::PLANNED_AHEAD, few_refusals::FewRefusals, post_link::linked, year::days_between},
};

/// Nobody has published more.
const MOST_POSTS: usize = 100_000;

/// A post, before it is known when the data was asked for.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) video: Video,
    counts: VideoCounts,
}

/// The posts of all lists.
#[derive(Debug, Default)]
pub(super) struct Posts {
    pub(super) read: Vec<Post>,
    pub(super) refused: FewRefusals,
    known: HashSet<VideoId>,
    /// How many stand before in the same list.
    number: usize,
}

impl Posts {
    /// Counts from one again.
    pub(super) fn begin_list(&mut self) {
        self.number = 0;
    }

    /// Adds a post; `None` stands for what is no object.
    pub(super) fn add(&mut self, post: Option<[Loose; 4]>) {
        self.number += 1;
        let number = self.number;
        let post = post.ok_or_else(|| Bad::new("malformed", "it is not an object as in every export"));
        match post.and_then(Post::read) {
            Ok(_) if self.read.len() >= MOST_POSTS => self.refused.count_more(1),
            Ok(post) if self.known.insert(post.video.id) => self.read.push(post),
            Ok(Post { video, .. }) => {
                let bad = Bad::new("duplicate", format!("post {} stands in the file twice", video.id));
                self.refused.push(|| Some(format!("post {}", video.id)), bad);
            }
            Err(bad) => self.refused.push(|| Some(format!("post {number}")), bad),
        }
    }
}

impl Post {
    fn read([date, link, likes, title]: [Loose; 4]) -> Result<Self, Bad> {
        let link = link.text().ok_or_else(|| Bad::new("missing_field", "the post has no link"))?;
        let linked = linked(link).ok_or_else(|| Bad::new("not_a_post", "its link leads to no post on TikTok"))?;
        let created_at = date
            .moment()
            .ok_or_else(|| Bad::new("missing_field", "its date is no time such as 2025-01-26 15:50:46"))?;
        let uploaded_on = Offset::UTC.to_datetime(linked.id.upload_started()).date();
        let after = days_between(uploaded_on, Offset::UTC.to_datetime(created_at).date());
        if !(-1..=PLANNED_AHEAD + 1).contains(&after) {
            let detail =
                format!("its date is {created_at}, and its id says that post {} is of {uploaded_on}", linked.id);
            return Err(Bad::new("suspect_value", detail));
        }
        let likes = likes.count().map_err(|()| Bad::new("suspect_value", "its likes are no count"))?;
        let title = title.text().unwrap_or("");
        let video = Video {
            created_at,
            created_at_derived: false,
            caption: Text::lossy(title),
            hashtags: hashtags_in(title),
            ..Video::from_id(linked.id, linked.kind)
        };
        Ok(Self { video, counts: VideoCounts { likes, ..VideoCounts::default() } })
    }

    /// The day (UTC) on which it was made.
    pub(super) fn day(&self) -> Date {
        Offset::UTC.to_datetime(self.video.created_at).date()
    }

    /// The post as it was at noon (UTC) of the day on which the data was made, or when it was made itself.
    pub(super) fn observation(&self, exported_on: Date) -> VideoObservation {
        VideoObservation {
            video: self.video.clone(),
            observed_at: noon_of(exported_on).max(self.video.created_at),
            source: SourceKind::DataDownload,
            pinned: false,
            counts: self.counts,
        }
    }
}
