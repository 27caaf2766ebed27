//! Counts pairs out of order without looking at each.

/// How many pairs `i < j` have `values[j] <= values[i]`. The values end up sorted.
///
/// A merge sort that counts (Knight, "A computer method for calculating Kendall's tau", JASA 61 (1966)): n log n.
pub(super) fn pairs_not_rising<T: Copy + Default + PartialOrd>(values: &mut [T], buffer: &mut Vec<T>) -> u64 {
    const RUN: usize = 12;
    let n = values.len();
    let mut pairs = 0;
    for run in values.chunks_mut(RUN) {
        for i in 1..run.len() {
            let value = run[i];
            let mut at = i;
            while at > 0 && run[at - 1] >= value {
                run[at] = run[at - 1];
                at -= 1;
            }
            run[at] = value;
            pairs += (i - at) as u64;
        }
    }
    buffer.clear();
    buffer.resize(n, T::default());
    let (mut from, mut to): (&mut [T], &mut [T]) = (values, buffer);
    let mut width = RUN;
    let mut in_buffer = false;
    while width < n {
        for (left_right, merged) in from.chunks(2 * width).zip(to.chunks_mut(2 * width)) {
            let (left, right) = left_right.split_at(width.min(left_right.len()));
            pairs += merge(left, right, merged);
        }
        std::mem::swap(&mut from, &mut to);
        in_buffer = !in_buffer;
        width *= 2;
    }
    if in_buffer {
        to.copy_from_slice(from);
    }
    pairs
}

fn merge<T: Copy + PartialOrd>(left: &[T], right: &[T], merged: &mut [T]) -> u64 {
    let (mut l, mut r, mut pairs) = (0, 0, 0);
    for slot in &mut *merged {
        if l == left.len() || r == right.len() {
            break;
        }
        let falls = right[r] <= left[l];
        *slot = if falls { right[r] } else { left[l] };
        // Every value that is still on the left is at least this one.
        pairs += if falls { (left.len() - l) as u64 } else { 0 };
        r += usize::from(falls);
        l += usize::from(!falls);
    }
    let rest = if l < left.len() { &left[l..] } else { &right[r..] };
    merged[l + r..].copy_from_slice(rest);
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn count_is_that_of_looking_at_each_pair(values in proptest::collection::vec(-20..20_i32, 0..200)) {
            let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let each = |i: usize| values[i + 1..].iter().filter(|&&later| later <= values[i]).count();
            let expected: usize = (0..values.len()).map(each).sum();
            prop_assert_eq!(pairs_not_rising(&mut values, &mut Vec::new()), expected as u64);
            prop_assert!(values.is_sorted());
        }
    }
}
