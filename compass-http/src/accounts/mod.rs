//! The people who use the service: signing in and out, what they asked for, and what is kept of them.

mod export;
mod sessions;
mod sign_in;
mod tokens;
mod users;

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use compass_core::{
    app,
    ports::{
        AccessTokens, AccountData, AccountStore, AuditLog, Clock, CreatorStore, IdentityProvider, JobStore, Random,
        RefreshTokens,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Section, Site};

/// `/auth/…` and `/users/me`.
pub fn accounts<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn AccountStore>: FromRef<S>,
    Arc<dyn RefreshTokens>: FromRef<S>,
    Arc<dyn AccountData>: FromRef<S>,
    Arc<dyn AuditLog>: FromRef<S>,
    Arc<dyn CreatorStore>: FromRef<S>,
    Arc<dyn JobStore>: FromRef<S>,
    Arc<dyn IdentityProvider>: FromRef<S>,
    Arc<dyn AccessTokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Arc<dyn Random>: FromRef<S>,
    Site: FromRef<S>,
{
    Section(
        OpenApiRouter::default()
            .routes(routes!(sign_in::login))
            .routes(routes!(sign_in::callback))
            .routes(routes!(tokens::access_token))
            .routes(routes!(sign_in::logout))
            .routes(routes!(sessions::sessions, sessions::open_session, sessions::end_sessions))
            .routes(routes!(sessions::end_session))
            .routes(routes!(users::me, users::change_me, export::erase_me))
            .routes(routes!(export::export_me)),
    )
}

/// The use cases of accounts, over the host's ports.
#[derive(Clone, Debug)]
struct Accounts(app::Accounts);

impl<S> FromRequestParts<S> for Accounts
where
    S: Send + Sync,
    Arc<dyn AccountStore>: FromRef<S>,
    Arc<dyn RefreshTokens>: FromRef<S>,
    Arc<dyn AccountData>: FromRef<S>,
    Arc<dyn AuditLog>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Arc<dyn Random>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(app::Accounts {
            store: FromRef::from_ref(state),
            refresh_tokens: FromRef::from_ref(state),
            data: FromRef::from_ref(state),
            audit: FromRef::from_ref(state),
            clock: FromRef::from_ref(state),
            random: FromRef::from_ref(state),
        }))
    }
}
