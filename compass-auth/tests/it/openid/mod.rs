//! Sign-in with an OpenID provider, against one that can be tampered with.

mod addresses;
mod cache;
mod exchange;
mod flow;
mod id_token;
mod real_provider;
mod secrets;
mod setup;

use std::sync::Arc;

use compass_auth::{
    AnswerError, OpenIdBuilder, OpenIdConnect, OpenIdPorts, ProviderError, SigningAlgorithm,
    testing::{Script, TestProvider},
};
use compass_core::{
    Identity,
    ports::{IdentityError, IdentityProvider, SignInAnswer},
    testing::{FixedClock, MemoryStore, SeededRandom},
};

const CALLBACK: &str = "http://127.0.0.1:8000/auth/google/callback";

/// Whether it is the failure that a fault of the provider gives.
type Expected = fn(&ProviderError) -> bool;

/// A sign-in and its provider, at noon on the first of May.
struct Bench {
    clock: Arc<FixedClock>,
    store: Arc<MemoryStore>,
    provider: TestProvider,
    sign_in: OpenIdConnect,
}

impl Bench {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(change: impl FnOnce(OpenIdBuilder) -> OpenIdBuilder) -> Self {
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let store = Arc::new(MemoryStore::default());
        let provider = TestProvider::start(Arc::<FixedClock>::clone(&clock)).await;
        let builder = builder_for(&provider).algorithms(&[SigningAlgorithm::Rs256, SigningAlgorithm::Es256]);
        let sign_in = change(builder).build(ports(&clock, &store)).unwrap();
        Self { clock, store, provider, sign_in }
    }

    fn set(&self, change: impl FnOnce(&mut Script)) {
        self.provider.set(change);
    }

    /// What the browser brings back of a sign-in to which its person agreed.
    async fn answer(&self) -> SignInAnswer {
        self.provider.agree(&self.sign_in.start(CALLBACK).await.unwrap())
    }

    /// A whole sign-in.
    async fn sign_in(&self) -> Result<Identity, IdentityError> {
        let start = self.sign_in.start(CALLBACK).await?;
        self.sign_in.finish(&self.provider.agree(&start)).await
    }

    /// Asserts that a whole sign-in fails for this reason.
    #[track_caller]
    fn refuses(outcome: Result<Identity, IdentityError>, what: &str, why: AnswerError) {
        match outcome {
            Err(IdentityError::Invalid(cause)) => assert_eq!(cause.downcast_ref(), Some(&why), "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

/// Why the provider is of no use.
#[track_caller]
fn unavailable<T: std::fmt::Debug>(outcome: Result<T, IdentityError>) -> ProviderError {
    match outcome {
        Err(IdentityError::Unavailable(cause)) => *cause.downcast().expect("the provider is the cause"),
        other => panic!("it is available: {other:?}"),
    }
}

fn builder_for(provider: &TestProvider) -> OpenIdBuilder {
    let (id, secret) = (TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
    OpenIdConnect::provider_at(&provider.issuer(), id, secret.into()).http_on_loopback()
}

fn ports(clock: &Arc<FixedClock>, store: &Arc<MemoryStore>) -> OpenIdPorts {
    OpenIdPorts {
        sign_ins: Arc::<MemoryStore>::clone(store),
        clock: Arc::<FixedClock>::clone(clock),
        random: Arc::new(SeededRandom::new(1)),
    }
}
