//! Words around a sentence: from a language model, say.

use std::{error::Error, fmt};

use async_trait::async_trait;

/// Puts words around sentences with slots. What it gives is never shown unchecked: [`narrate`](crate::recommend::narrate)
/// does both.
///
/// It is told no value, and no word that anybody but the project wrote: no handle, biography, caption or hashtag. So nothing in
/// them can be an instruction to it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Narrator: fmt::Debug + Send + Sync {
    /// Gives the template character by character, with sentences of its own words before it, after it or both. Of an answer
    /// longer than [`Narration::most_chars`] it may give any part that is longer, so that it need not be read to its end.
    async fn rephrase(&self, narration: &Narration) -> Result<String, NarratorError>;
}

/// What words are to be put around.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Narration {
    /// The sentences, in English; a slot is a name in double braces. They stay as they are.
    pub template: String,
    /// The words that may stand around them, in small letters.
    pub words: Vec<&'static str>,
    /// A longer answer is rejected, in characters.
    pub most_chars: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the narrator gives no answer")]
pub struct NarratorError(#[source] pub Box<dyn Error + Send + Sync>);
