//! Hosts that are left alone, in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, no_nul};
use crate::{
    Block, HostBlocks, Visit,
    ports::{Entry, HostHealth, PROBE, StoreError},
};

#[async_trait]
impl HostHealth for MemoryStore {
    async fn enter(&self, host: &str, now: Timestamp) -> Result<Entry, StoreError> {
        let hosts = &mut self.state().hosts;
        match hosts.get_mut(host) {
            Some(row) if row.is_of_another_time(now) => _ = hosts.remove(host),
            Some(row) if row.until > now => return Ok(Entry::Paused(row.clone())),
            Some(row) => row.until = now + PROBE,
            None => {}
        }
        Ok(Entry::Go(Visit { host: host.to_owned(), since: now }))
    }

    async fn blocked(&self, visit: &Visit, block: &Block, now: Timestamp) -> Result<HostBlocks, StoreError> {
        no_nul([&visit.host, &block.cause.code, &block.cause.detail])?;
        let mut state = self.state();
        let row = HostBlocks::after(state.hosts.get(&visit.host), visit, block, now);
        state.hosts.insert(visit.host.clone(), row.clone());
        Ok(row)
    }

    async fn passed(&self, visit: &Visit) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.hosts.get(&visit.host).is_some_and(|row| row.ended_by(visit)) {
            state.hosts.remove(&visit.host);
        }
        Ok(())
    }

    async fn left(&self, visit: &Visit) -> Result<(), StoreError> {
        if let Some(row) = self.state().hosts.get_mut(&visit.host)
            && row.until == visit.since + PROBE
        {
            row.until = visit.since;
        }
        Ok(())
    }

    async fn find(&self, host: &str) -> Result<Option<HostBlocks>, StoreError> {
        Ok(self.state().hosts.get(host).cloned())
    }
}
