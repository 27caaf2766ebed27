//! Which cryptography jsonwebtoken uses, settled before its first use.

use std::panic;

use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};

/// Chooses the cryptography before jsonwebtoken has to guess, which it cannot where a host's dependencies turned both
/// of its features on. A provider that the host has chosen stays.
pub(crate) fn choose() {
    #[cfg(feature = "crypto-aws-lc")]
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    #[cfg(all(feature = "crypto-rust", not(feature = "crypto-aws-lc")))]
    let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
}

/// Whether there is any: jsonwebtoken panics at its first use in a build without.
pub(crate) fn works() -> bool {
    choose();
    let attempt = || sign(b"message", &EncodingKey::from_secret(&[1; 32]), Algorithm::HS256).is_ok();
    panic::catch_unwind(attempt).unwrap_or(false)
}
