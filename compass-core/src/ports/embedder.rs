//! Texts as vectors.

use std::fmt;

use async_trait::async_trait;

/// Gives texts vectors that are near each other where the texts mean the same.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Embedder: fmt::Debug + Send + Sync {
    /// The model's name: vectors of two models, or of two versions of one, cannot be compared and have different names.
    fn model(&self) -> String;

    /// How many numbers each vector has, at least one.
    fn dimensions(&self) -> usize;

    /// A vector for each text, in their order: of length 1, or zeros for a text that says nothing. All numbers are finite.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError>;
}

/// Why texts have no vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// What makes the vectors cannot be reached or asked just now; trying again later may help.
    #[error("texts cannot be embedded now; try again later")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What came is not a vector of the right length for each text.
    #[error("the answer is not a vector of {dimensions} finite numbers for each of {texts} texts; check the model")]
    Unusable {
        /// How many numbers each was to have.
        dimensions: usize,
        /// How many were asked for.
        texts: usize,
    },
}
