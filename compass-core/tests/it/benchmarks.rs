//! Where creators stand among their peers.

use std::collections::BTreeMap;

use compass_core::{
    CreatorId, Language,
    analytics::{Estimate, Flag, MetricId, Peer, Peers, Quality, Standing, Tier},
    stats::Seed,
};
use jiff::Timestamp;
use proptest::prelude::*;

type Figures = BTreeMap<MetricId, Estimate>;

fn engagement(value: f64) -> Figures {
    let figure = Estimate::new(MetricId::ENGAGEMENT, Timestamp::UNIX_EPOCH, 30, value, None);
    [(MetricId::ENGAGEMENT, figure)].into()
}

fn language(code: &str) -> Option<Language> {
    Some(Language::parse(code).unwrap())
}

fn peer(number: usize, followers: u64, language: Option<Language>, metrics: &Figures) -> Peer<'_> {
    Peer { id: CreatorId::parse(&(number + 1).to_string()).unwrap(), followers, language, metrics }
}

fn only_standing(peers: &Peers, of: &Peer<'_>) -> Standing {
    let standings = peers.standings(of, Timestamp::UNIX_EPOCH);
    assert_eq!(standings.len(), 1, "a creator with one figure has one standing");
    standings.into_iter().next().unwrap()
}

#[test]
fn tiers_begin_at_their_bounds() {
    let known = [
        (0, Tier::Nano),
        (9_999, Tier::Nano),
        (10_000, Tier::Micro),
        (99_999, Tier::Micro),
        (100_000, Tier::Mid),
        (499_999, Tier::Mid),
        (500_000, Tier::Macro),
        (999_999, Tier::Macro),
        (1_000_000, Tier::Mega),
        (u64::MAX, Tier::Mega),
    ];
    for (followers, tier) in known {
        assert_eq!(Tier::of(followers), tier, "{followers}");
    }
}

/// Of 40 others with the values 0 to 39, 12 lie below 12, and the one at 12 counts half: 12.5 / 40.
#[test]
fn percentile_is_the_mid_rank_among_the_others() {
    let figures: Vec<Figures> = (0..40).map(|i| engagement(f64::from(i))).collect();
    let peers = Peers::new(figures.iter().enumerate().map(|(i, f)| peer(i, 500, None, f)));
    let twelve = engagement(12.0);
    let stranger = only_standing(&peers, &peer(99, 700, None, &twelve));
    assert_eq!(stranger.percentile.value, Some(12.5 / 40.0));
    assert_eq!(stranger.percentile.n, 40);
    // A member of the corpus is not its own peer: 12 of 39 others lie below.
    let member = only_standing(&peers, &peer(12, 500, None, &figures[12]));
    assert_eq!(member.percentile.value, Some(12.0 / 39.0));
    assert_eq!(member.percentile.n, 39);
}

#[test]
fn figures_of_the_posts_that_did_best_are_not_compared() {
    let of_best = |value| {
        let mut figures = engagement(value);
        figures.values_mut().for_each(|figure| figure.flags.push(Flag::BestPostsOnly));
        figures
    };
    let best: Vec<Figures> = (0..40).map(|i| of_best(100.0 + f64::from(i))).collect();
    let all: Vec<Figures> = (0..40).map(|i| engagement(f64::from(i))).collect();
    let peers = Peers::new(all.iter().chain(&best).enumerate().map(|(i, f)| peer(i, 500, None, f)));
    assert!(peers.standings(&peer(99, 500, None, &best[0]), Timestamp::UNIX_EPOCH).is_empty());
    let twelve = engagement(12.0);
    assert_eq!(only_standing(&peers, &peer(99, 500, None, &twelve)).percentile.value, Some(12.5 / 40.0));
}

#[test]
fn fewer_than_30_others_make_no_percentile() {
    let figures: Vec<Figures> = (0..30).map(|i| engagement(f64::from(i))).collect();
    let peers = Peers::new(figures.iter().enumerate().map(|(i, f)| peer(i, 500, None, f)));
    let member = only_standing(&peers, &peer(3, 500, None, &figures[3]));
    assert_eq!((member.percentile.value, member.percentile.quality), (None, Quality::TooFew { needed: 30 }));
    assert_eq!(member.percentile.n, 29);
    assert!(only_standing(&peers, &peer(99, 500, None, &figures[3])).percentile.value.is_some());
    assert_eq!(only_standing(&peers, &peer(99, 50_000, None, &figures[3])).percentile.n, 0);
    assert_eq!(only_standing(&Peers::default(), &peer(0, 500, None, &figures[3])).percentile.n, 0);
}

#[test]
fn language_counts_where_enough_post_in_it() {
    let figures: Vec<Figures> = (0..70).map(|i| engagement(f64::from(i))).collect();
    let spoken = |i: usize| if i < 31 { language("de") } else { language("fr").filter(|_| i < 60) };
    let peers = Peers::new(figures.iter().enumerate().map(|(i, f)| peer(i, 500, spoken(i), f)));
    let among = |of: &Peer<'_>| {
        let standing = only_standing(&peers, of);
        (standing.language, standing.percentile.n)
    };
    assert_eq!(among(&peer(0, 500, language("de"), &figures[0])), (language("de"), 30));
    assert_eq!(among(&peer(40, 500, language("fr"), &figures[40])), (None, 69), "28 others post in French");
    assert_eq!(among(&peer(65, 500, None, &figures[65])), (None, 69));
    assert_eq!(among(&peer(99, 500, language("es"), &figures[65])), (None, 70));
}

#[test]
fn a_creator_counts_once_with_its_last_figures() {
    let figures: Vec<Figures> = (0..40).map(|i| engagement(f64::from(i))).collect();
    let low = engagement(-1.0);
    let all = figures.iter().enumerate().map(|(i, f)| peer(i, 500, None, f));
    let peers = Peers::new(all.chain([peer(39, 500, None, &low)]));
    let standing = only_standing(&peers, &peer(99, 500, None, &engagement(0.0)));
    assert_eq!((standing.percentile.n, standing.percentile.value), (40, Some(1.5 / 40.0)));
}

/// Creators and their peers from one population, whose percentiles are known: the interval holds 95 % of them.
#[test]
fn intervals_hold_the_place_in_the_population() {
    for others in [30, 100] {
        let rounds = 4_000;
        let held = (0..rounds).filter(|round| {
            let place = |i: usize| Seed::new("peers").with(others as u64).with(*round).with(i as u64).unit();
            let figures: Vec<Figures> = (1..=others).map(|i| engagement(place(i).exp())).collect();
            let peers = Peers::new(figures.iter().enumerate().map(|(i, f)| peer(i, 500, None, f)));
            let own = engagement(place(0).exp());
            let interval = only_standing(&peers, &peer(999, 500, None, &own)).percentile.interval.unwrap();
            (interval.lo..=interval.hi).contains(&place(0))
        });
        let coverage = held.count() as f64 / rounds as f64;
        println!("percentile among {others}: an interval at 95 % holds {:.1} %", coverage * 100.0);
        assert!((coverage - 0.95).abs() < 0.02, "{coverage} among {others}");
    }
}

proptest! {
    #[test]
    fn percentile_is_what_counting_says(
        values in proptest::collection::vec(0..12_u8, 31..80), own in 0..12_u8, member in any::<bool>(),
    ) {
        let figures: Vec<Figures> = values.iter().map(|&v| engagement(f64::from(v))).collect();
        let peers = Peers::new(figures.iter().enumerate().map(|(i, f)| peer(i, 500, None, f)));
        let others = if member { &values[1..] } else { &values[..] };
        let own = engagement(f64::from(own));
        let standing = only_standing(&peers, &peer(if member { 0 } else { 999 }, 500, None, &own));
        let value = own[&MetricId::ENGAGEMENT].value.unwrap();
        let half_ranks: u32 = others.iter().map(|&v| match f64::from(v).total_cmp(&value) {
            std::cmp::Ordering::Less => 2,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 0,
        }).sum();
        let expected = f64::from(half_ranks) / 2.0 / others.len() as f64;
        prop_assert!((standing.percentile.value.unwrap() - expected).abs() < 1e-12);
    }
}
