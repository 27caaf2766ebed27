//! Vectors of texts that were embedded before.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use compass_core::ports::{EmbedError, Embedder};
use moka::future::Cache;
use sha2::{Digest as _, Sha256};

/// Keeps vectors by the SHA-256 of their texts, at most so many bytes of them, and has only new texts embedded.
#[derive(Clone)]
pub struct CachedEmbedder {
    embedder: Arc<dyn Embedder>,
    kept: Cache<[u8; 32], Arc<[f32]>>,
}

/// What a vector takes beside its numbers.
const BESIDE: usize = 128;

impl CachedEmbedder {
    /// An embedder in front of which so many bytes of vectors are kept.
    #[must_use]
    pub fn new(embedder: Arc<dyn Embedder>, bytes: u64) -> Self {
        let weight = |_: &[u8; 32], vector: &Arc<[f32]>| u32::try_from(4 * vector.len() + BESIDE).unwrap_or(u32::MAX);
        Self { embedder, kept: Cache::builder().max_capacity(bytes).weigher(weight).build() }
    }
}

#[async_trait]
impl Embedder for CachedEmbedder {
    fn dimensions(&self) -> usize {
        self.embedder.dimensions()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors: Vec<Option<Vec<f32>>> = Vec::with_capacity(texts.len());
        // Each new text once, and where it stands.
        let mut new: BTreeMap<[u8; 32], (usize, Vec<usize>)> = BTreeMap::new();
        let mut to_embed = Vec::new();
        for (place, text) in texts.iter().enumerate() {
            let digest: [u8; 32] = Sha256::digest(text).into();
            let known = self.kept.get(&digest).await;
            if known.is_none() {
                let (_, places) = new.entry(digest).or_insert_with(|| {
                    to_embed.push(text.clone());
                    (to_embed.len() - 1, Vec::new())
                });
                places.push(place);
            }
            vectors.push(known.map(|vector| vector.to_vec()));
        }
        if !to_embed.is_empty() {
            let embedded = self.embedder.embed(&to_embed).await?;
            let unusable = || EmbedError::Unusable { dimensions: self.dimensions(), texts: to_embed.len() };
            for (digest, (at, places)) in new {
                let vector = embedded.get(at).ok_or_else(unusable)?;
                places.into_iter().for_each(|place| vectors[place] = Some(vector.clone()));
                self.kept.insert(digest, vector.as_slice().into()).await;
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }
}

impl fmt::Debug for CachedEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedEmbedder").field("embedder", &self.embedder).finish_non_exhaustive()
    }
}
