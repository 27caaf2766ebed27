//! Sources of public TikTok profiles: a real browser over WebDriver, and recorded pages.
//!
//! [`parse`] turns what the site sends into domain values and is used by every source;
//! [`replay`] reads what people saved.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod parse;
mod posts;
pub mod replay;
#[cfg(feature = "testing")]
pub mod testing;
pub mod webdriver;
