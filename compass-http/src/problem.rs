//! Failures as RFC 9457 problem details: a stable type, a plain sentence, never a cause.

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use compass_core::{
    app::SignInError,
    ports::{IdentityError, StoreError},
};
use serde::Serialize;
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

/// The media type of every failure.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What kind of failure it is: one variant for each thing that a client can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The request cannot be read: mend its syntax.
    BadRequest,
    /// The sign-in was declined at the provider.
    SignInDeclined,
    /// The sign-in was begun elsewhere or took too long: begin again.
    SignInExpired,
    /// The provider's answer does not hold: begin again.
    SignInFailed,
    /// Sign in first.
    NotSignedIn,
    /// The person is known and may not sign in here: use another account.
    NotAllowed,
    /// Another site sent this browser here; nothing was done.
    CrossSite,
    /// The service, or its sign-in, is for its own machine: open it there, under its own name.
    NotThisMachine,
    /// There is nothing under this address.
    NotFound,
    /// The address does not know this method.
    MethodNotAllowed,
    /// It would contradict what is kept already.
    Conflict,
    /// The body did not arrive in time: send it again.
    TooSlow,
    /// The body is too large.
    TooLarge,
    /// The body is in another format than the address reads.
    UnsupportedMediaType,
    /// The request can be read, but a value in it cannot be accepted.
    InvalidValue,
    /// The same address or person asked too often: wait.
    TooOften,
    /// Our fault.
    Internal,
    /// Try again later.
    Unavailable,
}

impl ProblemKind {
    /// The stable URI of the kind, `type` in the JSON.
    #[must_use]
    pub fn uri(self) -> &'static str {
        self.parts().0
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.parts().1
    }

    /// The kind in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.parts().2
    }

    fn parts(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadRequest => ("urn:compass:problem:bad-request", S::BAD_REQUEST, "The request cannot be read"),
            Self::SignInDeclined => {
                ("urn:compass:problem:sign-in-declined", S::BAD_REQUEST, "The sign-in was declined")
            }
            Self::SignInExpired => (
                "urn:compass:problem:sign-in-expired",
                S::BAD_REQUEST,
                "This sign-in was not begun in this browser or is too old",
            ),
            Self::SignInFailed => {
                ("urn:compass:problem:sign-in-failed", S::BAD_REQUEST, "The identity provider's answer is not valid")
            }
            Self::NotSignedIn => ("urn:compass:problem:not-signed-in", S::UNAUTHORIZED, "Nobody is signed in"),
            Self::NotAllowed => ("urn:compass:problem:not-allowed", S::FORBIDDEN, "This account may not sign in here"),
            Self::CrossSite => {
                ("urn:compass:problem:cross-site", S::FORBIDDEN, "Another site may not act for a signed-in browser")
            }
            Self::NotThisMachine => {
                ("urn:compass:problem:not-this-machine", S::BAD_REQUEST, "This is for the service's own machine alone")
            }
            Self::NotFound => ("urn:compass:problem:not-found", S::NOT_FOUND, "There is nothing here"),
            Self::MethodNotAllowed => (
                "urn:compass:problem:method-not-allowed",
                S::METHOD_NOT_ALLOWED,
                "This address does not know the method",
            ),
            Self::Conflict => ("urn:compass:problem:conflict", S::CONFLICT, "It contradicts what is kept already"),
            Self::TooSlow => ("urn:compass:problem:too-slow", S::REQUEST_TIMEOUT, "The request did not arrive in time"),
            Self::TooLarge => ("urn:compass:problem:too-large", S::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => (
                "urn:compass:problem:unsupported-media-type",
                S::UNSUPPORTED_MEDIA_TYPE,
                "The body is in a format that is not read here",
            ),
            Self::InvalidValue => {
                ("urn:compass:problem:invalid-value", S::UNPROCESSABLE_ENTITY, "A value cannot be accepted")
            }
            Self::TooOften => ("urn:compass:problem:too-often", S::TOO_MANY_REQUESTS, "There were too many requests"),
            Self::Internal => {
                ("urn:compass:problem:internal", S::INTERNAL_SERVER_ERROR, "Something failed on our side")
            }
            Self::Unavailable => (
                "urn:compass:problem:unavailable",
                S::SERVICE_UNAVAILABLE,
                "The service cannot do this at the moment; try again later",
            ),
        }
    }
}

/// A failure on its way to the client.
///
/// Its answer carries the problem in its extensions too, so that a host can show it as a page.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: Option<String>,
    retry_after: Option<Duration>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A failure of a kind, with nothing more to say.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind, detail: None, retry_after: None, cause: None }
    }

    /// Says what was wrong and how to mend it. The client reads this.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when it is worth trying again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Keeps the cause for the log; the client never sees it.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(Arc::from(cause.into()));
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What was wrong, for people; `None` if the kind says it all.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    fn log(&self) {
        let Some(cause) = &self.cause else { return };
        let chain = std::iter::successors(cause.source(), |cause| (*cause).source());
        let causes = chain.fold(cause.to_string(), |text, cause| format!("{text}: {cause}"));
        if self.kind == ProblemKind::Internal {
            tracing::error!(problem = self.kind.uri(), "a request failed: {causes}");
        } else {
            tracing::warn!(problem = self.kind.uri(), "a request was refused: {causes}");
        }
    }
}

/// The JSON form of a failure (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDetails<'a> {
    /// Which kind of failure: a stable URI to compare with.
    #[serde(rename = "type")]
    kind: &'a str,
    /// The kind in words.
    title: &'a str,
    /// The HTTP status again.
    status: u16,
    /// What was wrong this time and how to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let status = self.kind.status();
        let body = ProblemDetails {
            kind: self.kind.uri(),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail(),
        };
        let json = serde_json::to_vec(&body).expect("four plain fields can be written");
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], json).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)));
        }
        if self.kind == ProblemKind::NotSignedIn {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ProblemKind::NotFound),
            StoreError::Conflict(_) => Self::new(ProblemKind::Conflict).with_cause(error),
            StoreError::Invalid(what) => Self::new(ProblemKind::InvalidValue).with_detail(what),
            StoreError::Unavailable(_) => {
                Self::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(5)).with_cause(error)
            }
            other => Self::new(ProblemKind::Internal).with_cause(other),
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Declined => Self::new(ProblemKind::SignInDeclined),
            IdentityError::TransactionMismatch => Self::new(ProblemKind::SignInExpired),
            IdentityError::NotAllowed(_) => Self::new(ProblemKind::NotAllowed)
                .with_detail("sign in with an account that the service's operator let in")
                .with_cause(error),
            IdentityError::Unavailable(_) => {
                Self::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(30)).with_cause(error)
            }
            other => Self::new(ProblemKind::SignInFailed).with_cause(other),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Identity(error) => error.into(),
            SignInError::Store(error) => error.into(),
            other => Self::new(ProblemKind::Internal).with_cause(other),
        }
    }
}

/// Describes one failing status to the OpenAPI document.
#[derive(Debug)]
pub(crate) struct Fails<const STATUS: u16>;

impl<const STATUS: u16> IntoResponses for Fails<STATUS> {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let reason = StatusCode::from_u16(STATUS).ok().and_then(|status| status.canonical_reason());
        BTreeMap::from([(STATUS.to_string(), RefOr::T(problem_response(reason.unwrap_or("Failure"))))])
    }
}

/// An OpenAPI response that is a problem.
pub(crate) fn problem_response(description: &str) -> utoipa::openapi::Response {
    let schema = RefOr::Ref(Ref::from_schema_name(ProblemDetails::name()));
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, ContentBuilder::new().schema(Some(schema)).build())
        .build()
}

/// The problem's schema under its name, for the OpenAPI document.
pub(crate) fn problem_schema() -> (String, RefOr<utoipa::openapi::Schema>) {
    (ProblemDetails::name().into_owned(), ProblemDetails::schema())
}
