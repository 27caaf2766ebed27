//! The page that a browser gets instead of a problem in JSON: what happened, and the way back.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::Response,
};
use compass_http::{Problem, ProblemKind};

use super::{
    frame::{Frame, show},
    headers::secure,
};
use crate::{AppState, words::capital};

#[derive(Debug, Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: StatusCode,
    kind: Option<ProblemKind>,
    detail: Option<String>,
}

impl ErrorPage {
    fn heading(&self) -> &'static str {
        if let Some((heading, _)) = self.of_sign_in() {
            return heading;
        }
        match self.status {
            StatusCode::NOT_FOUND => "There is nothing here",
            StatusCode::UNAUTHORIZED => "Please sign in first",
            StatusCode::FORBIDDEN => "That came from another site",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
                "The service cannot answer just now"
            }
            StatusCode::TOO_MANY_REQUESTS => "That was a little fast",
            status if status.is_server_error() => "Something failed on our side",
            _ => "That did not work",
        }
    }

    fn advice(&self) -> &'static str {
        if let Some((_, advice)) = self.of_sign_in() {
            return advice;
        }
        match self.status {
            StatusCode::NOT_FOUND => "The address may be mistyped, or the page has moved.",
            StatusCode::UNAUTHORIZED => {
                "This is about your account, so it needs to know who you are. If you sent something, nothing was done."
            }
            StatusCode::FORBIDDEN => "For your safety nothing was done. Open the page here and try again.",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
                "Nothing is lost. Try again in half a minute; if it stays, tell whoever runs this service."
            }
            StatusCode::TOO_MANY_REQUESTS => "Wait a moment and try again.",
            status if status.is_server_error() => {
                "Nothing of yours is lost. Try again; if it stays, tell whoever runs this service."
            }
            _ => "Go back and try again.",
        }
    }

    /// Heading and advice where a sign-in ended otherwise than hoped.
    fn of_sign_in(&self) -> Option<(&'static str, &'static str)> {
        Some(match self.kind? {
            ProblemKind::SignInDeclined => ("You did not sign in", "Nothing was done. Sign in whenever you like."),
            ProblemKind::SignInExpired => {
                ("This sign-in has been overtaken", "It took too long, or was begun in another window. Sign in again.")
            }
            ProblemKind::SignInFailed => {
                ("The sign-in did not work", "Sign in again; if it stays, tell whoever runs this service.")
            }
            ProblemKind::NotAllowed => {
                ("This account may not sign in here", "Sign in with another account, or ask whoever runs this service.")
            }
            _ => return None,
        })
    }

    /// What the problem says, as a sentence; nothing where it speaks to programs.
    fn told(&self) -> Option<String> {
        let detail = self.detail.as_ref().filter(|_| self.kind != Some(ProblemKind::NotSignedIn))?;
        Some(format!("{}.", capital(detail.trim_end_matches('.'))))
    }

    fn needs_sign_in(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED || self.of_sign_in().is_some()
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
    let problem = response.extensions().get::<Problem>();
    let (kind, detail) = (problem.map(Problem::kind), problem.and_then(Problem::detail).map(str::to_owned));
    let page = ErrorPage { frame: Frame::new("Error", None, &state, None), status: response.status(), kind, detail };
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

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Method, Request},
    };
    use tower::ServiceExt as _;

    use super::*;
    use crate::pages::testing::Pages;

    fn page(status: StatusCode) -> ErrorPage {
        let detail = Some("<b>why</b>".to_owned());
        ErrorPage { frame: Frame::new("Error", None, &Pages::new().state(), None), status, kind: None, detail }
    }

    #[test]
    fn every_failure_has_words_and_a_way_back() {
        for code in (400..=431).chain(500..=505) {
            let html = page(StatusCode::from_u16(code).unwrap()).render().unwrap();
            assert!(html.contains(&format!("Error {code}")) && html.contains("To the start page"), "{html}");
            assert!(html.contains("&#60;b&#62;why") && !html.contains("<b>why"), "{html}");
        }
        assert!(page(StatusCode::UNAUTHORIZED).render().unwrap().contains("Development sign-in</a>"));
    }

    #[test]
    fn a_sign_in_that_ended_otherwise_offers_another() {
        use ProblemKind::{NotAllowed, SignInDeclined, SignInExpired, SignInFailed};
        for kind in [NotAllowed, SignInDeclined, SignInExpired, SignInFailed] {
            let html = ErrorPage { kind: Some(kind), ..page(kind.status()) }.render().unwrap();
            assert!(html.contains("Development sign-in</a>") && !html.contains("To the dashboard"), "{html}");
            assert!(!html.contains("That did not work") && !html.contains("another site"), "{html}");
        }
    }

    #[tokio::test]
    async fn a_form_that_comes_after_the_session_is_told_that_nothing_was_done() {
        let page = Pages::new().post("/dashboard/refresh", "").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        page.says(&["Please sign in first", "nothing was done", "href=\"/auth/google/login\""]);
        page.does_not_say(&["access token"]);
    }

    #[tokio::test]
    async fn a_browser_gets_a_page_with_a_pages_headers() {
        let page = Pages::new().get("/no/such/page").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        page.says(&["There is nothing here", "rel=\"stylesheet\""]);
        assert!(page.header("content-security-policy").contains("style-src 'self'"));
        assert!(page.header("content-type").starts_with("text/html"));
    }

    #[tokio::test]
    async fn an_address_of_a_page_that_is_not_quite_one_gets_a_page_with_the_right_status() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        for (path, status) in [
            ("/dashboard?job=a&job=b", StatusCode::OK),
            ("/dashboard?job=%ff&=&x", StatusCode::OK),
            ("/dashboard/refresh/x", StatusCode::NOT_FOUND),
            ("/dashboard/refresh/%ff", StatusCode::NOT_FOUND),
            ("/assets/%ff", StatusCode::NOT_FOUND),
            ("/assets/compass.css", StatusCode::NOT_FOUND),
        ] {
            let page = pages.get(path).await;
            assert_eq!(page.status, status, "{path}");
            page.says(&["<html"]);
        }
        for (method, path, allowed) in [
            (Method::DELETE, "/dashboard", "GET,HEAD"),
            (Method::PUT, "/assets/x", "GET,HEAD"),
            (Method::GET, "/dashboard/refresh", "POST"),
        ] {
            let page = pages.ask(method, path).await;
            assert_eq!((page.status, page.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allowed), "{path}");
            page.says(&["That did not work"]);
        }
    }

    #[tokio::test]
    async fn a_program_gets_a_problem() {
        for accept in ["*/*", "application/json"] {
            let request =
                Request::get("/no/such/page").header(header::HOST, "localhost").header(header::ACCEPT, accept);
            let response = Pages::new().router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
    }

    #[tokio::test]
    async fn an_api_route_tells_a_browser_in_words_what_was_wrong() {
        let page = Pages::new().get("/analytics/a%2Fb").await;
        page.says(&["That did not work", "A handle has only letters"]);
    }
}
