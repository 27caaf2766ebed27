//! The people who use the service: signing in and out, what they asked for, and what is kept of them.

mod export;
mod sessions;
mod sign_in;
mod tokens;
mod users;

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use compass_core::{
    app,
    ports::{
        AccountData, AccountStore, AuditLog, Clock, CreatorStore, IdentityProvider, JobStore, Random, RefreshTokens,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Section,
    provides::{KnowsPeople, Provides},
};

pub(crate) use export::AccountFiles;

/// `/auth/…` and `/users/me`.
pub fn accounts<S>() -> Section<S>
where
    S: KnowsPeople
        + Provides<Arc<dyn RefreshTokens>>
        + Provides<Arc<dyn AccountData>>
        + Provides<Arc<dyn AuditLog>>
        + Provides<Arc<dyn CreatorStore>>
        + Provides<Arc<dyn JobStore>>
        + Provides<Arc<dyn IdentityProvider>>
        + Provides<Arc<dyn Random>>,
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
    S: Send
        + Sync
        + Provides<Arc<dyn AccountStore>>
        + Provides<Arc<dyn RefreshTokens>>
        + Provides<Arc<dyn AccountData>>
        + Provides<Arc<dyn AuditLog>>
        + Provides<Arc<dyn Clock>>
        + Provides<Arc<dyn Random>>,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(app::Accounts {
            store: state.provide(),
            refresh_tokens: state.provide(),
            data: state.provide(),
            audit: state.provide(),
            clock: state.provide(),
            random: state.provide(),
        }))
    }
}
