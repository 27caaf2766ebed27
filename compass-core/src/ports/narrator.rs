//! Another way to say a sentence: a language model, say.

use std::{error::Error, fmt};

use async_trait::async_trait;

use crate::{Language, recommend::Direction};

/// Rephrases sentences with slots, in any language. What it gives is never shown unchecked:
/// [`narrate`](crate::recommend::narrate) does both.
///
/// It is told no value, and no word that anybody but the project wrote: no handle, biography, caption or hashtag. So nothing in
/// them can be an instruction to it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Narrator: fmt::Debug + Send + Sync {
    /// Says the sentences in other words, each slot in them once. Of an answer longer than [`Narration::most_chars`] it may give
    /// any part that is longer, so that it need not be read to its end.
    async fn rephrase(&self, narration: &Narration) -> Result<String, NarratorError>;
}

/// What is to be rephrased.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Narration {
    /// The sentences, in English; a slot is a name in double braces.
    pub template: String,
    /// The slots, in the order of their names.
    pub slots: Vec<String>,
    /// The language to say it in.
    pub language: Language,
    /// Which way the fact points, if it does.
    pub direction: Option<Direction>,
    /// A longer answer is rejected, in characters.
    pub most_chars: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("the narrator gives no answer")]
pub struct NarratorError(#[source] pub Box<dyn Error + Send + Sync>);
