//! Language models for Creator Compass: texts as vectors, and words around insights.
//!
//! [`StaticEmbedder`] reads a static embedding model from a local folder. [`EndpointEmbedder`] and [`ChatNarrator`] ask an endpoint that
//! speaks as OpenAI's does, such as one on this machine; what comes from there is checked and never trusted.

mod chat;
mod embeddings;
mod endpoint;
#[cfg(feature = "static-model")]
mod static_model;

pub use chat::ChatNarrator;
pub use embeddings::EndpointEmbedder;
pub use endpoint::{Endpoint, EndpointBuilder, EndpointError, EndpointFailure};
#[cfg(feature = "static-model")]
pub use static_model::{ModelError, StaticEmbedder};
