//! Waiting for one's turn, and saying so.

use std::{pin::pin, time::Duration};

use compass_core::{Progress, ports::ProgressSink};
use tokio::time::timeout;

/// A wait that ends sooner is no news.
const SHORT: Duration = Duration::from_secs(5);
/// From one piece of news to the next: who hears nothing for much longer takes the one who waits for dead.
const NEWS: Duration = Duration::from_secs(60);

/// Waits to the end, and tells now and then that it still does.
pub(crate) async fn waiting<T>(progress: &dyn ProgressSink, wait: impl Future<Output = T>) -> T {
    let mut wait = pin!(wait);
    let mut patience = SHORT;
    loop {
        match timeout(patience, &mut wait).await {
            Ok(done) => return done,
            Err(_) => progress.report(Progress::Waiting).await,
        }
        patience = NEWS;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use tokio::time::sleep;

    use super::*;

    #[derive(Default)]
    struct Told(AtomicU32);

    #[async_trait]
    impl ProgressSink for Told {
        async fn report(&self, progress: Progress) {
            assert_eq!(progress, Progress::Waiting);
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn long_waits_are_told_each_minute_and_short_ones_are_not() {
        for (seconds, news) in [(4, 0), (6, 1), (64, 1), (66, 2), (600, 10)] {
            let told = Told::default();
            waiting(&told, sleep(Duration::from_secs(seconds))).await;
            assert_eq!(told.0.into_inner(), news, "{seconds} s");
        }
    }
}
