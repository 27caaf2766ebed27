//! JSON values as the site writes them: numbers as strings, flags as 0 and 1, text with half a surrogate pair.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A whole number, however it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Figure {
    /// Missing, `null` or an empty string.
    #[default]
    Absent,
    Number(i64),
    /// Something that is not a whole number of 64 bits.
    Unreadable,
}

impl Figure {
    pub(super) fn number(self) -> Option<i64> {
        match self {
            Self::Number(n) => Some(n),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// The first that is there.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Absent { other } else { self }
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Anything::deserialize(deserializer)? {
            Anything::Nothing => Self::Absent,
            Anything::Whole(n) => Self::Number(n),
            Anything::Text(text) if text.trim().is_empty() => Self::Absent,
            Anything::Text(text) => text.trim().parse().map_or(Self::Unreadable, Self::Number),
            Anything::Flag(_) | Anything::Other(_) | Anything::Composite { .. } => Self::Unreadable,
        })
    }
}

/// A yes or no, however it is written; anything else is a no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Anything::deserialize(deserializer)? {
            Anything::Flag(flag) => flag,
            Anything::Whole(n) => n != 0,
            Anything::Text(text) => matches!(&*text, "true" | "1"),
            Anything::Nothing | Anything::Other(_) | Anything::Composite { .. } => false,
        }))
    }
}

/// Whether there is anything: not `null`, `""`, `[]` or `{}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled(pub(super) bool);

impl<'de> Deserialize<'de> for Filled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Anything::deserialize(deserializer)? {
            Anything::Nothing => false,
            Anything::Text(text) => !text.is_empty(),
            Anything::Composite { empty } => !empty,
            Anything::Flag(_) | Anything::Whole(_) | Anything::Other(_) => true,
        }))
    }
}

/// An id: a string, or a whole number where somebody's tool made one of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Id<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Anything::deserialize(deserializer)? {
            Anything::Nothing => Ok(Self::default()),
            Anything::Whole(n) => Ok(Self(Cow::Owned(n.to_string()))),
            Anything::Text(text) => Ok(Self(text)),
            Anything::Other(n) => Err(D::Error::custom(format_args!("{n} is an id that lost its last digits"))),
            Anything::Flag(_) | Anything::Composite { .. } => Err(D::Error::custom("expected an id in a string")),
        }
    }
}

/// Text as somebody typed it; half a surrogate pair becomes U+FFFD instead of failing the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Words<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Words(mend(bytes)))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Words(Cow::Owned(mend(bytes).into_owned())))
            }
        }

        // The only way by which serde_json hands out half a surrogate pair: as three bytes that are not UTF-8.
        deserializer.deserialize_bytes(Reader)
    }
}

fn mend(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        mended.push_str(chunk.valid());
        // One sign for the three bytes of a surrogate, so that offsets in UTF-16 stay right.
        if chunk.invalid().first().is_some_and(|byte| byte & 0xC0 != 0x80) {
            mended.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(mended)
}

/// Any JSON value, as far as anybody here asks.
enum Anything<'a> {
    Nothing,
    Flag(bool),
    Whole(i64),
    /// A number with a fraction, or beyond 64 bits.
    Other(f64),
    Text(Cow<'a, str>),
    Composite {
        empty: bool,
    },
}

impl<'de> Deserialize<'de> for Anything<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Anything<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Anything::Nothing)
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Anything::Flag(flag))
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
                Ok(Anything::Whole(n))
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(n).map_or(Anything::Other(n as f64), Anything::Whole))
            }

            fn visit_f64<E: Error>(self, n: f64) -> Result<Self::Value, E> {
                // Above 2^53 a floating-point number no longer tells neighbours apart.
                const EXACT: f64 = 9_007_199_254_740_992.0;
                Ok(if n.fract() == 0.0 && n.abs() < EXACT { Anything::Whole(n as i64) } else { Anything::Other(n) })
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Anything::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Anything::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut empty = true;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Anything::Composite { empty })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut empty = true;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    empty = false;
                }
                Ok(Anything::Composite { empty })
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> T {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_number_may_be_written_as_a_string() {
        assert_eq!(read::<Figure>("\"38490\""), Figure::Number(38_490));
        assert_eq!(read::<Figure>("-977433948"), Figure::Number(-977_433_948));
        assert_eq!(read::<Figure>("12.0"), Figure::Number(12));
        assert_eq!(read::<Figure>("null"), Figure::Absent);
        assert_eq!(read::<Figure>("\"\""), Figure::Absent);
        for odd in ["1.5", "\"1.2K\"", "true", "[1]", "{\"a\":1}", "18446744073709551615"] {
            assert_eq!(read::<Figure>(odd), Figure::Unreadable, "{odd}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_costs_one_character_and_not_the_document() {
        assert_eq!(read::<Words<'_>>(r#""a\ud83d\n""#).0, "a\u{FFFD}\n");
        assert_eq!(read::<Words<'_>>(r#""a\ud83d\ude00b""#).0, "a😀b");
    }

    #[test]
    fn an_id_that_lost_its_digits_is_refused() {
        assert_eq!(read::<Id<'_>>("7470546959699348744").0, "7470546959699348744");
        assert!(serde_json::from_str::<Id<'_>>("7.470546959699349e18").is_err());
    }

    #[test]
    fn emptiness_is_not_presence() {
        for empty in ["null", "\"\"", "[]", "{}"] {
            assert_eq!(read::<Filled>(empty), Filled(false), "{empty}");
        }
        assert_eq!(read::<Filled>("{\"images\":[]}"), Filled(true));
    }
}
