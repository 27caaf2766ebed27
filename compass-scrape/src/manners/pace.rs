//! Politeness: one page of a site at a time, and the least time from one to the next.

use std::{sync::Arc, time::Duration};

use compass_core::ports::Random;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::Instant,
};

/// Keeps the page loads of one site apart, across sources and browsers.
#[derive(Debug)]
pub(super) struct Pace {
    pause: Duration,
    random: Arc<dyn Random>,
    /// When the next page may be loaded. Whoever loads one holds it.
    next: Arc<Mutex<Option<Instant>>>,
}

/// The right to load one page. The next is loaded when it is dropped, and the pause is over.
#[derive(Debug)]
#[must_use]
pub(crate) struct Turn {
    _held: OwnedMutexGuard<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(pause: Duration, random: Arc<dyn Random>) -> Self {
        Self { pause, random, next: Arc::default() }
    }

    /// Waits until the next page may be loaded, and counts it as loaded now.
    pub(super) async fn turn(&self) -> Turn {
        let mut held = Arc::clone(&self.next).lock_owned().await;
        if let Some(next) = *held {
            tokio::time::sleep_until(next).await;
        }
        *held = Some(Instant::now() + self.uneven());
        Turn { _held: held }
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
        let pace = Pace::new(Duration::from_secs(10), Arc::new(SeededRandom::new(1)));
        let start = Instant::now();
        drop(pace.turn().await);
        assert_eq!(start.elapsed(), Duration::ZERO, "the first page waits for nothing");
        let mut gaps = Vec::new();
        for _ in 0..100 {
            let before = Instant::now();
            drop(pace.turn().await);
            gaps.push(before.elapsed());
        }
        let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
        assert!(*least >= Duration::from_secs(10) && *least < Duration::from_secs(11), "{least:?}");
        assert!(*most > Duration::from_secs(14) && *most <= Duration::from_millis(15_001), "{most:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn page_that_takes_long_is_waited_for_and_one_that_is_given_up_is_not() {
        let pace = Pace::new(Duration::from_secs(1), Arc::new(SeededRandom::new(1)));
        let turn = pace.turn().await;
        let waiting = tokio::time::timeout(Duration::from_secs(60), pace.turn());
        assert!(waiting.await.is_err(), "one page at a time");
        drop(turn);
        let before = Instant::now();
        let _turn = pace.turn().await;
        assert_eq!(before.elapsed(), Duration::ZERO, "the pause was over long ago");
    }
}
