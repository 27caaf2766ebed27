//! What creators export of their own accounts: bringing it, and what it tells.

mod audience;
mod bring;
mod list;
mod own_report;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use compass_core::ports::{AudienceStore, CreatorStore, ExportReader, ImportStore, Random};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Section,
    provides::{KnowsPeople, Provides},
};

/// The largest file that is taken: a year of TikTok Studio is some hundred kilobytes.
const LARGEST_FILE: usize = 32 * 1024 * 1024;

/// `/tiktok/import`, `/tiktok/imports/…`, `/analytics/{handle}/audience` and `/analytics/{handle}/own`. What a person brings is that
/// person's alone.
pub fn imports<S>() -> Section<S>
where
    S: KnowsPeople
        + Provides<Arc<dyn ImportStore>>
        + Provides<Arc<dyn AudienceStore>>
        + Provides<Arc<dyn ExportReader>>
        + Provides<Arc<dyn CreatorStore>>
        + Provides<Arc<dyn Random>>,
{
    let files = OpenApiRouter::default().routes(routes!(bring::import)).layer(DefaultBodyLimit::max(LARGEST_FILE));
    let mine = files.routes(routes!(list::imports)).routes(routes!(list::delete_import));
    let told = mine.routes(routes!(audience::audience));
    Section(told.routes(routes!(own_report::own_report)))
}
