//! Our own keeping of the API's rate limit: so many requests in any minute.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// TikTok counts in a window of this length that slides, so a bucket that refills would let nearly twice as many through.
const WINDOW: Duration = Duration::from_secs(60);

/// The requests of the last minute to one endpoint.
#[derive(Debug)]
pub(super) struct SlidingWindow {
    most: usize,
    sent: Mutex<VecDeque<Instant>>,
}

impl SlidingWindow {
    /// A window of at least one request.
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), sent: Mutex::default() }
    }

    /// Waits until one more request keeps within the limit, and counts it as sent.
    pub(super) async fn admit(&self) {
        while let Some(free_at) = self.try_admit() {
            tokio::time::sleep_until(free_at).await;
        }
    }

    /// Counts a request as sent now; if there is no room, gives the moment at which there may be.
    fn try_admit(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        while sent.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            sent.pop_front();
        }
        if sent.len() >= self.most {
            return sent.front().map(|first| *first + WINDOW);
        }
        sent.push_back(now);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_requests_than_the_limit() {
        let window = SlidingWindow::new(3);
        let start = Instant::now();
        let mut admitted = Vec::new();
        // One early, two late: a full minute begins with each of them.
        window.admit().await;
        admitted.push(start.elapsed().as_secs());
        tokio::time::sleep(Duration::from_secs(50)).await;
        for _ in 0..6 {
            window.admit().await;
            admitted.push(start.elapsed().as_secs());
        }
        assert_eq!(admitted, [0, 50, 50, 60, 110, 110, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_requests_do_not_slip_through_together() {
        let window = SlidingWindow::new(10);
        let start = Instant::now();
        let all = (0..35).map(|_| async {
            window.admit().await;
            start.elapsed().as_secs()
        });
        let mut admitted = futures_util::future::join_all(all).await;
        admitted.sort_unstable();
        for minute in 0..4 {
            assert!(admitted.iter().filter(|at| **at / 60 == minute).count() <= 10, "{admitted:?}");
        }
        assert_eq!(admitted.last(), Some(&180));
    }
}
