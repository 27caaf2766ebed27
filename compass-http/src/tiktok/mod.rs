//! TikTok accounts: what was observed of them, and asking for a new look.

mod creators;
mod events;
mod history;
mod jobs;
mod streams;

use std::sync::Arc;

use compass_core::{
    Progress,
    ports::{CreatorStore, JobStore, Random},
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Section,
    provides::{KnowsPeople, Provides},
};

pub(crate) use creators::{find, unknown_creator};
pub(crate) use jobs::JobView;
pub(crate) use streams::Streams;

/// What stands as text in the events of a stream.
#[derive(OpenApi)]
#[openapi(components(schemas(Progress)))]
struct Streamed;

/// `/tiktok/…`. Figures are open to everybody; asking for a refresh and watching it needs a signed-in person.
pub fn tiktok<S>() -> Section<S>
where
    S: KnowsPeople + Provides<Arc<dyn CreatorStore>> + Provides<Arc<dyn JobStore>> + Provides<Arc<dyn Random>>,
{
    Section(
        OpenApiRouter::with_openapi(Streamed::openapi())
            .routes(routes!(creators::creator))
            .routes(routes!(creators::videos))
            .routes(routes!(history::history))
            .routes(routes!(jobs::refresh))
            .routes(routes!(jobs::job))
            .routes(routes!(events::events)),
    )
}
