//! What the use cases need of the outside world: one small object-safe trait per need.

mod access_tokens;
mod account_data;
mod account_store;
mod ambient;
mod audit_log;
mod clock;
mod corpus_store;
mod creator_store;
mod creator_tokens;
mod embedder;
mod export_reader;
mod host_health;
mod identity_provider;
mod import_store;
mod job_bell;
mod job_store;
mod narrator;
mod profile_source;
mod random;
mod refresh_tokens;
mod report_store;
mod sign_in_store;
mod source_error;
mod store_error;

pub use access_tokens::{AccessClaims, AccessToken, AccessTokens, TokenError};
pub use account_data::{AccountData, Retention};
pub use account_store::AccountStore;
pub use ambient::{SystemClock, SystemRandom};
pub use audit_log::AuditLog;
pub use clock::Clock;
pub use corpus_store::{BatchPlace, CorpusStore};
pub use creator_store::{CreatorStore, RecentLooks, Recently, Recorded, VideoPage};
pub use creator_tokens::{CreatorGrant, CreatorTokens};
pub use embedder::{EmbedError, Embedder};
pub use export_reader::{ExportFile, ExportReader, Exported, NoExports};
pub use host_health::{Entry, HostHealth, PROBE};
pub use identity_provider::{IdentityError, IdentityProvider, SignInAnswer, SignInStart};
pub use import_store::{AudienceStore, ImportStore};
pub use job_bell::JobBell;
pub use job_store::{Claim, JobEnd, JobStore, Lease};
pub use narrator::{Narration, Narrator, NarratorError};
pub use profile_source::{CollectRequest, NoProgress, ProfileSource, ProgressSink};
pub use random::{Random, new_secret, new_uuid};
pub use refresh_tokens::{RefreshTokens, Rotation};
pub use report_store::{AdviceLedger, ReportStore};
pub use sign_in_store::SignInStore;
pub use source_error::{RetryAdvice, SourceError};
pub use store_error::StoreError;

#[cfg(feature = "testing")]
pub use {
    access_tokens::MockAccessTokens,
    account_data::{MockAccountData, MockRetention},
    account_store::MockAccountStore,
    audit_log::MockAuditLog,
    corpus_store::MockCorpusStore,
    creator_store::MockCreatorStore,
    creator_tokens::MockCreatorTokens,
    embedder::MockEmbedder,
    export_reader::MockExportReader,
    host_health::MockHostHealth,
    identity_provider::MockIdentityProvider,
    import_store::{MockAudienceStore, MockImportStore},
    job_store::MockJobStore,
    narrator::MockNarrator,
    refresh_tokens::MockRefreshTokens,
    report_store::{MockAdviceLedger, MockReportStore},
    sign_in_store::MockSignInStore,
};
