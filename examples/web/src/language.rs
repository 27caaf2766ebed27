//! Language models, where the configuration names any: what texts mean, and words around insights.

use std::{sync::Arc, time::Duration};

use compass_core::ports::Embedder;
use compass_http::Narration;
use compass_language::{CachedEmbedder, ChatNarrator, Endpoint, EndpointEmbedder, StaticEmbedder};
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    Config, StartError,
    config::{number, secret},
};

/// An endpoint that embeds texts, as OpenAI's `POST /embeddings` does.
#[derive(Clone, Debug, Deserialize)]
pub struct Embeddings {
    /// Its address, to which `/embeddings` is added: `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// How many numbers the model gives.
    #[serde(deserialize_with = "number")]
    pub dimensions: usize,
    /// The key, if it takes one.
    #[serde(default, deserialize_with = "secret")]
    pub key: Option<SecretString>,
}

/// An endpoint that puts words around insights, as OpenAI's `POST /chat/completions` does.
#[derive(Clone, Debug, Deserialize)]
pub struct ChatModel {
    /// Its address, to which `/chat/completions` is added: `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// The model's name there.
    pub model: String,
    /// The key, if it takes one.
    #[serde(default, deserialize_with = "secret")]
    pub key: Option<SecretString>,
}

/// So many bytes of vectors are kept.
const KEPT: u64 = 128 << 20;
/// An endpoint has so long for some texts.
const PATIENCE: Duration = Duration::from_secs(30);
/// People wait no longer for words around what they asked for.
const PATIENCE_OF_PEOPLE: Duration = Duration::from_secs(4);

/// What says what texts mean: the model in the folder, or else the endpoint; `None` where neither is named.
pub(crate) fn embedder(config: &Config) -> Result<Option<Arc<dyn Embedder>>, StartError> {
    if let Some(folder) = &config.embedding_model {
        let model = StaticEmbedder::open(folder).map_err(StartError::EmbeddingModel)?;
        return Ok(Some(kept(model)));
    }
    let Some(Embeddings { base_url, model, dimensions, key }) = &config.embeddings else { return Ok(None) };
    let endpoint = endpoint("embeddings", base_url, key.as_ref(), PATIENCE)?;
    Ok(Some(kept(EndpointEmbedder::new(endpoint, model, *dimensions))))
}

/// What puts words around insights; `None` where nothing is named.
pub(crate) fn narration(config: &Config) -> Result<Option<Narration>, StartError> {
    let Some(ChatModel { base_url, model, key }) = &config.narrator else { return Ok(None) };
    let endpoint = endpoint("narrator", base_url, key.as_ref(), PATIENCE)?;
    Ok(Some(Narration::new(Arc::new(ChatNarrator::new(endpoint, model)), PATIENCE_OF_PEOPLE)))
}

fn kept(embedder: impl Embedder + 'static) -> Arc<dyn Embedder> {
    Arc::new(CachedEmbedder::new(Arc::new(embedder), KEPT))
}

fn endpoint(
    table: &'static str,
    base_url: &str,
    key: Option<&SecretString>,
    patience: Duration,
) -> Result<Endpoint, StartError> {
    let builder = Endpoint::at(base_url).with_patience(patience);
    let builder = match key {
        Some(key) => builder.with_key(key.clone()),
        None => builder,
    };
    builder.build().map_err(|source| StartError::LanguageModel { table, source })
}
