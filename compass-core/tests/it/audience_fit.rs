//! How well audiences fit, by hand, and within their bounds whatever is not told.

use compass_core::{
    Country, Hours, TargetAudience, WantedAges, WantedGenders,
    analytics::{
        AudienceFit, AudienceGap, AudienceShares, AudienceSource, AudienceTarget, ContentSignals, Dimension, Quality,
        Shares, SharesError, TargetError, Wanted, affinities, affinity, audience_fit, audience_gaps,
    },
    stats::{Seed, jensen_shannon},
};
use jiff::Timestamp;
use proptest::prelude::*;

fn shares(dimension: Dimension, rows: &[(&str, f64)]) -> Shares {
    Shares::parse(dimension, rows.iter().copied()).unwrap()
}

fn audience(source: AudienceSource, of: &[(Dimension, &[(&str, f64)])]) -> AudienceShares {
    AudienceShares { source, dimensions: of.iter().map(|(d, rows)| (*d, shares(*d, rows))).collect() }
}

fn fit(audience: &AudienceShares, target: &AudienceTarget) -> AudienceFit {
    audience_fit(Some(audience), &ContentSignals::default(), target, Timestamp::UNIX_EPOCH)
}

fn gaps(audience: &AudienceShares, target: &AudienceTarget) -> Vec<AudienceGap> {
    audience_gaps(Some(audience), &ContentSignals::default(), target, Timestamp::UNIX_EPOCH)
}

fn wanted(dimension: Dimension, wish: Wanted) -> AudienceTarget {
    AudienceTarget::default().with(dimension, wish, 1.0).unwrap()
}

/// Value, lower and upper bound.
fn figures(fit: &AudienceFit) -> [f64; 3] {
    let interval = fit.overall.interval.unwrap();
    assert_eq!(interval.level, 1.0);
    [fit.overall.value.unwrap(), interval.lo, interval.hi]
}

fn assert_close(found: [f64; 3], expected: [f64; 3]) {
    assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9), "{found:?} is not {expected:?}");
}

const TERRITORIES: &[(&str, f64)] = &[("US", 0.46), ("EG", 0.22), ("TR", 0.07), ("GB", 0.01), ("Others", 0.24)];

#[test]
fn told_groups_are_counted_and_the_others_bound_the_rest() {
    let studio = audience(AudienceSource::StudioExport, &[(Dimension::Territory, TERRITORIES)]);
    let of =
        |groups: &[&str]| figures(&fit(&studio, &wanted(Dimension::Territory, Wanted::any_of(groups.iter().copied()))));
    assert_close(of(&["us", "GB "]), [0.47, 0.47, 0.47]);
    assert_close(of(&["US", "DE"]), [0.58, 0.46, 0.70]);
    assert_close(of(&["DE"]), [0.12, 0.0, 0.24]);
}

/// scipy 1.17.1: `1 - jensenshannon([.2, .5, .3], [.1, .4, .5], base=2) ** 2`
#[test]
fn fit_to_a_distribution_is_one_less_the_divergence() {
    let ages = [("18-24", 0.2), ("25-34", 0.5), ("35+", 0.3)];
    let wish = Wanted::Distribution(shares(Dimension::Age, &[("18-24", 0.1), ("25-34", 0.4), ("35+", 0.5)]));
    let partner = audience(AudienceSource::PartnerFile, &[(Dimension::Age, &ages)]);
    let expected = 1.0 - 0.034_497_796_794_640_566;
    assert_close(figures(&fit(&partner, &wanted(Dimension::Age, wish))), [expected; 3]);
}

/// Weights 3 and 1: 0.47^(3/4) · 0.59^(1/4); without the age, from 0 to that with weights 3, 1 and 4.
#[test]
fn a_dimension_that_is_not_told_widens_the_bounds() {
    let gender = [("Female", 0.59), ("Male", 0.41), ("Other", 0.0)];
    let studio =
        audience(AudienceSource::StudioExport, &[(Dimension::Territory, TERRITORIES), (Dimension::Gender, &gender)]);
    let two = wanted(Dimension::Gender, Wanted::any_of(["female"]))
        .with(Dimension::Territory, Wanted::any_of(["US", "GB"]), 3.0)
        .unwrap();
    let value = 0.47_f64.powf(0.75) * 0.59_f64.powf(0.25);
    assert_close(figures(&fit(&studio, &two)), [value; 3]);

    let three = two.with(Dimension::Age, Wanted::any_of(["18-24"]), 4.0).unwrap();
    let found = fit(&studio, &three);
    assert_close(figures(&found), [value, 0.0, 0.47_f64.powf(3.0 / 8.0) * 0.59_f64.powf(1.0 / 8.0)]);
    assert_eq!(found.overall.n, 2);
    let age = found.parts.iter().find(|part| part.dimension == Dimension::Age).unwrap();
    assert_eq!((age.value, age.lo, age.hi, age.weight), (None, 0.0, 1.0, 0.5));
}

/// Of what was guessed, 70 % are right: 0.7 · 0.47, and at best the wrong 30 % and the others as well.
#[test]
fn guessed_shares_have_wide_bounds() {
    let guessed = audience(AudienceSource::Inferred, &[(Dimension::Territory, TERRITORIES)]);
    let target = wanted(Dimension::Territory, Wanted::any_of(["US", "GB"]));
    let (lo, hi) = (0.7 * 0.47, 0.7 * 0.47 + 0.3 + 0.7 * 0.24);
    assert_close(figures(&fit(&guessed, &target)), [f64::midpoint(lo, hi), lo, hi]);
    assert_eq!(fit(&guessed, &target).source, AudienceSource::Inferred);
}

#[test]
fn no_wish_and_nothing_known_have_no_figure() {
    let studio = audience(AudienceSource::StudioExport, &[(Dimension::Territory, TERRITORIES)]);
    let none = AudienceTarget::default();
    assert_eq!(fit(&studio, &none).overall.quality, Quality::TooFew { needed: 1 });
    assert_eq!(none.clone().with(Dimension::Territory, Wanted::any_of([]), 1.0).unwrap(), none);
    assert_eq!(
        wanted(Dimension::Age, Wanted::any_of(["18-24"])).with(Dimension::Age, Wanted::any_of(["18-24"]), 0.0).unwrap(),
        none
    );
    let age = fit(&studio, &wanted(Dimension::Age, Wanted::any_of(["18-24"])));
    assert_eq!((age.overall.value, age.overall.quality, age.parts.len()), (None, Quality::Hidden, 1));
    let nobody = fit(&studio, &wanted(Dimension::Territory, Wanted::any_of(["XX"])));
    assert_eq!(nobody.overall.interval.unwrap().lo, 0.0);
}

#[test]
fn wishes_without_sense_are_refused() {
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let refused = AudienceTarget::default().with(Dimension::Age, Wanted::any_of(["18-24"]), weight);
        assert_eq!(refused, Err(TargetError::Weight(Dimension::Age)));
    }
    let empty = Wanted::Distribution(shares(Dimension::Age, &[("18-24", 0.0)]));
    assert_eq!(AudienceTarget::default().with(Dimension::Age, empty, 1.0), Err(TargetError::Empty(Dimension::Age)));
}

#[test]
fn shares_without_sense_are_refused_with_their_place() {
    let refused = |rows: &[(&str, f64)]| Shares::parse(Dimension::Gender, rows.iter().copied()).unwrap_err();
    assert!(matches!(refused(&[("A", f64::NAN)]), SharesError::Share { bucket, .. } if bucket == "a"));
    assert_eq!(refused(&[("A", 1.2)]).to_string(), "gender \"a\" has the share 1.2, which is not from 0 to 1");
    assert_eq!(refused(&[("A", -0.1)]).to_string(), "gender \"a\" has the share -0.1, which is not from 0 to 1");
    assert_eq!(refused(&[("A", 0.1), (" a", 0.2)]).to_string(), "gender \"a\" stands twice");
    let sum = refused(&[("A", 0.7), ("B", 0.32)]);
    assert!(matches!(sum, SharesError::Sum { dimension: Dimension::Gender, bucket, .. } if bucket == "a"));
}

#[test]
fn what_rounding_explains_is_accepted() {
    let rounded = shares(Dimension::Gender, &[("A", 0.7), ("B", 0.31)]);
    assert!((rounded.of("a").unwrap() - 0.7 / 1.01).abs() < 1e-12);
    assert_eq!((rounded.of("c"), rounded.rest()), (None, 0.0));
    // "Other" is a gender, but no territory.
    assert_eq!(shares(Dimension::Gender, &[("Other", 0.1)]).of("other"), Some(0.1));
    assert_eq!(shares(Dimension::Territory, &[("Other", 0.1)]).of("other"), None);
    assert_eq!(shares(Dimension::Age, &[]).rest(), 1.0);
}

#[test]
fn the_countries_of_an_account_are_a_target() {
    let studio = audience(AudienceSource::StudioExport, &[(Dimension::Territory, TERRITORIES)]);
    let mut account = TargetAudience::default();
    assert_eq!(AudienceTarget::from(&account), AudienceTarget::default());
    account.countries = ["us", "TR"].map(|code| Country::parse(code).unwrap()).to_vec();
    assert_close(figures(&fit(&studio, &AudienceTarget::from(&account))), [0.53; 3]);
}

#[test]
fn affinity_is_the_share_over_the_base() {
    let now = Timestamp::UNIX_EPOCH;
    let index = affinity(0.06, 0.02, Some(50), now);
    // `binomtest(3, 50).proportion_ci(method="wilson")`, scipy 1.17.1, over 0.02
    assert!((index.value.unwrap() - 3.0).abs() < 1e-12);
    assert!((index.interval.unwrap().lo - 0.020_614_970_348_973_957 / 0.02).abs() < 1e-9);
    assert!((index.interval.unwrap().hi - 0.162_170_916_888_381_7 / 0.02).abs() < 1e-9);
    assert_eq!(affinity(0.06, 0.02, None, now).interval, None);
    for (share, base) in [(0.1, 0.0), (0.1, f64::NAN), (1.1, 0.5), (f64::NAN, 0.5), (0.1, 1.1)] {
        assert_eq!(affinity(share, base, Some(50), now).value, None, "{share} {base}");
    }
}

/// Shares counted among 400 people whose true share is anything from 1 % to 60 %.
#[test]
fn intervals_of_affinity_hold_the_truth() {
    let rounds = 4_000;
    let held = (0..rounds).filter(|round| {
        let seed = Seed::new("affinity").with(*round);
        let truth = 0.01 + 0.59 * seed.unit();
        let counted = (0..400).filter(|i| seed.with(*i).unit() < truth).count();
        let interval = affinity(counted as f64 / 400.0, 0.1, Some(400), Timestamp::UNIX_EPOCH).interval.unwrap();
        (interval.lo..=interval.hi).contains(&(truth / 0.1))
    });
    let coverage = held.count() as f64 / rounds as f64;
    println!("affinity: an interval at 95 % holds {:.1} %", coverage * 100.0);
    assert!((coverage - 0.95).abs() < 0.02, "{coverage}");
}

proptest! {
    /// However the untold part is spread over the wanted groups and elsewhere, the fit stays inside the bounds.
    #[test]
    fn bounds_hold_every_audience_that_the_shares_allow(
        told in proptest::collection::vec(0.0..1.0_f64, 0..4),
        wish in proptest::collection::vec(0.001..1.0_f64, 1..7),
        rest in 0.0..1.0_f64,
        guessed in any::<bool>(),
        spread in proptest::collection::vec(0.0..1.0_f64, 8),
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        let scaled = |values: &[f64], whole: f64| -> Vec<f64> {
            let sum: f64 = values.iter().sum();
            values.iter().map(|v| if sum > 0.0 { v / sum * whole } else { 0.0 }).collect()
        };
        let told = scaled(&told, 1.0 - rest);
        let wish = scaled(&wish, 1.0);
        let named = |values: &[f64]| {
            Shares::parse(Dimension::Age, names.iter().copied().zip(values.iter().copied())).unwrap()
        };
        let source = if guessed { AudienceSource::Inferred } else { AudienceSource::PartnerFile };
        let audience = AudienceShares { source, dimensions: [(Dimension::Age, named(&told))].into() };
        let target = wanted(Dimension::Age, Wanted::Distribution(named(&wish)));
        let [value, lo, hi] = figures(&fit(&audience, &target));
        prop_assert!(0.0 <= lo && lo <= value && value <= hi && hi <= 1.0);

        // Seven groups, told first, and elsewhere.
        let wrong = if guessed { 0.3 } else { 0.0 };
        let mut truth = [0.0; 8];
        for (place, share) in told.iter().enumerate() {
            truth[place] = share * (1.0 - wrong);
        }
        let open: f64 = 1.0 - truth.iter().sum::<f64>();
        let mut taking = spread;
        if !guessed {
            taking[..told.len()].fill(0.0);
        }
        for (place, more) in scaled(&taking, open).into_iter().enumerate() {
            truth[place] += more;
        }
        let mut wish = wish;
        wish.resize(8, 0.0);
        let fit = 1.0 - jensen_shannon(&truth, &wish).unwrap();
        prop_assert!(lo - 1e-9 <= fit && fit <= hi + 1e-9, "{fit} is outside {lo} to {hi}");
    }
}

#[test]
fn groups_that_both_audiences_tell_of_have_an_affinity() {
    let studio = audience(AudienceSource::StudioExport, &[(Dimension::Territory, TERRITORIES)]);
    let usual = [("us", 0.23), ("EG", 0.44), ("TR", 0.0), ("FR", 0.1)];
    let usual =
        audience(AudienceSource::PartnerFile, &[(Dimension::Territory, &usual), (Dimension::Age, &[("18-24", 1.0)])]);
    let found: Vec<_> = affinities(&studio, &usual, Timestamp::UNIX_EPOCH)
        .into_iter()
        .map(|of| (of.group, of.affinity.value, of.affinity.interval))
        .collect();
    assert_eq!(found, [("us".to_owned(), Some(2.0), None), ("eg".to_owned(), Some(0.5), None)]);
}

#[test]
fn target_of_a_person_has_countries_hours_genders_and_ages() {
    let target = TargetAudience {
        countries: vec![Country::parse("US").unwrap()],
        active_hours: Hours::parse([7, 18]).unwrap(),
        genders: WantedGenders::parse([("female", 60), ("male", 40)]).unwrap(),
        ages: WantedAges::parse([("18-24", 100)]).unwrap(),
        ..TargetAudience::default()
    };
    let partner = audience(
        AudienceSource::PartnerFile,
        &[
            (Dimension::Territory, &[("US", 0.5), ("DE", 0.5)]),
            (Dimension::ActiveHours, &[("07", 0.25), ("18", 0.25), ("20", 0.5)]),
            (Dimension::Gender, &[("Female", 0.6), ("Male", 0.4)]),
            (Dimension::Age, &[("18-24", 1.0)]),
        ],
    );
    // A half, a half, 1 and 1, each with a fourth of the weight: 0.25^(1/4).
    let half = 0.25_f64.powf(0.25);
    assert_close(figures(&fit(&partner, &AudienceTarget::from(&target))), [half; 3]);
}

/// Gender fits at 0.6, territory at 0.9: sqrt(0.54) = 0.7348. With gender as wanted it were sqrt(0.9), with territory sqrt(0.6).
#[test]
fn gap_says_how_much_better_the_fit_would_be_and_where() {
    let studio = audience(
        AudienceSource::StudioExport,
        &[
            (Dimension::Gender, &[("female", 0.6), ("male", 0.4)]),
            (Dimension::Territory, &[("DE", 0.7), ("AT", 0.2), ("US", 0.1)]),
        ],
    );
    let target = wanted(Dimension::Gender, Wanted::any_of(["female"]))
        .with(Dimension::Territory, Wanted::any_of(["DE", "AT"]), 1.0)
        .unwrap()
        .with(Dimension::Age, Wanted::any_of(["18-24"]), 1.0)
        .unwrap();
    let found_gaps = gaps(&studio, &target);
    let found: Vec<(Dimension, &str)> =
        found_gaps.iter().map(|gap| (gap.dimension, gap.groups[0].group.as_str())).collect();
    assert_eq!(found, [(Dimension::Gender, "female"), (Dimension::Territory, "at or de")], "ages are not told");
    for (gap, (gain, share)) in
        found_gaps.iter().zip([(0.9_f64.sqrt() - 0.54_f64.sqrt(), 0.6), (0.6_f64.sqrt() - 0.54_f64.sqrt(), 0.9)])
    {
        assert!((gap.gain - gain).abs() < 1e-9, "{gap:?}");
        assert!((gap.groups[0].share - share).abs() < 1e-9 && gap.groups[0].wanted == 1.0, "{gap:?}");
    }
    let exact =
        wanted(Dimension::Gender, Wanted::Distribution(shares(Dimension::Gender, &[("female", 0.6), ("male", 0.4)])));
    assert_eq!(gaps(&studio, &exact), []);
    let other =
        wanted(Dimension::Gender, Wanted::Distribution(shares(Dimension::Gender, &[("female", 0.2), ("male", 0.8)])));
    let groups = &gaps(&studio, &other)[0].groups;
    assert_eq!((groups[0].group.as_str(), groups[1].group.as_str()), ("male", "female"), "what lacks most comes first");
    assert_eq!(gaps(&studio, &wanted(Dimension::Age, Wanted::any_of(["18-24"]))), []);
}
