//! Sign-in with an OpenID provider: authorization code flow with PKCE, state and nonce.

mod addresses;
mod answer;
mod builder;
mod cached;
mod discovery;
mod exchange;
mod fetch;
mod id_token;
mod keys;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use compass_core::{
    Identity, SignInTransaction,
    ports::{Clock, IdentityError, IdentityProvider, Random, SignInAnswer, SignInStart, SignInStore, new_secret},
};
use jiff::SignedDuration;
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use sha2::{Digest as _, Sha256};
use url::Url;

pub use answer::{AccountRefusal, AnswerError};
pub use builder::{OpenIdBuilder, OpenIdSetupError, SigningAlgorithm, UnknownAlgorithm};
pub use fetch::ProviderError;

use builder::Settings;
use cached::Cached;
use discovery::Provider;
use fetch::Http;
use id_token::Claims;
use keys::Keys;

/// How long a sign-in may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// No provider gives longer codes.
const LONGEST_CODE: usize = 4_096;

/// What the sign-in needs of its host.
#[derive(Clone, Debug)]
pub struct OpenIdPorts {
    /// Keeps sign-ins until their browsers come back.
    pub sign_ins: Arc<dyn SignInStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives states, nonces and verifiers.
    pub random: Arc<dyn Random>,
}

/// Signs people in with Google, or with any OpenID provider.
///
/// What the provider publishes is fetched when the first person signs in and kept for as long as the provider says (5 minutes
/// to a day); while the provider cannot be reached, it is used for a day longer. An unknown key is asked for once a minute at most. No
/// redirect is followed, and nothing longer than 64 KiB or slower than 5 seconds is read.
///
/// A sign-in belongs to the browser that began it: it is kept under a hash of the state *and* of the browser's secret, so that
/// whoever has seen the state cannot finish it and cannot spend it.
///
/// ```
/// use std::sync::Arc;
/// use compass_auth::{OpenIdConnect, OpenIdPorts};
/// use compass_core::{ports::{IdentityProvider, SystemClock, SystemRandom}, testing::MemoryStore};
///
/// let ports = OpenIdPorts {
///     sign_ins: Arc::new(MemoryStore::default()),
///     clock: Arc::new(SystemClock),
///     random: Arc::new(SystemRandom),
/// };
/// let google = OpenIdConnect::google("123.apps.googleusercontent.com", "the client's secret".into())
///     .hosted_domain("compass.example")
///     .build(ports)?;
/// assert_eq!(google.name(), "Google");
/// # Ok::<(), compass_auth::OpenIdSetupError>(())
/// ```
pub struct OpenIdConnect {
    settings: Settings,
    ports: OpenIdPorts,
    http: Http,
    provider: Cached<Provider>,
    keys: Cached<Keys>,
}

impl fmt::Debug for OpenIdConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenIdConnect").field("issuer", &self.settings.issuer).finish_non_exhaustive()
    }
}

#[async_trait]
impl IdentityProvider for OpenIdConnect {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn is_development(&self) -> bool {
        false
    }

    async fn start(&self, callback: &str) -> Result<SignInStart, IdentityError> {
        let callback_url = Url::parse(callback).map_err(|_| unavailable(ProviderError::Callback))?;
        let provider = self.provider().await.map_err(unavailable)?;
        let [state, nonce, verifier, transaction] = [(); 4].map(|()| new_secret(&*self.ports.random));
        let begun_at = self.ports.clock.now();
        let kept = SignInTransaction {
            state_hash: hash(&state, &transaction),
            nonce: nonce.clone(),
            verifier: verifier.clone(),
            return_to: callback.to_owned(),
            begun_at,
            expires_at: begun_at + PATIENCE,
        };
        self.ports.sign_ins.begin(&kept).await.map_err(unavailable)?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
        let client = self.client(&provider, callback_url);
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(["openid", "email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .add_extra_param("nonce", nonce)
            .set_pkce_challenge(challenge);
        if let Some(domain) = &self.settings.hosted_domain {
            request = request.add_extra_param("hd", domain);
        }
        if self.settings.select_account.unwrap_or(provider.selects_account) {
            // Else a browser with one account is sent straight back with that, even if it was refused or has just signed out.
            request = request.add_extra_param("prompt", "select_account");
        }
        let (url, _) = request.url();
        Ok(SignInStart { redirect: url.into(), transaction })
    }

    async fn finish(&self, answer: &SignInAnswer) -> Result<Identity, IdentityError> {
        let state_hash = hash(&answer.state, &answer.transaction);
        let begun = self.ports.sign_ins.take(state_hash, self.ports.clock.now()).await.map_err(unavailable)?;
        let begun = begun.ok_or(IdentityError::TransactionMismatch)?;
        let code = answer.code.as_deref().ok_or(IdentityError::Declined)?;
        if code.len() > LONGEST_CODE {
            return Err(invalid(AnswerError::CodeTooLong));
        }
        let provider = self.provider().await.map_err(unavailable)?;
        let id_token = self.redeem(&provider, &begun, code).await?;
        let claims = self.check(&provider, &id_token, &begun.nonce).await?;
        self.identity(claims)
    }
}

impl OpenIdConnect {
    async fn provider(&self) -> Result<Arc<Provider>, ProviderError> {
        let fetch = async {
            let found = self.http.get(&self.settings.discovery).await?;
            Ok((Provider::parse(&found.body, &self.settings)?, found.fresh_for))
        };
        self.provider.get(self.ports.clock.now(), |_| true, fetch).await
    }

    async fn check(&self, provider: &Provider, id_token: &str, nonce: &str) -> Result<Claims, IdentityError> {
        let (algorithm, name) = id_token::key_of(id_token, &self.settings.algorithms).map_err(invalid)?;
        let fetch = async {
            let found = self.http.get(&provider.keys).await?;
            Ok((Keys::parse(&found.body)?, found.fresh_for))
        };
        let has_it = |keys: &Keys| keys.find(&name, algorithm).is_some();
        let keys = self.keys.get(self.ports.clock.now(), has_it, fetch).await.map_err(unavailable)?;
        let key = keys.find(&name, algorithm).ok_or_else(|| invalid(AnswerError::UnknownKey))?;
        id_token::check(id_token, algorithm, key, &self.settings, nonce, self.ports.clock.now()).map_err(invalid)
    }

    /// Who it is, if that person may sign in here.
    fn identity(&self, claims: Claims) -> Result<Identity, IdentityError> {
        let email = claims.verified_email();
        let admitted = self.settings.admits(claims.hd.as_deref(), email);
        admitted.map_err(|refusal| IdentityError::NotAllowed(Box::new(refusal)))?;
        let (email, name) = (email.ok().map(str::to_owned), claims.shown_name());
        Ok(Identity { issuer: self.settings.issuer.clone(), subject: claims.sub, email, name })
    }
}

/// Under what a sign-in is kept. Each part is hashed by itself, so that no two pairs run together into one text.
fn hash(state: &str, transaction: &str) -> [u8; 32] {
    let parts = [state, transaction].map(|part| Sha256::digest(part.as_bytes()));
    Sha256::digest(parts.concat()).into()
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> IdentityError {
    IdentityError::Unavailable(Box::new(error))
}

fn invalid(error: AnswerError) -> IdentityError {
    IdentityError::Invalid(Box::new(error))
}
