//! Rows that are ascending by creator: read where they stand.

use rayon::prelude::*;

use super::{CreatorAggregate, Rows, block::Block, wide::Wide};

/// Rows that are worked on at once, so that their narrow columns stay in a core's own cache.
const BLOCK: usize = 16 * 1024;

pub(super) fn aggregate(rows: &Rows<'_>) -> Vec<Vec<CreatorAggregate>> {
    let ids = rows.creator_id;
    // A creator belongs to the block in which it begins.
    let begin = |at: usize| match at.checked_sub(1) {
        None => 0,
        Some(before) => at + ids[at..].partition_point(|&id| id == ids[before]),
    };
    let mut starts: Vec<usize> = (0..ids.len()).step_by(BLOCK).map(begin).collect();
    starts.push(ids.len());
    starts.dedup();
    let blocks: Vec<_> = starts.windows(2).map(|ends| (ends[0], ends[1])).collect();
    blocks.into_par_iter().map_init(Default::default, |scratch, (from, to)| block(rows, from, to, scratch)).collect()
}

fn block(rows: &Rows<'_>, from: usize, to: usize, (narrow, wide): &mut (Block, Wide)) -> Vec<CreatorAggregate> {
    let ids = &rows.creator_id[from..to];
    let mut ends: Vec<(u32, usize)> = Vec::new();
    ends.extend(ids.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]).map(|(at, pair)| (pair[0], at + 1)));
    ends.push((ids[ids.len() - 1], ids.len()));
    let mut answers = Vec::with_capacity(ends.len());
    if narrow.fill(rows, from..to) {
        narrow.creators = ends;
        narrow.aggregate(|_, _, _, answer| answers.extend(answer));
        return answers;
    }
    // Somebody's values need more bits; most creators' do not.
    let mut first = from;
    for (id, end) in ends {
        let end = from + end;
        if narrow.fill(rows, first..end) {
            narrow.creators = vec![(id, end - first)];
            narrow.aggregate(|_, _, _, answer| answers.extend(answer));
        } else {
            wide.clear();
            (first..end).for_each(|row| wide.push_row(rows, row));
            answers.push(wide.aggregate(id));
        }
        first = end;
    }
    answers
}
