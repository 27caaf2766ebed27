//! Made observations: accounts whose posts were looked at daily.

use std::ops::Range;

use compass_core::{
    Batch, Count, CreatorId, Handle, Look, Post, Profile, ProfileCounts, ProfileLook, ProfileObservation, SourceKind,
    Text, Video, VideoCounts, VideoId, VideoKind,
};
use jiff::{SignedDuration, Timestamp};

/// How many there are of what.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Accounts.
    pub accounts: u32,
    /// Posts of each account.
    pub posts: u32,
    /// Observations of each post, a day apart.
    pub looks: u32,
    /// The day of the newest posts and the first observations.
    pub begin: Timestamp,
}

/// 2026-01-01, for what does not depend on today.
pub const BEGIN: Timestamp = Timestamp::constant(1_767_225_600, 0);

impl Shape {
    /// How many observations of posts that are.
    #[must_use]
    pub fn observations(self) -> u64 {
        u64::from(self.accounts) * u64::from(self.posts) * u64::from(self.looks)
    }

    /// All observations from a day on, in batches of so many accounts, each made when it is asked for.
    pub fn batches(self, accounts: u32, first_day: u32) -> impl Iterator<Item = Batch> {
        let accounts = accounts.max(1);
        let firsts = (0..self.accounts).step_by(accounts as usize);
        firsts.map(move |first| self.batch(first..self.accounts.min(first + accounts), first_day))
    }

    fn batch(self, accounts: Range<u32>, first_day: u32) -> Batch {
        let mut batch = Batch::default();
        for account in accounts {
            let creator =
                CreatorId::try_from(7_000_000_000_000_000_001 + i64::from(account) * 9_973).expect("positive");
            batch.profiles.push(ProfileLook { observation: self.profile(creator, account), recorded_at: None });
            for post in 0..self.posts {
                let index = batch.posts.len() as u32;
                batch.posts.push(Post { creator, video: self.video(account, post) });
                for day in first_day..first_day + self.looks {
                    batch.looks.push(self.look(index, account, post, day));
                }
            }
        }
        batch
    }

    fn video(self, account: u32, post: u32) -> Video {
        let posted = self.begin.as_second() - i64::from(post) * 86_400;
        let number = u64::from(account) * u64::from(self.posts) + u64::from(post);
        let id = VideoId::try_from((posted << 32) + number as i64).expect("positive");
        let caption = format!("Sourdough {number}, slowly: the crust tells when it is done #bread #sourdough");
        Video {
            created_at: Timestamp::from_second(posted).expect("a date"),
            created_at_derived: false,
            duration: Some(30),
            caption: Text::parse(&caption).expect("short"),
            hashtags: vec!["bread".to_owned(), "sourdough".to_owned()],
            sound: Some(number.to_string()),
            language: Some("en".to_owned()),
            ..Video::from_id(id, VideoKind::Video)
        }
    }

    fn profile(self, id: CreatorId, account: u32) -> ProfileObservation {
        let exact = |n: u32| Some(Count::exact(u64::from(n)).expect("small"));
        ProfileObservation {
            profile: Profile {
                id,
                handle: Handle::parse(&format!("account.{account}")).expect("a handle"),
                nickname: Text::parse("An account").expect("short"),
                bio: Text::default(),
                verified: false,
                private: false,
                language: None,
                created_at: None,
            },
            observed_at: self.begin,
            source: SourceKind::Sample,
            counts: ProfileCounts { followers: exact(10_000 + account), ..ProfileCounts::default() },
        }
    }

    fn look(self, index: u32, account: u32, post: u32, day: u32) -> Look {
        let views = u64::from(account % 97 + 3) * u64::from(post % 89 + 7) * u64::from(day + 1) * 13;
        let exact = |n: u64| Some(Count::exact(n).expect("small"));
        Look {
            post: index,
            observed_at: self.begin + SignedDuration::from_hours(24 * i64::from(day)),
            source: SourceKind::Sample,
            recorded_at: None,
            pinned: post == 0,
            counts: VideoCounts {
                views: Count::maybe_rounded(views).ok(),
                likes: exact(views / 11),
                comments: exact(views / 301),
                shares: exact(views / 207),
                saves: exact(views / 113),
            },
        }
    }
}
