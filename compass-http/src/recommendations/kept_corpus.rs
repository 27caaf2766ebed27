//! Everybody in the corpus, read now or a while ago.

use std::{convert::Infallible, fmt, sync::Arc, time::Duration};

use axum::{extract::FromRequestParts, http::request::Parts};
use compass_core::{
    app::{self, SimilarCreator, SimilarCreators},
    ports::{CorpusStore, Embedder},
    recommend::{ProfileVector, Search, TooLittleKnown},
};
use moka::future::Cache;

use crate::{
    computations::{Computations, Turn},
    problem::{Problem, ProblemKind},
    provides::Provides,
    shared::Shared,
};

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
pub struct KeptCorpus {
    kept: Cache<(), Arc<SimilarCreators>>,
    embedder: Option<Arc<dyn Embedder>>,
}

impl KeptCorpus {
    /// Keeps them for so long.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self { kept: Cache::builder().max_capacity(1).time_to_live(time).build(), embedder: None }
    }

    /// Compares them by what their texts mean, too. While the embedder fails they are compared without it, and answers say so.
    #[must_use]
    pub fn with_embedder(self, embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder: Some(embedder), ..self }
    }

    async fn everybody(
        &self,
        read: impl Future<Output = Result<Arc<SimilarCreators>, Problem>>,
    ) -> Result<Arc<SimilarCreators>, Problem> {
        self.kept.try_get_with((), read).await.map_err(|problem| (*problem).clone())
    }
}

impl fmt::Debug for KeptCorpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptCorpus").finish_non_exhaustive()
    }
}

/// Everybody who is compared with somebody: a host's own handlers ask it what `GET /recommendations/creators` asks. Outside of our
/// router, a host that wants few comparisons at once brings [`Computations`].
///
/// ```
/// # use std::sync::Arc;
/// # use axum::{Router, extract::State, routing::get};
/// use compass_core::{Handle, app, ports::{Clock, CreatorStore}, recommend::Search};
/// use compass_http::{ComparedCreators, Path, Ports, Problem};
///
/// async fn like(
///     State(creators): State<Arc<dyn CreatorStore>>,
///     State(clock): State<Arc<dyn Clock>>,
///     compared: ComparedCreators,
///     Path(handle): Path<Handle>,
/// ) -> Result<String, Problem> {
///     let Some(of) = app::profile_vector(&*creators, &handle, clock.now()).await? else { return Ok(String::new()) };
///     let found = compared.similar(of, Search::default()).await?.unwrap_or_default();
///     Ok(found.iter().map(|creator| format!("@{} ", creator.handle)).collect())
/// }
/// fn app(ports: Ports) -> Router {
///     Router::new().route("/like/{handle}", get(like)).with_state(ports)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ComparedCreators {
    store: Arc<dyn CorpusStore>,
    kept: Option<KeptCorpus>,
    computations: Computations,
}

impl<S> FromRequestParts<S> for ComparedCreators
where
    S: Send + Sync + Provides<Arc<dyn CorpusStore>>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let computations = Shared::computations(&parts.extensions);
        Ok(Self { store: state.provide(), kept: parts.extensions.get().cloned(), computations })
    }
}

impl ComparedCreators {
    /// The creators that are most like one, found where that holds up no other request; the inner error if it has no words.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn similar(
        &self,
        of: ProfileVector,
        search: Search,
    ) -> Result<Result<Vec<SimilarCreator>, TooLittleKnown>, Problem> {
        let (everybody, turn) = self.everybody().await?;
        // It goes on where the client has gone away, and so it keeps its turn.
        let compute = move || {
            let _turn = turn;
            everybody.similar(&of, &search)
        };
        let found = tokio::task::spawn_blocking(compute).await;
        found.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))
    }

    /// What the comparison has to do without, such as a language model that could not be asked; `None` if nothing.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn notice(&self) -> Result<Option<String>, Problem> {
        // Without a language model nothing can be missing, and nobody has to be read for that.
        if self.kept.as_ref().is_none_or(|kept| kept.embedder.is_none()) {
            return Ok(None);
        }
        Ok(self.everybody().await?.0.notice().map(str::to_owned))
    }

    /// Everybody, and the turn to compare somebody with them.
    async fn everybody(&self) -> Result<(Arc<SimilarCreators>, Turn), Problem> {
        let embedder = self.kept.as_ref().and_then(|kept| kept.embedder.clone());
        let read = read(Arc::clone(&self.store), embedder, self.computations.clone());
        let everybody = match &self.kept {
            Some(kept) => kept.everybody(read).await?,
            None => read.await?,
        };
        Ok((everybody, self.computations.turn().await?))
    }
}

/// Reads the corpus, and compares everybody where that holds up no other request. It goes on where the client has gone away, and so
/// it keeps its turn.
async fn read(
    corpus: Arc<dyn CorpusStore>,
    embedder: Option<Arc<dyn Embedder>>,
    computations: Computations,
) -> Result<Arc<SimilarCreators>, Problem> {
    let failed = |failed| Problem::new(ProblemKind::Internal).with_cause(failed);
    let compare = async move {
        let turn = computations.turn().await?;
        let mut everybody = app::everybody(&*corpus).await?;
        if let Some(embedder) = embedder
            && let Err(error) = everybody.embed(&*embedder).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "creators are compared without the language model"
            );
        }
        let compare = move || {
            let _turn = turn;
            SimilarCreators::new(everybody)
        };
        Ok(Arc::new(tokio::task::spawn_blocking(compare).await.map_err(failed)?))
    };
    tokio::spawn(compare).await.map_err(failed)?
}
