//! What the observations say of creators: the report and its sections, creators side by side, and the observations.

pub(crate) mod asked;
mod benchmark;
mod compare;
mod export;
mod report;
mod sections;

use std::sync::Arc;

use compass_core::ports::{Clock, CorpusStore, CreatorStore};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Section,
    provides::{HostState, Provides},
};

pub(crate) use export::ColumnFiles;

/// `/analytics/…`. Figures of what anybody can see, open to everybody.
pub fn analytics<S>() -> Section<S>
where
    S: HostState + Provides<Arc<dyn CreatorStore>> + Provides<Arc<dyn CorpusStore>> + Provides<Arc<dyn Clock>>,
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
            .routes(routes!(benchmark::benchmark))
            .routes(routes!(export::export)),
    )
}
