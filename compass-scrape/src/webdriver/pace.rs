//! Politeness: the least time from one page load to the next.

use std::{sync::Arc, time::Duration};

use compass_core::ports::Random;
use tokio::time::Instant;

/// Keeps page loads apart, across browsers.
#[derive(Debug)]
pub(super) struct Pace {
    pause: Duration,
    random: Arc<dyn Random>,
    next: Option<Instant>,
}

impl Pace {
    pub(super) fn new(pause: Duration, random: Arc<dyn Random>) -> Self {
        Self { pause, random, next: None }
    }

    /// Waits until the next page may be loaded, and counts it as loaded now.
    pub(super) async fn next_page(&mut self) {
        if let Some(next) = self.next {
            tokio::time::sleep_until(next).await;
        }
        self.next = Some(Instant::now() + self.uneven());
    }

    /// The pause, and up to half of it again, so that several services do not fall into step.
    fn uneven(&self) -> Duration {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        let share = f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX);
        self.pause + self.pause.mul_f64(share / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use compass_core::testing::SeededRandom;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pages_are_at_least_the_pause_apart_at_most_half_as_much_again_and_unevenly() {
        let mut pace = Pace::new(Duration::from_secs(10), Arc::new(SeededRandom::new(1)));
        let start = Instant::now();
        pace.next_page().await;
        assert_eq!(start.elapsed(), Duration::ZERO, "the first page waits for nothing");
        let mut gaps = Vec::new();
        for _ in 0..100 {
            let before = Instant::now();
            pace.next_page().await;
            gaps.push(before.elapsed());
        }
        let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(*least >= Duration::from_secs(10) && *least < Duration::from_secs(11), "{least:?}");
        assert!(*most > Duration::from_secs(14) && *most <= Duration::from_millis(15_001), "{most:?}");
    }
}
