//! Whether the identity provider answers.

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use compass_auth::OpenIdPorts;
use compass_core::{
    SignInTransaction,
    ports::{SignInStore, StoreError, SystemClock, SystemRandom},
};
use jiff::Timestamp;

use super::{Finding, told};
use crate::{Config, provider::SignIn};

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
        Ok(_) => Finding::good("sign-in", format!("{name} answers; it has to know the redirect URI {callback}")),
        Err(error) => Finding::broken(
            "sign-in",
            format!("{name}: {}", told(&error)),
            "see that this machine reaches the issuer over https, and that the issuer is written as it writes itself",
        ),
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
