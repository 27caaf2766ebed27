//! What is recommended to a person: creators like its own account, what to do, and how to find out.

mod advising;
mod compared;
mod creators;
mod embedding;
mod experiment;
mod insights;
mod kept_corpus;
mod matches;
mod narration;
mod search;

use std::sync::Arc;

use compass_core::{
    Handle, Preferences, UserId,
    ports::{AccountStore, AdviceLedger, AudienceStore, CorpusStore, CreatorStore, ImportStore, Random, ReportStore},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{
    compared::{Compared, ComparedCreators},
    experiment::PlanQuery,
    kept_corpus::KeptCorpus,
    narration::Narration,
};
use crate::{
    Section,
    problem::{Problem, ProblemKind},
    provides::{KnowsPeople, Provides},
};

/// `/recommendations/…`, for signed-in people.
pub fn recommendations<S>() -> Section<S>
where
    S: KnowsPeople
        + Provides<Arc<dyn CreatorStore>>
        + Provides<Arc<dyn CorpusStore>>
        + Provides<Arc<dyn ImportStore>>
        + Provides<Arc<dyn AudienceStore>>
        + Provides<Arc<dyn ReportStore>>
        + Provides<Arc<dyn AdviceLedger>>
        + Provides<Arc<dyn Random>>,
{
    let routes = OpenApiRouter::default()
        .routes(routes!(creators::creators))
        .routes(routes!(matches::matches))
        .routes(routes!(insights::insights))
        .routes(routes!(experiment::experiment))
        .routes(routes!(experiment::evaluation));
    Section(routes)
}

/// The account that a person named, and what else the person asked for.
async fn own_account(accounts: &dyn AccountStore, user: UserId) -> Result<(Handle, Preferences), Problem> {
    let preferences = accounts.find(user).await?.map(|user| user.preferences).unwrap_or_default();
    match preferences.handle.clone() {
        Some(handle) => Ok((handle, preferences)),
        None => Err(no_account("")),
    }
}

fn no_account(or: &str) -> Problem {
    let detail = format!("no account is named; PATCH users/me with your handle{or}");
    Problem::new(ProblemKind::NotFound).with_detail(detail)
}
