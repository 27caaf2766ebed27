//! What the stand-in API can do instead of answering.

use std::io;

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{StreamExt as _, stream};

/// Something that goes wrong at TikTok's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiFault {
    /// Status 500 without a word.
    Broken,
    /// Status 502 with a page.
    Gateway,
    /// Status 200 with a page.
    Html,
    /// Status 200 with nothing.
    Empty,
    /// The answer never comes.
    Hang,
    /// The answer begins and breaks off.
    CutBody,
    /// The answer has no end.
    HugeBody,
    /// The API's error with this code and status; its message repeats every secret of the request.
    Code(&'static str, u16),
    /// Another place to ask.
    Moved,
    /// Lists give the first page again and again, each time with another cursor.
    SamePage,
    /// Lists give the next page, but always the same cursor.
    SameCursor,
    /// Lists are empty and promise more.
    EmptyPages,
    /// Lists after the first page break down; everything else answers.
    SecondPage,
}

impl ApiFault {
    /// The answer of an endpoint; `None` if it is about lists alone. `secrets` are those of the request.
    pub(super) async fn answer(self, secrets: &str) -> Option<Response> {
        let html = || "<html><body><h1>It did not work</h1></body></html>".to_owned();
        Some(match self {
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Gateway => (StatusCode::BAD_GATEWAY, axum::response::Html(html())).into_response(),
            Self::Html => axum::response::Html(html()).into_response(),
            Self::Empty => StatusCode::OK.into_response(),
            Self::Hang => std::future::pending().await,
            Self::CutBody => {
                let part = Ok("{\"data\": {\"user\": {\"open_id\": \"");
                let parts = stream::iter([part, Err(io::Error::other("cut"))]);
                Body::from_stream(parts).into_response()
            }
            Self::HugeBody => {
                let blanks = stream::repeat(" ".repeat(65_536)).map(Ok::<_, io::Error>);
                Body::from_stream(blanks).into_response()
            }
            Self::Code(code, status) => {
                let message = format!("It did not work with {secrets}");
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                super::server::refusal(status, code, &message)
            }
            Self::Moved => {
                (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "http://127.0.0.2:9/")]).into_response()
            }
            Self::SamePage | Self::SameCursor | Self::EmptyPages | Self::SecondPage => return None,
        })
    }
}
