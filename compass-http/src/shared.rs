//! What the requests of one router have in common.

use std::sync::Arc;

use axum::http::Extensions;

use crate::{
    accounts::AccountFiles, analytics::ColumnFiles, computations::Computations, files::Files, once::KeptAnswers,
    tiktok::Streams,
};

/// One value for each router, in the extensions of its requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    answers: KeptAnswers,
    computations: Computations,
    files: Files,
    column_files: ColumnFiles,
    account_files: AccountFiles,
    streams: Streams,
}

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

    /// The bound on files that people bring, likewise.
    pub(crate) fn files(extensions: &Extensions) -> Files {
        let of_router = || extensions.get::<Self>().map(|shared| shared.0.files.clone());
        extensions.get().cloned().or_else(of_router).unwrap_or_default()
    }

    /// The bound on files of columns that are written at once.
    pub(crate) fn column_files(extensions: &Extensions) -> ColumnFiles {
        Self::of(extensions).column_files.clone()
    }

    /// The bound on exports of everything that is kept of people.
    pub(crate) fn account_files(extensions: &Extensions) -> AccountFiles {
        Self::of(extensions).account_files.clone()
    }

    /// The streams that are open.
    pub(crate) fn streams(extensions: &Extensions) -> Streams {
        Self::of(extensions).streams.clone()
    }

    fn of(extensions: &Extensions) -> &Parts {
        &extensions.get::<Self>().expect("every router of ours has one").0
    }
}
