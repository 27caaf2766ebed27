//! What the observations say of creators: the report and its sections, creators side by side, and the observations.

mod asked;
mod compare;
mod export;
mod report;
mod sections;

use std::sync::Arc;

use axum::extract::FromRef;
use compass_core::ports::{Clock, CorpusStore, CreatorStore};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Section, Site};

/// `/analytics/…`. Figures of what anybody can see, open to everybody.
pub fn analytics<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn CreatorStore>: FromRef<S>,
    Arc<dyn CorpusStore>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Site: FromRef<S>,
{
    Section(
        OpenApiRouter::default()
            .routes(routes!(report::report))
            .routes(routes!(compare::compare))
            .routes(routes!(sections::engagement))
            .routes(routes!(sections::growth))
            .routes(routes!(sections::posting))
            .routes(routes!(sections::videos))
            .routes(routes!(sections::hashtags))
            .routes(routes!(sections::forecast))
            .routes(routes!(sections::rosetta))
            .routes(routes!(sections::value))
            .routes(routes!(export::export)),
    )
}
