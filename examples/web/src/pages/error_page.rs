//! The page that a browser gets instead of a problem in JSON: what happened, and the way back.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::Response,
};
use compass_http::Problem;

use super::{
    frame::{Frame, show},
    headers::secure,
};
use crate::AppState;

#[derive(Debug, Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: StatusCode,
    detail: Option<String>,
}

impl ErrorPage {
    fn heading(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "There is nothing here",
            StatusCode::UNAUTHORIZED => "Please sign in first",
            StatusCode::FORBIDDEN => "That came from another site",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
                "The service is busy"
            }
            StatusCode::TOO_MANY_REQUESTS => "That was a little fast",
            status if status.is_server_error() => "Something failed on our side",
            _ => "That did not work",
        }
    }

    fn advice(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "The address may be mistyped, or the page has moved.",
            StatusCode::UNAUTHORIZED => "This page is about your account, so it needs to know who you are.",
            StatusCode::FORBIDDEN => "For your safety nothing was done. Open the page here and try again.",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
                "Nothing is lost. Try again in half a minute."
            }
            StatusCode::TOO_MANY_REQUESTS => "Wait a moment and try again.",
            status if status.is_server_error() => {
                "Nothing of yours is lost. Try again; if it stays, tell whoever runs this service."
            }
            _ => "Go back and try again.",
        }
    }

    fn needs_sign_in(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

/// Gives a browser that asks for a page a page, where the answer would be a problem in JSON or nothing at all.
pub(crate) async fn for_browsers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let wants_html = accepts_html(request.headers());
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !wants_html || !failed || is_html(&response) {
        return response;
    }
    let detail = response.extensions().get::<Problem>().and_then(Problem::detail).map(str::to_owned);
    let page = ErrorPage { frame: Frame::new("Error", &state, None), status: response.status(), detail };
    match show(page.status, &page) {
        Ok(mut shown) => {
            let (parts, _) = response.into_parts();
            for (name, value) in &parts.headers {
                if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
                    shown.headers_mut().insert(name, value.clone());
                }
            }
            secure(shown).await
        }
        Err(_) => response,
    }
}

/// Programs that take anything (`*/*`) get JSON.
fn accepts_html(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|kind| kind.trim_start().starts_with("text/html"))
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}
