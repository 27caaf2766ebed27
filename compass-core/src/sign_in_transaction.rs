//! A sign-in that was begun and has not come back from the provider.

use std::fmt;

use jiff::Timestamp;

/// What is remembered of a sign-in while the browser is at the provider. It is nobody's yet.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInTransaction {
    /// SHA-256 of what the browser brings back: the state, together with the secret that only that browser holds, so that
    /// whoever has seen the state cannot take the sign-in.
    pub state_hash: [u8; 32],
    /// What the ID token has to repeat.
    pub nonce: String,
    /// The PKCE verifier, which proves to the provider that who asks for the tokens is who began.
    pub verifier: String,
    /// Where the provider sends the browser back to, which it wants to hear again with the code.
    pub return_to: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When it is too old to be finished.
    pub expires_at: Timestamp,
}

impl fmt::Debug for SignInTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInTransaction").field("begun_at", &self.begun_at).finish_non_exhaustive()
    }
}
