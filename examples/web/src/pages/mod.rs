//! The pages: server-rendered, one module each, over the use cases.

mod account;
mod analytics;
mod assets;
mod charts;
mod compare;
mod dashboard;
mod definitions;
mod error_page;
mod experiment;
mod figures;
mod followers;
mod frame;
mod headers;
mod known;
mod landing;
mod onboarding;
mod posts;
mod recommendations;
#[cfg(test)]
pub(crate) mod testing;

use axum::{
    Extension, Router,
    middleware::{from_fn, map_response},
    response::IntoResponse as _,
    routing::{get, post},
};
use compass_http::{Problem, ProblemKind};
use tower_http::csrf::CsrfLayer;

use crate::{AppState, words::for_reader};

pub(crate) use error_page::for_browsers;

/// Every page and what the pages load.
///
/// The host wraps its whole router in [`for_browsers`], so that whatever fails is a page too.
pub(crate) fn router() -> Router<AppState> {
    let csrf = CsrfLayer::new().with_rejection_response(|_| Problem::new(ProblemKind::CrossSite).into_response());
    Router::new()
        .route("/", get(landing::landing))
        .route("/onboarding", get(onboarding::ask).post(onboarding::answer))
        .route("/onboarding/check", get(onboarding::check))
        .route("/onboarding/export", post(onboarding::bring))
        .route("/recommendations", get(recommendations::recommendations))
        .route("/experiment", get(experiment::experiment))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/dashboard/refresh", post(dashboard::refresh::start))
        .route("/dashboard/refresh/{id}", get(dashboard::refresh::panel))
        .route("/creators/{handle}", get(analytics::analytics))
        .route("/creators/{handle}/refresh", post(dashboard::refresh::start_of))
        .route("/creators/{handle}/refresh/{id}", get(dashboard::refresh::panel_of))
        .route("/compare", get(compare::compare))
        .route("/account", get(account::account))
        .route("/account/sessions/end", post(account::end_all))
        .route("/account/sessions/{id}/end", post(account::end))
        .route("/account/imports/{id}/delete", post(account::delete_import))
        .route("/account/token", post(account::open_token))
        .route("/account/erase", get(account::ask_to_erase).post(account::erase))
        .route("/definitions", get(definitions::definitions))
        .route("/assets/{name}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
        .method_not_allowed_fallback(|| async { Problem::new(ProblemKind::MethodNotAllowed) })
        .layer(Extension(landing::DailySample::default()))
        .layer(csrf)
        .layer(from_fn(for_reader))
        .layer(map_response(headers::secure))
}
