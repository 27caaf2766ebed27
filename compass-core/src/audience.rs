//! The audience a creator wants.

use std::fmt;

/// The audience a creator aims at; an empty list means "no matter".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TargetAudience {
    /// Countries as ISO 3166-1 alpha-2 codes, upper case.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Country>))]
    pub countries: Vec<Country>,
    /// Languages as ISO 639-1 codes, lower case.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Language>))]
    pub languages: Vec<Language>,
    /// Topics in the creator's own words.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Interest>, max_items = 10))]
    pub interests: Interests,
}

/// Topics in a person's own words, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Interests(Vec<String>);

impl Interests {
    /// The most topics that are accepted.
    pub const MOST: usize = 10;

    /// The longest topic that is accepted, in characters.
    pub const LONGEST: usize = 60;

    /// Accepts topics without their outer white space.
    ///
    /// # Errors
    /// [`InterestsError`] for more than [`Interests::MOST`] topics, and for one that is empty, longer than
    /// [`Interests::LONGEST`], or has a control character.
    pub fn parse<'a>(topics: impl IntoIterator<Item = &'a str>) -> Result<Self, InterestsError> {
        let mut accepted: Vec<String> = Vec::new();
        for (place, topic) in topics.into_iter().map(str::trim).enumerate() {
            if place == Self::MOST {
                return Err(InterestsError::TooMany);
            }
            if topic.chars().any(char::is_control) {
                return Err(InterestsError::Control);
            }
            if !(1..=Self::LONGEST).contains(&topic.chars().count()) {
                return Err(InterestsError::Length);
            }
            if !accepted.iter().any(|known| known == topic) {
                accepted.push(topic.to_owned());
            }
        }
        Ok(Self(accepted))
    }

    /// The topics, in the order in which they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Why topics are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterestsError {
    /// Too many topics.
    #[error("at most {} interests are kept", Interests::MOST)]
    TooMany,
    /// A topic is empty or too long.
    #[error("each interest has 1 to {} characters", Interests::LONGEST)]
    Length,
    /// A NUL, a line end or the like.
    #[error("an interest has no control characters")]
    Control,
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Interests {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let topics = <Vec<String> as serde::Deserialize>::deserialize(deserializer)?;
        Self::parse(topics.iter().map(String::as_str)).map_err(serde::de::Error::custom)
    }
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
