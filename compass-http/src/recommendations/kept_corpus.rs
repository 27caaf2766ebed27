//! Everybody in the corpus, read a while ago.

use std::{fmt, sync::Arc, time::Duration};

use compass_core::{
    app::{self, SimilarCreators},
    ports::CorpusStore,
};
use moka::future::Cache;

use crate::problem::{Problem, ProblemKind};

/// Keeps the creators that others are compared with for a time: reading all observations takes long.
///
/// Without it, each question reads them anew. Asked at once by many, they are read once.
///
/// ```
/// # use std::time::Duration;
/// # use axum::{Extension, Router};
/// # use compass_http::{KeptCorpus, Ports};
/// fn app(ports: Ports) -> Router {
///     compass_http::router().with_state(ports).layer(Extension(KeptCorpus::new(Duration::from_secs(600))))
/// }
/// ```
#[derive(Clone)]
pub struct KeptCorpus(Cache<(), Arc<SimilarCreators>>);

impl KeptCorpus {
    /// Keeps them for so long.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(time).build())
    }

    pub(super) async fn read(&self, corpus: &dyn CorpusStore) -> Result<Arc<SimilarCreators>, Problem> {
        let read = async { read(corpus).await };
        self.0.try_get_with((), read).await.map_err(|problem| (*problem).clone())
    }
}

impl fmt::Debug for KeptCorpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptCorpus").finish_non_exhaustive()
    }
}

/// Reads the corpus, and compares everybody where that holds up no other request.
pub(super) async fn read(corpus: &dyn CorpusStore) -> Result<Arc<SimilarCreators>, Problem> {
    let everybody = app::everybody(corpus).await?;
    match tokio::task::spawn_blocking(move || SimilarCreators::new(everybody)).await {
        Ok(compared) => Ok(Arc::new(compared)),
        Err(failed) => Err(Problem::new(ProblemKind::Internal).with_cause(failed)),
    }
}
