//! A service that is copied when it is called, not when those around it are.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tower::{Layer, Service, ServiceExt as _, util::Oneshot};

/// Stands around a router's route: the layers above are copied for every request, some several times, and each copy would be one
/// of the route and of all that its handlers hold, too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopiedLate;

impl<S> Layer<S> for CopiedLate {
    type Service = Late<S>;

    fn layer(&self, inner: S) -> Late<S> {
        Late(Arc::new(inner))
    }
}

#[derive(Debug)]
pub(crate) struct Late<S>(Arc<S>);

impl<S> Clone for Late<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Service<R> + Clone, R> Service<R> for Late<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The copy is waited for.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}
