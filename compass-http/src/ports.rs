//! The ports that the routes use, in one value, for hosts without a state of their own.

use std::sync::Arc;

use axum::extract::FromRef;
use compass_core::ports::{
    AccessTokens, AccountData, AccountStore, AdviceLedger, AudienceStore, AuditLog, Clock, CorpusStore, CreatorStore,
    ExportReader, IdentityProvider, ImportStore, JobStore, Random, RefreshTokens, ReportStore,
};

use crate::Site;

/// Everything the routes ask the host for. A host with a state of its own gives these fields by
/// [`FromRef`] instead, or keeps this value beside it: `router().with_state(ports)`.
#[derive(Clone, Debug, FromRef)]
pub struct Ports {
    /// Keeps the people who sign in.
    pub accounts: Arc<dyn AccountStore>,
    /// Keeps the tokens with which people's programs stay signed in.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// Gives and erases what is kept of a person.
    pub account_data: Arc<dyn AccountData>,
    /// Keeps what people did with their accounts.
    pub audit: Arc<dyn AuditLog>,
    /// Keeps what the sources showed.
    pub creators: Arc<dyn CreatorStore>,
    /// Gives the same in bulk.
    pub corpus: Arc<dyn CorpusStore>,
    /// Keeps refresh jobs.
    pub jobs: Arc<dyn JobStore>,
    /// Keeps which exports people brought.
    pub imports: Arc<dyn ImportStore>,
    /// Gives the audiences in them.
    pub audiences: Arc<dyn AudienceStore>,
    /// Keeps reports that advice was taken from.
    pub reports: Arc<dyn ReportStore>,
    /// Keeps what people were advised, and what came of it.
    pub ledger: Arc<dyn AdviceLedger>,
    /// Reads them; [`NoExports`](compass_core::ports::NoExports) where none are taken.
    pub exports: Arc<dyn ExportReader>,
    /// Says who somebody is.
    pub identity: Arc<dyn IdentityProvider>,
    /// Makes and checks access tokens.
    pub tokens: Arc<dyn AccessTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids and secrets.
    pub random: Arc<dyn Random>,
    /// How browsers reach the service.
    pub site: Site,
}
