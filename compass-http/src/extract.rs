//! axum's extractors with our kind of refusal, and where our router is mounted.

use std::{convert::Infallible, error::Error, fmt, iter::successors, marker::PhantomData};

use axum::{
    extract::{
        FromRequest, FromRequestParts, OriginalUri, Request,
        rejection::{BytesRejection, FormRejection, JsonRejection, PathRejection},
    },
    http::{HeaderName, StatusCode, Uri, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use tower_http::timeout::TimeoutError;

use crate::problem::{Problem, ProblemKind};

/// A value from the address, such as a handle; [`axum::extract::Path`] that answers with a [`Problem`] (422) where the
/// value cannot be one.
///
/// ```
/// use axum::{Router, routing::get};
/// use compass_core::Handle;
/// use compass_http::Path;
///
/// async fn card(Path(handle): Path<Handle>) -> String {
///     format!("the card of @{handle}")
/// }
/// let host: Router = Router::new().route("/cards/{handle}", get(card));
/// # let _ = host;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

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

/// The values after the question mark; [`axum::extract::Query`] that answers with a [`Problem`] (400) where they are not
/// those that the address takes.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(Problem::new(ProblemKind::BadRequest).with_detail(reason(&rejection))),
        }
    }
}

/// A JSON body, in or out, and an object on its way in; [`axum::Json`] that answers with a [`Problem`]: 400 for what is not JSON or cannot be read,
/// 408 for a body that did not arrive in time (by the host's own time limit), 413, 415, and 422 for values that cannot
/// be accepted.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(Object(value))) => Ok(Self(value)),
            Err(rejection) => Err(refused_json(&rejection)),
        }
    }
}

/// As [`Json`] on its way in, where `null` may stand instead.
pub(crate) struct JsonOrNull<T>(pub(crate) Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonOrNull<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(Option::map(value, |Object(value)| value))),
            Err(rejection) => Err(refused_json(&rejection)),
        }
    }
}

/// A JSON object. serde would read a struct from an array, too: its fields in their order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OfMap<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            // The usual refusal would say the text again, which may be a secret.
            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<T, E> {
                Err(E::custom("it is a text, and has to be an object"))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_any(OfMap(PhantomData)).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The fields of a form; [`axum::Form`] that answers with a [`Problem`]: 400 for a body that cannot be read, 408, 413 and
/// 415 as [`Json`] does, and 422 for fields that cannot be accepted. Of a GET it reads the query, and answers 400.
#[derive(Clone, Copy, Debug)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match axum::Form::from_request(request, state).await {
            Ok(axum::Form(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused_form(&rejection)),
        }
    }
}

fn refused_json(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::BytesRejection(unread) => unread_body(unread),
        JsonRejection::MissingJsonContentType(_) => Problem::new(ProblemKind::UnsupportedMediaType)
            .with_detail("the body has to be JSON, and Content-Type has to say application/json"),
        JsonRejection::JsonDataError(_) => Problem::new(ProblemKind::InvalidValue).with_detail(reason(rejection)),
        _ => Problem::new(ProblemKind::BadRequest).with_detail(format!("not JSON: {}", reason(rejection))),
    }
}

fn refused_form(rejection: &FormRejection) -> Problem {
    match rejection {
        FormRejection::BytesRejection(unread) => unread_body(unread),
        FormRejection::InvalidFormContentType(_) => Problem::new(ProblemKind::UnsupportedMediaType)
            .with_detail("the body has to be a form, and Content-Type has to say application/x-www-form-urlencoded"),
        FormRejection::FailedToDeserializeFormBody(_) => {
            Problem::new(ProblemKind::InvalidValue).with_detail(reason(rejection))
        }
        _ => Problem::new(ProblemKind::BadRequest).with_detail(reason(rejection)),
    }
}

/// The problem of a body that did not arrive whole: what is in it was never looked at.
pub(crate) fn unread_body(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(ProblemKind::TooLarge);
    }
    if came_too_slowly(rejection) {
        return Problem::new(ProblemKind::TooSlow).with_detail("the body did not arrive in time; send it again");
    }
    Problem::new(ProblemKind::BadRequest).with_detail("the body could not be read to its end; send it again")
}

/// Whether an error comes of a body that did not arrive in time.
pub(crate) fn came_too_slowly(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |cause| (*cause).source()).any(|cause| cause.is::<TimeoutError>())
}

/// What serde says is wrong and where, without axum's preface.
fn reason(rejection: &dyn Error) -> String {
    rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string)
}

/// Where the next page of a list is, as a `Link` header (RFC 8288): the same address with another `cursor`.
#[derive(Clone, Debug)]
pub(crate) struct Address(Uri);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let OriginalUri(original) = OriginalUri::from_request_parts(parts, state).await?;
        Ok(Self(original))
    }
}

impl Address {
    /// `cursor` has nothing that a URL would have to escape.
    pub(crate) fn next(&self, cursor: Option<&str>) -> AppendHeaders<Option<(HeaderName, String)>> {
        AppendHeaders(cursor.map(|cursor| {
            let query = self.0.query().unwrap_or_default();
            let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
            let query: Vec<&str> = kept.collect();
            let and = if query.is_empty() { "" } else { "&" };
            (header::LINK, format!("<{}?{}{and}cursor={cursor}>; rel=\"next\"", self.0.path(), query.join("&")))
        }))
    }
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
