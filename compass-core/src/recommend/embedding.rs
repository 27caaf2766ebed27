//! Texts as vectors without a model: what they say, by the words and parts of words in them.

use async_trait::async_trait;

use crate::{
    ports::{EmbedError, Embedder},
    words::{grams, hash, words},
};

/// Gives each text a vector of length 1 by hashing its words and the 3 to 5 characters in them.
///
/// It needs no model, is the same everywhere, and tells shared words, not shared meaning. A text without words has zeros.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use compass_core::{ports::Embedder, recommend::LexicalEmbedder};
///
/// let embedder = LexicalEmbedder::new(128);
/// let texts = ["phở bò tại nhà", "cách nấu phở bò", "trail running"].map(str::to_owned);
/// let vectors = embedder.embed(&texts).await?;
/// let alike = |a: usize, b: usize| vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum::<f32>();
/// assert!(alike(0, 1) > alike(0, 2));
/// # Ok::<(), compass_core::ports::EmbedError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LexicalEmbedder {
    dimensions: usize,
}

/// A part of a word counts less than a word.
const PART: f64 = 0.25;

impl LexicalEmbedder {
    /// An embedder into so many dimensions, at least one.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions: dimensions.max(1) }
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0_f64; self.dimensions];
        let mut add = |hash: u64, weight: f64| {
            // One bit is the sign, so that what falls on one place cancels out as often as it adds up (Weinberger 2009).
            let place = (hash >> 1) % self.dimensions as u64;
            vector[place as usize] += if hash & 1 == 0 { weight } else { -weight };
        };
        for word in words(text) {
            let bare = word.trim_start_matches('#');
            add(hash(bare), 1.0);
            grams(bare, |part| add(part, PART));
        }
        let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
        vector.into_iter().map(|value| (value * scale) as f32).collect()
    }
}

#[async_trait]
impl Embedder for LexicalEmbedder {
    fn model(&self) -> String {
        "words and their parts, hashed, 1".to_owned()
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}
