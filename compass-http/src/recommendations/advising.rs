//! What advice takes: the use case over the host's ports, a turn to compute, and perhaps a narrator.

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use compass_core::{
    app::Advisor,
    ports::{AdviceLedger, AudienceStore, Clock, CreatorStore, ImportStore, Random, ReportStore},
    recommend::Insight,
};

use super::narration::Narration;
use crate::{
    computations::Computations, learnt_corpus::LearntCorpus, problem::Problem, provides::Provides, shared::Shared,
};

pub(super) struct Advising {
    pub(super) advisor: Advisor,
    pub(super) computations: Computations,
    narration: Option<Narration>,
}

impl<S> FromRequestParts<S> for Advising
where
    S: Send
        + Sync
        + Provides<Arc<dyn CreatorStore>>
        + Provides<Arc<dyn ImportStore>>
        + Provides<Arc<dyn AudienceStore>>
        + Provides<Arc<dyn ReportStore>>
        + Provides<Arc<dyn AdviceLedger>>
        + Provides<Arc<dyn Clock>>
        + Provides<Arc<dyn Random>>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let clock: Arc<dyn Clock> = state.provide();
        let learnt = parts.extensions.get::<LearntCorpus>().cloned().unwrap_or_default();
        let advisor = Advisor {
            creators: state.provide(),
            imports: state.provide(),
            audiences: state.provide(),
            reports: state.provide(),
            ledger: state.provide(),
            random: state.provide(),
            corpus: learnt.at(clock.now()),
            clock,
        };
        let computations = Shared::computations(&parts.extensions);
        Ok(Self { advisor, computations, narration: parts.extensions.get().cloned() })
    }
}

impl Advising {
    /// Computes where that holds up no other request, when it is its turn.
    pub(super) async fn computed<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.computations.run(async { Ok(()) }, |()| compute()).await
    }

    /// The text of each insight that a narrator's words may stand around; `None` where the template's own is to be shown.
    pub(super) async fn narrated(&self, insights: &[Insight]) -> Vec<Option<String>> {
        match &self.narration {
            Some(narration) => narration.texts(insights).await,
            None => vec![None; insights.len()],
        }
    }
}
