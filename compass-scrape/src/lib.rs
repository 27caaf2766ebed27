//! Sources of TikTok profiles.
//!
//! | source | what it gives |
//! |---|---|
//! | [`webdriver`] | the public page in a real browser: the account and its posts |
//! | [`page`] | the public page over plain HTTP: the account without its posts |
//! | [`display_api`] | the official API, of creators who connected their accounts: exact figures, without saves |
//! | [`replay`] | what people saved |
//! | [`studio`] | what creators export of their own accounts: figures of each day, exact ones of some posts, who follows |
//!
//! [`parse`] turns what the site and the API send into domain values and is used by every source.
//! [`manners`] is how a site is treated: robots.txt, one page at a time.
//!
//! # Metrics and traces
//!
//! Every source tells the [`metrics`](https://docs.rs/metrics) facade, which costs nothing until the host installs a
//! recorder. No label ever names an account.
//!
//! | metric | labels | what |
//! |---|---|---|
//! | `compass_collections_total`, counter | `source`, `outcome` | collections that ended: `ok`, the [code](compass_core::ports::SourceError::code) of the error, or `given_up` if the caller stopped waiting |
//! | `compass_refusals_total`, counter | `source`, `reason` | what collections that went well did not accept or did not get: posts with values that cannot be true, a list that ended early, a block half-way |
//! | `compass_collection_seconds`, histogram | `source` | how long they took, waiting for one's turn included |
//! | `compass_pages_total`, counter | `source` | pages opened, answers of the API, recorded files read |
//! | `compass_browsers_in_use`, gauge | | browsers that are lent to a collection now |
//!
//! `source` is a [`SourceKind`](compass_core::SourceKind) in lower case: `web_driver`, `page`, `display_api`, `replay`.
//!
//! A collection is a `tracing` span `collect` with `source`, `handle` and, at its end, `outcome`; each page is a span `page`
//! below it with `source` and `what` it is.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod display_api;
mod fetch;
mod host;
pub mod manners;
pub mod page;
pub mod parse;
pub mod partner;
mod posts;
pub mod replay;
pub mod studio;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod visit;
mod waiting;
pub mod webdriver;

pub use fetch::{PRODUCT, user_agent};

/// The reason of a [`Refusal`](compass_core::Refusal) that says what a source does not give, or may not.
pub const NOT_GIVEN: &str = "not_given";
