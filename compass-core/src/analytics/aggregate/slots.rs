//! Which hour of the week has the highest mean of views.

/// Hours of a week.
pub(super) const SLOTS: usize = 168;

/// A whole number of 16 lanes.
const PADDED: usize = 176;

/// Posts and views per hour of the week.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    posts: [u32; PADDED],
    views: [u64; PADDED],
}

impl Slots {
    /// Counts posts with their hours of the week, each below 168, and their views, none negative.
    #[inline(always)]
    pub(super) fn of(slots: &[u8], views: &[i32]) -> Self {
        let mut of = Self { posts: [0; PADDED], views: [0; PADDED] };
        for (&slot, &views) in slots.iter().zip(views) {
            let slot = usize::from(slot).min(PADDED - 1);
            of.posts[slot] += 1;
            of.views[slot] += u64::from(views.cast_unsigned());
        }
        of
    }

    /// The earliest of the hours with the highest mean among those with two posts or more.
    #[inline(always)]
    pub(super) fn best(&self) -> Option<u8> {
        // Means in single precision leave few hours to compare exactly.
        let mut means = [-1.0_f32; PADDED];
        let mut highest = [-1.0_f32; 16];
        for ((mean, &views), &posts) in means.iter_mut().zip(&self.views).zip(&self.posts) {
            let quotient = views as f32 / posts as f32;
            *mean = if posts >= 2 { quotient } else { -1.0 };
        }
        for chunk in means.as_chunks::<16>().0 {
            for lane in 0..16 {
                highest[lane] = if chunk[lane] > highest[lane] { chunk[lane] } else { highest[lane] };
            }
        }
        let highest = highest.iter().fold(-1.0_f32, |a, &b| a.max(b));
        if highest < 0.0 {
            return None;
        }
        let near = highest * (1.0 - 1e-5);
        let candidates = (0..SLOTS).filter(|&slot| means[slot] >= near);
        candidates.reduce(|best, slot| if self.is_above(slot, best) { slot } else { best }).map(|slot| slot as u8)
    }

    /// Whether the mean of one hour is above another's.
    fn is_above(&self, one: usize, other: usize) -> bool {
        let scaled = |of: usize, by: usize| u128::from(self.views[of]) * u128::from(self.posts[by]);
        scaled(one, other) > scaled(other, one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_means_go_to_the_earliest_hour() {
        assert_eq!(Slots::of(&[167, 167, 3, 3, 3], &[10, 30, 20, 20, 20]).best(), Some(3));
    }

    #[test]
    fn means_are_compared_exactly() {
        let greatest = i32::MAX;
        assert_eq!(Slots::of(&[1, 1, 2, 2], &[greatest, greatest - 1, greatest, greatest]).best(), Some(2));
    }

    #[test]
    fn one_post_in_an_hour_is_no_slot() {
        assert_eq!(Slots::of(&[1, 2, 3], &[1, 2, 3]).best(), None);
        assert_eq!(Slots::of(&[1, 2, 2], &[1, 0, 0]).best(), Some(2));
    }
}
