//! What people may ask of what is kept of them: all of it, and that it is forgotten.

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;

use super::Accounts;
use crate::{
    CurrentUser, Site,
    current_user::nobody,
    device::Device,
    extract::Json,
    problem::{Fails, Problem},
    provides::Provided,
};

/// Gives everything that is kept of the person, as a file.
#[utoipa::path(
    get, path = "/users/me/export", tag = "accounts",
    responses(
        (status = 200, description = "The person, the sessions and tokens without their secrets, jobs, imports, audiences, \
            reports, advice, and the record of what was done", body = Object),
        Fails<401>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn export_me(
    Accounts(accounts): Accounts,
    Device(client): Device,
    who: CurrentUser,
) -> Result<impl IntoResponse, Problem> {
    let export = accounts.export(who.user.id, &client).await?.ok_or_else(nobody)?;
    Ok(([(header::CONTENT_DISPOSITION, "attachment; filename=\"creator-compass.json\"")], Json(export)))
}

/// Erases the person with everything that is kept of the person. All sessions end at once.
///
/// What was observed of TikTok accounts stays; it was never the person's. It cannot be undone.
#[utoipa::path(
    delete, path = "/users/me", tag = "accounts",
    responses((status = 204, description = "There is nobody any more"), Fails<401>, Fails<403>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn erase_me(
    Provided(site): Provided<Site>,
    Accounts(accounts): Accounts,
    Device(client): Device,
    who: CurrentUser,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), Problem> {
    accounts.erase(who.user.id, &client).await?;
    Ok((StatusCode::NO_CONTENT, jar.add(site.forget(site.session_cookie()))))
}
