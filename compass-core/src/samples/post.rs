//! One post of a sample creator.

use std::f64::consts::TAU;

use jiff::Timestamp;

use super::Truth;
use crate::{Count, Text, Video, VideoCounts, VideoId, VideoKind, stats::Seed};

const CAPTIONS: [[&str; 4]; 6] = [
    ["First light 🌅 #morning #light", "Behind the scenes #bts", "Your questions, answered #qanda", "Again! #again"],
    [
        "Day 3 of this starter 🍞 #sourdough #baking",
        "Crumb check #sourdough",
        "Shaping a bâtard #breadtok #baking",
        "What went wrong here? #bakingfail",
    ],
    [
        "Rain, then sun 🌦️ #cycling #commute",
        "The new lane is open #bikelane #city",
        "Fixing a flat in 60 s #biketips",
        "Night ride 🌃 #cycling",
    ],
    [
        "Panna at the cage ⚽ #football #skills",
        "100 tries for this one #freestyle",
        "Around the world, left foot #skills #tutorial",
        "Crowd reaction 😂 #football",
    ],
    [
        "Avocets at dawn #birding #estuary",
        "Can you spot the snipe? #birdwatching",
        "High tide roost #waders",
        "A very cross coot #birds",
    ],
    ["hello #first", "trying this again #new", "thank you for 100 💛 #fyp", "day one #new"],
];

/// A post: the same seed gives the same post.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    pub(super) second: i64,
    pub(super) seed: Seed,
    pub(super) truth: Truth,
    pub(super) topic: usize,
    pub(super) number: i64,
}

impl Post {
    pub(super) fn video(self) -> Video {
        let created_at = Timestamp::from_second(self.second).expect("a post lies within a few centuries");
        let choices = &CAPTIONS[self.topic % CAPTIONS.len()];
        let caption = choices[(self.seed.with(2).get() % choices.len() as u64) as usize];
        let photo = self.topic == 4 && self.number.rem_euclid(4) == 0;
        Video {
            id: self.id(),
            created_at,
            created_at_derived: false,
            kind: if photo { VideoKind::Photo } else { VideoKind::Video },
            duration: (!photo).then(|| 8 + (self.seed.with(3).get() % 50) as u32),
            caption: Text::lossy(caption),
            hashtags: caption.split('#').skip(1).map(|tag| tag.trim().to_lowercase()).collect(),
            sound: Some((7_000_000_000_000_000_000 + self.seed.with(4).get() % 40).to_string()),
            language: Some("en".to_owned()),
        }
    }

    /// Counters at a moment; they only grow.
    pub(super) fn counts(self, at: Timestamp) -> VideoCounts {
        let age_in_days = (at.as_second() - self.second).max(0) as f64 / 86_400.0;
        // Half of the views come in the first day and a half, nine tenths in about two weeks.
        let share_so_far = 1.0 - (-(age_in_days / 2.0).powf(0.55)).exp();
        let views = (self.final_views() * share_so_far).floor();
        let rate = self.truth.engagement_rate * (0.25 * self.normal(7)).exp();
        let reactions = |share: f64| Count::exact((views * rate * share).floor() as u64).ok();
        VideoCounts {
            views: Count::exact(views as u64).ok(),
            likes: reactions(0.86),
            comments: reactions(0.05),
            shares: reactions(0.09),
            saves: reactions(0.12),
        }
    }

    pub(super) fn final_views(self) -> f64 {
        self.truth.typical_views * (self.truth.views_spread * self.normal(5)).exp()
    }

    /// The upload began a few seconds before the post appeared, as the upper half of a real id says.
    fn id(self) -> VideoId {
        let upload = (self.second - 6).max(1).cast_unsigned();
        let id = (upload << 32) | (self.seed.with(9).get() >> 32);
        VideoId::parse(&id.to_string()).expect("31 bits of seconds and 32 bits of noise are a positive id")
    }

    /// A standard normal number (Box and Muller 1958).
    fn normal(self, purpose: u64) -> f64 {
        let (u, v) = (self.seed.with(purpose).unit(), self.seed.with(purpose + 100).unit());
        (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
    }
}
