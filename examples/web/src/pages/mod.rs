//! The pages: server-rendered, one module each, over the use cases.

mod assets;
mod dashboard;
mod error_page;
mod figures;
mod frame;
mod headers;
mod landing;
mod onboarding;
#[cfg(test)]
pub(crate) mod testing;

use axum::{
    Router,
    middleware::map_response,
    response::IntoResponse as _,
    routing::{get, post},
};
use compass_http::{Problem, ProblemKind};
use tower_http::csrf::CsrfLayer;

use crate::AppState;

pub(crate) use error_page::for_browsers;

/// Every page and what the pages load.
///
/// The host wraps its whole router in [`for_browsers`], so that whatever fails is a page too.
pub(crate) fn router() -> Router<AppState> {
    let csrf = CsrfLayer::new().with_rejection_response(|_| Problem::new(ProblemKind::CrossSite).into_response());
    Router::new()
        .route("/", get(landing::landing))
        .route("/onboarding", get(onboarding::ask).post(onboarding::answer))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/dashboard/refresh", post(dashboard::refresh::start))
        .route("/dashboard/refresh/{id}", get(dashboard::refresh::panel))
        .route("/assets/{name}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
        .method_not_allowed_fallback(|| async { Problem::new(ProblemKind::MethodNotAllowed) })
        .layer(csrf)
        .layer(map_response(headers::secure))
}
