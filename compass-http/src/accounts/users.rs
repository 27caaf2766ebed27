//! The signed-in person: who it is, and which account and audience it is about.

use std::sync::Arc;

use compass_core::{
    Handle, Preferences, PreferencesChange, TargetAudience, User, Zone, app,
    ports::{AccountStore, Clock, CreatorStore, JobStore, Random},
};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    CurrentUser,
    extract::Json,
    problem::{Fails, Problem},
    provides::Provided,
    tiktok::JobView,
};

/// A person who uses the service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    id: Uuid,
    /// The name that the identity provider knows.
    name: Option<String>,
    /// The address that the identity provider knows.
    email: Option<String>,
    /// When the person first signed in.
    created_at: Timestamp,
    preferences: Preferences,
    /// The first look at an account that was named for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<JobView>,
}

impl UserView {
    fn new(user: User, refresh: Option<JobView>) -> Self {
        Self {
            id: user.id.0,
            name: user.identity.name,
            email: user.identity.email,
            created_at: user.created_at,
            preferences: user.preferences,
            refresh,
        }
    }
}

/// What to change; a member that is left out stays, one that is `null` is forgotten (RFC 7396).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PreferencesPatch {
    /// The account to learn about.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<compass_core::openapi::Handle>)]
    handle: Option<Option<Handle>>,
    /// The audience that is wanted, as a whole.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<TargetAudience>)]
    target: Option<Option<TargetAudience>>,
    /// The IANA name of the zone for hours and days.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<compass_core::openapi::Zone>)]
    zone: Option<Option<Zone>>,
}

impl From<PreferencesPatch> for PreferencesChange {
    fn from(PreferencesPatch { handle, target, zone }: PreferencesPatch) -> Self {
        Self { handle, target: target.map(Option::unwrap_or_default), zone }
    }
}

/// Says who is signed in.
#[utoipa::path(
    get, path = "/users/me", tag = "accounts",
    responses((status = 200, description = "The person", body = UserView), Fails<401>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn me(who: CurrentUser) -> Json<UserView> {
    Json(UserView::new(who.user, None))
}

/// Changes what the person asked for. An account that nobody has looked at yet gets its first look, which counts as one that the
/// person asks for.
#[utoipa::path(
    patch, path = "/users/me", tag = "accounts", request_body = PreferencesPatch,
    responses(
        (status = 200, description = "The person afterwards", body = UserView),
        Fails<400>, Fails<401>, Fails<403>, Fails<413>, Fails<415>, Fails<422>, Fails<429>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn change_me(
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(jobs): Provided<Arc<dyn JobStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Provided(random): Provided<Arc<dyn Random>>,
    who: CurrentUser,
    Json(patch): Json<PreferencesPatch>,
) -> Result<Json<UserView>, Problem> {
    let change = patch.into();
    if app::named_unseen(&*creators, &change).await?.is_some() {
        who.may_ask_for_a_look()?;
    }
    let user = who.user;
    let (preferences, job) = app::track(&*accounts, &*creators, &*jobs, &*clock, &*random, user.id, &change).await?;
    Ok(Json(UserView::new(User { preferences, ..user }, job.map(JobView::from))))
}

/// Keeps `null` apart from a member that is left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
