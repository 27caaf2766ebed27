//! What a provider publishes about itself (OpenID Connect Discovery 1.0).

use oauth2::{AuthType, AuthUrl, TokenUrl};
use serde::Deserialize;
use url::Url;

use super::{ProviderError, builder::Settings};

/// Where a provider is asked for what.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) authorization: AuthUrl,
    pub(super) token: TokenUrl,
    pub(super) keys: Url,
    pub(super) client_authentication: AuthType,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Provider {
    pub(super) fn parse(json: &[u8], settings: &Settings) -> Result<Self, ProviderError> {
        let document: Document =
            serde_json::from_slice(json).map_err(|_| ProviderError::Unreadable("description of itself"))?;
        if document.issuer != settings.issuer {
            return Err(ProviderError::OtherIssuer);
        }
        if document.code_challenge_methods_supported.is_some_and(|offered| !offered.iter().any(|one| one == "S256")) {
            return Err(ProviderError::Lacks("PKCE with S256"));
        }
        let address = |text: &str| settings.addresses.parse(text);
        Ok(Self {
            authorization: AuthUrl::from_url(address(&document.authorization_endpoint)?),
            token: TokenUrl::from_url(address(&document.token_endpoint)?),
            keys: address(&document.jwks_uri)?,
            client_authentication: client_authentication(document.token_endpoint_auth_methods_supported.as_deref())?,
        })
    }
}

/// HTTP Basic, which is what a provider can that says nothing, or else the secret in the body.
fn client_authentication(offered: Option<&[String]>) -> Result<AuthType, ProviderError> {
    let offers = |method: &str| offered.is_none_or(|offered| offered.iter().any(|one| one == method));
    if offers("client_secret_basic") {
        return Ok(AuthType::BasicAuth);
    }
    if offers("client_secret_post") {
        return Ok(AuthType::RequestBody);
    }
    Err(ProviderError::Lacks("authentication with a client secret"))
}
