//! Work that goes on when whoever asked for it goes away.

use std::panic;

use compass_core::ports::StoreError;
use tracing::Instrument;

/// Runs a write in a task of its own and waits for it.
///
/// A web server drops a request's future when its client disconnects. A future of sqlx 0.9.0 dropped while `BEGIN` is
/// under way leaves the connection inside a transaction that nobody knows of, and the next writes on it are lost.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(stopped) if stopped.is_panic() => panic::resume_unwind(stopped.into_panic()),
        Err(shutting_down) => Err(StoreError::Unavailable(shutting_down.into())),
    }
}
