//! Everybody in the corpus, read now or a while ago.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{extract::FromRequestParts, http::request::Parts};
use compass_core::{
    AudienceObservation, Handle,
    analytics::AudienceTarget,
    app::{self, MatchSearch, Matching, SimilarCreator, SimilarCreators},
    ports::{CorpusStore, Embedder},
    recommend::{ProfileVector, Search, TooLittleKnown},
};
use jiff::Timestamp;
use moka::{Expiry, future::Cache};

use super::embedding::Embedding;
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
    embedding: Option<Arc<Embedding>>,
}

/// What had to do without a language model is made again after so long.
const UNFINISHED: Duration = Duration::from_secs(60);

/// What is whole is kept for so long.
struct KeptFor(Duration);

impl Expiry<(), Arc<SimilarCreators>> for KeptFor {
    fn expire_after_create(&self, (): &(), made: &Arc<SimilarCreators>, _: Instant) -> Option<Duration> {
        Some(if made.notice().is_some() { self.0.min(UNFINISHED) } else { self.0 })
    }
}

impl KeptCorpus {
    /// Keeps them for so long.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self { kept: Cache::builder().max_capacity(1).expire_after(KeptFor(time)).build(), embedding: None }
    }

    /// Compares them by what their texts mean, too. The embedder has so long for all texts together, each time that they are read; what it
    /// has embedded it is not asked for again. Until it has embedded all, and while it fails, creators are compared without it, answers say
    /// so, and a minute later they are read again.
    ///
    /// With a file, what was embedded is kept there, for the next start. It can be taken away at any time: it is made anew from the store, as
    /// it is where it is damaged or another model's.
    #[must_use]
    pub fn with_embedder(self, embedder: Arc<dyn Embedder>, patience: Duration, file: Option<PathBuf>) -> Self {
        Self { embedding: Some(Arc::new(Embedding::new(embedder, patience, file))), ..self }
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
        self.compute(move |everybody| everybody.similar(&of, &search)).await
    }

    /// The creators whose audiences fit a target best, found where that holds up no other request.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn matching(
        &self,
        audiences: BTreeMap<Handle, AudienceObservation>,
        target: AudienceTarget,
        search: MatchSearch,
        as_of: Timestamp,
    ) -> Result<Matching, Problem> {
        self.compute(move |everybody| everybody.matching(&audiences, &target, &search, as_of)).await
    }

    async fn compute<T: Send + 'static>(
        &self,
        compute: impl FnOnce(&SimilarCreators) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (everybody, turn) = self.everybody().await?;
        // It goes on where the client has gone away, and so it keeps its turn.
        let compute = move || {
            let _turn = turn;
            compute(&everybody)
        };
        let computed = tokio::task::spawn_blocking(compute).await;
        computed.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))
    }

    /// What the comparison has to do without, such as a language model that could not be asked; `None` if nothing.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn notice(&self) -> Result<Option<String>, Problem> {
        // Without a language model nothing can be missing, and nobody has to be read for that.
        if self.kept.as_ref().is_none_or(|kept| kept.embedding.is_none()) {
            return Ok(None);
        }
        Ok(self.everybody().await?.0.notice().map(str::to_owned))
    }

    /// Everybody, and the turn to compare somebody with them.
    async fn everybody(&self) -> Result<(Arc<SimilarCreators>, Turn), Problem> {
        let embedding = self.kept.as_ref().and_then(|kept| kept.embedding.clone());
        let read = read(Arc::clone(&self.store), embedding, self.computations.clone());
        let everybody = match &self.kept {
            Some(kept) => kept.everybody(read).await?,
            None => read.await?,
        };
        Ok((everybody, self.computations.turn().await?))
    }
}

/// Reads the corpus, and compares everybody where that holds up no other request. It goes on where the client has gone away, and so
/// it keeps its turn, but for the time in which it waits for a language model.
async fn read(
    corpus: Arc<dyn CorpusStore>,
    embedding: Option<Arc<Embedding>>,
    computations: Computations,
) -> Result<Arc<SimilarCreators>, Problem> {
    let failed = |failed| Problem::new(ProblemKind::Internal).with_cause(failed);
    let compare = async move {
        let mut turn = computations.turn().await?;
        let mut everybody = app::everybody(&*corpus).await?;
        if let Some(embedding) = embedding {
            drop(turn);
            embedding.embed(&mut everybody).await;
            turn = computations.turn().await?;
        }
        let compare = move || {
            let _turn = turn;
            SimilarCreators::new(everybody)
        };
        Ok(Arc::new(tokio::task::spawn_blocking(compare).await.map_err(failed)?))
    };
    tokio::spawn(compare).await.map_err(failed)?
}
