//! What every handler can ask for: the ports, and what this instance is.

use std::sync::Arc;

use axum::extract::FromRef;
use compass_core::ports::{
    AccessTokens, AccountData, AccountStore, AdviceLedger, AudienceStore, AuditLog, Clock, CorpusStore, CreatorStore,
    ExportReader, IdentityProvider, ImportStore, JobStore, Random, RefreshTokens, ReportStore,
};
use compass_http::{Computations, Files, LearntCorpus, Ports};

/// The state of the whole service, pages and API alike.
#[derive(Clone, Debug)]
pub struct AppState {
    /// What the use cases need.
    pub ports: Ports,
    /// What reports are compared with.
    pub corpus: LearntCorpus,
    /// What bounds how many reports are made at once, for pages and API together.
    pub computations: Computations,
    /// What bounds how many files of people are read at once, for pages and API together.
    pub files: Files,
    /// What the pages tell people about this instance.
    pub site: Site,
}

/// What the pages tell people about this instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Whether anybody on this machine may sign in as the developer: every page then says so.
    pub development_sign_in: bool,
    /// Whether a stand-in with sample creators answers in TikTok's place: every page then says so.
    pub stand_in: bool,
    /// Where the service is reached, without a slash at the end: `http://127.0.0.1:8000`.
    pub public_url: String,
}

macro_rules! from_ports {
    ($($field:ident: $port:ty),+ $(,)?) => {
        $(impl FromRef<AppState> for $port {
            fn from_ref(state: &AppState) -> Self {
                state.ports.$field.clone()
            }
        })+
    };
}

from_ports! {
    accounts: Arc<dyn AccountStore>,
    refresh_tokens: Arc<dyn RefreshTokens>,
    account_data: Arc<dyn AccountData>,
    audit: Arc<dyn AuditLog>,
    creators: Arc<dyn CreatorStore>,
    corpus: Arc<dyn CorpusStore>,
    jobs: Arc<dyn JobStore>,
    imports: Arc<dyn ImportStore>,
    audiences: Arc<dyn AudienceStore>,
    reports: Arc<dyn ReportStore>,
    ledger: Arc<dyn AdviceLedger>,
    exports: Arc<dyn ExportReader>,
    identity: Arc<dyn IdentityProvider>,
    tokens: Arc<dyn AccessTokens>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    site: compass_http::Site,
}
