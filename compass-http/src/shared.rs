//! What the requests of one router have in common.

use std::sync::Arc;

use axum::http::Extensions;

use crate::{computations::Computations, once::KeptAnswers, tiktok::Streams};

/// One value for each router, in the extensions of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    answers: KeptAnswers,
    computations: Computations,
    streams: Streams,
}

impl Shared {
    /// The answers to requests that may be sent again.
    pub(crate) fn answers(extensions: &Extensions) -> KeptAnswers {
        Self::of(extensions).answers.clone()
    }

    /// The bound on what is computed at once: the host's, or the router's own.
    pub(crate) fn computations(extensions: &Extensions) -> Computations {
        extensions.get().unwrap_or_else(|| &Self::of(extensions).computations).clone()
    }

    /// The streams that are open.
    pub(crate) fn streams(extensions: &Extensions) -> Streams {
        Self::of(extensions).streams.clone()
    }

    fn of(extensions: &Extensions) -> &Parts {
        &extensions.get::<Self>().expect("every router of ours has one").0
    }
}
