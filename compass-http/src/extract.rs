//! axum's extractors with our kind of refusal, and where our router is mounted.

use std::{convert::Infallible, error::Error};

use axum::{
    extract::{
        FromRequest, FromRequestParts, OriginalUri, Request,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Problem, ProblemKind};

/// A value from the address, such as a handle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(e)) if e.status() == StatusCode::BAD_REQUEST => {
                Err(Problem::new(ProblemKind::InvalidValue).with_detail(e.into_kind().to_string()))
            }
            Err(other) => Err(Problem::new(ProblemKind::Internal).with_cause(other)),
        }
    }
}

/// The values after the question mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(ProblemKind::BadRequest).with_detail(reason(&rejection))),
        }
    }
}

/// A JSON body, in or out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused_body(&rejection)),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn refused_body(rejection: &JsonRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemKind::TooLarge),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(ProblemKind::UnsupportedMediaType),
        StatusCode::UNPROCESSABLE_ENTITY => Problem::new(ProblemKind::InvalidValue).with_detail(reason(rejection)),
        _ => Problem::new(ProblemKind::BadRequest).with_detail(format!("not JSON: {}", reason(rejection))),
    }
}

/// What serde says is wrong and where, without axum's preface.
fn reason(rejection: &dyn Error) -> String {
    rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string)
}

/// The path under which the host has nested our router; empty at the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Mount {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(original) = OriginalUri::from_request_parts(parts, state).await?;
        let prefix = original.path().strip_suffix(parts.uri.path()).unwrap_or_default();
        Ok(Self(prefix.to_owned()))
    }
}
