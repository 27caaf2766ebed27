//! Texts as vectors, from a static embedding model in a local folder.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use compass_core::ports::{EmbedError, Embedder};
use model2vec_rs::model::StaticModel;
use sha2::{Digest as _, Sha256};

/// Reads a model in model2vec's format: each token has a vector, and a text is the mean of its tokens'.
///
/// It needs no network and no accelerator: a text takes microseconds. Of a text the first 512 tokens count.
#[derive(Clone)]
pub struct StaticEmbedder {
    model: StaticModel,
    folder: PathBuf,
    name: String,
}

/// Why no model could be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} has no static embedding model: it takes model.safetensors, tokenizer.json and config.json as model2vec writes them",
    folder.display()
)]
pub struct ModelError {
    folder: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StaticEmbedder {
    /// Reads the model of a folder. It takes a while: a model has tens of megabytes.
    ///
    /// # Errors
    /// [`ModelError`] if the folder has none that can be read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, ModelError> {
        let folder = folder.into();
        let read = |folder: &Path| -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
            Ok((StaticModel::from_pretrained(folder, None, Some(true), None)?, name(folder)?))
        };
        match read(&folder) {
            Ok((model, name)) => Ok(Self { model, folder, name }),
            Err(source) => Err(ModelError { folder, source }),
        }
    }
}

/// The SHA-256 of all that the vectors depend on.
fn name(folder: &Path) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    for file in ["model.safetensors", "tokenizer.json", "config.json"] {
        let bytes = std::fs::read(folder.join(file))?;
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[async_trait]
impl Embedder for StaticEmbedder {
    fn model(&self) -> String {
        self.name.clone()
    }

    fn dimensions(&self) -> usize {
        self.model.dim()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let (model, texts) = (self.model.clone(), texts.to_vec());
        let many = texts.len();
        let embed = move || model.encode(&texts);
        // A damaged model may make the reader panic: that is this call's failure alone.
        let vectors =
            tokio::task::spawn_blocking(embed).await.map_err(|failed| EmbedError::Unavailable(failed.into()))?;
        match vectors.iter().flatten().all(|value| value.is_finite()) {
            true => Ok(vectors),
            false => Err(EmbedError::Unusable { dimensions: self.dimensions(), texts: many }),
        }
    }
}

impl fmt::Debug for StaticEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticEmbedder").field("folder", &self.folder).finish_non_exhaustive()
    }
}
