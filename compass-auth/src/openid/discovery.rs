//! What a provider publishes about itself (OpenID Connect Discovery 1.0).

use oauth2::{AuthType, AuthUrl, TokenUrl};
use serde::Deserialize;
use url::Url;

use super::{ProviderError, SigningAlgorithm, builder::Settings};

/// Where a provider is asked for what.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) authorization: AuthUrl,
    pub(super) token: TokenUrl,
    pub(super) keys: Url,
    pub(super) client_authentication: AuthType,
    /// Whether it says that it lets people choose an account.
    pub(super) selects_account: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    prompt_values_supported: Option<Vec<String>>,
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
        if let Some(offered) = document.id_token_signing_alg_values_supported {
            signs_with_one_of(&offered, &settings.algorithms)?;
        }
        let prompts = document.prompt_values_supported.unwrap_or_default();
        let address = |text: &str| settings.addresses.parse(text);
        Ok(Self {
            authorization: AuthUrl::from_url(address(&document.authorization_endpoint)?),
            token: TokenUrl::from_url(address(&document.token_endpoint)?),
            keys: address(&document.jwks_uri)?,
            client_authentication: client_authentication(document.token_endpoint_auth_methods_supported.as_deref())?,
            selects_account: prompts.iter().any(|one| one == "select_account"),
        })
    }
}

/// Without one no ID token would ever pass.
fn signs_with_one_of(offered: &[String], accepted: &[SigningAlgorithm]) -> Result<(), ProviderError> {
    let accepted: Vec<String> = accepted.iter().map(ToString::to_string).collect();
    if offered.iter().any(|one| accepted.contains(one)) {
        return Ok(());
    }
    // It goes into a log: names of algorithms are short and plain.
    let is_name = |one: &&String| one.len() <= 16 && one.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let names: Vec<&str> = offered.iter().filter(is_name).take(8).map(String::as_str).collect();
    Err(ProviderError::Signatures { offered: names.join(", "), accepted: accepted.join(", ") })
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
