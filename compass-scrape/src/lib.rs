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

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod display_api;
mod fetch;
mod host;
pub mod page;
pub mod parse;
mod posts;
pub mod replay;
pub mod studio;
#[cfg(feature = "testing")]
pub mod testing;
mod visit;
pub mod webdriver;

/// The reason of a [`Refusal`](compass_core::Refusal) that says what a source does not give, or may not.
pub const NOT_GIVEN: &str = "not_given";
