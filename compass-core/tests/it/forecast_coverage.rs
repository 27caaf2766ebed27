//! Whether the intervals of a forecast hold what came, on simulated creators.

use std::f64::consts::TAU;

use compass_core::stats::{Seed, forecast::project};

const CREATORS: u64 = 1_500;
const LEVEL: f64 = 0.8;

/// How a simulated creator's followers move.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A random walk with drift.
    Drift,
    /// The same with a week in its changes.
    Weekly,
    /// Smooth growth that dies down, with noise of observation.
    Damped,
    /// Changes that correlate from day to day.
    Correlated,
}

const KINDS: [Kind; 4] = [Kind::Drift, Kind::Weekly, Kind::Damped, Kind::Correlated];

/// A stream of normal values.
struct Noise {
    seed: Seed,
    drawn: u64,
}

impl Noise {
    fn unit(&mut self) -> f64 {
        self.drawn += 1;
        1.0 - self.seed.with(self.drawn).unit()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// Followers a day; the series begins on any weekday.
fn followers(kind: Kind, days: usize, creator: u64) -> Vec<Option<f64>> {
    let mut noise = Noise { seed: Seed::new("forecast").with(kind as u64).with(creator), drawn: 0 };
    let (mut level, mut change) = (10_000.0, 0.0);
    let week = [30.0, 20.0, -10.0, -20.0, -30.0, 5.0, 5.0];
    let mut next = |day: usize| {
        match kind {
            Kind::Drift => level += 20.0 + 30.0 * noise.normal(),
            Kind::Weekly => level += 20.0 + week[(day + creator as usize) % 7] + 25.0 * noise.normal(),
            Kind::Damped => level = 15_000.0 - 5_000.0 * (-(day as f64) / 45.0).exp() + 20.0 * noise.normal(),
            Kind::Correlated => {
                change = 0.5 * change + 25.0 * noise.normal();
                level += 15.0 + change;
            }
        }
        Some(level)
    };
    (0..days).map(&mut next).collect()
}

/// How many intervals held of how many given, by day ahead; asserts that past coverage says the same.
fn coverage(kind: Kind, days: usize, ahead: &[usize]) -> Vec<(u64, u64)> {
    let horizon = *ahead.last().unwrap();
    let mut held = vec![(0, 0); ahead.len()];
    let (mut past_inside, mut past_of) = (0, 0);
    for creator in 0..CREATORS {
        let series = followers(kind, days + horizon, creator);
        let projection = project(&series[..days], 28, LEVEL).unwrap();
        for ((inside, of), &h) in held.iter_mut().zip(ahead) {
            let day = projection.ahead[h - 1];
            let error = series[days + h - 1].unwrap() - day.value;
            if let Some(reach) = day.reach {
                *of += 1;
                *inside += u64::from(error.abs() <= reach);
            }
        }
        past_inside += projection.past.inside;
        past_of += projection.past.of;
    }
    let past = past_inside as f64 / past_of as f64;
    assert!(past_of == 0 || (past - LEVEL).abs() < 0.06, "{kind:?}, {days} days: past coverage {past}");
    held
}

fn assert_covers(days: usize, ahead: &[usize]) {
    for kind in KINDS {
        let held = coverage(kind, days, ahead);
        println!("{kind:?}, {days} days known: {ahead:?} days ahead, held of given: {held:?}");
        for ((inside, of), h) in held.into_iter().zip(ahead) {
            // Two points, and two standard errors of a share of so many.
            let bound = 0.02 + 2.0 * (LEVEL * (1.0 - LEVEL) / of as f64).sqrt();
            let share = inside as f64 / of as f64;
            assert!(of == 0 || (share - LEVEL).abs() <= bound, "{kind:?}, {days} days known, {h} ahead: {share}");
            // Growth that dies down has another pace every week.
            let often = matches!(kind, Kind::Damped) || of > CREATORS * 9 / 10;
            assert!(often, "{kind:?}, {days} days known, {h} ahead: given {of} times");
        }
    }
}

#[test]
fn intervals_from_two_months_cover_what_they_say() {
    assert_covers(60, &[1, 3]);
}

#[test]
fn intervals_from_four_months_cover_what_they_say() {
    assert_covers(120, &[1, 7, 9]);
}

#[test]
fn intervals_from_a_year_cover_what_they_say() {
    assert_covers(365, &[1, 14, 28]);
}

#[test]
fn no_interval_is_given_where_the_past_is_too_short_for_it() {
    for (days, last) in [(20, 0), (60, 3), (120, 9), (365, 28)] {
        let projection = project(&followers(Kind::Drift, days, 7), 28, LEVEL).unwrap();
        let given: Vec<usize> = (1..=28).filter(|h| projection.ahead[h - 1].reach.is_some()).collect();
        assert_eq!(given, (1..=last).collect::<Vec<_>>(), "{days} days");
    }
}
