//! Observations made of bytes, and what must hold of the report on them. The fuzz target includes this file.

use arbitrary::Unstructured;
use compass_core::{
    Count, Profile, ProfileCounts, ProfileObservation, SourceKind, Text, Video, VideoCounts, VideoId, VideoKind,
    VideoObservation, Zone,
    analytics::{Cpm, CreatorReport, ReportOptions, creator_report},
    samples::World,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// What a report is made of.
#[derive(Debug)]
pub(super) struct Observed {
    profile: Profile,
    looks: Vec<ProfileObservation>,
    videos: Vec<VideoObservation>,
    as_of: Timestamp,
    options: ReportOptions,
}

impl Observed {
    /// Observations from bytes: any bytes give some, and no bytes give none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut u = Unstructured::new(bytes);
        let mut options = ReportOptions::default();
        let as_of = moment(&mut u, 1_780_000_000);
        if one_in(&mut u, 4) {
            options.window.posts = below(&mut u, 400) as usize;
            options.window.min_age = SignedDuration::from_hours(below(&mut u, 100) as i64 - 20);
        }
        if one_in(&mut u, 4) {
            let (lo, more) = (1.0 + below(&mut u, 1_000_000) as f64, below(&mut u, 1_000) as f64);
            options.cpm = Some(Cpm::new(lo, lo + more, "EUR", jiff::civil::date(2026, 1, 1)).expect("it is in order"));
        }
        if one_in(&mut u, 4) {
            let zones = ["Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
            options.zone = Zone::parse(zones[below(&mut u, 4) as usize]).expect("the zone exists");
        }
        let profile = World::standard().creators()[0].profile();
        let mut observed = Self { profile, looks: Vec::new(), videos: Vec::new(), as_of, options };
        while !u.is_empty() && observed.videos.len() < 1_000 && observed.looks.len() < 1_000 {
            match below(&mut u, 8) {
                0 => observed.add_look(&mut u),
                1 => observed.add_daily_looks(&mut u),
                2 => observed.add_regular_posts(&mut u),
                3 => observed.add_another_look_at_a_post(&mut u),
                _ => observed.add_post(&mut u),
            }
        }
        observed
    }

    /// The report on them.
    pub(super) fn report(&self) -> CreatorReport {
        creator_report(&self.profile, &self.looks, &self.videos, self.as_of, &self.options)
    }

    /// No panic, nothing that is not a number, every interval in order, and JSON that reads back as the same report.
    pub(super) fn assert_report_is_sound(&self) {
        let report = self.report();
        let shown = format!("{report:?}");
        let infinite = |word: &str| word == "NaN" || word == "inf";
        assert!(!shown.split(|c: char| !c.is_alphanumeric()).any(infinite), "{shown}");
        let json = serde_json::to_string(&report).expect("a report has a JSON form");
        assert_intervals_are_ordered(&serde_json::from_str(&json).expect("it is JSON"));
        assert_eq!(report, serde_json::from_str(&json).expect("a report can be read back"));
    }

    fn add_post(&mut self, u: &mut Unstructured<'_>) {
        let created_at = moment(u, self.as_of.as_second());
        let video = video(u, created_at);
        let observed_at = if one_in(u, 2) { self.as_of } else { moment(u, self.as_of.as_second()) };
        self.videos.push(VideoObservation {
            video,
            observed_at,
            source: SourceKind::ALL[below(u, SourceKind::ALL.len() as u64) as usize],
            pinned: one_in(u, 16),
            counts: VideoCounts {
                views: count(u),
                likes: count(u),
                comments: count(u),
                shares: count(u),
                saves: count(u),
            },
        });
    }

    fn add_regular_posts(&mut self, u: &mut Unstructured<'_>) {
        let gap = [0, 1, 3_600, 40_000, 86_400, 600_000][below(u, 6) as usize];
        let level = 10_u64.pow(below(u, 10) as u32);
        for back in 0..below(u, 60) as i64 {
            let created = self.as_of.as_second().saturating_sub(gap * (back + 1));
            let views = level.saturating_add(below(u, 256) * (level / 64));
            let count = |part: u64| Count::exact(views / part).ok();
            self.videos.push(VideoObservation {
                video: video(u, at(created)),
                observed_at: self.as_of,
                source: SourceKind::Page,
                pinned: false,
                counts: VideoCounts {
                    views: count(1),
                    likes: count(12),
                    comments: count(300),
                    shares: count(150),
                    saves: count(90),
                },
            });
        }
    }

    fn add_another_look_at_a_post(&mut self, u: &mut Unstructured<'_>) {
        let place = below(u, 64) as usize;
        let Some(mut again) = self.videos.get(place).cloned() else { return };
        again.observed_at = at(again.observed_at.as_second().saturating_sub(below(u, 4_000_000) as i64));
        again.counts.views = count(u);
        self.videos.push(again);
    }

    fn add_look(&mut self, u: &mut Unstructured<'_>) {
        let observed_at = moment(u, self.as_of.as_second());
        let counts = ProfileCounts { followers: count(u), following: count(u), likes: count(u), videos: count(u) };
        self.push_look(observed_at, counts);
    }

    fn add_daily_looks(&mut self, u: &mut Unstructured<'_>) {
        let mut followers = u.arbitrary::<u32>().unwrap_or(0);
        for back in 0..below(u, 120) as i64 {
            let seconds = self.as_of.as_second().saturating_sub(86_400 * back);
            let gain = i32::from(u.arbitrary::<i8>().unwrap_or(0));
            followers = followers.saturating_add_signed(gain.pow(1 + (gain.unsigned_abs() / 100)));
            let shown = Count::maybe_rounded(followers.into()).ok();
            self.push_look(at(seconds), ProfileCounts { followers: shown, likes: shown, ..ProfileCounts::default() });
        }
    }

    fn push_look(&mut self, observed_at: Timestamp, counts: ProfileCounts) {
        let profile = self.profile.clone();
        self.looks.push(ProfileObservation { profile, observed_at, source: SourceKind::Page, counts });
    }
}

fn video(u: &mut Unstructured<'_>, created_at: Timestamp) -> Video {
    let tags = ["fyp", "a", "b", "c", "ünï", "1"];
    let chosen = below(u, 64);
    let hashtags: Vec<String> = (0..6).filter(|bit| chosen >> bit & 1 == 1).map(|bit| tags[bit].to_owned()).collect();
    let photo = one_in(u, 8);
    let id = 1 + if one_in(u, 4) { below(u, 16) } else { u.arbitrary::<u64>().unwrap_or(0) >> 2 };
    let kind = if photo { VideoKind::Photo } else { VideoKind::Video };
    Video {
        created_at,
        created_at_derived: one_in(u, 8),
        duration: (!photo && !one_in(u, 8)).then(|| if one_in(u, 16) { u32::MAX } else { below(u, 200) as u32 }),
        caption: Text::lossy(&hashtags.join(" #")),
        hashtags,
        sound: (!one_in(u, 4)).then(|| below(u, 8).to_string()),
        language: None,
        ..Video::from_id(VideoId::parse(&id.to_string()).expect("1 and 62 bits are a positive id"), kind)
    }
}

fn count(u: &mut Unstructured<'_>) -> Option<Count> {
    let n = u.arbitrary::<u64>().unwrap_or(0);
    match n % 16 {
        0 => None,
        1 => Count::exact(0).ok(),
        2 => Count::exact(Count::MAX).ok(),
        3 => Count::range(n >> 33, (n >> 33) + (n >> 48)).ok(),
        4 => Count::maybe_rounded((n >> 40) * 100).ok(),
        5 => Count::exact(n >> 1).ok(),
        _ => Count::exact(n >> (20 + n % 44)).ok(),
    }
}

/// Now and then the first or last moment that there is, else one within some years of another, most often before it.
fn moment(u: &mut Unstructured<'_>, around: i64) -> Timestamp {
    match below(u, 32) {
        0 => Timestamp::MIN,
        1 => Timestamp::MAX,
        2 => Timestamp::UNIX_EPOCH,
        3 => at(around),
        4..8 => at(around.saturating_add(below(u, 100_000_000) as i64)),
        8..16 => at(around.saturating_sub(below(u, 300_000) as i64)),
        _ => at(around.saturating_sub(below(u, 40_000_000) as i64)),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second())).expect("it is clamped")
}

/// A number below a limit; 0 when the bytes have run out.
fn below(u: &mut Unstructured<'_>, limit: u64) -> u64 {
    u.int_in_range(0..=limit - 1).unwrap_or(0)
}

fn one_in(u: &mut Unstructured<'_>, n: u64) -> bool {
    below(u, n) == 1
}

fn assert_intervals_are_ordered(json: &Value) {
    match json {
        Value::Object(fields) => {
            let number = |name| fields.get(name).and_then(Value::as_f64);
            if let (Some(lo), Some(hi), Some(level)) = (number("lo"), number("hi"), number("level")) {
                assert!(lo <= hi && 0.0 < level && level <= 1.0, "{json}");
            }
            fields.values().for_each(assert_intervals_are_ordered);
        }
        Value::Array(items) => items.iter().for_each(assert_intervals_are_ordered),
        _ => {}
    }
}
