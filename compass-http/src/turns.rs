//! Turns at what is held for as long as a client takes: so many of one client at once, and so many of all together.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// Who waits for one of its own turns keeps nobody else waiting.
#[derive(Clone, Debug)]
pub(crate) struct Turns<K> {
    all: Arc<Semaphore>,
    of_one: usize,
    /// Of those who have a turn or wait for one.
    each: Arc<Mutex<BTreeMap<K, Weak<Semaphore>>>>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _of_one: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// Who has the turns that were waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The same client.
    ByOne,
    /// All together.
    ByAll,
}

impl<K: Ord> Turns<K> {
    pub(crate) fn new(of_one: usize, of_all: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(of_all)), of_one, each: Arc::default() }
    }

    /// Waits for a turn, for so long at most.
    pub(crate) async fn turn(&self, who: K, patience: Duration) -> Result<Turn, Taken> {
        let until = Instant::now() + patience;
        let of_one = timeout_at(until, self.of(who).acquire_owned()).await.map_err(|_| Taken::ByOne)?;
        let of_all = timeout_at(until, Arc::clone(&self.all).acquire_owned()).await.map_err(|_| Taken::ByAll)?;
        let never_closed = "the semaphores are never closed";
        Ok(Turn { _of_one: of_one.expect(never_closed), _of_all: of_all.expect(never_closed) })
    }

    fn of(&self, who: K) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.retain(|_, turns| turns.strong_count() > 0);
        let known = each.get(&who).and_then(Weak::upgrade);
        known.unwrap_or_else(|| {
            let turns = Arc::new(Semaphore::new(self.of_one));
            each.insert(who, Arc::downgrade(&turns));
            turns
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_of_who_has_no_turn() {
        let turns = Turns::new(1, 2);
        let patience = Duration::from_secs(1);
        for client in 0..100 {
            let turn = turns.turn(client, patience).await.unwrap();
            assert_eq!(turns.turn(client, patience).await.unwrap_err(), Taken::ByOne);
            drop(turn);
        }
        assert_eq!(turns.each.lock().unwrap().len(), 1, "that of the last, until another comes");
        let held = [turns.turn(1, patience).await.unwrap(), turns.turn(2, patience).await.unwrap()];
        assert_eq!(turns.turn(3, patience).await.unwrap_err(), Taken::ByAll);
        drop(held);
        turns.turn(3, patience).await.unwrap();
    }
}
