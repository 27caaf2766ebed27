//! A model that says what texts mean, where one is named.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use compass_core::{
    CreatorId,
    ports::{EmbedError, Embedder},
    recommend::Meanings,
};
use compass_language::{Endpoint, EndpointEmbedder, StaticEmbedder};
use tokio::runtime::Runtime;

use crate::input::InputError;

/// Which model.
#[derive(Debug, Args)]
pub(crate) struct ModelArguments {
    /// The folder of a static embedding model, in model2vec's format: creators are compared with its vectors, too.
    #[arg(long, value_name = "FOLDER")]
    model: Option<PathBuf>,
    /// Or an endpoint that embeds texts as OpenAI's does: its address, to which /embeddings is added.
    #[arg(long, value_name = "URL", conflicts_with = "model", requires_all = ["embedding_model", "dimensions"])]
    embeddings: Option<String>,
    /// The model's name there.
    #[arg(long, value_name = "NAME", requires = "embeddings")]
    embedding_model: Option<String>,
    /// How many numbers it gives.
    #[arg(long, value_name = "N", requires = "embeddings")]
    dimensions: Option<usize>,
}

/// A model that can be asked.
#[derive(Debug)]
pub(crate) struct Model {
    embedder: Arc<dyn Embedder>,
    runtime: Runtime,
}

/// An endpoint has so long for some texts.
const PATIENCE: Duration = Duration::from_secs(600);

impl ModelArguments {
    pub(crate) fn open(&self) -> Result<Option<Model>, InputError> {
        let embedder: Arc<dyn Embedder> = match (&self.model, &self.embeddings) {
            (Some(folder), _) => {
                Arc::new(StaticEmbedder::open(folder).map_err(|error| InputError::Model(error.into()))?)
            }
            (None, Some(address)) => {
                let endpoint = Endpoint::at(address).with_patience(PATIENCE).build();
                let endpoint = endpoint.map_err(|error| InputError::Model(error.into()))?;
                let name = self.embedding_model.clone().unwrap_or_default();
                Arc::new(EndpointEmbedder::new(endpoint, name, self.dimensions.unwrap_or_default()))
            }
            (None, None) => return Ok(None),
        };
        let runtime = Runtime::new().map_err(|error| InputError::Model(error.into()))?;
        Ok(Some(Model { embedder, runtime }))
    }
}

impl Model {
    /// The vector of each text.
    pub(crate) fn vectors(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, InputError> {
        let vectors = self.runtime.block_on(self.embedder.embed(texts));
        vectors.map_err(|error| InputError::Model(error.into()))
    }

    /// The same, for an index.
    pub(crate) fn meanings(&self, texts: &[(CreatorId, String)]) -> Result<Meanings, InputError> {
        let unusable = || EmbedError::Unusable { dimensions: self.embedder.dimensions(), texts: texts.len() };
        let failed = |_| InputError::Model(unusable().into());
        let mut meanings = Meanings::new(self.embedder.model(), self.embedder.dimensions()).map_err(failed)?;
        let vectors = self.vectors(&texts.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>())?;
        for ((id, text), vector) in texts.iter().zip(vectors) {
            meanings.insert(*id, text, &vector).map_err(failed)?;
        }
        Ok(meanings)
    }
}
