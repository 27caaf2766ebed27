//! What people see: server-rendered pages over the same ports as the API.

use axum::Router;

use crate::AppState;

/// Every page and asset.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
}
