//! The best few of many, at hardly any cost for those that are not.

use std::cmp::Ordering;

use crate::CreatorId;

/// A vector that may be among the nearest, by its code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// In units that are the same for one question.
    pub product: f32,
    pub place: u32,
}

/// Keeps the candidates that may be among the best.
#[derive(Clone, Debug)]
pub(super) struct Best<'a> {
    most: usize,
    ids: &'a [CreatorId],
    kept: Vec<Candidate>,
    /// Who is below it is not among the best.
    floor: f32,
}

impl<'a> Best<'a> {
    /// Keeps up to `most`, at least one, of vectors whose creators are known by place.
    pub(super) fn of(most: usize, ids: &'a [CreatorId]) -> Self {
        Self { most: most.max(1), ids, kept: Vec::new(), floor: f32::NEG_INFINITY }
    }

    pub(super) fn floor(&self) -> f32 {
        self.floor
    }

    /// Takes a candidate that is not below the floor.
    pub(super) fn push(&mut self, candidate: Candidate) {
        self.kept.push(candidate);
        // Several are forgotten at a time, so that each costs little.
        if self.kept.len() >= self.most.saturating_mul(4) {
            self.prune();
        }
    }

    /// The best, in no order.
    pub(super) fn finish(mut self) -> Vec<Candidate> {
        self.prune();
        self.kept
    }

    fn prune(&mut self) {
        let Self { most, ids, ref mut kept, ref mut floor } = *self;
        if kept.len() <= most {
            return;
        }
        let id = |candidate: &Candidate| ids[candidate.place as usize];
        // Of equals the smallest id, so that the order in which they came does not matter.
        let order = |a: &Candidate, b: &Candidate| -> Ordering {
            b.product.total_cmp(&a.product).then_with(|| id(a).cmp(&id(b)))
        };
        let (_, last, _) = kept.select_nth_unstable_by(most - 1, order);
        *floor = last.product;
        kept.truncate(most);
    }
}
