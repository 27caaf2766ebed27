//! Everybody in the corpus, read now or a while ago.

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use compass_core::{
    CreatorId,
    app::{self, Audiences, Everybody, SimilarCreators},
    ports::{AudienceStore, CorpusStore, Embedder},
};
use jiff::Timestamp;
use moka::{Expiry, future::Cache};

use super::{compared::compute, embedding::Embedding};
use crate::{
    computations::Computations,
    problem::{Problem, ProblemKind},
};

/// Keeps the creators that others are compared with for a time, and the audiences that the operator imported: reading all of them takes long.
///
/// Without it, each question reads them anew. Asked at once by many, they are read once, also where whoever asked first has gone away.
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
    creators: Cache<(), Kept>,
    audiences: Cache<(), Arc<Audiences>>,
    time: Duration,
    embedding: Option<Arc<Embedding>>,
    is_compared: fn(CreatorId) -> bool,
}

/// Everybody, to be read again after so long.
#[derive(Clone)]
struct Kept {
    everybody: Arc<SimilarCreators>,
    time: Duration,
}

/// What has to do without a language model that failed, or has not read all in its time, is made again after so long.
const UNFINISHED: Duration = Duration::from_secs(60);

struct KeptFor;

impl Expiry<(), Kept> for KeptFor {
    fn expire_after_create(&self, (): &(), kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.time)
    }

    fn expire_after_update(&self, (): &(), kept: &Kept, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(kept.time)
    }
}

impl KeptCorpus {
    /// Keeps them for so long.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self {
            creators: Cache::builder().max_capacity(1).expire_after(KeptFor).build(),
            audiences: Cache::builder().max_capacity(1).time_to_live(time).build(),
            time,
            embedding: None,
            is_compared: |_| true,
        }
    }

    /// Compares them by what their texts mean, too. The embedder is asked in the background, for all texts together no longer than so, each
    /// time that they are read; what it has embedded it is not asked for again. Until it has embedded all for the first time, and where it
    /// fails, creators are compared without it, and answers say so; a minute after that they are read again. While it embeds what is new,
    /// everybody is compared as they were before.
    ///
    /// With a file, what was embedded is kept there, for the next start. It can be taken away at any time: it is made anew from the store, as
    /// it is where it is damaged or another model's.
    #[must_use]
    pub fn with_embedder(self, embedder: Arc<dyn Embedder>, patience: Duration, file: Option<PathBuf>) -> Self {
        Self { embedding: Some(Arc::new(Embedding::new(embedder, patience, file))), ..self }
    }

    /// Compares those creators alone: a host with made-up ones among the real leaves them out.
    #[must_use]
    pub fn of(self, is_compared: fn(CreatorId) -> bool) -> Self {
        Self { is_compared, ..self }
    }

    pub(super) async fn everybody(
        &self,
        corpus: &Arc<dyn CorpusStore>,
        computations: &Computations,
    ) -> Result<Arc<SimilarCreators>, Problem> {
        let (this, corpus, computations) = (self.clone(), Arc::clone(corpus), computations.clone());
        let kept = async move {
            let read = this.read(&corpus, &computations);
            this.creators.try_get_with((), read).await.map_err(|problem| (*problem).clone())
        };
        Ok(apart(kept).await?.everybody)
    }

    /// What the operator imported, as of now or a while ago.
    pub(super) async fn public_audiences(
        &self,
        audiences: &Arc<dyn AudienceStore>,
        computations: &Computations,
        as_of: Timestamp,
    ) -> Result<Arc<Audiences>, Problem> {
        let (this, audiences, computations) = (self.clone(), Arc::clone(audiences), computations.clone());
        let kept = async move {
            let read = async {
                let _turn = computations.turn().await?;
                Ok::<_, Problem>(Arc::new(app::audiences_of(&*audiences, None, as_of).await?))
            };
            this.audiences.try_get_with((), read).await.map_err(|problem| (*problem).clone())
        };
        apart(kept).await
    }

    async fn read(&self, corpus: &Arc<dyn CorpusStore>, computations: &Computations) -> Result<Kept, Problem> {
        let Some(embedding) = &self.embedding else {
            let everybody = everybody(corpus, computations, self.is_compared).await?;
            return Ok(Kept { everybody, time: self.time });
        };
        let turn = computations.turn().await?;
        let mut everybody = app::everybody(&**corpus).await?;
        let texts_of = embedding.reader().await;
        let is_compared = self.is_compared;
        let compare = move || {
            everybody.retain(is_compared);
            let texts = texts_of(&everybody);
            (SimilarCreators::new(everybody), texts)
        };
        let (by_words, texts) = compute(turn, compare).await?;
        if texts.missing() == 0 {
            let everybody = embedding.all_known(by_words, texts).await;
            return Ok(Kept { everybody, time: self.time });
        }
        let meanwhile = embedding.meanwhile(&by_words, &texts);
        if let Some(embeds) = embedding.begin(by_words, texts) {
            let (creators, time, first) = (self.creators.clone(), self.time, Arc::clone(&meanwhile));
            tokio::spawn(async move {
                let first = Kept { everybody: first, time };
                // What is kept meanwhile comes first, and not over what this gives.
                _ = creators.try_get_with((), async { Ok::<_, Problem>(first) }).await;
                let (everybody, is_whole) = embeds.await;
                let time = if is_whole { time } else { time.min(UNFINISHED) };
                creators.insert((), Kept { everybody, time }).await;
            });
        }
        Ok(Kept { everybody: meanwhile, time: self.time })
    }
}

impl fmt::Debug for KeptCorpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptCorpus").finish_non_exhaustive()
    }
}

/// Reads the corpus, and compares everybody by words where that holds up no other request.
pub(super) async fn everybody(
    corpus: &Arc<dyn CorpusStore>,
    computations: &Computations,
    is_compared: fn(CreatorId) -> bool,
) -> Result<Arc<SimilarCreators>, Problem> {
    let turn = computations.turn().await?;
    let mut everybody: Everybody = app::everybody(&**corpus).await?;
    let compare = move || {
        everybody.retain(is_compared);
        Arc::new(SimilarCreators::new(everybody))
    };
    compute(turn, compare).await
}

/// Goes on where the client has gone away, so that what was begun is kept for the next.
async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work).await.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))?
}
