//! What is kept of a person, and forgetting by schedule, in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, State};
use crate::{
    AccountExport, AudienceObservation, AuditEvent, Client, ExportedJob, Forgotten, RetentionPolicy, Session, UserId,
    ports::{AccountData, Retention, StoreError},
};

#[async_trait]
impl AccountData for MemoryStore {
    async fn export(&self, user: UserId) -> Result<Option<AccountExport>, StoreError> {
        Ok(self.state().export(user))
    }

    async fn erase(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.state().erase(user))
    }
}

#[async_trait]
impl Retention for MemoryStore {
    async fn retain(&self, policy: &RetentionPolicy, now: Timestamp) -> Result<Forgotten, StoreError> {
        Ok(self.state().retain(policy, now))
    }
}

impl State {
    fn export(&self, user: UserId) -> Option<AccountExport> {
        let mut sessions: Vec<Session> = self.sessions.values().filter(|s| s.user == user).cloned().collect();
        sessions.sort_by_key(|s| (s.opened_at, s.id));
        let mut refresh_tokens: Vec<_> = sessions.iter().flat_map(|s| self.tokens_of(s.id)).collect();
        refresh_tokens.sort_by_key(|token| (token.issued_at, token.hash));
        let asked_for = self.jobs.values().filter(|open| open.job.requested_by == Some(user));
        let mut jobs: Vec<ExportedJob> =
            asked_for.map(|open| ExportedJob { job: open.job.clone(), events: open.events.clone() }).collect();
        jobs.sort_by_key(|exported| (exported.job.enqueued_at, exported.job.id));
        let mut imports: Vec<_> = self.imports.values().filter(|import| import.user == Some(user)).cloned().collect();
        imports.sort_by_key(|import| (import.imported_at, import.id));
        let of_import = |id| self.audiences.iter().filter(move |of| of.import == id).cloned();
        let mut audiences: Vec<AudienceObservation> = imports.iter().flat_map(|import| of_import(import.id)).collect();
        audiences.sort_by_key(|of| (of.import, of.observed_at, of.shares.source.as_str()));
        let mut reports: Vec<_> = self.reports.values().filter(|r| r.private_to == Some(user)).cloned().collect();
        reports.sort_by_key(|report| (report.made_at, report.id));
        let mut advice: Vec<_> = self.advice.values().filter(|advice| advice.user == user).cloned().collect();
        advice.sort_by_key(|advice| (advice.given_at, advice.id));
        let mut audit = self.events_of(user);
        for event in audit.iter_mut().filter(|event| event.actor.is_some_and(|actor| actor != user)) {
            event.ip = None;
        }
        let user = self.users.get(&user)?.clone();
        Some(AccountExport { user, sessions, refresh_tokens, jobs, imports, audiences, reports, advice, audit })
    }

    fn erase(&mut self, user: UserId) -> bool {
        if self.users.remove(&user).is_none() {
            return false;
        }
        self.sessions.retain(|_, session| session.user != user);
        self.refresh_tokens.retain(|_, token| self.sessions.contains_key(&token.session));
        for open in self.jobs.values_mut().filter(|open| open.job.requested_by == Some(user)) {
            open.job.requested_by = None;
        }
        self.imports.retain(|_, import| import.user != Some(user));
        self.audiences.retain(|of| self.imports.contains_key(&of.import));
        self.reports.retain(|_, report| report.private_to != Some(user));
        self.advice.retain(|_, advice| advice.user != user && self.reports.contains_key(&advice.report));
        for event in self.audit.values_mut() {
            without(event, user);
        }
        true
    }

    fn retain(&mut self, policy: &RetentionPolicy, now: Timestamp) -> Forgotten {
        let before = |kept| RetentionPolicy::cutoff(now, kept);
        let mut forgotten = Forgotten::default();

        let cutoff = before(policy.sign_ins);
        forgotten.sign_ins = counted(&mut self.sign_ins, |sign_in| sign_in.expires_at < cutoff);

        let (ended, expired) = (before(policy.tokens_of_ended_sessions), before(policy.expired_tokens));
        let sessions = &self.sessions;
        forgotten.tokens = counted(&mut self.refresh_tokens, |token| {
            token.expires_at < expired || sessions[&token.session].ended_at.is_some_and(|at| at < ended)
        });

        let cutoff = before(policy.sessions);
        forgotten.sessions = counted(&mut self.sessions, |session| {
            session.expires_at < cutoff || session.ended_at.is_some_and(|at| at < cutoff)
        });
        self.refresh_tokens.retain(|_, token| self.sessions.contains_key(&token.session));

        let cutoff = before(policy.audit);
        forgotten.audit = counted(&mut self.audit, |event| event.at < cutoff);

        let cutoff = before(policy.clients);
        for session in self.sessions.values_mut().filter(|session| session.last_seen_at < cutoff) {
            forgotten.clients += u64::from(std::mem::take(&mut session.client) != Client::default());
        }
        for event in self.audit.values_mut().filter(|event| event.at < cutoff) {
            forgotten.clients += u64::from(event.ip.take().is_some());
        }

        let cutoff = before(policy.jobs);
        forgotten.jobs = counted(&mut self.jobs, |open| open.job.finished_at.is_some_and(|at| at < cutoff));
        forgotten
    }
}

/// Leaves what was done and when.
fn without(event: &mut AuditEvent, user: UserId) {
    let (acted, suffered) = (event.actor == Some(user), event.subject == Some(user));
    if acted {
        (event.actor, event.ip) = (None, None);
    }
    if suffered {
        event.subject = None;
        if event.actor.is_none() {
            event.ip = None;
        }
    }
    if acted || suffered {
        event.detail = serde_json::json!({});
    }
}

/// Removes what is to go, and counts it.
fn counted<K: Ord, V>(things: &mut std::collections::BTreeMap<K, V>, goes: impl Fn(&V) -> bool) -> u64 {
    let before = things.len();
    things.retain(|_, thing| !goes(thing));
    (before - things.len()) as u64
}
