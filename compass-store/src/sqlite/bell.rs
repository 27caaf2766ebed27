//! New jobs of this process.

use std::time::Duration;

use async_trait::async_trait;
use compass_core::ports::JobBell;
use tokio::{sync::Notify, time};

/// Rings for the jobs that a store and its clones enqueue.
#[derive(Debug, Default)]
pub(super) struct SqliteBell(Notify);

impl SqliteBell {
    pub(super) fn ring(&self) {
        self.0.notify_one();
    }
}

#[async_trait]
impl JobBell for SqliteBell {
    async fn wait(&self, at_most: Duration) {
        // Too late is what the worker does not rely on.
        time::timeout(at_most, self.0.notified()).await.ok();
    }
}
