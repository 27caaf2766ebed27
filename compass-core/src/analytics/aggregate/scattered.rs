//! Rows in no order: dealt out by ranges of creators as narrow records, then grouped by creator within the cache.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    CreatorAggregate, Rows,
    block::{Block, Epoch},
    wide::Wide,
};

/// Rows of a bucket, about: their records and columns stay in a core's own cache.
const BUCKET: usize = 12 * 1024;

/// More places to write to in turn would not stay in the cache.
const BUCKETS: usize = 2048;

/// Bytes of records at a time; more rows are dealt out in several passes.
const AT_ONCE: usize = 128 << 20;

/// Creator, seconds from the epoch, views and interactions, each as its bits.
///
/// Seconds that are [`ELSEWHERE`] say that the values do not fit, and the last two are the index of the row.
type Record = [u32; 4];

/// Negative, as no seconds in 31 bits are.
const ELSEWHERE: u32 = u32::MAX;

pub(super) fn aggregate(rows: &Rows<'_>) -> Vec<Vec<CreatorAggregate>> {
    let deal = Deal::new(rows);
    let mut answers = Vec::new();
    let mut records = Vec::new();
    for buckets in deal.passes() {
        deal.pass(buckets, &mut records, &mut answers);
    }
    answers
}

/// How rows are dealt out to buckets of creators.
struct Deal<'a> {
    rows: &'a Rows<'a>,
    epoch: Epoch,
    least_id: u32,
    /// A bucket holds 2^shift ids.
    shift: u32,
    /// Rows that are dealt out by one thread.
    part: usize,
    /// Per part, the rows of each bucket.
    counts: Vec<Vec<usize>>,
    /// Rows of each bucket.
    sizes: Vec<usize>,
}

impl<'a> Deal<'a> {
    fn new(rows: &'a Rows<'a>) -> Self {
        let ids = rows.creator_id;
        let (least_id, greatest_id) =
            ids.par_chunks(1 << 16).map(range).reduce(|| (u32::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        let span = u64::from(greatest_id - least_id) + 1;
        let wanted = (ids.len() / BUCKET).clamp(1, BUCKETS) as u64;
        let shift = span.div_ceil(wanted).next_power_of_two().ilog2();
        let buckets = ((span - 1) >> shift) as usize + 1;
        let part = ids.len().div_ceil(4 * rayon::current_num_threads()).max(1 << 16);
        let count = |ids: &[u32]| {
            let mut counts = vec![0; buckets];
            for &id in ids {
                counts[(u64::from(id - least_id) >> shift) as usize] += 1;
            }
            counts
        };
        let counts: Vec<Vec<usize>> = ids.par_chunks(part).map(count).collect();
        let sizes = (0..buckets).map(|bucket| counts.iter().map(|part| part[bucket]).sum()).collect();
        Self { rows, epoch: Epoch::of(rows.ts), least_id, shift, part, counts, sizes }
    }

    /// Ranges of buckets whose records are held at a time.
    fn passes(&self) -> Vec<Range<usize>> {
        let passes = (self.rows.len() * size_of::<Record>()).div_ceil(AT_ONCE);
        let most = self.rows.len().div_ceil(passes);
        let (mut ranges, mut from, mut held) = (Vec::new(), 0, 0);
        for (bucket, &size) in self.sizes.iter().enumerate() {
            if held > 0 && held + size > most + 2 * BUCKET {
                ranges.push(from..bucket);
                (from, held) = (bucket, 0);
            }
            held += size;
        }
        ranges.push(from..self.sizes.len());
        ranges
    }

    fn pass(&self, buckets: Range<usize>, records: &mut Vec<Record>, answers: &mut Vec<Vec<CreatorAggregate>>) {
        let held = self.sizes[buckets.clone()].iter().sum();
        if records.len() < held {
            // Fresh pages of zeros are touched first by the threads that write to them.
            *records = Vec::new();
            *records = vec![[0; 4]; held];
        }
        self.deal_out(buckets.clone(), &mut records[..held]);
        let mut rest = &mut records[..held];
        let groups: Vec<&mut [Record]> = buckets
            .clone()
            .map(|bucket| rest.split_off_mut(..self.sizes[bucket]).expect("the sizes add up to the records"))
            .collect();
        answers.par_extend(groups.into_par_iter().zip(buckets).map_init(
            Scratch::default,
            |scratch, (group, bucket)| {
                if group.is_empty() { Vec::new() } else { self.aggregate(bucket, group, scratch) }
            },
        ));
    }

    /// Writes the records of these buckets, bucket after bucket, each in the order of rows.
    fn deal_out(&self, buckets: Range<usize>, mut records: &mut [Record]) {
        let mut places: Vec<Vec<_>> = self.counts.iter().map(|_| Vec::with_capacity(buckets.len())).collect();
        for bucket in buckets.clone() {
            for (part, places) in self.counts.iter().zip(&mut places) {
                let (place, rest) = records.split_at_mut(part[bucket]);
                places.push(place.iter_mut());
                records = rest;
            }
        }
        places.into_par_iter().enumerate().for_each(|(part, mut places)| {
            let from = part * self.part;
            for row in from..self.rows.len().min(from + self.part) {
                let id = self.rows.creator_id[row];
                let bucket = (u64::from(id - self.least_id) >> self.shift) as usize;
                if let Some(place) = places.get_mut(bucket.wrapping_sub(buckets.start)) {
                    *place.next().expect("the rows of a bucket were counted") = self.record(id, row);
                }
            }
        });
    }

    #[inline]
    fn record(&self, id: u32, row: usize) -> Record {
        let seconds = self.epoch.seconds(self.rows.ts[row]);
        let (views, likes) = (self.rows.views[row], self.rows.likes[row]);
        let (comments, shares) = (self.rows.comments[row], self.rows.shares[row]);
        let interactions = likes.wrapping_add(comments).wrapping_add(shares);
        let bits = views | likes | comments | shares | interactions | seconds;
        if bits.cast_unsigned() <= i32::MAX as u64 {
            [id, seconds as u32, views as u32, interactions as u32]
        } else {
            [id, ELSEWHERE, row as u32, (row as u64 >> 32) as u32]
        }
    }

    fn aggregate(&self, bucket: usize, group: &mut [Record], scratch: &mut Scratch) -> Vec<CreatorAggregate> {
        let Scratch { block, wide, places } = scratch;
        block.resize(group.len());
        block.creators.clear();
        let width = 1_u64 << self.shift;
        if width <= 4 * group.len() as u64 {
            let first_id = self.least_id + ((bucket as u64) << self.shift) as u32;
            by_counting(group, first_id, width as usize, block, places);
        } else {
            by_sorting(group, block);
        }
        let mut answers = Vec::with_capacity(block.creators.len());
        block.aggregate(|block, creator_id, range, answer| {
            answers.push(answer.unwrap_or_else(|| self.look_up(block, creator_id, range, wide)));
        });
        answers
    }

    /// One creator of whose rows some did not fit.
    fn look_up(&self, block: &Block, creator_id: u32, range: Range<usize>, wide: &mut Wide) -> CreatorAggregate {
        wide.clear();
        for at in range {
            let (views, interactions) = (block.views[at], block.interactions[at]);
            if block.seconds[at].cast_unsigned() == ELSEWHERE {
                let row = u64::from(views.cast_unsigned()) | u64::from(interactions.cast_unsigned()) << 32;
                wide.push_row(self.rows, row as usize);
            } else {
                wide.push(self.epoch.ts(block.seconds[at]), views.into(), interactions.into());
            }
        }
        wide.aggregate(creator_id)
    }
}

#[derive(Default)]
struct Scratch {
    block: Block,
    wide: Wide,
    places: Vec<usize>,
}

/// Puts the columns in the order of ids that are close together.
fn by_counting(group: &[Record], first_id: u32, width: usize, block: &mut Block, places: &mut Vec<usize>) {
    places.clear();
    places.resize(width, 0);
    for record in group {
        places[(record[0] - first_id) as usize] += 1;
    }
    let mut end = 0;
    for (id, place) in (first_id..=u32::MAX).zip(places.iter_mut()) {
        let rows = std::mem::replace(place, end);
        end += rows;
        if rows > 0 {
            block.creators.push((id, end));
        }
    }
    for record in group {
        let place = &mut places[(record[0] - first_id) as usize];
        block.put(*place, record);
        *place += 1;
    }
}

/// Puts the columns in the order of ids that are far apart.
fn by_sorting(group: &mut [Record], block: &mut Block) {
    group.sort_unstable_by_key(|record| record[0]);
    let mut end = 0;
    for rows in group.chunk_by(|a, b| a[0] == b[0]) {
        for record in rows {
            block.put(end, record);
            end += 1;
        }
        block.creators.push((rows[0][0], end));
    }
}

fn range(ids: &[u32]) -> (u32, u32) {
    ids.iter().fold((u32::MAX, 0), |(least, greatest), &id| (least.min(id), greatest.max(id)))
}
