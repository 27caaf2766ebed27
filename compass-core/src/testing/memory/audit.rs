//! The record of what was done, in memory.

use async_trait::async_trait;

use super::{MemoryStore, State, no_nul, no_nul_in};
use crate::{
    AuditEvent, UserId,
    ports::{AuditLog, StoreError},
};

#[async_trait]
impl AuditLog for MemoryStore {
    async fn append(&self, event: &AuditEvent) -> Result<(), StoreError> {
        no_nul([&event.action])?;
        no_nul_in(&event.detail)?;
        let mut state = self.state();
        if event.actor.iter().chain(&event.subject).any(|user| !state.users.contains_key(user)) {
            return Err(StoreError::NotFound);
        }
        if state.audit.contains_key(&event.id) {
            return Err(StoreError::Conflict("the event's id is taken".to_owned()));
        }
        state.audit.insert(event.id, event.clone());
        Ok(())
    }

    async fn events_of(&self, user: UserId, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        let mut events = self.state().events_of(user);
        events.reverse();
        events.truncate(limit as usize);
        Ok(events)
    }
}

impl State {
    /// The oldest first.
    pub(super) fn events_of(&self, user: UserId) -> Vec<AuditEvent> {
        let concerns = |event: &&AuditEvent| event.actor == Some(user) || event.subject == Some(user);
        let mut events: Vec<AuditEvent> = self.audit.values().filter(concerns).cloned().collect();
        events.sort_by_key(|event| (event.at, event.id));
        events
    }
}
