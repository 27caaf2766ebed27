//! Creator analytics without IO: the domain, the ports, the statistics, and the use cases over them.
//!
//! Everything computed here is arithmetic on values that somebody else brought: slices in, values out, the same bits
//! from the same input. What the use cases need of the outside world is a trait in [`ports`]; the crates
//! `compass-store`, `compass-scrape`, `compass-auth` and `compass-http` are adapters for them.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod account;
mod account_export;
pub mod analytics;
pub mod app;
pub mod audience;
mod audit;
mod batch;
mod count;
mod creator;
#[cfg(feature = "exchange")]
pub mod exchange;
mod failure;
mod host;
mod import;
mod job;
mod kept_report;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod own_data;
pub mod ports;
pub mod recommend;
mod retention;
#[cfg(feature = "samples")]
pub mod samples;
pub mod schedule;
mod session;
mod sign_in_transaction;
mod snapshot;
pub mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod thinning;
mod video;
mod words;

pub use account::{Identity, Preferences, PreferencesChange, User, UserId, Zone, ZoneError};
pub use account_export::{AccountExport, ExportedJob};
pub use audience::{
    CodeError, Country, Hours, Interests, InterestsError, Language, TargetAudience, WantedAges, WantedGenders,
    WishError,
};
pub use audit::{AuditEvent, AuditId};
pub use batch::{Batch, BatchId, Look, Post, ProfileLook};
pub use count::{Count, CountError};
pub use creator::{CreatorId, Handle, HandleError, IdError, Profile, VideoId};
pub use failure::Failure;
pub use host::{Block, HostAnswer, HostBlocks, Visit};
pub use import::{AudienceObservation, Import, ImportId, ImportedAudience};
pub use job::{Job, JobEvent, JobId, JobState, NewJob, Priority, Progress};
pub use kept_report::{Advice, AdviceId, KeptReport, Outcome, ReportId};
pub use own_data::{ActiveHour, DatedBy, OwnAccount, OwnData, OwnDay, OwnExport};
pub use retention::{Forgotten, RetentionPolicy};
pub use session::{Client, RefreshToken, RefreshUse, Session, SessionId};
pub use sign_in_transaction::SignInTransaction;
pub use snapshot::{
    AccountLook, PostLook, ProfileCounts, ProfileObservation, Refusal, Snapshot, SourceKind, VideoCounts,
    VideoObservation,
};
pub use text::{Text, TextError};
pub use thinning::{Era, Thinning};
pub use video::{Video, VideoKind};
