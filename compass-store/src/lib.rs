//! The store ports of `compass-core` over SQLite and PostgreSQL.
//!
//! [`SqliteStore`] and [`PgStore`] each implement the ports of creators ([`CreatorStore`], [`CorpusStore`], [`JobStore`],
//! [`HostHealth`]), of people ([`AccountStore`], [`SignInStore`], [`RefreshTokens`], [`AuditLog`], [`AccountData`],
//! [`Retention`]) and of what people brought and were told ([`ImportStore`], [`AudienceStore`], [`ReportStore`],
//! [`AdviceLedger`]). They open a database themselves or take pools that the host already has. Their tables begin with
//! `compass_` and their migrations are listed in `_compass_migrations`, so that they live beside a host's own tables and
//! `_sqlx_migrations`; in PostgreSQL they may be in a schema of the host's choice.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), compass_core::ports::StoreError> {
//! use compass_core::{Handle, ports::CreatorStore};
//! use compass_store::SqliteStore;
//!
//! let store = SqliteStore::open("sqlite::memory:").await?;
//! store.migrate().await?;
//! assert_eq!(store.list().await?, []);
//! # Ok(())
//! # }
//! ```
//!
//! A write runs to its end even when whoever asked for it goes away, so a dropped request never leaves half of it.
//!
//! [`CreatorStore`]: compass_core::ports::CreatorStore
//! [`AccountStore`]: compass_core::ports::AccountStore
//! [`JobStore`]: compass_core::ports::JobStore
//! [`HostHealth`]: compass_core::ports::HostHealth
//! [`CorpusStore`]: compass_core::ports::CorpusStore
//! [`SignInStore`]: compass_core::ports::SignInStore
//! [`RefreshTokens`]: compass_core::ports::RefreshTokens
//! [`AuditLog`]: compass_core::ports::AuditLog
//! [`AccountData`]: compass_core::ports::AccountData
//! [`Retention`]: compass_core::ports::Retention
//! [`ImportStore`]: compass_core::ports::ImportStore
//! [`AudienceStore`]: compass_core::ports::AudienceStore
//! [`ReportStore`]: compass_core::ports::ReportStore
//! [`AdviceLedger`]: compass_core::ports::AdviceLedger

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("compass-store keeps nothing without a database: enable its feature `sqlite` or `postgres`");

mod detached;
mod error;
mod migration;
#[cfg(feature = "postgres")]
mod postgres;
mod prepared;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stamp;
mod statements;
#[cfg(all(feature = "testing", unix))]
pub mod testing;

pub use migration::SchemaVersion;
pub use sqlx;

#[cfg(feature = "postgres")]
pub use postgres::{DetachedMonth, PgStore};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
