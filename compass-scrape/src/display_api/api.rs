//! The API's endpoints: one request each, its limits kept, its answer read.

use std::time::Duration;

use compass_core::{SourceKind, ports::SourceError};
use jiff::Timestamp;
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Url, form_urlencoded};

use super::{
    Application,
    limit::SlidingWindow,
    outcome::{self, CallError, Refused},
};
use crate::{
    fetch::{self, Limits},
    parse::display_api::{self, ApiError, ApiTokens, ApiUser, ApiVideos},
    telemetry,
};

/// The API does not give more posts at once.
pub(super) const MOST_AT_ONCE: u32 = 20;

/// Asks the API.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) client: Client,
    pub(super) limits: Limits,
    pub(super) base: Url,
    pub(super) application: Application,
    pub(super) user_window: SlidingWindow,
    pub(super) list_window: SlidingWindow,
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long the API asks to wait.
    pub(super) wait: Option<Duration>,
    pub(super) text: String,
}

/// What is handed in for tokens.
pub(super) enum Purchase<'a> {
    /// The code that a creator's browser brought back, and the secret that belongs to it.
    Code { code: &'a str, verifier: &'a str },
    /// The last refresh token.
    Refresh(&'a SecretString),
}

impl Api {
    /// `GET /v2/user/info/`
    pub(super) async fn user(
        &self,
        token: &SecretString,
        fields: &str,
        scopes: &str,
        now: Timestamp,
    ) -> Result<ApiUser, CallError> {
        self.user_window.admit().await;
        let asked = self.client.get(self.address("/v2/user/info/", Some(fields))).bearer_auth(token.expose_secret());
        let asked = telemetry::page(SourceKind::DisplayApi, "user", self.send(asked, now));
        let answer = asked.await.map_err(CallError::Outcome)?;
        outcome::read(answer, "/v2/user/info/", scopes, display_api::user).map_err(|e| e.without(&[token]))
    }

    /// `POST /v2/video/list/`
    pub(super) async fn videos(
        &self,
        token: &SecretString,
        fields: &str,
        cursor: Option<i64>,
        max_count: u32,
        now: Timestamp,
    ) -> Result<ApiVideos, CallError> {
        self.list_window.admit().await;
        let max_count = max_count.clamp(1, MOST_AT_ONCE);
        let body = match cursor {
            Some(cursor) => serde_json::json!({"max_count": max_count, "cursor": cursor}),
            None => serde_json::json!({"max_count": max_count}),
        };
        let asked = self
            .client
            .post(self.address("/v2/video/list/", Some(fields)))
            .bearer_auth(token.expose_secret())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let asked = telemetry::page(SourceKind::DisplayApi, "posts", self.send(asked, now));
        let answer = asked.await.map_err(CallError::Outcome)?;
        outcome::read(answer, "/v2/video/list/", "video.list", display_api::videos).map_err(|e| e.without(&[token]))
    }

    /// `POST /v2/oauth/token/`
    pub(super) async fn tokens(&self, purchase: Purchase<'_>, now: Timestamp) -> Result<ApiTokens, Refused> {
        let mut form = vec![
            ("client_key", self.application.client_key.as_str()),
            ("client_secret", self.application.client_secret.expose_secret()),
        ];
        match purchase {
            Purchase::Code { code, verifier } => form.extend([
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", self.application.redirect_uri.as_str()),
                ("code_verifier", verifier),
            ]),
            Purchase::Refresh(token) => {
                form.extend([("grant_type", "refresh_token"), ("refresh_token", token.expose_secret())]);
            }
        }
        let secrets: Vec<SecretString> =
            form.iter().filter(|(name, _)| SECRET_FIELDS.contains(name)).map(|(_, v)| SecretString::from(*v)).collect();
        let answer = self.send(self.form("/v2/oauth/token/", &form), now).await.map_err(Refused::Outcome)?;
        outcome::read_tokens(answer, display_api::tokens).map_err(|e| e.without(&secrets.iter().collect::<Vec<_>>()))
    }

    /// `POST /v2/oauth/revoke/`
    pub(super) async fn revoke(&self, token: &SecretString, now: Timestamp) -> Result<(), Refused> {
        let secret = &self.application.client_secret;
        let form = [
            ("client_key", self.application.client_key.as_str()),
            ("client_secret", secret.expose_secret()),
            ("token", token.expose_secret()),
        ];
        let answer = self.send(self.form("/v2/oauth/revoke/", &form), now).await.map_err(Refused::Outcome)?;
        outcome::read_tokens(answer, display_api::revoked).map_err(|e| e.without(&[secret, token]))
    }

    fn address(&self, path: &str, fields: Option<&str>) -> Url {
        let mut address = self.base.clone();
        address.set_path(path);
        if let Some(fields) = fields {
            address.query_pairs_mut().append_pair("fields", fields);
        }
        address
    }

    fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.client.post(self.address(path, None)).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    async fn send(&self, request: RequestBuilder, now: Timestamp) -> Result<Answer, SourceError> {
        let response = request.send().await.map_err(fetch::failure)?;
        let status = response.status();
        if status.is_redirection() || response.headers().contains_key(LOCATION) {
            // A request that carries secrets goes nowhere else.
            return Err(SourceError::LayoutChanged {
                path: "address".to_owned(),
                detail: format!("the API has moved (status {})", status.as_u16()),
            });
        }
        let wait = fetch::retry_after(response.headers(), now);
        Ok(Answer { status, wait, text: fetch::text(response, &self.limits).await? })
    }
}

/// The fields of a form that nobody may read.
const SECRET_FIELDS: [&str; 4] = ["client_secret", "code", "code_verifier", "refresh_token"];

/// Reads one kind of answer.
pub(super) type Reader<T> = fn(&str) -> Result<T, ApiError>;
