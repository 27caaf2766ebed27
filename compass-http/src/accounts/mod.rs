//! The people who use the service: signing in and out, and what they asked for.

mod sign_in;
mod tokens;
mod users;

use std::sync::Arc;

use axum::extract::FromRef;
use compass_core::ports::{AccessTokens, AccountStore, Clock, CreatorStore, IdentityProvider, JobStore, Random};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Section, Site};

/// `/auth/…` and `/users/me`.
pub fn accounts<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn AccountStore>: FromRef<S>,
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
            .routes(routes!(users::me, users::change_me)),
    )
}
