//! Language models, where the configuration names any: what texts mean, and words around insights.

use std::{sync::Arc, time::Duration};

use compass_core::ports::Embedder;
use compass_http::{KeptCorpus, Narration};
use compass_language::{ChatNarrator, Endpoint, EndpointEmbedder, StaticEmbedder};
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

/// Everybody's texts have so long at a time; what is missing then is embedded the next time.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(60);
/// What was embedded is kept under this name in the data folder.
const KEPT_AS: &str = "meanings.compass";
/// An endpoint has so long for some texts.
const PATIENCE: Duration = Duration::from_secs(30);
/// People wait no longer for words around what they asked for.
const PATIENCE_OF_PEOPLE: Duration = Duration::from_secs(4);

/// What creators are compared by, and for how long it is kept: with what their texts mean where the configuration names a model.
pub(crate) fn corpus(config: &Config, time: Duration) -> Result<KeptCorpus, StartError> {
    let corpus = KeptCorpus::new(time);
    Ok(match embedder(config)? {
        Some(embedder) => corpus.with_embedder(embedder, PATIENCE_IN_ALL, Some(config.data.join(KEPT_AS))),
        None => corpus,
    })
}

/// What says what texts mean: the model in the folder, or else the endpoint; `None` where neither is named.
pub(crate) fn embedder(config: &Config) -> Result<Option<Arc<dyn Embedder>>, StartError> {
    if let Some(folder) = &config.embedding_model {
        let model = StaticEmbedder::open(folder).map_err(StartError::EmbeddingModel)?;
        return Ok(Some(Arc::new(model)));
    }
    let Some(Embeddings { base_url, model, dimensions, key }) = &config.embeddings else { return Ok(None) };
    let endpoint = endpoint("embeddings", base_url, key.as_ref(), PATIENCE)?;
    Ok(Some(Arc::new(EndpointEmbedder::new(endpoint, model, *dimensions))))
}

/// What puts words around insights; `None` where nothing is named.
pub(crate) fn narration(config: &Config) -> Result<Option<Narration>, StartError> {
    let Some(ChatModel { base_url, model, key }) = &config.narrator else { return Ok(None) };
    let endpoint = endpoint("narrator", base_url, key.as_ref(), PATIENCE)?;
    Ok(Some(Narration::new(Arc::new(ChatNarrator::new(endpoint, model)), PATIENCE_OF_PEOPLE)))
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
