//! What is recommended to a person: creators like its own account.

mod creators;
mod kept_corpus;

use std::sync::Arc;

use axum::extract::FromRef;
use compass_core::ports::{AccessTokens, AccountStore, Clock, CorpusStore, CreatorStore, Random};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::kept_corpus::KeptCorpus;
use crate::{Section, Site};

/// `/recommendations/…`, for signed-in people.
pub fn recommendations<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn AccountStore>: FromRef<S>,
    Arc<dyn CreatorStore>: FromRef<S>,
    Arc<dyn CorpusStore>: FromRef<S>,
    Arc<dyn AccessTokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Arc<dyn Random>: FromRef<S>,
    Site: FromRef<S>,
{
    Section(OpenApiRouter::default().routes(routes!(creators::creators)))
}
