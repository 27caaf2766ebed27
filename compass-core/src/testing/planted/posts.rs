//! The posts of a planted creator.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{Feature, Growth, Habit, Plan, Usage, What, draw::Draw};

const HOURS_A_WEEK: f64 = 168.0;
const DAYS_A_YEAR: f64 = 365.25;
const SECONDS_A_DAY: f64 = 86_400.0;

/// A post, with all that is true of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantedPost {
    /// When it was posted.
    pub created_at: Timestamp,
    /// The block of three hours in the plan's zone, from 0 to 7.
    pub block: usize,
    /// The weekday in the plan's zone, Monday being 0.
    pub weekday: usize,
    /// Views in the end: everything included.
    pub views: f64,
    /// ln of what was multiplied into its views: the lifts, the drift and its breakout.
    pub lift: f64,
    /// (likes + comments + shares) / views.
    pub rate: f64,
    /// The parts of its reactions that are comments, shares and, on top, saves.
    pub parts: [f64; 3],
    /// Its tau, in times of the plan's.
    pub times_tau: f64,
    /// Which features of the plan it has, by their place.
    pub features: Vec<usize>,
    /// Its length in seconds; `None` for pictures.
    pub duration: Option<u32>,
    /// Bits of its own, for its id and the like.
    pub(super) bits: u64,
}

impl PlantedPost {
    /// Its age at a moment, in days.
    #[must_use]
    pub fn age(&self, at: Timestamp) -> f64 {
        (at.as_second() - self.created_at.as_second()) as f64 / SECONDS_A_DAY
    }

    /// Its true views at an age in days.
    #[must_use]
    pub fn views_at(&self, growth: Option<Growth>, age: f64) -> f64 {
        match growth {
            Some(growth) => self.views * growth.share(age, self.times_tau),
            None if age < 0.0 => 0.0,
            None => self.views,
        }
    }

    /// Views, likes, comments, shares and saves when it has so many views, in whole numbers.
    pub(super) fn counts(&self, views: f64) -> [f64; 5] {
        let views = views.round();
        let reactions = views * self.rate;
        let [comments, shares, saves] = self.parts.map(|part| (reactions * part).round());
        [views, (reactions.round() - comments - shares).max(0.0), comments, shares, saves]
    }
}

/// So many posts of a plan, newest first.
pub(super) fn draw(plan: &Plan, seed: u64, posts: usize) -> Vec<PlantedPost> {
    let mut draw = Draw::new("posts", seed);
    let times = times(plan, &mut draw, posts);
    let mut drawn: Vec<PlantedPost> = Vec::with_capacity(posts);
    // Oldest first, since a post may resemble the one before.
    let mut before = draw.shaped(plan.views_shape);
    for (back, &local) in times.iter().enumerate().rev() {
        let own = plan.persistence * before + (1.0 - plan.persistence.powi(2)).sqrt() * draw.shaped(plan.views_shape);
        before = own;
        let age = 1.0 - (back as f64 + 0.5) / posts as f64;
        drawn.push(post(plan, &mut draw, local, back, age, own));
    }
    drawn.reverse();
    drawn
}

fn post(plan: &Plan, draw: &mut Draw, local: Local, back: usize, place: f64, own: f64) -> PlantedPost {
    let (features, duration) = features(&plan.features, draw, place);
    let years = (local.created_at.as_second() - plan.as_of.as_second()) as f64 / SECONDS_A_DAY / DAYS_A_YEAR;
    let breakout: f64 = plan.breakouts.iter().filter(|b| b.post == back).map(|b| b.times.ln()).sum();
    let lift = plan.hour_lift[local.block]
        + plan.weekday_lift[local.weekday]
        + features.iter().map(|&f| plan.features[f].lift).sum::<f64>()
        + plan.drift * years
        + breakout;
    let independent = (1.0 - plan.rate_with_views.powi(2)).sqrt() * draw.shaped(plan.rate_shape);
    let rate = plan.rate * (plan.rate_spread * (plan.rate_with_views * own + independent)).exp();
    // Medians of 5, 9 and 12 in a hundred; the first two together never reach the whole.
    let parts =
        [(0.05, 0.4), (0.09, 0.4), (0.12, 0.4)].map(|(part, s)| f64::min(0.45, part * f64::exp(s * draw.normal())));
    PlantedPost {
        created_at: local.created_at,
        block: local.block,
        weekday: local.weekday,
        views: plan.views * (plan.views_spread * own + lift).exp(),
        lift,
        rate,
        parts,
        times_tau: plan.growth.map_or(1.0, |growth| (growth.spread * draw.normal()).exp()),
        features,
        duration,
        bits: draw.bits(),
    }
}

fn features(all: &[Feature], draw: &mut Draw, place: f64) -> (Vec<usize>, Option<u32>) {
    let mut had: Vec<usize> = Vec::new();
    let mut duration = Some(8 + (draw.unit() * 50.0) as u32);
    let (mut has_sound, mut has_length) = (false, false);
    for (index, feature) in all.iter().enumerate() {
        let used = match &feature.usage {
            Usage::Share(chance) => draw.happens(*chance),
            Usage::With(other, chance) => draw.happens(*chance) && had.contains(other),
            Usage::Run(run) => run.contains(&place),
        };
        let free = match &feature.what {
            What::Hashtag(_) => true,
            What::Sound(_) => !has_sound,
            What::Length(_) | What::Photo => !has_length,
        };
        if !used || !free {
            continue;
        }
        had.push(index);
        match &feature.what {
            What::Hashtag(_) => {}
            What::Sound(_) => has_sound = true,
            What::Length(seconds) => {
                has_length = true;
                duration = Some(seconds.start + (draw.unit() * seconds.len() as f64) as u32);
            }
            What::Photo => (has_length, duration) = (true, None),
        }
    }
    (had, duration)
}

/// A moment, and what the clock on the creator's wall says of it.
#[derive(Clone, Copy, Debug)]
struct Local {
    created_at: Timestamp,
    block: usize,
    weekday: usize,
}

/// Moments of posts before the plan's, newest first.
///
/// A renewal process in the time that the habit leaves, a week of which has as many posts as the plan says, is bent to
/// the clock: an hour that the habit likes twice as much is twice as long.
fn times(plan: &Plan, draw: &mut Draw, posts: usize) -> Vec<Local> {
    let week = Week::new(&plan.habit);
    let now = plan.as_of.to_zoned(plan.zone.clone()).datetime();
    let monday =
        now.date().saturating_sub(jiff::Span::new().days(i64::from(now.date().weekday().to_monday_zero_offset())));
    let into_week = now.duration_since(monday.to_datetime(civil::Time::midnight())).as_secs_f64() / 3_600.0;
    let mut bent = week.bend(into_week);
    (0..posts)
        .map(|_| {
            let stages = plan.evenness.max(1);
            let gap = (0..stages).map(|_| draw.exponential()).sum::<f64>() / f64::from(stages);
            bent -= gap / plan.posts_per_week;
            let hours = bent.floor() * HOURS_A_WEEK + week.unbend(bent - bent.floor());
            let created_at = moment(monday, hours, &plan.zone).min(plan.as_of);
            let local = created_at.to_zoned(plan.zone.clone());
            Local {
                created_at,
                block: local.hour() as usize / 3,
                weekday: local.weekday().to_monday_zero_offset() as usize,
            }
        })
        .collect()
}

/// The moment that is so many hours by the clock on the wall after a Monday's midnight.
fn moment(monday: civil::Date, hours: f64, zone: &TimeZone) -> Timestamp {
    let wall = monday
        .to_datetime(civil::Time::midnight())
        .saturating_add(jiff::SignedDuration::from_secs((hours * 3_600.0).floor() as i64));
    // A time that the clocks skip or repeat in the night of a change is read as jiff reads it by default.
    zone.to_timestamp(wall).unwrap_or(Timestamp::MIN)
}

/// The share of a week's posts that comes before each hour of it.
#[derive(Debug)]
struct Week {
    before: [f64; 169],
}

impl Week {
    fn new(habit: &Habit) -> Self {
        let mut before = [0.0; 169];
        for hour in 0..168 {
            before[hour + 1] = before[hour] + habit.hours[hour % 24] * habit.weekdays[hour / 24];
        }
        let whole = before[168];
        Self { before: before.map(|b| b / whole) }
    }

    fn bend(&self, hours: f64) -> f64 {
        let hour = (hours as usize).min(167);
        self.before[hour] + (hours - hour as f64) * (self.before[hour + 1] - self.before[hour])
    }

    fn unbend(&self, share: f64) -> f64 {
        let hour = self.before.partition_point(|&b| b <= share).clamp(1, 168) - 1;
        let width = self.before[hour + 1] - self.before[hour];
        hour as f64 + if width > 0.0 { (share - self.before[hour]) / width } else { 0.0 }
    }
}
