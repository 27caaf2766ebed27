//! Who an account is: its handle, its lasting id, and what its profile says.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::Text;

/// A TikTok handle in its one canonical form: lower-case ASCII, without `@`.
///
/// ```
/// use compass_core::Handle;
/// assert_eq!(Handle::parse(" @Ada.Lovelace_1 ")?.as_str(), "ada.lovelace_1");
/// assert!(Handle::parse("a/../b").is_err());
/// # Ok::<(), compass_core::HandleError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(String);

impl Handle {
    /// Reads a handle as people type it: one leading `@`, outer white space and capitals are mended.
    ///
    /// # Errors
    /// [`HandleError`] unless 2 to 24 of `a-z 0-9 _ .` remain, not ending in a dot and not only dots.
    pub fn parse(text: &str) -> Result<Self, HandleError> {
        let trimmed = text.trim();
        let name = trimmed.strip_prefix('@').unwrap_or(trimmed);
        if let Some(bad) = name.chars().find(|c| !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.')) {
            return Err(HandleError::Character(bad));
        }
        if !(2..=24).contains(&name.len()) {
            return Err(HandleError::Length(name.len()));
        }
        if name.ends_with('.') {
            return Err(HandleError::TrailingDot);
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The handle without `@`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// Why a text is not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// A character that TikTok does not allow.
    #[error("a handle has only letters a-z, digits, '_' and '.', not {0:?}")]
    Character(char),
    /// Too short or too long.
    #[error("a handle has 2 to 24 characters, not {0}")]
    Length(usize),
    /// A dot at the end.
    #[error("a handle does not end in '.'")]
    TrailingDot,
}

/// TikTok's numeric account id: it stays when the handle changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreatorId(u64);

/// TikTok's numeric post id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VideoId(u64);

/// Why a text is not one of TikTok's numeric ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a numeric id from 1 to {max}", max = i64::MAX)]
pub struct IdError(String);

macro_rules! numeric_id {
    ($name:ident) => {
        impl $name {
            /// Reads the decimal digits that TikTok writes.
            ///
            /// # Errors
            /// [`IdError`] unless it is a positive number that a signed 64-bit integer holds.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let only_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                text.parse()
                    .ok()
                    .filter(|n| only_digits && (1..=i64::MAX as u64).contains(n))
                    .map(Self)
                    .ok_or_else(|| IdError(text.chars().take(32).collect()))
            }

            /// The id as a number, at most `i64::MAX`.
            #[must_use]
            pub fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdError;

            fn try_from(id: i64) -> Result<Self, IdError> {
                u64::try_from(id).ok().filter(|id| *id > 0).map(Self).ok_or_else(|| IdError(id.to_string()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

numeric_id!(CreatorId);
numeric_id!(VideoId);

impl VideoId {
    /// When the upload began, to the second: the upper half of the id.
    ///
    /// The post appears a median of 6 seconds later, and days later if it was scheduled, so this is a fallback.
    #[must_use]
    pub fn upload_started(self) -> Timestamp {
        let seconds = i64::try_from(self.0 >> 32).expect("32 bits fit");
        Timestamp::from_second(seconds).expect("32 bits of seconds end in 2106")
    }
}

/// What a profile page says of an account, besides its counters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Profile {
    /// The account's lasting identity.
    pub id: CreatorId,
    /// The handle it had when it was seen.
    pub handle: Handle,
    /// The display name.
    pub nickname: Text,
    /// The biography; empty if there is none.
    pub bio: Text,
    /// Whether TikTok shows the verified badge.
    pub verified: bool,
    /// Whether the account is private.
    pub private: bool,
    /// The account's language as TikTok states it (`"vi"`); `None` if not shown.
    pub language: Option<String>,
    /// When the account was made; `None` if not shown.
    pub created_at: Option<Timestamp>,
}

#[cfg(feature = "serde")]
mod json {
    //! Handles and ids are strings: an id is larger than the largest integer that JavaScript keeps.

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::{CreatorId, Handle, VideoId};

    macro_rules! as_string {
        ($name:ident) => {
            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
                }
            }
        };
    }

    as_string!(Handle);
    as_string!(CreatorId);
    as_string!(VideoId);
}
