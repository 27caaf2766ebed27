//! What texts mean: kept as bytes, refused where they are not those that were written, and scanned without another answer.

use std::sync::Arc;

use compass_core::{
    CreatorId,
    analytics::Tier,
    recommend::{
        DamagedVectors, Filter, Known, Meanings, PartWeights, ProfileIndex, ProfileVector, Search, VectorError,
    },
    stats::Seed,
};
use proptest::prelude::*;

fn id(number: i64) -> CreatorId {
    CreatorId::try_from(number).unwrap()
}

/// A vector of length 1.
fn direction(seed: Seed, dimensions: usize) -> Vec<f32> {
    let numbers: Vec<f64> = (0..dimensions as u64).map(|place| seed.with(place).unit() - 0.5).collect();
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    numbers.into_iter().map(|number| (number / length) as f32).collect()
}

fn meanings(creators: i64, dimensions: usize) -> Meanings {
    let mut meanings = Meanings::new("small", dimensions).unwrap();
    for number in 1..=creators {
        let vector = direction(Seed::new("meanings").with(number.unsigned_abs()), dimensions);
        meanings.insert(id(number), &format!("text {number}"), &vector).unwrap();
    }
    meanings
}

/// Of each length that the loops are compiled for, and one between.
#[test]
fn vectors_of_any_length_read_back_as_they_were() {
    for dimensions in [1, 256, 257, 768, 3_072] {
        let kept = meanings(3, dimensions);
        let bytes = kept.to_bytes();
        let again = Meanings::from_bytes(&bytes, "small", dimensions).unwrap();
        assert_eq!(again.to_bytes(), bytes);
        assert_eq!((again.len(), again.model(), again.dimensions()), (3, "small", dimensions));
        for number in 1..=3 {
            assert_eq!(again.get(id(number)), kept.get(id(number)));
            assert_eq!(again.get(id(number)).unwrap().len(), dimensions);
            assert_eq!(again.of_text(id(number), &format!("text {number}")), kept.get(id(number)));
            assert_eq!(again.of_text(id(number), "another text"), None);
        }
    }
}

#[test]
fn bytes_that_are_not_those_that_were_written_are_never_taken() {
    let good = meanings(3, 2).to_bytes();
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut flipped = good.clone();
            flipped[place] ^= 1 << bit;
            assert!(Meanings::from_bytes(&flipped, "small", 2).is_err(), "bit {bit} of byte {place}");
        }
        assert!(Meanings::from_bytes(&good[..place], "small", 2).is_err(), "cut at {place}");
    }
    let longer = [&good[..], &[0]].concat();
    assert_eq!(Meanings::from_bytes(&longer, "small", 2).unwrap_err(), DamagedVectors::Damaged);
    let found = "small".to_owned();
    assert_eq!(Meanings::from_bytes(&good, "large", 2).unwrap_err(), DamagedVectors::Model { found });
    let other = DamagedVectors::Dimensions { found: 2, wanted: 3 };
    assert_eq!(Meanings::from_bytes(&good, "small", 3).unwrap_err(), other);
    assert_eq!(Meanings::from_bytes(b"PAR1 and more", "small", 2).unwrap_err(), DamagedVectors::Foreign);
    let mut later = good;
    later[8] = 3;
    assert_eq!(Meanings::from_bytes(&later, "small", 2).unwrap_err(), DamagedVectors::Version(3));
}

#[test]
fn vector_of_another_length_is_refused() {
    let mut meanings = meanings(1, 3);
    let wrong = VectorError::Length { found: 2, wanted: 3 };
    assert_eq!(meanings.insert(id(1), "text", &[1.0, 0.0]), Err(wrong));
    assert_eq!(meanings.insert(id(1), "text", &[f32::NAN, 0.0, 0.0]), Err(VectorError::Number(0)));
    assert_eq!(meanings.insert(id(1), "text", &[0.0, 0.0, f32::NEG_INFINITY]), Err(VectorError::Number(2)));
    assert!(meanings.of_text(id(1), "text 1").is_some(), "nothing is changed");
}

#[test]
fn of_a_vector_the_direction_is_kept() {
    let mut meanings = Meanings::new("small", 2).unwrap();
    for vector in [[3.0, -4.0], [3e-30, -4e-30], [3e37, -4e37]] {
        meanings.insert(id(1), "text", &vector).unwrap();
        assert_eq!(meanings.get(id(1)), Some(&[0.6, -0.8][..]), "{vector:?}");
    }
    // A model that finds nothing in a text says so by zeros.
    meanings.insert(id(1), "❤", &[0.0, 0.0]).unwrap();
    assert_eq!(meanings.of_text(id(1), "❤"), Some(&[0.0, 0.0][..]));
}

/// Creators of a few words each, some without a vector.
fn index(creators: i64, dimensions: usize, seed: Seed) -> (ProfileIndex, Vec<ProfileVector>) {
    let vectors: Vec<ProfileVector> = (1..=creators)
        .map(|number| {
            let draw = |what: u64| seed.with(number.unsigned_abs()).with(what).get();
            let bio = format!("word{} word{}", draw(1) % 40, draw(2) % 200);
            let followers = Some(10_u64.pow(3 + (draw(3) % 4) as u32));
            let known = Known { id: id(number), bio: &bio, posts: &[], followers, language: None, region: None };
            ProfileVector::of(&known)
        })
        .collect();
    let mut meanings = Meanings::new("small", dimensions).unwrap();
    for number in (1..=creators).filter(|number| number % 11 != 0) {
        // Several are of one kind, so that some are near.
        let kind = seed.with(number.unsigned_abs()).get() % 30;
        let (kind, own) =
            (direction(seed.with(kind), dimensions), direction(seed.with(number.unsigned_abs()), dimensions));
        let both: Vec<f32> = kind.iter().zip(own).map(|(kind, own)| (kind + 0.7 * own) / 1.7).collect();
        meanings.insert(id(number), "", &both).unwrap();
    }
    let index = ProfileIndex::with_weights(vectors.clone(), PartWeights::with_meaning());
    (index.with_meanings(Arc::new(meanings)), vectors)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn scanned_creators_are_those_that_a_comparison_with_all_gives(
        seed in any::<u64>(), dimensions in 1_usize..140, most in 1_usize..12, varied in any::<bool>(), mid in any::<bool>(),
    ) {
        // More than the scan looks for.
        let (index, vectors) = index(1_500, dimensions, Seed::new("scan").with(seed));
        let tiers = if mid { vec![Tier::Mid] } else { Vec::new() };
        let filter = Filter { tiers, exclude: vec![id(3)], ..Filter::default() };
        let search = Search { most, lambda: if varied { 0.7 } else { 1.0 }, filter };
        let (scanned, whole) = (index.clone().scanned_from(0), index.scanned_from(usize::MAX));
        for of in vectors.iter().take(12) {
            prop_assert_eq!(scanned.similar(of, &search), whole.similar(of, &search));
        }
        // Of somebody who is in neither list, what its own texts mean is brought along.
        let known = Known { id: id(9_999), bio: "word1 word2", posts: &[], followers: None, language: None, region: None };
        let stranger = ProfileVector::of(&known).with_meaning(&direction(Seed::new("stranger").with(seed), dimensions));
        prop_assert_eq!(scanned.similar(&stranger, &search), whole.similar(&stranger, &search));
    }
}

/// Vectors that are hard to tell apart by their codes: a few numbers are large, so that steps are wide; the others lie halfway between two
/// steps, where rounding is worst, and are of either sign; and many are the same but for the last bits. Their lengths are any.
fn hard(dimensions: usize, seed: Seed) -> Vec<f32> {
    let draw = |what: u64| seed.with(what).get();
    let steps = [0.5, 2.5, 6.5, 10.5][(draw(0) % 4) as usize];
    let mirrored = if draw(1) % 2 == 0 { 1.0 } else { -1.0 };
    let length = [1.0, 1e-3, 40.0][(draw(2) % 3) as usize];
    let mut vector: Vec<f32> = (0..dimensions).map(|_| (mirrored * steps * length) as f32).collect();
    let last = (draw(3) % 8) as f64;
    vector[0] = ((127.0 + last / 64.0) * length) as f32;
    if dimensions > 1 {
        let place = 1 + (draw(4) as usize) % (dimensions - 1);
        vector[place] = ((draw(5) % 128) as f64 * length) as f32;
    }
    vector
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn scanned_creators_are_the_same_where_vectors_are_hardly_told_apart(
        seed in any::<u64>(), dimensions in prop_oneof![Just(1_usize), Just(2), Just(255), Just(300), Just(1_000)], most in 1_usize..12,
    ) {
        let seed = Seed::new("hard").with(seed);
        let mut meanings = Meanings::new("small", dimensions).unwrap();
        let vectors: Vec<ProfileVector> = (1..=1_500).map(|number| {
            let of = seed.with(number as u64);
            meanings.insert(id(number), "", &hard(dimensions, of)).unwrap();
            // They differ in what they mean, and hardly in their words.
            let bio = ["same", "same word"][(of.with(9).get() % 2) as usize];
            ProfileVector::of(&Known { id: id(number), bio, posts: &[], followers: None, language: None, region: None })
        }).collect();
        let weights = PartWeights { meaning: 0.9, words: 0.1, ..PartWeights::with_meaning() };
        let index = ProfileIndex::with_weights(vectors, weights).with_meanings(Arc::new(meanings));
        let (scanned, whole) = (index.clone().scanned_from(0), index.scanned_from(usize::MAX));
        let search = Search { most, ..Search::default() };
        for number in 0..6 {
            let known = Known { id: id(9_999), bio: "same", posts: &[], followers: None, language: None, region: None };
            let stranger = ProfileVector::of(&known).with_meaning(&hard(dimensions, seed.with(70_000 + number)));
            prop_assert_eq!(scanned.similar(&stranger, &search), whole.similar(&stranger, &search));
        }
    }
}
