//! Order statistics of counts without sorting: the range of values is halved, and the values below counted in wide lanes.

/// A loop over whole lanes of so many is compiled to the widest vectors, without a slow end.
pub(super) const LANES: usize = 64;

/// Values that are not negative, in whole lanes: behind the last stand some [`PAD`].
pub(super) type Lanes = [i32; LANES];

/// Stands behind the last value; above every other, it changes no rank of one.
pub(super) const PAD: i32 = i32::MAX;

/// Copies values into whole lanes.
#[inline(always)]
pub(super) fn pad(values: &[i32], lanes: &mut Vec<Lanes>) {
    let (chunks, rest) = values.as_chunks();
    lanes.clear();
    lanes.extend_from_slice(chunks);
    if !rest.is_empty() {
        let mut last = [PAD; LANES];
        last[..rest.len()].copy_from_slice(rest);
        lanes.push(last);
    }
}

/// The values of rank `k` and `k + 1` (counted from 0); both are between the ends of `range`, if there are so many.
///
/// At most 32 passes over the values, whatever they are.
#[inline(always)]
pub(super) fn pair_at(values: &[Lanes], range: (i32, i32), k: usize) -> (i32, i32) {
    let (mut low, mut high) = range;
    while low < high {
        let middle = low + (high - low) / 2;
        let below = count(values, |v| v <= middle);
        if below == k + 1 {
            return beside(values, middle);
        }
        (low, high) = if below > k { (low, middle) } else { (middle + 1, high) };
    }
    // Equal values around rank `k`.
    if count(values, |v| v <= low) > k + 1 { (low, low) } else { (low, beside(values, low).1) }
}

/// The two values in the middle of `n`, one and the same if their number is odd.
#[inline(always)]
pub(super) fn middle_pair(values: &[Lanes], range: (i32, i32), n: usize) -> (i32, i32) {
    let (lower, upper) = pair_at(values, range, (n - 1) / 2);
    (lower, if n % 2 == 1 { lower } else { upper })
}

/// How many values are so, pads among them.
#[inline(always)]
pub(super) fn count(values: &[Lanes], is_so: impl Fn(i32) -> bool) -> usize {
    values.as_flattened().iter().map(|&v| u32::from(is_so(v))).sum::<u32>() as usize
}

/// The least and the greatest value.
#[inline(always)]
pub(super) fn range(values: &[i32]) -> (i32, i32) {
    values.iter().fold((i32::MAX, 0), |(low, high), &v| (low.min(v), high.max(v)))
}

/// The greatest value up to a cut and the least above it.
#[inline(always)]
fn beside(values: &[Lanes], cut: i32) -> (i32, i32) {
    values.as_flattened().iter().fold((0, PAD), |(below, above), &v| {
        (below.max(if v <= cut { v } else { 0 }), above.min(if v > cut { v } else { PAD }))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranks_are_those_of_a_sort(
            values in prop_oneof![
                proptest::collection::vec(0..=i32::MAX, 1..200),
                proptest::collection::vec(0..5_i32, 1..200),
                proptest::collection::vec(prop_oneof![Just(0), Just(i32::MAX), 0..100_i32], 1..50),
            ],
            at in 0.0..1.0_f64,
        ) {
            let k = (at * values.len() as f64) as usize;
            let mut lanes = Vec::new();
            pad(&values, &mut lanes);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let expected = (sorted[k], sorted.get(k + 1).copied().unwrap_or(PAD));
            prop_assert_eq!(pair_at(&lanes, range(&values), k), expected);
        }
    }
}
