//! How long a client may take to send a body.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
};
use futures_util::{StreamExt as _, stream};
use tower_http::timeout::{DeadlineBody, TimeoutBody};

/// How long a file may take,
pub(crate) const FILE_TIME: Duration = Duration::from_secs(300);
/// and how long nothing of it may come.
pub(crate) const FILE_PAUSE: Duration = Duration::from_secs(10);

/// Whether the body of a request is a file, which takes longer than others: in the request's extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct IsFile(Arc<AtomicBool>);

impl IsFile {
    /// It is one. To be said before the body is read.
    pub(crate) fn say(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Gives a body so much time, or that of a file, from the moment at which somebody begins to read it.
pub(super) fn bounded(mut request: Request, time: Duration) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let is_file = IsFile::default();
    request.extensions_mut().insert(is_file.clone());
    request.map(|body| {
        let begun = async move {
            let timed = match is_file.0.load(Ordering::Relaxed) {
                true => Body::new(DeadlineBody::new(FILE_TIME, TimeoutBody::new(FILE_PAUSE, body))),
                false => Body::new(DeadlineBody::new(time, body)),
            };
            timed.into_data_stream()
        };
        Body::from_stream(stream::once(begun).flatten())
    })
}
