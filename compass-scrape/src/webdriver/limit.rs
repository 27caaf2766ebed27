//! How long a collection may take, without the time in which others have their turn.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// The time that is left to a collection.
#[derive(Debug)]
pub(super) struct Limit {
    /// When it will be over; `None` while it does not count.
    end: watch::Sender<Option<Instant>>,
}

impl Limit {
    /// Counts from now on.
    pub(super) fn new(limit: Duration) -> Self {
        Self { end: watch::Sender::new(Some(Instant::now() + limit)) }
    }

    /// Waits for something that takes none of the time.
    pub(super) async fn without<T>(&self, wait: impl Future<Output = T>) -> T {
        let left = self.end.send_replace(None).map(|end| end.saturating_duration_since(Instant::now()));
        let done = wait.await;
        self.end.send_replace(left.map(|left| Instant::now() + left));
        done
    }

    /// Waits until no time is left.
    pub(super) async fn reached(&self) {
        let mut end = self.end.subscribe();
        loop {
            let counted = *end.borrow_and_update();
            match counted {
                Some(over) => tokio::select! {
                    () = sleep_until(over) => return,
                    _ = end.changed() => {}
                },
                None => _ = end.changed().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_others_take_does_not_count() {
        let limit = Limit::new(Duration::from_secs(10));
        let began = Instant::now();
        let collecting = async {
            sleep(Duration::from_secs(4)).await;
            limit.without(sleep(Duration::from_secs(1_000))).await;
            sleep(Duration::from_secs(100)).await;
        };
        tokio::select! {
            () = collecting => panic!("nothing has stopped it"),
            () = limit.reached() => assert_eq!(began.elapsed().as_secs(), 4 + 1_000 + 6),
        }
    }
}
