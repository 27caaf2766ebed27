//! Kept reports and advice, in memory.

use std::cmp::Reverse;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, no_nul, no_nul_in};
use crate::{
    Advice, AdviceId, CreatorId, Handle, KeptReport, Outcome, ReportId, UserId,
    ports::{AdviceLedger, Clock as _, ReportStore, StoreError, SystemClock},
};

#[async_trait]
impl ReportStore for MemoryStore {
    async fn keep(&self, report: &KeptReport) -> Result<KeptReport, StoreError> {
        no_nul([&report.engine])?;
        no_nul_in(&report.report)?;
        let mut state = self.state();
        if report.private_to.is_some_and(|user| !state.users.contains_key(&user)) {
            return Err(StoreError::NotFound);
        }
        let same = |kept: &&KeptReport| {
            (&kept.handle, kept.as_of, &kept.engine, kept.input_hash, kept.private_to)
                == (&report.handle, report.as_of, &report.engine, report.input_hash, report.private_to)
        };
        if let Some(kept) = state.reports.values().find(same) {
            return Ok(kept.clone());
        }
        if state.reports.contains_key(&report.id) {
            return Err(StoreError::Conflict("the report's id is taken".to_owned()));
        }
        let gone_since = |creator: &CreatorId| {
            let thinned = state.thinned.get(creator);
            thinned.is_some_and(|(first_gone, at)| *first_gone <= report.as_of && *at >= report.made_at)
        };
        let gone = report.accounts().iter().any(gone_since).then(|| SystemClock.now());
        let report = KeptReport { inputs_thinned_at: report.inputs_thinned_at.or(gone), ..report.clone() };
        state.reports.insert(report.id, report.clone());
        Ok(report)
    }

    async fn find(&self, id: ReportId) -> Result<Option<KeptReport>, StoreError> {
        Ok(self.state().reports.get(&id).cloned())
    }

    async fn latest(&self, handle: &Handle, viewer: Option<UserId>) -> Result<Option<KeptReport>, StoreError> {
        let state = self.state();
        let may_see = |report: &&KeptReport| report.private_to.is_none() || report.private_to == viewer;
        let reports = state.reports.values().filter(|report| report.handle == *handle).filter(may_see);
        Ok(reports.max_by_key(|report| (report.made_at, report.id)).cloned())
    }
}

#[async_trait]
impl AdviceLedger for MemoryStore {
    async fn advise(&self, advice: &Advice) -> Result<(), StoreError> {
        no_nul([&advice.kind])?;
        no_nul_in(&advice.said)?;
        no_nul_in(&advice.expected)?;
        let mut state = self.state();
        if !state.users.contains_key(&advice.user) || !state.reports.contains_key(&advice.report) {
            return Err(StoreError::NotFound);
        }
        if state.advice.contains_key(&advice.id) {
            return Err(StoreError::Conflict("the advice's id is taken".to_owned()));
        }
        state.advice.insert(advice.id, Advice { outcome: None, ..advice.clone() });
        Ok(())
    }

    async fn advice_to(&self, user: UserId, limit: u32) -> Result<Vec<Advice>, StoreError> {
        let state = self.state();
        let mut advice: Vec<Advice> = state.advice.values().filter(|advice| advice.user == user).cloned().collect();
        advice.sort_by_key(|advice| Reverse((advice.given_at, advice.id)));
        advice.truncate(limit as usize);
        Ok(advice)
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Advice>, StoreError> {
        let state = self.state();
        let due = state.advice.values().filter(|advice| advice.outcome.is_none() && advice.due_at <= now);
        let mut due: Vec<Advice> = due.cloned().collect();
        due.sort_by_key(|advice| (advice.due_at, advice.id));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn settle(&self, id: AdviceId, outcome: &Outcome) -> Result<(), StoreError> {
        no_nul_in(&outcome.found)?;
        let mut state = self.state();
        let advice = state.advice.get_mut(&id).ok_or(StoreError::NotFound)?;
        if advice.outcome.is_some() {
            return Err(StoreError::Conflict("the advice's outcome is written".to_owned()));
        }
        advice.outcome = Some(outcome.clone());
        Ok(())
    }
}
