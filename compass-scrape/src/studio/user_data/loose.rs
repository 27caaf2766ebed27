//! What stands in a field of the data of a user: a text or a number, where nobody promised which.

use std::fmt;

use compass_core::Count;
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::studio::cell::LONGEST_CELL;

/// A text or a number where one is expected; anything else is skipped.
#[derive(Debug, Default)]
pub(super) enum Loose {
    Text(String),
    Number(i64),
    #[default]
    Absent,
    Other,
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = Loose;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
                Ok(if text.len() > LONGEST_CELL { Loose::Other } else { Loose::Text(text.to_owned()) })
            }

            fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
                Ok(Loose::Number(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
                Ok(i64::try_from(number).map_or(Loose::Other, Loose::Number))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Loose, E> {
                Ok(Loose::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
                Ok(Loose::Other)
            }

            fn visit_unit<E>(self) -> Result<Loose, E> {
                Ok(Loose::Absent)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Loose::Other)
            }
        }

        deserializer.deserialize_any(Value)
    }
}

impl Loose {
    pub(super) fn says_nothing(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Other => false,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Self::Number(_) | Self::Absent | Self::Other => None,
        }
    }

    /// A number that may be written as a text; `Err` if something else stands there.
    pub(super) fn count(&self) -> Result<Option<Count>, ()> {
        let number = match self {
            Self::Number(number) => *number,
            Self::Text(text) if text.trim().is_empty() => return Ok(None),
            Self::Text(text) => text.trim().parse().map_err(|_| ())?,
            Self::Absent => return Ok(None),
            Self::Other => return Err(()),
        };
        let number = u64::try_from(number).map_err(|_| ())?;
        Count::exact(number).map(Some).map_err(|_| ())
    }

    /// `2025-01-26 15:50:46`, in UTC.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        let text = self.text()?.trim_end_matches(" UTC");
        let at: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(at).ok()
    }
}
