//! The pages: server-rendered, one module each, over the use cases.

mod assets;

use axum::{Router, routing::get};

use crate::AppState;

/// Every page and what the pages load.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/assets/{name}", get(assets::asset)).route("/favicon.ico", get(assets::favicon))
}
