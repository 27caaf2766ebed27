//! Work that goes on when whoever asked for it goes away, and is begun again when the database says so.

use std::{hash::BuildHasher, panic, pin::Pin, time::Duration};

use compass_core::ports::StoreError;
use tokio::task::JoinError;
use tracing::Instrument;

use crate::error::begin_again;

/// How often a write is begun again before its error is given.
const RETRIES: u32 = 3;

/// A write under way.
pub(crate) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// Runs a write in a task of its own and waits for it.
///
/// A web server drops a request's future when its client disconnects. A future of sqlx 0.9.0 dropped while `BEGIN` is
/// under way leaves the connection inside a transaction that nobody knows of, and the next writes on it are lost.
///
/// Of two transactions in each other's way the database ends one, which has done nothing then and is begun again.
pub(crate) async fn to_the_end<C, T>(context: C, work: for<'c> fn(&'c C) -> Work<'c, T>) -> Result<T, StoreError>
where
    C: Send + Sync + 'static,
    T: Send + 'static,
{
    let attempts = async move {
        let mut retries = 0;
        loop {
            match work(&context).await {
                Err(error) if retries < RETRIES && begin_again(&error) => {
                    tokio::time::sleep(pause(retries)).await;
                    retries += 1;
                }
                done => return done,
            }
        }
    };
    result_of(tokio::spawn(attempts.in_current_span()).await)
}

/// Computes for longer than others should have to wait.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    result_of(tokio::task::spawn_blocking(work).await)
}

fn result_of<T>(ended: Result<Result<T, StoreError>, JoinError>) -> Result<T, StoreError> {
    match ended {
        Ok(result) => result,
        Err(stopped) if stopped.is_panic() => panic::resume_unwind(stopped.into_panic()),
        Err(shutting_down) => Err(StoreError::Unavailable(shutting_down.into())),
    }
}

/// From 10, 20 or 40 ms to twice that: all who were sent back do not come again at once.
fn pause(retries: u32) -> Duration {
    let least = 10_u64 << retries;
    let chance = std::hash::RandomState::new().hash_one(retries);
    Duration::from_millis(least + chance % least)
}
