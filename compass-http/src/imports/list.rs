//! What a person has brought, and taking it away again.

use std::sync::Arc;

use axum::http::StatusCode;
use compass_core::{Handle, Import, ImportId, SourceKind, app::MOST_IMPORTS, ports::ImportStore};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    caller::Caller,
    extract::{Json, Path},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
};

/// The files that a person has brought.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportsView {
    /// The newest first.
    imports: Vec<ListedImport>,
}

/// A file that was brought.
#[derive(Debug, Serialize, ToSchema)]
struct ListedImport {
    id: Uuid,
    /// The account that it is of, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// What kind of export it is.
    source: SourceKind,
    imported_at: Timestamp,
    /// How many days, posts and exports were accepted.
    accepted: u64,
    /// How much was not.
    refused: u64,
}

impl From<Import> for ListedImport {
    fn from(import: Import) -> Self {
        let Import { id, handle, source, imported_at, accepted, refused, .. } = import;
        Self { id: id.0, handle, source, imported_at, accepted, refused }
    }
}

/// Lists the exports that the person has brought: at most 200 are kept. What was refused of them is in `users/me/export`.
#[utoipa::path(
    get, path = "/tiktok/imports", tag = "tiktok",
    responses((status = 200, description = "The files", body = ImportsView), Fails<401>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn imports(
    Provided(imports): Provided<Arc<dyn ImportStore>>,
    who: Caller,
) -> Result<Json<ImportsView>, Problem> {
    let imports = imports.imports(who.user, MOST_IMPORTS).await?;
    Ok(Json(ImportsView { imports: imports.into_iter().map(ListedImport::from).collect() }))
}

/// Takes away an export that the person has brought, with the figures and the audience in it.
///
/// What was reported to the person with it is marked as no longer to be made again.
#[utoipa::path(
    delete, path = "/tiktok/imports/{id}", tag = "tiktok",
    params(("id" = Uuid, Path, description = "The import's id")),
    responses((status = 204, description = "It is gone"), Fails<401>, Fails<403>, Fails<404>, Fails<422>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn delete_import(
    Provided(imports): Provided<Arc<dyn ImportStore>>,
    who: Caller,
    Path(id): Path<ImportId>,
) -> Result<StatusCode, Problem> {
    if imports.delete(Some(who.user), id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let unknown = format!("you have brought no import {id}");
    Err(Problem::new(ProblemKind::NotFound).with_detail(unknown))
}
