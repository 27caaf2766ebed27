//! Text from outside that every store can hold.

use std::fmt;

/// A piece of scraped or typed text: no NUL, a bounded number of characters.
///
/// It is still untrusted: whoever shows it escapes it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(String);

impl Text {
    /// The most characters that are kept; TikTok's longest captions have 4,000.
    pub const MAX_CHARS: usize = 5_000;

    /// Accepts text as it is.
    ///
    /// # Errors
    /// [`TextError`] for a NUL or more than [`Text::MAX_CHARS`] characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.contains('\0') {
            return Err(TextError::Nul);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(TextError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// Accepts any text: a NUL becomes U+FFFD and the end is cut. For scraped text, where losing the whole post would be worse.
    #[must_use]
    pub fn lossy(text: &str) -> Self {
        // So few bytes are no more characters.
        if text.len() <= Self::MAX_CHARS && !text.as_bytes().contains(&0) {
            return Self(text.to_owned());
        }
        Self(
            text.chars()
                .take(Self::MAX_CHARS)
                .map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c })
                .collect(),
        )
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no character in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A NUL, which PostgreSQL cannot hold.
    #[error("text contains a NUL character")]
    Nul,
    /// Too many characters.
    #[error("text is longer than {} characters", Text::MAX_CHARS)]
    TooLong,
}

#[cfg(feature = "serde")]
mod json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::Text;

    impl Serialize for Text {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Text {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }
}
