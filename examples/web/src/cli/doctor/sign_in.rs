//! Whether the identity provider answers.

use std::{error::Error as _, net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use compass_auth::{OpenIdPorts, ProviderError, SigningAlgorithm};
use compass_core::{
    SignInTransaction,
    ports::{IdentityError, SignInStore, StoreError, SystemClock, SystemRandom},
};
use jiff::Timestamp;

use super::{Finding, told};
use crate::{Config, config::Listed, provider::SignIn};

pub(super) async fn look(config: &Config) -> Finding {
    let listens: SocketAddr = match tokio::net::lookup_host(&config.listen).await.map(|mut found| found.next()) {
        Ok(Some(address)) => address,
        Ok(None) => return Finding::broken("sign-in", format!("{} has no address", config.listen), LISTEN),
        Err(error) => return Finding::broken("sign-in", format!("{}: {error}", config.listen), LISTEN),
    };
    let ports =
        OpenIdPorts { sign_ins: Arc::new(Forgetful), clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let provided = match SignIn::new(config, listens, ports) {
        Ok(provided) => provided,
        Err(error) => return Finding::broken("sign-in", told(&error), "mend what the message names in compass.toml"),
    };
    let name = provided.identity.name().to_owned();
    if provided.identity.is_development() {
        let mend = "for other people configure google or oidc, see compass.example.toml";
        return Finding::doubtful("sign-in", "the development sign-in, for this machine alone", mend);
    }
    let callback = format!("{}/auth/google/callback", provided.public_url);
    match provided.identity.start(&callback).await {
        Ok(_) => {
            let algorithms = config.oidc.as_ref().and_then(|oidc| oidc.algorithms.as_ref());
            let signed = algorithms.map_or_else(|| SigningAlgorithm::Rs256.to_string(), listed);
            let found = format!(
                "{name} answers, and ID tokens signed with {signed} are accepted; it has to know the redirect URI {callback}"
            );
            Finding::good("sign-in", found)
        }
        Err(error) => Finding::broken("sign-in", format!("{name}: {}", told(&error)), mend(&error)),
    }
}

fn listed(algorithms: &Listed<SigningAlgorithm>) -> String {
    algorithms.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn mend(error: &IdentityError) -> &'static str {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(ProviderError::Signatures { .. }) => {
            "say it at algorithms in [oidc], such as algorithms = \"ES256\", or have the provider sign with RS256 for this client"
        }
        _ => "see that this machine reaches the issuer over https, and that the issuer is written as it writes itself",
    }
}

const LISTEN: &str = "say --listen HOST:PORT with an address of this machine";

/// Keeps no sign-in: nobody comes back from this one.
#[derive(Debug)]
struct Forgetful;

#[async_trait]
impl SignInStore for Forgetful {
    async fn begin(&self, _: &SignInTransaction) -> Result<(), StoreError> {
        Ok(())
    }

    async fn take(&self, _: [u8; 32], _: Timestamp) -> Result<Option<SignInTransaction>, StoreError> {
        Ok(None)
    }
}
