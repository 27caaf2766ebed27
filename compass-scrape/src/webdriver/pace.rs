//! Politeness: the least time from one page load to the next.

use std::time::Duration;

use tokio::time::Instant;

/// Keeps page loads apart, across browsers.
#[derive(Debug)]
pub(super) struct Pace {
    pause: Duration,
    last: Option<Instant>,
}

impl Pace {
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, last: None }
    }

    /// Waits until the next page may be loaded, and counts it as loaded now.
    pub(super) async fn next_page(&mut self) {
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + self.pause).await;
        }
        self.last = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn second_page_waits_for_the_pause_and_the_first_does_not() {
        let start = Instant::now();
        let mut pace = Pace::new(Duration::from_secs(7));
        pace.next_page().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        pace.next_page().await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }
}
