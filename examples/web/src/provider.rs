//! Who says who somebody is: the provider that the configuration names, or the development sign-in.

use std::{net::SocketAddr, sync::Arc};

use compass_auth::{DevelopmentSignIn, OpenIdBuilder, OpenIdConnect, OpenIdPorts, SigningAlgorithm};
use compass_core::ports::IdentityProvider;
use compass_http::Site;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    Config, StartError,
    config::{Listed, needed_secret, perhaps},
};

/// Google as the identity provider.
#[derive(Clone, Debug, Deserialize)]
pub struct Google {
    /// The client's id, which ends with `.apps.googleusercontent.com`.
    pub client_id: String,
    /// The client's secret.
    #[serde(deserialize_with = "needed_secret")]
    pub client_secret: SecretString,
    /// Only accounts of this Workspace domain may sign in; anybody's if `None`.
    pub hosted_domain: Option<String>,
    /// Only these addresses and domains may sign in, with commas between them; anybody's if `None`.
    pub allowed: Option<Listed<String>>,
}

/// Another OpenID provider.
#[derive(Clone, Debug, Deserialize)]
pub struct Oidc {
    /// Its issuer, exactly as it writes it.
    pub issuer: String,
    /// What people call it; its host's name if `None`.
    pub name: Option<String>,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    #[serde(deserialize_with = "needed_secret")]
    pub client_secret: SecretString,
    /// Only these addresses and domains may sign in, with commas between them; anybody's if `None`.
    pub allowed: Option<Listed<String>>,
    /// How it may sign ID tokens, with commas between: `RS256`, `ES256`; with RS256 alone if `None`.
    pub algorithms: Option<Listed<SigningAlgorithm>>,
    /// Whether people choose an account at each sign-in; where the provider says that it lets them if `None`.
    #[serde(default, deserialize_with = "perhaps")]
    pub select_account: Option<bool>,
}

/// A sign-in, and how browsers reach the service that offers it.
pub(crate) struct SignIn {
    pub(crate) identity: Arc<dyn IdentityProvider>,
    pub(crate) site: Site,
    pub(crate) public_url: String,
}

impl SignIn {
    pub(crate) fn new(config: &Config, listens: SocketAddr, ports: OpenIdPorts) -> Result<Self, StartError> {
        let here = format!("http://{listens}");
        let Some(builder) = builder(config) else {
            let identity = DevelopmentSignIn::new(listens, ports.clock, ports.random)?;
            return Ok(Self { identity: Arc::new(identity), site: Site::loopback(), public_url: here });
        };
        let public_url = match &config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if listens.ip().to_canonical().is_loopback() => here,
            None => return Err(StartError::NoPublicUrl(listens)),
        };
        let site = Site::at(&public_url)?;
        Ok(Self { identity: Arc::new(builder.build(ports)?), site, public_url })
    }
}

fn builder(config: &Config) -> Option<OpenIdBuilder> {
    if let Some(google) = &config.google {
        let builder = OpenIdConnect::google(&google.client_id, google.client_secret.clone());
        let builder = google.hosted_domain.iter().fold(builder, |builder, domain| builder.hosted_domain(domain));
        return Some(google.allowed.iter().fold(builder, |builder, allowed| builder.allowed(&allowed.0)));
    }
    let oidc = config.oidc.as_ref()?;
    let builder = OpenIdConnect::provider_at(&oidc.issuer, &oidc.client_id, oidc.client_secret.clone());
    let builder = oidc.name.iter().fold(builder, |builder, name| builder.called(name));
    let builder = oidc.allowed.iter().fold(builder, |builder, allowed| builder.allowed(&allowed.0));
    let builder = oidc.algorithms.iter().fold(builder, |builder, algorithms| builder.algorithms(&algorithms.0));
    let builder = oidc.select_account.iter().fold(builder, |builder, select| builder.select_account(*select));
    // For a provider on this machine, as in development; the builder refuses it anywhere else.
    let is_plain = oidc.issuer.starts_with("http://");
    Some(if is_plain { builder.http_on_loopback() } else { builder })
}
