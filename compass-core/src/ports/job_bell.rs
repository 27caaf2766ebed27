//! A bell that rings when there is work.

use std::{fmt, time::Duration};

use async_trait::async_trait;

/// Spares workers the wait for their next look at the queue.
///
/// It may ring for nothing and it may miss a job: a worker looks for jobs whenever [`wait`](Self::wait) returns, and does
/// not rely on the bell for more than being early. Jobs that become due by time alone do not ring.
#[async_trait]
pub trait JobBell: fmt::Debug + Send + Sync {
    /// Waits until a job has come into the queue that may be taken at once, and at most this long. What came since the last
    /// wait counts. Of several who wait on one bell, a job wakes at least one.
    async fn wait(&self, at_most: Duration);
}
