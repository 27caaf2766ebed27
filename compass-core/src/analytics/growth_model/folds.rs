//! Which pairs of snapshots may judge what was learnt from which others.

use std::cmp::Reverse;

use super::GrowthPair;

/// A fold for each pair, from 0 to below `folds`, such that the pairs of one video share a fold.
///
/// A video that outgrows the others does so in all of its pairs: judged by its own siblings, a model looks better than it
/// is. Pairs have no name of their video; but those that share a snapshot, one after the other, are of one. Where two
/// videos had as many views at the very same age they count as one, which does no harm unless most do: where that makes
/// one of half of the pairs, or no more videos than twice the folds, pairs are dealt out one by one.
pub(super) fn by_video(pairs: &[GrowthPair], folds: usize) -> Vec<usize> {
    let video = videos(pairs);
    let mut sizes = vec![0_usize; pairs.len()];
    video.iter().for_each(|&video| sizes[video] += 1);
    let mut largest_first: Vec<usize> = (0..pairs.len()).filter(|&video| sizes[video] > 0).collect();
    largest_first.sort_by_key(|&video| Reverse(sizes[video]));
    let half_is_one = largest_first.first().is_some_and(|&video| 2 * sizes[video] >= pairs.len());
    if half_is_one || largest_first.len() <= 2 * folds {
        return (0..pairs.len()).map(|pair| pair % folds).collect();
    }
    let mut filled = vec![0_usize; folds];
    let mut fold_of = vec![0_usize; pairs.len()];
    for video in largest_first {
        let emptiest = (0..folds).min_by_key(|&fold| filled[fold]).expect("there are folds");
        filled[emptiest] += sizes[video];
        fold_of[video] = emptiest;
    }
    video.into_iter().map(|video| fold_of[video]).collect()
}

/// For each pair the first pair of its video.
fn videos(pairs: &[GrowthPair]) -> Vec<usize> {
    let snapshot = |age: f64, views: f64| (age.to_bits(), views.to_bits());
    let mut seen: Vec<((u64, u64), usize)> = Vec::with_capacity(2 * pairs.len());
    for (i, pair) in pairs.iter().enumerate() {
        seen.extend([(snapshot(pair.from_age, pair.from_views), i), (snapshot(pair.to_age, pair.to_views), i)]);
    }
    seen.sort_unstable();
    let mut first: Vec<usize> = (0..pairs.len()).collect();
    for two in seen.windows(2).filter(|two| two[0].0 == two[1].0) {
        let (a, b) = (root(&mut first, two[0].1), root(&mut first, two[1].1));
        first[a.max(b)] = a.min(b);
    }
    (0..pairs.len()).map(|pair| root(&mut first, pair)).collect()
}

/// The pair that all of a chain lead to; the chain is shortened on the way.
fn root(first: &mut [usize], mut pair: usize) -> usize {
    while first[pair] != pair {
        first[pair] = first[first[pair]];
        pair = first[pair];
    }
    pair
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three looks at each of so many videos.
    fn panel(videos: u32) -> Vec<GrowthPair> {
        let looks = |video: u32| [1.0, 3.0, 9.0].map(|age| (age + f64::from(video) / 64.0, 100.0 * age));
        (0..videos).flat_map(|video| GrowthPair::of_video(&looks(video))).collect()
    }

    #[test]
    fn pairs_of_one_video_share_a_fold_and_folds_are_even() {
        let pairs = panel(50);
        let folds = by_video(&pairs, 5);
        assert!(folds.chunks(3).all(|video| video.iter().all(|fold| *fold == video[0])), "{folds:?}");
        assert!((0..5).all(|fold| folds.iter().filter(|&&of| of == fold).count() == 30), "{folds:?}");
    }

    #[test]
    fn few_videos_are_dealt_out_by_pair() {
        let pair = GrowthPair { from_age: 1.0, to_age: 2.0, from_views: 5.0, to_views: 6.0 };
        assert_eq!(by_video(&[pair; 7], 5), [0, 1, 2, 3, 4, 0, 1]);
    }

    #[test]
    fn pairs_of_which_half_look_like_one_video_are_dealt_out_by_pair() {
        let alike = GrowthPair { from_age: 1.0, to_age: 2.0, from_views: 0.0, to_views: 0.0 };
        let pairs: Vec<GrowthPair> = panel(50).into_iter().chain([alike; 150]).collect();
        assert!(by_video(&pairs, 5).into_iter().eq((0..300).map(|pair| pair % 5)));
    }
}
