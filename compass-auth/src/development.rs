//! A sign-in without any provider, for the developer's own machine.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use compass_core::{
    Identity,
    ports::{Clock, IdentityError, IdentityProvider, Random, SignInAnswer, SignInStart, new_secret},
};
use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;

/// How long a sign-in may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Sign-ins under way; when there are more, the oldest is forgotten.
const MOST_PENDING: usize = 1_000;

/// Signs everybody in as the one developer, on a service that only this machine can reach.
///
/// It follows the same steps as a real provider (state, one-time code, a secret that stays in the browser), so that what
/// works with it works with one.
pub struct DevelopmentSignIn {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pending: Mutex<HashMap<String, Pending>>,
}

/// A sign-in under way, kept under its state.
struct Pending {
    transaction: String,
    code: String,
    begun_at: Timestamp,
}

impl DevelopmentSignIn {
    /// The developer's issuer: no real provider has it.
    pub const ISSUER: &str = "urn:compass:development";

    /// Takes the address that the service listens on.
    ///
    /// # Errors
    /// [`NotLoopback`] if other machines can reach that address.
    pub fn new(listen: SocketAddr, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, NotLoopback> {
        if !listen.ip().to_canonical().is_loopback() {
            return Err(NotLoopback(listen));
        }
        Ok(Self { clock, random, pending: Mutex::default() })
    }
}

impl fmt::Debug for DevelopmentSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentSignIn").finish_non_exhaustive()
    }
}

#[async_trait]
impl IdentityProvider for DevelopmentSignIn {
    fn name(&self) -> &str {
        "Development"
    }

    fn is_development(&self) -> bool {
        true
    }

    async fn start(&self, callback: &str) -> Result<SignInStart, IdentityError> {
        let [state, code, transaction] = [(); 3].map(|()| new_secret(&*self.random));
        let begun_at = self.clock.now();
        let redirect = format!("{callback}{}code={code}&state={state}", if callback.contains('?') { '&' } else { '?' });
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, earlier| !is_over(earlier, begun_at));
        if pending.len() >= MOST_PENDING {
            let oldest = pending.iter().min_by_key(|(_, earlier)| earlier.begun_at).map(|(state, _)| state.clone());
            oldest.and_then(|state| pending.remove(&state));
        }
        pending.insert(state, Pending { transaction: transaction.clone(), code, begun_at });
        Ok(SignInStart { redirect, transaction })
    }

    async fn finish(&self, answer: &SignInAnswer) -> Result<Identity, IdentityError> {
        let now = self.clock.now();
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever knows only the state must not be able to spend it: the browser's secret is looked at first.
        let same_browser = |begun: &&Pending| same(&begun.transaction, &answer.transaction);
        if pending.get(&answer.state).filter(same_browser).is_none() {
            return Err(IdentityError::TransactionMismatch);
        }
        let begun = pending.remove(&answer.state).filter(|begun| !is_over(begun, now));
        drop(pending);
        let begun = begun.ok_or(IdentityError::TransactionMismatch)?;
        let code = answer.code.as_deref().ok_or(IdentityError::Declined)?;
        if !same(&begun.code, code) {
            return Err(IdentityError::Invalid("the code is not the one that was given".into()));
        }
        Ok(Identity {
            issuer: Self::ISSUER.to_owned(),
            subject: "developer".to_owned(),
            email: None,
            name: Some("Developer".to_owned()),
        })
    }
}

/// The development sign-in was to be offered to other machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the development sign-in lets anybody in and other machines can reach {0}: listen on 127.0.0.1, or configure an \
     identity provider"
)]
pub struct NotLoopback(pub SocketAddr);

fn is_over(begun: &Pending, now: Timestamp) -> bool {
    now.duration_since(begun.begun_at) > PATIENCE
}

fn same(secret: &str, given: &str) -> bool {
    secret.as_bytes().ct_eq(given.as_bytes()).into()
}
