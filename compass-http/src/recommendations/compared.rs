//! Everybody who is compared with somebody, for handlers.

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use compass_core::{
    UserId,
    analytics::AudienceTarget,
    app::{self, MatchSearch, Matching, SimilarCreator, SimilarCreators, VisibleAudiences},
    ports::{AudienceStore, CorpusStore},
    recommend::{ProfileVector, Search, TooLittleKnown},
};
use jiff::Timestamp;

use super::kept_corpus::{KeptCorpus, everybody};
use crate::{
    computations::{Computations, Turn},
    problem::{Problem, ProblemKind},
    provides::Provides,
    shared::Shared,
};

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
///     let compared = compared.similar(of, Search::default()).await?;
///     Ok(compared.found.unwrap_or_default().iter().map(|creator| format!("@{} ", creator.handle)).collect())
/// }
/// fn app(ports: Ports) -> Router {
///     Router::new().route("/like/{handle}", get(like)).with_state(ports)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ComparedCreators {
    corpus: Arc<dyn CorpusStore>,
    audiences: Arc<dyn AudienceStore>,
    kept: Option<KeptCorpus>,
    computations: Computations,
}

/// The creators that are most like one.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The most alike first, unless variety was asked for; an error if the one has no words.
    pub found: Result<Vec<SimilarCreator>, TooLittleKnown>,
    /// What the comparison had to do without, such as a language model that has not read all yet; `None` if nothing.
    pub notice: Option<String>,
}

impl<S> FromRequestParts<S> for ComparedCreators
where
    S: Send + Sync + Provides<Arc<dyn CorpusStore>> + Provides<Arc<dyn AudienceStore>>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let computations = Shared::computations(&parts.extensions);
        let kept = parts.extensions.get().cloned();
        Ok(Self { corpus: state.provide(), audiences: state.provide(), kept, computations })
    }
}

impl ComparedCreators {
    /// The creators that are most like one, found where that holds up no other request.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn similar(&self, of: ProfileVector, search: Search) -> Result<Compared, Problem> {
        let everybody = self.everybody().await?;
        let compare = move || {
            let notice = everybody.notice().map(str::to_owned);
            Compared { found: everybody.similar(&of, &search), notice }
        };
        compute(self.computations.turn().await?, compare).await
    }

    /// The creators whose audiences fit a target best, found where that holds up no other request. Of audiences, those count that `viewer` may
    /// see: what the operator imported, perhaps as it was a while ago, and what the viewer brought, as of now.
    ///
    /// # Errors
    /// [`Problem`] if the store fails, or too much is being computed.
    pub async fn matching(
        &self,
        viewer: UserId,
        target: AudienceTarget,
        search: MatchSearch,
        as_of: Timestamp,
    ) -> Result<Matching, Problem> {
        let everybody = self.everybody().await?;
        let public = match &self.kept {
            Some(kept) => kept.public_audiences(&self.audiences, &self.computations, as_of).await?,
            None => Arc::new(app::audiences_of(&*self.audiences, None, as_of).await?),
        };
        let turn = self.computations.turn().await?;
        let own = app::audiences_of(&*self.audiences, Some(viewer), as_of).await?;
        let audiences = VisibleAudiences { public, own };
        compute(turn, move || everybody.matching(&audiences, &target, &search, as_of)).await
    }

    async fn everybody(&self) -> Result<Arc<SimilarCreators>, Problem> {
        match &self.kept {
            Some(kept) => kept.everybody(&self.corpus, &self.computations).await,
            None => everybody(&self.corpus, &self.computations, |_| true).await,
        }
    }
}

/// Computes where that holds up no other request. It goes on where the client has gone away, and so it keeps its turn.
pub(super) async fn compute<T: Send + 'static>(
    turn: Turn,
    compute: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let compute = move || {
        let _turn = turn;
        compute()
    };
    tokio::task::spawn_blocking(compute).await.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))
}
