//! A public counter: exact, or a range when the source rounds. Missing is `Option::None`, never zero.

use std::fmt;

/// Number of views, likes, followers and the like, as one source showed it.
///
/// TikTok rounds most public counters half up: `38500` may stand for any number from 38,450 to 38,549.
/// Both bounds are inclusive and at most [`Count::MAX`], so that every store can hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Count {
    lo: u64,
    hi: u64,
}

impl Count {
    /// The largest count that is accepted: the largest signed 64-bit integer.
    pub const MAX: u64 = i64::MAX as u64;

    /// A count that is known to the unit.
    ///
    /// # Errors
    /// [`CountError::TooLarge`] above [`Count::MAX`].
    pub fn exact(n: u64) -> Result<Self, CountError> {
        Self::range(n, n)
    }

    /// A count that lies between two bounds, both inclusive.
    ///
    /// # Errors
    /// [`CountError::TooLarge`] above [`Count::MAX`], [`CountError::Reversed`] if `lo > hi`.
    pub fn range(lo: u64, hi: u64) -> Result<Self, CountError> {
        if lo > hi {
            return Err(CountError::Reversed { lo, hi });
        }
        if hi > Self::MAX {
            return Err(CountError::TooLarge);
        }
        Ok(Self { lo, hi })
    }

    /// A number that the source may have rounded: a range if it can be the result of rounding, else exact.
    ///
    /// At 10,000 and above TikTok rounds to 100, at a million to 100,000, at a billion to 100,000,000.
    ///
    /// # Errors
    /// [`CountError::TooLarge`] above [`Count::MAX`].
    ///
    /// ```
    /// use compass_core::Count;
    /// let shown = Count::maybe_rounded(38_500)?;
    /// assert_eq!((shown.lo(), shown.hi()), (38_450, 38_549));
    /// assert!(Count::maybe_rounded(9_900)?.is_exact());
    /// assert!(Count::maybe_rounded(38_490)?.is_exact());
    /// # Ok::<(), compass_core::CountError>(())
    /// ```
    pub fn maybe_rounded(n: u64) -> Result<Self, CountError> {
        match rounding_step(n) {
            Some(step) if n.is_multiple_of(step) => Self::around(n, step),
            _ => Self::exact(n),
        }
    }

    /// Reads a counter as a page shows it: `"7570"`, `"13.6K"`, `"593.0k"`, `"2.2M"`, `"1,2B"`.
    ///
    /// Without a suffix it is exact; with one it is a range of a tenth of the suffix's unit, whatever digits are shown.
    ///
    /// # Errors
    /// [`CountError::NotANumber`] for anything else (`"-1"`, `"∞"`, `"1.2 Mio."`, no digits), [`CountError::TooLarge`].
    ///
    /// ```
    /// use compass_core::Count;
    /// let shown = Count::parse_abbreviated("98.4K")?;
    /// assert_eq!((shown.lo(), shown.hi()), (98_350, 98_449));
    /// # Ok::<(), compass_core::CountError>(())
    /// ```
    pub fn parse_abbreviated(text: &str) -> Result<Self, CountError> {
        let not_a_number = || CountError::NotANumber(text.chars().take(32).collect());
        let trimmed = text.trim();
        let unit: u64 = match trimmed.chars().last() {
            Some('k' | 'K') => 1_000,
            Some('m' | 'M') => 1_000_000,
            Some('b' | 'B') => 1_000_000_000,
            _ => 1,
        };
        if unit == 1 {
            let mut groups = trimmed.split(',');
            let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
            let well_formed = groups.next().is_some_and(all_digits) && groups.all(|g| g.len() == 3 && all_digits(g));
            if !well_formed {
                return Err(not_a_number());
            }
            return Self::exact(trimmed.replace(',', "").parse().map_err(|_| CountError::TooLarge)?);
        }
        let number = trimmed[..trimmed.len() - 1].trim_end().replace(',', ".");
        let (whole, tenths) = match number.split_once('.') {
            Some((whole, tenths)) => (whole, tenths),
            None => (number.as_str(), "0"),
        };
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(tenths) || tenths.len() != 1 {
            return Err(not_a_number());
        }
        let whole: u64 = whole.parse().map_err(|_| CountError::TooLarge)?;
        let tenths: u64 = tenths.parse().map_err(|_| not_a_number())?;
        let value = whole
            .checked_mul(10)
            .and_then(|n| n.checked_add(tenths))
            .and_then(|n| n.checked_mul(unit / 10))
            .ok_or(CountError::TooLarge)?;
        if value == 0 {
            return Self::exact(0);
        }
        Self::around(value, unit / 10)
    }

    /// Lower bound, inclusive.
    #[must_use]
    pub fn lo(self) -> u64 {
        self.lo
    }

    /// Upper bound, inclusive.
    #[must_use]
    pub fn hi(self) -> u64 {
        self.hi
    }

    /// Whether the source gave the number to the unit.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.lo == self.hi
    }

    /// The middle of the range, in the rounding's own direction: `38_500` for the range 38,450 to 38,549.
    #[must_use]
    pub fn midpoint(self) -> u64 {
        self.lo + (self.hi - self.lo).div_ceil(2)
    }

    /// Whether both sources may have meant the same number.
    #[must_use]
    pub fn agrees_with(self, other: Self) -> bool {
        self.lo <= other.hi && other.lo <= self.hi
    }

    fn around(value: u64, step: u64) -> Result<Self, CountError> {
        let hi = value.checked_add(step / 2 - 1).ok_or(CountError::TooLarge)?;
        Self::range(value - (step / 2).min(value), hi)
    }
}

/// What TikTok rounds a counter of this size to; `None` if it shows it whole.
pub(crate) fn rounding_step(n: u64) -> Option<u64> {
    match n {
        0..10_000 => None,
        10_000..1_000_000 => Some(100),
        1_000_000..1_000_000_000 => Some(100_000),
        _ => Some(100_000_000),
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_exact() { write!(f, "{}", self.lo) } else { write!(f, "{}-{}", self.lo, self.hi) }
    }
}

/// Why a number is not a [`Count`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// The text is not a counter.
    #[error("{0:?} is not a count")]
    NotANumber(String),
    /// The number does not fit.
    #[error("count is above {}", Count::MAX)]
    TooLarge,
    /// The bounds are the wrong way round.
    #[error("count range {lo} to {hi} is reversed")]
    Reversed {
        /// The bound given as the lower one.
        lo: u64,
        /// The bound given as the upper one.
        hi: u64,
    },
}

#[cfg(feature = "serde")]
mod json {
    //! `{"exact": 38490}` or `{"lo": 592950, "hi": 593049}`.

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::Count;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged, deny_unknown_fields, expecting = r#"a counter is {"exact": n}, {"lo": n, "hi": n} or null"#)]
    enum Shape {
        Exact { exact: u64 },
        Range { lo: u64, hi: u64 },
    }

    impl Serialize for Count {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.is_exact() { Shape::Exact { exact: self.lo } } else { Shape::Range { lo: self.lo, hi: self.hi } }
                .serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for Count {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            match Shape::deserialize(deserializer)? {
                Shape::Exact { exact } => Self::exact(exact),
                Shape::Range { lo, hi } => Self::range(lo, hi),
            }
            .map_err(D::Error::custom)
        }
    }
}
