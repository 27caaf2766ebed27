//! The audience of an account, and how well it fits the one that is wanted.

use std::sync::Arc;

use compass_core::{
    Handle, UserId,
    analytics::{AudienceFit, AudienceGap, AudienceShares, AudienceTarget},
    app::{self, KnownAudience},
    ports::{AccountStore, AudienceStore, Clock, CreatorStore},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    caller::Caller,
    extract::{Json, Path, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    this_machine::KnownHost,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Moment {
    /// The moment that the audience is of; without it, now.
    as_of: Option<Timestamp>,
}

/// Who follows an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AudienceView {
    /// The handle, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// The moment that was asked for, UTC.
    as_of: Timestamp,
    /// When the audience was so, UTC; `null` where it is inferred from posts.
    observed_at: Option<Timestamp>,
    /// The shares, and where they come from. Languages stand here only where all is inferred, interests never.
    audience: AudienceShares,
    /// How well it fits the audience that the signed-in person wants, each part with its source; null for visitors, and where no wish is
    /// known.
    fit: Option<AudienceFit>,
    /// What would have to be different for it to fit better, the most worthwhile first; empty where no wish is known. What is inferred is not
    /// in it: other words in posts would raise the guess, and nobody knows what they would do to the audience.
    gaps: Vec<AudienceGap>,
}

/// Gives the newest audience of an account that the caller may see: of what the caller brought, and of what the service's operator
/// imported.
///
/// Of what no file tells, the account's newest posts let guess territories, languages and interests that the person wants; that is labelled
/// as `inferred`, part by part, and its bounds are wide. Where there is no file, and nothing that is wanted can be guessed, it is not found.
#[utoipa::path(
    get, path = "/analytics/{handle}/audience", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Moment),
    responses((status = 200, description = "The audience", body = AudienceView), Fails<400>, Fails<404>, Fails<422>),
    security((), ("session" = []), ("bearer" = []))
)]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn audience(
    _here: KnownHost,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(audiences): Provided<Arc<dyn AudienceStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    who: Option<Caller>,
    Path(handle): Path<Handle>,
    Query(Moment { as_of }): Query<Moment>,
) -> Result<Json<AudienceView>, Problem> {
    let viewer = who.map(|who| who.user);
    let target = wanted_by(&*accounts, viewer).await?;
    let as_of = as_of.unwrap_or_else(|| clock.now());
    let known = app::audience(&*creators, &*audiences, &handle, viewer, &target, as_of).await?;
    let Some(KnownAudience { shares, observed_at, fit, gaps }) = known else {
        let why = format!("the audience of @{handle} is not known; its owner can bring an export at tiktok/import");
        return Err(Problem::new(ProblemKind::NotFound).with_detail(why));
    };
    Ok(Json(AudienceView { handle, as_of, observed_at, audience: shares, fit, gaps }))
}

/// The audience that the person wants.
async fn wanted_by(accounts: &dyn AccountStore, viewer: Option<UserId>) -> Result<AudienceTarget, Problem> {
    let Some(viewer) = viewer else { return Ok(AudienceTarget::default()) };
    let user = accounts.find(viewer).await?;
    Ok(user.map(|user| AudienceTarget::from(&user.preferences.target)).unwrap_or_default())
}
