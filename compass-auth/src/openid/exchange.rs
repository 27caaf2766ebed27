//! From the one-time code to the ID token.

use std::fmt;

use compass_core::{SignInTransaction, ports::IdentityError};
use oauth2::{
    AuthorizationCode, Client, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, StandardRevocableToken, StandardTokenResponse,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{AnswerError, OpenIdConnect, ProviderError, discovery::Provider, invalid, unavailable};

type TokenResponse = StandardTokenResponse<IdTokenField, BasicTokenType>;

pub(super) type OAuthClient = Client<
    BasicErrorResponse,
    TokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What OpenID adds to OAuth's answer.
#[derive(Deserialize, Serialize)]
pub(super) struct IdTokenField {
    #[serde(skip_serializing)]
    id_token: Option<String>,
}

impl fmt::Debug for IdTokenField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenField").finish_non_exhaustive()
    }
}

impl ExtraTokenFields for IdTokenField {}

impl OpenIdConnect {
    pub(super) fn client(&self, provider: &Provider, callback: Url) -> OAuthClient {
        Client::new(self.settings.client_id.clone())
            .set_client_secret(ClientSecret::new(self.settings.client_secret.expose_secret().to_owned()))
            .set_auth_type(provider.client_authentication.clone())
            .set_auth_uri(provider.authorization.clone())
            .set_token_uri(provider.token.clone())
            .set_redirect_uri(RedirectUrl::from_url(callback))
    }

    /// Gives the code to the provider, with the proof that it is for whoever began.
    pub(super) async fn redeem(
        &self,
        provider: &Provider,
        begun: &SignInTransaction,
        code: &str,
    ) -> Result<String, IdentityError> {
        let callback = Url::parse(&begun.return_to).map_err(|_| unavailable(ProviderError::Callback))?;
        let client = self.client(provider, callback);
        let answer: TokenResponse = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(refused)?;
        answer.extra_fields().id_token.clone().ok_or_else(|| invalid(AnswerError::NoIdToken))
    }
}

/// Keeps what kind of refusal it is; the provider's own words may quote the request.
fn refused(error: RequestTokenError<ProviderError, BasicErrorResponse>) -> IdentityError {
    match error {
        RequestTokenError::Request(error) => unavailable(error),
        RequestTokenError::ServerResponse(response) => invalid(match response.error() {
            BasicErrorResponseType::InvalidGrant => AnswerError::CodeRefused,
            BasicErrorResponseType::InvalidClient => AnswerError::ClientRefused("invalid_client"),
            BasicErrorResponseType::UnauthorizedClient => AnswerError::ClientRefused("unauthorized_client"),
            BasicErrorResponseType::InvalidRequest => AnswerError::ClientRefused("invalid_request"),
            BasicErrorResponseType::InvalidScope => AnswerError::ClientRefused("invalid_scope"),
            BasicErrorResponseType::UnsupportedGrantType => AnswerError::ClientRefused("unsupported_grant_type"),
            BasicErrorResponseType::Extension(_) => AnswerError::ClientRefused("an error of its own"),
        }),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => invalid(AnswerError::NoTokenResponse),
    }
}
