//! How often real creators are told to do something where nothing that they do can matter.

use std::{collections::BTreeMap, fmt};

use compass_core::{
    Count, CreatorId, Handle, Profile, SourceKind, Text, Video, VideoCounts, VideoId, VideoKind, VideoObservation,
    analytics::{ReportOptions, creator_report},
    recommend::{Call, InsightOptions, insights},
    stats::Seed,
};
use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::items::Item;

/// Reports on creators, and how many of them tell to do something.
#[derive(Debug)]
pub(crate) struct Advice {
    /// With what was observed of each post given to another one of the same creator, drawn anew several times.
    shuffled: Told,
    /// As they are.
    observed: Told,
    with_fewer_posts: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Told {
    reports: usize,
    told: usize,
}

/// With fewer posts no time is best, and hardly a feature is tested: they would only make the share smaller.
const FEWEST_POSTS: usize = 20;
/// How often each creator's posts are shuffled.
const DRAWS: u64 = 10;

impl Advice {
    pub(crate) fn measure(items: &BTreeMap<String, BTreeMap<u64, Item>>, seed: u64) -> Self {
        let seed = Seed::new("shuffled views").with(seed);
        let enough: Vec<&BTreeMap<u64, Item>> =
            items.values().filter(|posts| seen(posts).len() >= FEWEST_POSTS).collect();
        let told = |draws: &[Option<u64>]| {
            let reports = enough.par_iter().enumerate().flat_map_iter(|(index, posts)| {
                draws.iter().map(move |draw| is_told(posts, draw.map(|draw| seed.with(draw).with(index as u64))))
            });
            let reports: Vec<bool> = reports.collect();
            Told { reports: reports.len(), told: reports.iter().filter(|told| **told).count() }
        };
        Self {
            shuffled: told(&(0..DRAWS).map(Some).collect::<Vec<_>>()),
            observed: told(&[None]),
            with_fewer_posts: items.len() - enough.len(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let of = |Told { reports, told }: Told| json!({ "value": told as f64 / reports.max(1) as f64, "n": reports });
        json!({ "shuffled": of(self.shuffled), "observed": of(self.observed) })
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let fewer = self.with_fewer_posts;
        vec![format!(
            "advice: {} creators; not used: {fewer} with fewer than {FEWEST_POSTS} posts",
            self.observed.reports
        )]
    }
}

fn seen(posts: &BTreeMap<u64, Item>) -> Vec<(u64, &Item)> {
    posts.iter().filter(|(_, post)| post.views.is_some()).map(|(&id, post)| (id, post)).collect()
}

/// Whether the report on a creator tells to do anything.
fn is_told(posts: &BTreeMap<u64, Item>, shuffled: Option<Seed>) -> bool {
    let posts = seen(posts);
    // What was observed goes with the age at which it was: views of an old post would be few for a young one.
    let mut from: Vec<usize> = (0..posts.len()).collect();
    if let Some(seed) = shuffled {
        from.sort_by_key(|&place| seed.with(posts[place].0).get());
    }
    let looks: Vec<VideoObservation> =
        posts.iter().zip(from).filter_map(|(&(id, post), from)| observation(id, post, posts[from].1)).collect();
    let Some(as_of) = looks.iter().map(|look| look.observed_at).max() else { return false };
    let report = creator_report(&profile(), &[], &looks, as_of, &ReportOptions::default());
    insights(&report, &InsightOptions::default()).insights.iter().any(|insight| insight.call == Call::Do)
}

/// A post with what was observed of another.
fn observation(id: u64, post: &Item, of: &Item) -> Option<VideoObservation> {
    let count = |value: Option<f64>| value.and_then(|value| Count::exact(value as u64).ok());
    let [likes, comments, shares, saves] = of.reactions.map(count);
    let created_at = Timestamp::from_second(post.created).ok()?;
    let observed_at = Timestamp::from_second(post.created + (of.collected - of.created).max(0)).ok()?;
    Some(VideoObservation {
        video: Video {
            created_at,
            created_at_derived: false,
            duration: post.duration,
            caption: Text::lossy(&post.caption),
            hashtags: post.hashtags.iter().map(|tag| tag.to_lowercase()).collect(),
            sound: post.sound.clone(),
            language: post.language.clone(),
            ..Video::from_id(VideoId::try_from(i64::try_from(id).ok()?).ok()?, VideoKind::Video)
        },
        observed_at,
        source: SourceKind::Sample,
        counts: VideoCounts { views: count(of.views), likes, comments, shares, saves },
        pinned: false,
    })
}

fn profile() -> Profile {
    Profile {
        id: CreatorId::try_from(1).expect("1 is an id"),
        handle: Handle::parse("somebody").expect("it is a handle"),
        nickname: Text::default(),
        bio: Text::default(),
        verified: false,
        private: false,
        language: None,
        created_at: None,
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Creators who are told to do something\n")?;
        writeln!(f, "{:48} {:>8} {:>7}", "", "reports", "told")?;
        for (name, Told { reports, told }) in
            [("views shuffled among a creator's own posts", self.shuffled), ("as observed", self.observed)]
        {
            writeln!(f, "  {name:46} {reports:8} {:5.1} %", 100.0 * told as f64 / reports.max(1) as f64)?;
        }
        Ok(())
    }
}
