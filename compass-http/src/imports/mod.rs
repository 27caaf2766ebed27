//! What creators export of their own accounts: bringing it, and the audience that it tells of.

mod audience;
mod bring;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRef};
use compass_core::ports::{AccessTokens, AccountStore, AudienceStore, Clock, ExportReader, ImportStore, Random};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Section, Site};

/// The largest file that is taken: a year of TikTok Studio is some hundred kilobytes.
const LARGEST_FILE: usize = 32 * 1024 * 1024;

/// `/tiktok/import` and `/analytics/{handle}/audience`. What a person brings is that person's alone.
pub fn imports<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn AccountStore>: FromRef<S>,
    Arc<dyn ImportStore>: FromRef<S>,
    Arc<dyn AudienceStore>: FromRef<S>,
    Arc<dyn ExportReader>: FromRef<S>,
    Arc<dyn AccessTokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Arc<dyn Random>: FromRef<S>,
    Site: FromRef<S>,
{
    let files = OpenApiRouter::default().routes(routes!(bring::import)).layer(DefaultBodyLimit::max(LARGEST_FILE));
    Section(files.routes(routes!(audience::audience)))
}
