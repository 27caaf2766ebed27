//! The search among vectors: what is nearest, whatever was put in and taken away before, and what is kept of it.

use std::collections::BTreeMap;

use compass_core::{
    CreatorId,
    recommend::{DamagedVectors, Near, VectorError, Vectors},
    stats::Seed,
};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

/// Numbers are whole and small, so that products are exact in whatever order they are added.
type Vector = [i8; 8];
type Kept = BTreeMap<u64, Vector>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn search_is_the_naive_one_while_all_are_ranked_again(
        kept in kept(0..40), asked in vector(), most in 0_usize..50,
    ) {
        prop_assert_eq!(vectors(&kept).search(&floats(&asked), most).unwrap(), naive(&kept, &asked, most));
    }

    #[test]
    fn nobody_is_left_out_by_more_than_codes_round(kept in kept(100..900), asked in vector()) {
        let found = vectors(&kept).search(&floats(&asked), 10).unwrap();
        let best = naive(&kept, &asked, 10);
        prop_assert_eq!(found.len(), 10);
        prop_assert!(found.is_sorted_by(|a, b| (b.product, a.id) <= (a.product, b.id)));
        for near in &found {
            prop_assert_eq!(near.product, product(&kept[&near.id.get()], &asked));
        }
        // A code is half a step of at most 16 / 127 off in each number, the question far less.
        let off = 16.0 / 127.0 / 2.0 * asked.iter().map(|&number| f32::from(number).abs()).sum::<f32>() + 0.1;
        prop_assert!(found[9].product >= best[9].product - 2.0 * off, "{:?} {:?}", found, best);
    }

    #[test]
    fn what_was_before_does_not_matter(changes in changes(), asked in vector(), most in 0_usize..12) {
        let (mut changed, mut kept) = (Vectors::<8>::new(), Kept::new());
        for (id, vector) in changes {
            match vector {
                Some(vector) => {
                    changed.insert(creator(id), &floats(&vector)).unwrap();
                    kept.insert(id, vector);
                }
                None => prop_assert_eq!(changed.remove(creator(id)), kept.remove(&id).is_some()),
            }
            prop_assert_eq!(changed.len(), kept.len());
        }
        prop_assert_eq!(changed.search(&floats(&asked), most).unwrap(), naive(&kept, &asked, most));
        prop_assert_eq!(changed.to_bytes(), vectors(&kept).to_bytes());
        let again = Vectors::<8>::from_bytes(&changed.to_bytes()).unwrap();
        prop_assert_eq!(again.search(&floats(&asked), most).unwrap(), naive(&kept, &asked, most));
    }

    #[test]
    fn filtered_searches_are_the_naive_one_of_those(
        kept in kept(300..400), asked in vector(), every in 1_usize..40,
    ) {
        let vectors = vectors(&kept);
        let some: Kept = kept.iter().step_by(every).map(|(&id, &vector)| (id, vector)).collect();
        let mut ids: Vec<CreatorId> = some.keys().map(|&id| creator(id)).collect();
        ids.push(creator(1 << 40));
        ids.push(ids[0]);
        let found = vectors.search_among(&floats(&asked), 100, &ids).unwrap();
        prop_assert_eq!(&found, &naive(&some, &asked, 100), "unknown ids are passed over, and those told twice found once");
        // Four times what is wanted are ranked again, which is all of them.
        let found = vectors.search_where(&floats(&asked), 100, |id| some.contains_key(&id.get())).unwrap();
        prop_assert_eq!(&found, &naive(&some, &asked, 100));
    }

    #[test]
    fn many_searches_are_each_alone_on_any_number_of_threads(
        kept in kept(500..1_200), asked in prop::collection::vec(vector(), 0..140),
    ) {
        let vectors = vectors(&kept);
        let asked: Vec<Vec<f32>> = asked.iter().map(floats).collect();
        let alone: Vec<Vec<Near>> = asked.iter().map(|asked| vectors.search(asked, 5).unwrap()).collect();
        for threads in [1, 3] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            prop_assert_eq!(&pool.install(|| vectors.search_many(&asked, 5)).unwrap(), &alone);
            let again = pool.install(|| asked.iter().map(|asked| vectors.search(asked, 5).unwrap()).collect::<Vec<_>>());
            prop_assert_eq!(&again, &alone);
        }
    }

    #[test]
    fn damaged_bytes_are_never_taken(kept in kept(0..5), at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let good = vectors(&kept).to_bytes();
        let mut bad = good.clone();
        let place = at.index(bad.len());
        bad[place] ^= flip;
        prop_assert!(Vectors::<8>::from_bytes(&bad).is_err());
        prop_assert!(Vectors::<8>::from_bytes(&good[..place]).is_err());
    }
}

/// More than two of the blocks that codes are read in, and a part of a third.
#[test]
fn searches_of_many_blocks_are_the_naive_one_if_all_are_ranked_again() {
    let number = |id: u64, place: u64| (Seed::new("blocks").with(id).with(place).get() % 17) as i8 - 8;
    let kept: Kept = (1..=9_000).map(|id| (id, std::array::from_fn(|place| number(id, place as u64)))).collect();
    let vectors = vectors(&kept);
    let asked: Vec<Vector> = (9_001..9_006).map(|id| std::array::from_fn(|place| number(id, place as u64))).collect();
    // Four times what is wanted are ranked again.
    let many = vectors.search_many(&asked.iter().map(floats).collect::<Vec<_>>(), 2_250).unwrap();
    for (asked, many) in asked.iter().zip(many) {
        let naive = naive(&kept, asked, 2_250);
        assert_eq!(vectors.search(&floats(asked), 2_250).unwrap(), naive);
        assert_eq!(many, naive);
    }
}

#[test]
fn of_equals_the_smallest_ids_are_given() {
    let kept: Kept = (1..10_000).rev().map(|id| (id, [1; 8])).collect();
    let found = vectors(&kept).search(&[0.0; 8], 3).unwrap();
    assert_eq!(found, [1, 2, 3].map(|id| Near { id: creator(id), product: 0.0 }));
}

#[test]
fn extreme_numbers_are_found_or_refused() {
    let mut vectors = Vectors::<2>::new();
    for (id, number) in [(1, 1e15), (2, 1e-40), (3, -1e15), (4, 0.0)] {
        vectors.insert(creator(id), &[number, number]).unwrap();
    }
    let found = vectors.search(&[1e15, 1e15], 4).unwrap();
    assert_eq!(found.iter().map(|near| near.id.get()).collect::<Vec<_>>(), [1, 2, 4, 3]);
    for number in [f32::NAN, f32::INFINITY, -2e15] {
        assert_eq!(vectors.insert(creator(9), &[0.0, number]), Err(VectorError::Number(1)));
        assert_eq!(vectors.search(&[number, 0.0], 1), Err(VectorError::Number(0)));
    }
    let wrong = VectorError::Length { found: 3, wanted: 2 };
    assert_eq!(vectors.insert(creator(9), &[0.0; 3]), Err(wrong));
    assert_eq!(vectors.search_many(&[vec![0.0; 3]], 1), Err(wrong));
    assert_eq!(vectors.len(), 4);
    assert_eq!(vectors.get(creator(9)), None);
}

#[test]
fn bytes_say_what_is_wrong_with_them() {
    let mut vectors = Vectors::<2>::new();
    vectors.insert(creator(1), &[1.0, 2.0]).unwrap();
    let good = vectors.to_bytes();
    assert_eq!(good.len(), 24 + 8 + 8 + 32);
    assert_eq!(Vectors::<2>::from_bytes(b"PAR1 and more").unwrap_err(), DamagedVectors::Foreign);
    assert_eq!(Vectors::<2>::from_bytes(&[]).unwrap_err(), DamagedVectors::Foreign);
    let mut later = good.clone();
    later[8] = 2;
    assert_eq!(Vectors::<2>::from_bytes(&later).unwrap_err(), DamagedVectors::Version(2));
    let other = DamagedVectors::Dimensions { found: 2, wanted: 3 };
    assert_eq!(Vectors::<3>::from_bytes(&good).unwrap_err(), other);
    assert!(other.to_string().ends_with("make them anew from the store"), "{other}");
    assert_eq!(Vectors::<2>::from_bytes(&good[..good.len() - 1]).unwrap_err(), DamagedVectors::Damaged);
}

fn vector() -> impl Strategy<Value = Vector> {
    prop::array::uniform8(-8_i8..=8)
}

fn kept(size: std::ops::Range<usize>) -> impl Strategy<Value = Kept> {
    prop::collection::vec(vector(), size).prop_map(|vectors| (1..).zip(vectors).collect())
}

/// Vectors to put in, or `None` to take what is there away.
fn changes() -> impl Strategy<Value = Vec<(u64, Option<Vector>)>> {
    prop::collection::vec((1_u64..30, prop::option::weighted(0.7, vector())), 0..120)
}

fn vectors(kept: &Kept) -> Vectors<8> {
    let mut vectors = Vectors::new();
    for (&id, vector) in kept {
        vectors.insert(creator(id), &floats(vector)).unwrap();
    }
    vectors
}

/// All products, sorted.
fn naive(kept: &Kept, asked: &Vector, most: usize) -> Vec<Near> {
    let near = |(&id, vector): (&u64, &Vector)| Near { id: creator(id), product: product(vector, asked) };
    let mut all: Vec<Near> = kept.iter().map(near).collect();
    all.sort_by(|a, b| b.product.total_cmp(&a.product).then(a.id.cmp(&b.id)));
    all.truncate(most);
    all
}

fn product(a: &Vector, b: &Vector) -> f32 {
    // Whole numbers have no negative zero.
    f32::from(a.iter().zip(b).map(|(&a, &b)| i16::from(a) * i16::from(b)).sum::<i16>())
}

fn floats(vector: &Vector) -> Vec<f32> {
    vector.iter().map(|&number| f32::from(number)).collect()
}

fn creator(id: u64) -> CreatorId {
    CreatorId::try_from(id.cast_signed()).unwrap()
}
