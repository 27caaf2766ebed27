//! Creators' grants in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    Handle,
    ports::{CreatorGrant, CreatorTokens, StoreError},
};

/// Keeps grants in memory, and none when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryCreatorTokens(Mutex<BTreeMap<Handle, CreatorGrant>>);

impl MemoryCreatorTokens {
    fn grants(&self) -> MutexGuard<'_, BTreeMap<Handle, CreatorGrant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CreatorTokens for MemoryCreatorTokens {
    async fn find(&self, handle: &Handle) -> Result<Option<CreatorGrant>, StoreError> {
        Ok(self.grants().get(handle).cloned())
    }

    async fn save(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        self.grants().insert(grant.handle.clone(), grant.clone());
        Ok(())
    }

    async fn renew(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        *self.grants().get_mut(&grant.handle).ok_or(StoreError::NotFound)? = grant.clone();
        Ok(())
    }

    async fn remove(&self, handle: &Handle) -> Result<(), StoreError> {
        self.grants().remove(handle);
        Ok(())
    }
}
