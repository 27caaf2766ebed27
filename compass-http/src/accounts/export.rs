//! What people may ask of what is kept of them: all of it, and that it is forgotten.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{Extensions, StatusCode, header},
    response::IntoResponse,
};
use axum_extra::extract::CookieJar;
use compass_core::UserId;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::Accounts;
use crate::{
    CurrentUser, Site,
    current_user::nobody,
    device::Device,
    manners::Limiters,
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    shared::Shared,
    turns::{Taken, Turn, Turns},
};

/// So many exports are read and sent at once;
const AT_ONCE: usize = 4;
/// whoever waits longer for a turn is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// An export is handed to the connection in pieces of so many bytes.
const PIECE: usize = 64 * 1024;

/// Bounds how many exports are in memory at once, each of them whole: one of a person.
#[derive(Clone, Debug)]
pub(crate) struct AccountFiles(Turns<UserId>);

impl AccountFiles {
    async fn turn(&self, user: UserId) -> Result<Turn, Problem> {
        self.0.turn(user, PATIENCE).await.map_err(|taken| {
            let why = match taken {
                Taken::ByOne => "another export of yours is being sent; ask again when that is over",
                Taken::ByAll => "too many exports are being sent; ask again in a moment",
            };
            Problem::new(ProblemKind::Unavailable).with_detail(why).with_retry_after(PATIENCE)
        })
    }
}

impl Default for AccountFiles {
    fn default() -> Self {
        Self(Turns::new(1, AT_ONCE))
    }
}

/// Gives everything that is kept of the person, as a file.
///
/// A person gets one at a time (503), and so many an hour (429).
#[utoipa::path(
    get, path = "/users/me/export", tag = "accounts",
    responses(
        (status = 200, description = "The person, the sessions and tokens without their secrets, jobs, imports, audiences, \
            reports, advice, and the record of what was done", body = Object),
        Fails<401>, Fails<429>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn export_me(
    Accounts(accounts): Accounts,
    Device(client): Device,
    who: CurrentUser,
    extensions: Extensions,
) -> Result<impl IntoResponse, Problem> {
    Limiters::export(&extensions, who.user.id)?;
    let turn = Shared::account_files(&extensions).turn(who.user.id).await?;
    let export = accounts.export(who.user.id, &client).await?.ok_or_else(nobody)?;
    let failed = |error| Problem::new(ProblemKind::Internal).with_cause(error);
    let json = serde_json::to_vec(&export).map_err(failed)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"creator-compass.json\""),
    ];
    Ok((headers, Body::from_stream(sent(json.into(), turn))))
}

/// The file piece by piece, with the turn until the last of it is sent.
fn sent(file: Bytes, turn: Turn) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
    let pieces = stream::unfold((file, turn), async |(mut file, turn)| {
        let piece = file.split_to(file.len().min(PIECE));
        (!piece.is_empty()).then(|| (Ok(piece), (file, turn)))
    });
    // What compresses the file asks once more after its end.
    pieces.fuse()
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
