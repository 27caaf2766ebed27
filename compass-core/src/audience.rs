//! The audience a creator wants.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

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
    /// Shares of the genders that are wanted, in whole percent.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::WantedGenders))]
    pub genders: WantedGenders,
    /// Shares of the ages that are wanted, in whole percent.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::WantedAges))]
    pub ages: WantedAges,
    /// Hours of the day, by the creator's clock, at which the audience is to be active: 0 to 23.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Hour>, max_items = 24))]
    pub active_hours: Hours,
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

/// Why wanted shares or hours are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WishError {
    /// A group that no source tells of.
    #[error("{got:?} is no group of {what}: they are {known}")]
    Group {
        /// Of what.
        what: &'static str,
        /// What was given.
        got: String,
        /// Those that there are.
        known: String,
    },
    /// The shares are not a whole.
    #[error("the shares of {what} add up to {sum} %, and have to be 100 %")]
    Sum {
        /// Of what.
        what: &'static str,
        /// What they add up to.
        sum: u32,
    },
    /// An hour is none.
    #[error("{0} is no hour of the day from 0 to 23")]
    Hour(u8),
}

macro_rules! wanted_shares {
    ($(#[$doc:meta])* $name:ident, $what:literal, $groups:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        pub struct $name(BTreeMap<String, u8>);

        impl $name {
            /// The groups that there are.
            pub const GROUPS: &'static [&'static str] = &$groups;

            /// Accepts shares in whole percent; none at all is "no matter". A group that is left out is not wanted.
            ///
            /// # Errors
            /// [`WishError`] for a group that is not among [`Self::GROUPS`], and for shares that do not add up to 100.
            pub fn parse<'a>(shares: impl IntoIterator<Item = (&'a str, u8)>) -> Result<Self, WishError> {
                let mut accepted = BTreeMap::new();
                for (group, share) in shares {
                    let Some(known) = Self::GROUPS.iter().find(|known| known.eq_ignore_ascii_case(group.trim())) else {
                        let got = group.chars().take(40).collect();
                        return Err(WishError::Group { what: $what, got, known: Self::GROUPS.join(", ") });
                    };
                    accepted.insert((*known).to_owned(), share);
                }
                let sum = accepted.values().map(|share| u32::from(*share)).sum();
                if !accepted.is_empty() && sum != 100 {
                    return Err(WishError::Sum { what: $what, sum });
                }
                Ok(Self(accepted))
            }

            /// The groups and their shares in percent, by name; nothing if it is no matter.
            pub fn iter(&self) -> impl Iterator<Item = (&str, u8)> {
                self.0.iter().map(|(group, share)| (group.as_str(), *share))
            }

            /// Whether it is no matter.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let shares = <BTreeMap<String, u8> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(shares.iter().map(|(group, share)| (group.as_str(), *share))).map_err(serde::de::Error::custom)
            }
        }
    };
}

wanted_shares!(
    /// Shares of genders, in whole percent that add up to 100.
    WantedGenders,
    "gender",
    ["female", "male", "other"]
);
wanted_shares!(
    /// Shares of ages, in whole percent that add up to 100, in the groups that TikTok tells of.
    WantedAges,
    "age",
    ["13-17", "18-24", "25-34", "35-44", "45-54", "55+"]
);

/// Hours of the day, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Hours(BTreeSet<u8>);

impl Hours {
    /// Accepts hours from 0 to 23.
    ///
    /// # Errors
    /// [`WishError::Hour`] for any other.
    pub fn parse(hours: impl IntoIterator<Item = u8>) -> Result<Self, WishError> {
        let hours: BTreeSet<u8> = hours.into_iter().collect();
        match hours.iter().find(|hour| **hour > 23) {
            Some(&hour) => Err(WishError::Hour(hour)),
            None => Ok(Self(hours)),
        }
    }

    /// The hours, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(<Vec<u8> as serde::Deserialize>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Why a text is not a country or language code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a two-letter code")]
pub struct CodeError(String);

impl Language {
    /// A language as TikTok tells it; `None` for `un`, which is how it says that it does not know.
    pub(crate) fn told(code: &str) -> Option<Self> {
        Some(code).filter(|&code| code != "un").and_then(|code| Self::parse(code).ok())
    }
}

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

        impl PartialEq<str> for $name {
            fn eq(&self, code: &str) -> bool {
                self.0 == code.as_bytes()
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
