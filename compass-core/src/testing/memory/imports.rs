//! Imports and the audiences in them, in memory.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, State, no_nul, no_nul_in};
use crate::{
    AudienceObservation, Handle, Import, ImportId, ImportedAudience, KeptReport, OwnData, UserId,
    ports::{AudienceStore, Clock as _, ImportStore, StoreError, SystemClock},
};

#[async_trait]
impl ImportStore for MemoryStore {
    async fn add(&self, import: &Import, audiences: &[AudienceObservation]) -> Result<(), StoreError> {
        let refusals = import.refusals.iter();
        no_nul(refusals.flat_map(|refusal| [&refusal.reason, &refusal.detail].into_iter().chain(&refusal.item)))?;
        no_nul_in(&serde_json::to_value(&import.own).map_err(|why| StoreError::Invalid(why.to_string()))?)?;
        for audience in audiences {
            for groups in audience.shares.dimensions.values() {
                no_nul(groups.iter().map(|(group, _)| group.to_owned()).collect::<Vec<_>>().iter())?;
            }
        }
        let mut state = self.state();
        if import.user.is_some_and(|user| !state.users.contains_key(&user)) {
            return Err(StoreError::NotFound);
        }
        let moments: BTreeSet<_> = audiences.iter().map(|of| (of.observed_at, of.shares.source.as_str())).collect();
        let is_same = |kept: &Import| (kept.user, kept.digest) == (import.user, import.digest);
        if state.imports.values().any(is_same) {
            return Err(StoreError::Conflict("these bytes are kept".to_owned()));
        }
        if state.imports.contains_key(&import.id) || moments.len() < audiences.len() {
            return Err(StoreError::Conflict("the import's id is taken, or an audience stands twice".to_owned()));
        }
        state.imports.insert(import.id, import.clone());
        let last_seen = || {
            let with_it = state.profiles.values().filter(|seen| seen.profile.handle == import.handle);
            with_it.map(|seen| (seen.observed_at, seen.profile.id)).max().map(|(_, id)| id)
        };
        if let Some(account) = state.handles.get(&import.handle).copied().or_else(last_seen) {
            state.import_accounts.insert(import.id, account);
        }
        let telling = audiences.iter().filter(|of| !of.shares.dimensions.is_empty());
        state.audiences.extend(telling.map(|of| AudienceObservation { import: import.id, ..of.clone() }));
        Ok(())
    }

    async fn same(&self, user: Option<UserId>, digest: [u8; 32]) -> Result<Option<Import>, StoreError> {
        let state = self.state();
        Ok(state.imports.values().find(|import| import.user == user && import.digest == digest).map(without_own))
    }

    async fn imports(&self, user: UserId, limit: u32) -> Result<Vec<Import>, StoreError> {
        let state = self.state();
        let mut imports: Vec<Import> =
            state.imports.values().filter(|import| import.user == Some(user)).map(without_own).collect();
        imports.sort_by_key(|import| Reverse((import.imported_at, import.id)));
        imports.truncate(limit as usize);
        Ok(imports)
    }

    async fn delete(&self, user: Option<UserId>, id: ImportId) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.imports.get(&id).is_none_or(|import| import.user != user) {
            return Ok(false);
        }
        let Some(gone) = state.imports.remove(&id) else { return Ok(false) };
        let account = state.import_accounts.remove(&id);
        state.audiences.retain(|audience| audience.import != id);
        let now = SystemClock.now();
        let of_it = |report: &&mut KeptReport| {
            let is_of_account = report.handle == gone.handle || account.is_some() && report.creator == account;
            let may_have_it = report.private_to.is_some() && (user.is_none() || report.private_to == user);
            may_have_it && is_of_account
        };
        for report in state.reports.values_mut().filter(of_it) {
            report.inputs_thinned_at.get_or_insert(now);
        }
        if let Some(account) = account {
            state.thinned.insert(account, (Timestamp::MIN, now));
        }
        Ok(true)
    }

    async fn own(&self, user: UserId, handle: &Handle) -> Result<Vec<OwnData>, StoreError> {
        let state = self.state();
        let mut imports: Vec<&Import> =
            state.imports.values().filter(|import| import.user == Some(user) && state.is_of(import, handle)).collect();
        imports.sort_by_key(|import| (import.imported_at, import.id));
        Ok(imports.into_iter().filter_map(|import| import.own.clone()).collect())
    }
}

#[async_trait]
impl AudienceStore for MemoryStore {
    async fn audience(
        &self,
        handle: &Handle,
        viewer: Option<UserId>,
        as_of: Timestamp,
    ) -> Result<Option<AudienceObservation>, StoreError> {
        let newest = newest_audiences(&self.state(), as_of, |owner| owner.is_none() || owner == viewer).remove(handle);
        Ok(newest.map(|newest| newest.told))
    }

    async fn audiences(
        &self,
        owner: Option<UserId>,
        as_of: Timestamp,
        after: Option<Handle>,
        limit: u32,
    ) -> Result<Vec<(Handle, ImportedAudience)>, StoreError> {
        let newest = newest_audiences(&self.state(), as_of, |of| of == owner).into_iter();
        Ok(newest
            .filter(|(handle, _)| after.as_ref().is_none_or(|after| handle > after))
            .take(limit as usize)
            .collect())
    }
}

impl State {
    /// Whether an import is of the account that goes by the handle, or brought under it before anybody was seen with it.
    fn is_of(&self, import: &Import, handle: &Handle) -> bool {
        match self.import_accounts.get(&import.id) {
            Some(account) => self.handles.get(handle) == Some(account),
            None => import.handle == *handle,
        }
    }

    /// What the account of an import goes by; `None` if another took its name since.
    fn name_of(&self, import: &Import) -> Option<Handle> {
        let Some(account) = self.import_accounts.get(&import.id) else { return Some(import.handle.clone()) };
        let name = self.newest(*account, Timestamp::MAX)?.profile.handle.clone();
        (self.handles.get(&name) == Some(account)).then_some(name)
    }
}

/// By handle, of what some brought.
fn newest_audiences(
    state: &State,
    as_of: Timestamp,
    counts: impl Fn(Option<UserId>) -> bool,
) -> BTreeMap<Handle, ImportedAudience> {
    let visible = state.audiences.iter().filter_map(|of| {
        let import = state.imports.get(&of.import)?;
        (counts(import.user) && of.observed_at <= as_of).then_some((of, import))
    });
    let mut visible: Vec<(&AudienceObservation, &Import)> = visible.collect();
    visible.sort_by_key(|(of, import)| (of.observed_at, import.imported_at, import.id, of.shares.source.as_str()));
    // Later ones come later.
    let imported = |of: &AudienceObservation, import: &Import| ImportedAudience {
        imported_at: import.imported_at,
        told: of.clone(),
    };
    visible.into_iter().filter_map(|(of, import)| Some((state.name_of(import)?, imported(of, import)))).collect()
}

fn without_own(import: &Import) -> Import {
    Import { own: None, ..import.clone() }
}
