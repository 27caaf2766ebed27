//! The crate through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(any(feature = "crypto-aws-lc", feature = "crypto-rust"))]
mod access_tokens;
mod development;
#[cfg(any(feature = "crypto-aws-lc", feature = "crypto-rust"))]
mod openid;
#[cfg(not(any(feature = "crypto-aws-lc", feature = "crypto-rust")))]
mod without_crypto;
