//! What the requests of one router have in common.

use std::{num::NonZeroUsize, sync::Arc};

use axum::http::Extensions;

use crate::{computations::Computations, once::KeptAnswers, tiktok::Streams};

/// One value for each router, in the extensions of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    answers: KeptAnswers,
    computations: Computations,
    imports: Computations,
    streams: Streams,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            answers: KeptAnswers::default(),
            computations: Computations::default(),
            imports: Computations::at_once(FILES),
            streams: Streams::default(),
        }
    }
}

/// So many files that people bring are in memory at once.
const FILES: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

impl Shared {
    /// The answers to requests that may be sent again.
    pub(crate) fn answers(extensions: &Extensions) -> KeptAnswers {
        Self::of(extensions).answers.clone()
    }

    /// The bound on what is computed at once: the host's, or the router's own; outside of any router of ours, one of its own.
    pub(crate) fn computations(extensions: &Extensions) -> Computations {
        let of_router = || extensions.get::<Self>().map(|shared| shared.0.computations.clone());
        extensions.get().cloned().or_else(of_router).unwrap_or_default()
    }

    /// The bound on files that are read at once.
    pub(crate) fn imports(extensions: &Extensions) -> Computations {
        Self::of(extensions).imports.clone()
    }

    /// The streams that are open.
    pub(crate) fn streams(extensions: &Extensions) -> Streams {
        Self::of(extensions).streams.clone()
    }

    fn of(extensions: &Extensions) -> &Parts {
        &extensions.get::<Self>().expect("every router of ours has one").0
    }
}
