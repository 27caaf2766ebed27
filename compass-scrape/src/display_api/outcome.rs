//! What the API's errors mean: a thing to do each, without the secrets of the request.

use std::time::Duration;

use compass_core::{Handle, ports::SourceError};
use secrecy::{ExposeSecret as _, SecretString};

use super::api::{Answer, Reader};
use crate::parse::display_api::ApiError;

/// The API counts requests over a minute.
const MINUTE: Duration = Duration::from_secs(60);

/// Why a request with a creator's token has no content.
#[derive(Debug)]
pub(super) enum CallError {
    /// The access token is not accepted any more, in TikTok's words.
    TokenInvalid(String),
    /// Anything else.
    Outcome(SourceError),
}

/// Why no tokens came.
#[derive(Debug)]
pub(super) enum Refused {
    /// What was handed in for them is not accepted, in TikTok's words.
    Grant(String),
    /// Anything else.
    Outcome(SourceError),
}

impl CallError {
    /// The outcome for an account whose token was new.
    pub(super) fn outcome(self, handle: &Handle) -> SourceError {
        match self {
            Self::TokenInvalid(detail) => SourceError::AccessRevoked { handle: handle.clone(), detail },
            Self::Outcome(error) => error,
        }
    }

    /// The error without these secrets, should TikTok have repeated one.
    pub(super) fn without(self, secrets: &[&SecretString]) -> Self {
        match self {
            Self::TokenInvalid(detail) => Self::TokenInvalid(redact(detail, secrets)),
            Self::Outcome(error) => Self::Outcome(redacted(error, secrets)),
        }
    }
}

impl Refused {
    /// The error without these secrets, should TikTok have repeated one.
    pub(super) fn without(self, secrets: &[&SecretString]) -> Self {
        match self {
            Self::Grant(detail) => Self::Grant(redact(detail, secrets)),
            Self::Outcome(error) => Self::Outcome(redacted(error, secrets)),
        }
    }
}

/// The content of an answer, or what it is instead; `scopes` are what the request needed.
pub(super) fn read<T>(answer: Answer, endpoint: &str, scopes: &str, reader: Reader<T>) -> Result<T, CallError> {
    let error = match reader(&answer.text) {
        Ok(content) if answer.status.is_success() => return Ok(content),
        Ok(_) => ApiError::Empty,
        Err(error) => error,
    };
    let (code, message) = match &error {
        ApiError::Refused { code, message } => (code.as_str(), message.clone()),
        ApiError::Malformed { .. } | ApiError::Empty => ("", format!("status {}", answer.status.as_u16())),
    };
    Err(match code {
        "access_token_invalid" => CallError::TokenInvalid(message),
        "scope_not_authorized" | "scope_permission_missed" => {
            CallError::Outcome(SourceError::ScopeMissing { scope: scopes.to_owned() })
        }
        "rate_limit_exceeded" => {
            CallError::Outcome(SourceError::RateLimited { retry_after: answer.wait.or(Some(MINUTE)) })
        }
        "invalid_params" => CallError::Outcome(unknown(endpoint, format!("{code}: {message}"))),
        "internal_error" => CallError::Outcome(network(format!("{code}: {message}"))),
        _ if answer.status.as_u16() == 401 => CallError::TokenInvalid(message),
        _ => CallError::Outcome(by_status(&answer, endpoint, error)),
    })
}

/// Tokens, or why there are none.
pub(super) fn read_tokens<T>(answer: Answer, reader: Reader<T>) -> Result<T, Refused> {
    const ENDPOINT: &str = "/v2/oauth/";
    let error = match reader(&answer.text) {
        Ok(content) if answer.status.is_success() => return Ok(content),
        Ok(_) => ApiError::Empty,
        Err(error) => error,
    };
    let ApiError::Refused { code, message } = &error else {
        return Err(Refused::Outcome(by_status(&answer, ENDPOINT, error)));
    };
    let said = format!("{code}: {message}");
    Err(match code.as_str() {
        "invalid_grant" | "invalid_request" | "access_denied" | "access_token_invalid" => Refused::Grant(said),
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope" => {
            Refused::Outcome(SourceError::ApplicationRefused { detail: said })
        }
        "rate_limit_exceeded" => {
            Refused::Outcome(SourceError::RateLimited { retry_after: answer.wait.or(Some(MINUTE)) })
        }
        "server_error" | "temporarily_unavailable" | "internal_error" => Refused::Outcome(network(said)),
        _ => Refused::Outcome(by_status(&answer, ENDPOINT, error)),
    })
}

/// What an answer means of which only the status says something.
fn by_status(answer: &Answer, endpoint: &str, error: ApiError) -> SourceError {
    let status = answer.status.as_u16();
    match (status, error) {
        (429, _) => SourceError::RateLimited { retry_after: answer.wait.or(Some(MINUTE)) },
        (503, _) if answer.wait.is_some() => SourceError::RateLimited { retry_after: answer.wait },
        (408 | 425 | 500.., _) => network(format!("it answered with status {status}")),
        (403, ApiError::Malformed { .. } | ApiError::Empty) => SourceError::Forbidden { status },
        (200..=299, ApiError::Empty) => SourceError::EmptyResponse,
        (_, ApiError::Malformed { path, detail }) => unknown(endpoint, format!("status {status}, {path}: {detail}")),
        (_, ApiError::Empty) => unknown(endpoint, format!("status {status} without a word")),
        (_, ApiError::Refused { code, message }) => unknown(endpoint, format!("{code:?} is not known: {message}")),
    }
}

fn unknown(endpoint: &str, detail: String) -> SourceError {
    SourceError::LayoutChanged { path: endpoint.to_owned(), detail }
}

fn network(detail: String) -> SourceError {
    SourceError::Network { detail, source: None }
}

fn redacted(error: SourceError, secrets: &[&SecretString]) -> SourceError {
    match error {
        SourceError::LayoutChanged { path, detail } => {
            SourceError::LayoutChanged { path, detail: redact(detail, secrets) }
        }
        SourceError::Network { detail, source } => SourceError::Network { detail: redact(detail, secrets), source },
        SourceError::ApplicationRefused { detail } => {
            SourceError::ApplicationRefused { detail: redact(detail, secrets) }
        }
        other => other,
    }
}

fn redact(text: String, secrets: &[&SecretString]) -> String {
    let secrets = secrets.iter().map(|secret| secret.expose_secret()).filter(|secret| !secret.is_empty());
    secrets.fold(text, |text, secret| text.replace(secret, "[secret]"))
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn code_of(status: u16, wait: Option<u64>, text: &str) -> &'static str {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, wait: wait.map(Duration::from_secs), text: text.to_owned() };
        match read(answer, "/v2/user/info/", "user.info.profile", crate::parse::display_api::user) {
            Err(CallError::TokenInvalid(_)) => "token_invalid",
            Err(CallError::Outcome(error)) => error.code(),
            Ok(_) => "content",
        }
    }

    #[test]
    fn where_there_are_no_words_the_status_speaks() {
        for (status, wait, text, expected) in [
            (200, None, r#"{"data": {"user": {}}, "error": {"code": "ok"}}"#, "content"),
            (500, None, r#"{"data": {"user": {}}, "error": {"code": "ok"}}"#, "network"),
            (401, None, r#"{"error": {"code": "a_new_code"}}"#, "token_invalid"),
            (401, None, "", "token_invalid"),
            (403, None, "<html>", "forbidden"),
            (404, None, "", "layout_changed"),
            (429, None, "<html>", "rate_limited"),
            (503, Some(5), "", "rate_limited"),
            (503, None, "", "network"),
            (200, None, "", "empty_response"),
            (200, None, "<html>", "layout_changed"),
        ] {
            assert_eq!(code_of(status, wait, text), expected, "{status} {text}");
        }
    }

    #[test]
    fn secret_that_is_repeated_is_blotted_out() {
        let secret = SecretString::from("act.1");
        let error =
            CallError::TokenInvalid("act.1 is not act.12".to_owned()).without(&[&secret, &SecretString::from("")]);
        assert!(matches!(&error, CallError::TokenInvalid(said) if said == "[secret] is not [secret]2"), "{error:?}");
    }
}
