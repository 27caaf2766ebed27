//! Sign-ins under way, in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, no_nul};
use crate::{
    SignInTransaction,
    ports::{SignInStore, StoreError},
};

#[async_trait]
impl SignInStore for MemoryStore {
    async fn begin(&self, transaction: &SignInTransaction) -> Result<(), StoreError> {
        no_nul([&transaction.nonce, &transaction.verifier, &transaction.return_to])?;
        let sign_ins = &mut self.state().sign_ins;
        if sign_ins.contains_key(&transaction.state_hash) {
            return Err(StoreError::Conflict("the sign-in's state is taken".to_owned()));
        }
        sign_ins.insert(transaction.state_hash, transaction.clone());
        Ok(())
    }

    async fn take(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Option<SignInTransaction>, StoreError> {
        let sign_ins = &mut self.state().sign_ins;
        let is_good = sign_ins.get(&state_hash).is_some_and(|transaction| now < transaction.expires_at);
        Ok(if is_good { sign_ins.remove(&state_hash) } else { None })
    }
}
