//! The audience a creator wants.

use std::fmt;

/// The audience a creator aims at; an empty list means "no matter".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetAudience {
    /// Countries as ISO 3166-1 alpha-2 codes, upper case.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub countries: Vec<Country>,
    /// Languages as ISO 639-1 codes, lower case.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub languages: Vec<Language>,
    /// Topics in the creator's own words, at most [`TargetAudience::MAX_INTERESTS`].
    pub interests: Vec<String>,
}

impl TargetAudience {
    /// The most interests that are kept.
    pub const MAX_INTERESTS: usize = 10;
}

/// Why a text is not a country or language code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a two-letter code")]
pub struct CodeError(String);

macro_rules! two_letter_code {
    ($(#[$doc:meta])* $name:ident, $fold:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 2]);

        impl $name {
            /// Reads the code in any case.
            ///
            /// # Errors
            /// [`CodeError`] unless it is two ASCII letters.
            pub fn parse(text: &str) -> Result<Self, CodeError> {
                match text.trim().as_bytes() {
                    [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Ok(Self([a.$fold(), b.$fold()])),
                    _ => Err(CodeError(text.chars().take(16).collect())),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|b| write!(f, "{}", char::from(*b)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

two_letter_code!(
    /// An ISO 3166-1 alpha-2 country code, upper case.
    Country,
    to_ascii_uppercase
);
two_letter_code!(
    /// An ISO 639-1 language code, lower case.
    Language,
    to_ascii_lowercase
);
