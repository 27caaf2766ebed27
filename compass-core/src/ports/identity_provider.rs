//! Who somebody is, according to somebody else.

use std::{error::Error, fmt};

use async_trait::async_trait;

use crate::Identity;

/// Where to send the browser, and what to remember until it comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInStart {
    /// Where to send the browser.
    pub redirect: String,
    /// A secret that the same browser must bring back (in a cookie); opaque to everybody but the provider's adapter.
    pub transaction: String,
}

impl fmt::Debug for SignInStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInStart").finish_non_exhaustive()
    }
}

/// What the browser brought back from the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInAnswer {
    /// The one-time code; `None` if the provider gave an error instead.
    pub code: Option<String>,
    /// The state that the redirect carried.
    pub state: String,
    /// What the browser remembered: [`SignInStart::transaction`].
    pub transaction: String,
}

impl fmt::Debug for SignInAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInAnswer").finish_non_exhaustive()
    }
}

/// Says who somebody is.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait IdentityProvider: fmt::Debug + Send + Sync {
    /// What people call it: `"Google"`.
    fn name(&self) -> &str;

    /// Whether it is the development sign-in, which every page then says.
    fn is_development(&self) -> bool;

    /// Begins a sign-in that will come back to `callback` (a path of this service, or a whole URL).
    async fn start(&self, callback: &str) -> Result<SignInStart, IdentityError>;

    /// Finishes a sign-in.
    async fn finish(&self, answer: &SignInAnswer) -> Result<Identity, IdentityError>;
}

/// Why a sign-in did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The person said no, or the provider did.
    #[error("the sign-in was declined")]
    Declined,
    /// The answer does not belong to a sign-in that this browser began, or it took too long: begin again.
    #[error("this sign-in was not begun in this browser or is too old")]
    TransactionMismatch,
    /// The provider says who it is, and that person may not sign in here: another account may. Why is for the operator's log.
    #[error("this account may not sign in here")]
    NotAllowed(#[source] Box<dyn Error + Send + Sync>),
    /// The provider's answer does not hold.
    #[error("the provider's answer is not valid")]
    Invalid(#[source] Box<dyn Error + Send + Sync>),
    /// The provider cannot be reached: try again later.
    #[error("the identity provider is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
