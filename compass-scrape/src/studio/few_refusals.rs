//! The refusals of one file: the first ones, and how many more there are.

use compass_core::Refusal;

use super::Bad;

/// Nobody reads more of one file.
const MOST: usize = 100;

/// What of one file is not accepted.
#[derive(Debug, Default)]
pub(super) struct FewRefusals {
    told: Vec<Refusal>,
    more: usize,
}

impl FewRefusals {
    /// Adds one; `item` is asked only for those that are told.
    pub(super) fn push(&mut self, item: impl FnOnce() -> Option<String>, bad: Bad) {
        if self.told.len() < MOST {
            self.told.push(bad.of(item()));
        } else {
            self.more += 1;
        }
    }

    /// Adds such that nobody was told.
    pub(super) fn count_more(&mut self, more: usize) {
        self.more += more;
    }

    /// Adds those of another part.
    pub(super) fn append(&mut self, others: Self) {
        self.told.extend(others.told);
        self.more += others.more;
    }

    /// All of them. `file` is what a refusal calls the file.
    pub(super) fn of_file(mut self, file: Option<String>) -> Vec<Refusal> {
        if self.more > 0 {
            let detail = format!("{} more of its lines or posts are not accepted", self.more);
            self.told.push(Bad::new("many_refused", detail).of(file));
        }
        self.told
    }
}
