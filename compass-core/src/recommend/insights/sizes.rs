//! How many more posts would tell.

use crate::analytics::{PostingSection, posts_per_arm};

/// The size of an experiment in the report looks for half as many views again.
const SOUGHT_LIFT: f64 = 0.5;

/// The two quantiles of the standard normal distribution that the size of an experiment is made of: a power of 80 % at a
/// two-sided level of 5 %.
const QUANTILES: (f64, f64) = (0.841_621_233_572_914_2, 1.959_963_984_540_054);

/// The deviation of single posts from the creator's level, on the log scale, as the report's experiment rests on it.
pub(in crate::recommend) fn deviation(posting: &PostingSection) -> Option<f64> {
    let posts = posting.experiment.value.filter(|&posts| posts > 2.0)?;
    let (found, claimed) = QUANTILES;
    let squares = (posts - claimed * claimed / 4.0) / 2.0;
    Some(SOUGHT_LIFT.ln_1p() * squares.max(0.0).sqrt() / (found + claimed))
}

/// How many more posts of a kind it takes to tell a lift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// So many.
    Posts(u64),
    /// As many as there are should have told it: a smaller lift, or none, is what they leave.
    Enough,
    /// More than anybody makes for that.
    TooMany,
}

/// How many more, where there are so many of the kind and of others by now. The others are taken to become as many as it
/// takes.
pub(super) fn more_posts(deviation: f64, lift: f64, with: u64, without: u64) -> More {
    let Some(each) = posts_per_arm(deviation, lift) else { return More::TooMany };
    let each = each as f64;
    // The variance of a difference is that of single posts times 1 / with + 1 / without; in equal parts, 2 / each.
    let needed = if without as f64 > each { 1.0 / (2.0 / each - 1.0 / without as f64) } else { each };
    match (needed.ceil() as u64).saturating_sub(with) {
        0 => More::Enough,
        more if more > MOST => More::TooMany,
        more => More::Posts(more),
    }
}

/// For an answer that takes more posts of a kind nobody waits.
const MOST: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_that_are_there_count() {
        // posts_per_arm(1, 1) is 34: against 34 others, 34 are needed.
        assert_eq!(more_posts(1.0, 1.0, 10, 34), More::Posts(24));
        assert_eq!(more_posts(1.0, 1.0, 10, 20), More::Posts(24));
        // Against 100 others: 1 / (2 / 34 - 1 / 100) = 20.48.
        assert_eq!(more_posts(1.0, 1.0, 10, 100), More::Posts(11));
        assert_eq!(more_posts(1.0, 1.0, 50, 100), More::Enough);
        assert_eq!(more_posts(1.0, 0.01, 10, 100), More::TooMany);
        assert_eq!(more_posts(1.0, 0.0, 10, 100), More::TooMany);
    }
}
