//! Advice: what a report's insights predict is kept, and held against later observations.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Builder;

use super::{readable, report::subject_of};
use crate::{
    Advice, AdviceId, CreatorId, Handle, KeptReport, Outcome, ReportId, UserId, Video,
    analytics::{CreatorReport, ReportOptions},
    ports::{AdviceLedger, CreatorStore, ReportStore, StoreError},
    recommend::{AdviceResult, AdviceVerdict, DamagedPrediction, Insights, Prediction, Told, TrackRecord, settle},
};

/// So much of a person's advice is looked at, the newest first.
pub(super) const MOST_ADVICE: u32 = 1_000;

/// If nothing was observed for so long after advice was due, it is settled as one that cannot be told.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Keeps what the insights of a kept report predict, for the person who is shown them; gives what was kept.
///
/// An insight that the person was told before, and whose prediction is still open, is not kept again: it would count twice.
/// Called at once by many with the same, it is kept once.
///
/// # Errors
/// [`StoreError`] if the ledger fails, [`StoreError::NotFound`] if it knows no such person or report.
pub async fn advise(
    ledger: &dyn AdviceLedger,
    user: UserId,
    kept: ReportId,
    report: &CreatorReport,
    insights: &Insights,
    now: Timestamp,
) -> Result<Vec<Advice>, StoreError> {
    let before = ledger.advice_to(user, MOST_ADVICE).await?;
    let mut advised = Vec::new();
    for insight in insights.insights.iter().filter(|insight| is_new(&before, report, &insight.id)) {
        let Some(prediction) = Prediction::of(insight, report, now) else { continue };
        let fact = insight.facts.first();
        let last = before.iter().find(|advice| is_same(advice, report, &insight.id)).map(|advice| advice.id);
        let advice = Advice {
            id: next_id(user, report, &insight.id, last),
            user,
            report: kept,
            given_at: now,
            kind: insight.kind.as_str().to_owned(),
            said: json!({
                "id": insight.id,
                "creator": report.id.map(|id| id.get().to_string()),
                "handle": report.handle.as_str(),
                "call": insight.call.as_str(),
                "certainty": insight.certainty.as_str(),
                "text": insight.text,
                "value": fact.and_then(|fact| fact.value),
                "lo": fact.and_then(|fact| fact.interval).map(|interval| interval.lo),
                "hi": fact.and_then(|fact| fact.interval).map(|interval| interval.hi),
                "n": fact.map(|fact| fact.n),
                "p": fact.and_then(|fact| fact.p),
                "q": fact.and_then(|fact| fact.q),
            }),
            expected: prediction.to_value(),
            due_at: prediction.due,
            outcome: None,
        };
        match ledger.advise(&advice).await {
            Ok(()) => advised.push(advice),
            // Another was faster with the same.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(advised)
}

/// Whether no open advice on an account has the name of an insight.
pub(super) fn is_new(before: &[Advice], report: &CreatorReport, insight: &str) -> bool {
    !before.iter().any(|advice| is_same(advice, report, insight) && advice.outcome.is_none())
}

fn is_same(advice: &Advice, report: &CreatorReport, insight: &str) -> bool {
    text(&advice.said, "id") == Some(insight) && is_on(advice, report)
}

/// Whether advice is on the account of a report. A handle may have moved to another account: it tells only where the account's id is not
/// known.
pub(super) fn is_on(advice: &Advice, report: &CreatorReport) -> bool {
    match (text(&advice.said, "creator"), report.id) {
        (Some(creator), Some(id)) => creator.parse() == Ok(id.get()),
        _ => text(&advice.said, "handle") == Some(report.handle.as_str()),
    }
}

/// The id of the next advice of a name after the last one, so that of two that are kept at once the ledger refuses one.
fn next_id(user: UserId, report: &CreatorReport, insight: &str, last: Option<AdviceId>) -> AdviceId {
    let account = report.id.map_or_else(|| report.handle.as_str().to_owned(), |id| id.get().to_string());
    let of = json!([user.0, account, insight, last.map(|last| last.0)]);
    let digest: [u8; 32] = Sha256::digest(of.to_string()).into();
    let first: [u8; 16] = std::array::from_fn(|place| digest[place]);
    AdviceId(Builder::from_custom_bytes(first).into_uuid())
}

/// What a person was told of the account of a report, for [`InsightOptions`](crate::recommend::InsightOptions), and how all the advice to
/// the person did.
///
/// # Errors
/// [`StoreError`] if the ledger fails.
pub async fn advice_so_far(
    ledger: &dyn AdviceLedger,
    user: UserId,
    report: &CreatorReport,
) -> Result<(Vec<Told>, TrackRecord), StoreError> {
    let advice = ledger.advice_to(user, MOST_ADVICE).await?;
    Ok((told(&advice, report), TrackRecord::of(&advice)))
}

/// What was told of the account of a report last, of advice that comes with the newest first.
pub(super) fn told(advice: &[Advice], report: &CreatorReport) -> Vec<Told> {
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for piece in advice.iter().filter(|piece| is_on(piece, report)) {
        if let Some(id) = text(&piece.said, "id") {
            let value = piece.said.get("value").and_then(Value::as_f64);
            let result = piece.outcome.as_ref().and_then(|outcome| AdviceResult::from_value(&outcome.found));
            // While the last piece is open, what came of the one before it is known.
            let seen = result.and_then(|result| result.value);
            let last = told.entry(id).or_insert_with(|| Told { id: id.to_owned(), at: piece.given_at, value, seen });
            last.seen = last.seen.or(seen);
        }
    }
    told.into_values().collect()
}

/// What became of advice that was due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Pieces that were settled.
    pub settled: u64,
    /// Pieces that wait for somebody to look at their account.
    pub waiting: u64,
    /// Pieces whose kept prediction cannot be read. They were settled, as ones that cannot be told.
    pub damaged: Vec<(AdviceId, DamagedPrediction)>,
    /// What else of what is kept cannot be understood, in the store's words. Advice that takes it waits: the data may be mended.
    pub unread: BTreeSet<String>,
}

/// Holds advice that is due against what was observed since, and settles at most `limit` pieces.
///
/// What is due, but of an account that was not observed since, stays open for four weeks, and what is due after it is
/// settled all the same; so does what is of an account or report that cannot be understood ([`StoreError::Corrupt`]). Called at once by
/// many, each piece is settled once.
///
/// One account is read and reported on after another, which takes milliseconds of computing each: a host may do it on a thread of its own.
///
/// # Errors
/// [`StoreError`] if a store fails; what was settled before stays settled.
pub async fn settle_due(
    ledger: &dyn AdviceLedger,
    reports: &dyn ReportStore,
    creators: &dyn CreatorStore,
    now: Timestamp,
    options: &ReportOptions,
    limit: u32,
) -> Result<Settled, StoreError> {
    let mut looked_at = HashSet::new();
    let mut done = Settled::default();
    // What waits comes first each time, so that twice as many are asked for until nothing is new.
    let mut most = limit;
    loop {
        let due = ledger.due(now, most).await?;
        let are_all = due.len() < most as usize || most == u32::MAX;
        // Account by account: no more than one report is held.
        let mut of_accounts: BTreeMap<Option<Account>, Vec<Advice>> = BTreeMap::new();
        for advice in due.into_iter().filter(|advice| looked_at.insert(advice.id)) {
            let kept = readable(reports.find(advice.report).await, &mut done.unread)?.flatten();
            of_accounts.entry(kept.map(Account::of)).or_default().push(advice);
        }
        for (account, pieces) in of_accounts {
            if done.settled >= u64::from(limit) {
                return Ok(done);
            }
            let first_due = pieces.iter().map(|advice| advice.due_at).min().unwrap_or(now);
            let later = match account {
                Some(account) => {
                    let later = account.later(creators, first_due, now, options).await;
                    readable(later, &mut done.unread)?.flatten()
                }
                None => None,
            };
            for advice in pieces {
                if done.settled >= u64::from(limit) {
                    return Ok(done);
                }
                let later = later.as_ref().filter(|later| later.newest >= advice.due_at);
                let found = match (Prediction::from_value(&advice.expected), later) {
                    (Ok(expected), Some(later)) => settle(&expected, advice.given_at, &later.report, &later.posts),
                    (Ok(_), None) if now.duration_since(advice.due_at) < GIVEN_UP_AFTER => {
                        done.waiting += 1;
                        continue;
                    }
                    (Ok(_), None) => UNTOLD,
                    (Err(damaged), _) => {
                        done.damaged.push((advice.id, damaged));
                        UNTOLD
                    }
                };
                match ledger.settle(advice.id, &Outcome { settled_at: now, found: found.to_value() }).await {
                    Ok(()) => done.settled += 1,
                    // Another was faster, or the person's data was erased meanwhile.
                    Err(StoreError::Conflict(_) | StoreError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if are_all || limit == 0 {
            return Ok(done);
        }
        most = most.saturating_mul(2);
    }
}

const UNTOLD: AdviceResult = AdviceResult { verdict: AdviceVerdict::CannotTell, held: None, value: None, n: 0 };

/// Whom advice is on.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Account {
    creator: Option<CreatorId>,
    handle: Handle,
}

/// What is known of an account now.
struct Later {
    report: CreatorReport,
    posts: Vec<Video>,
    newest: Timestamp,
}

impl Account {
    fn of(kept: KeptReport) -> Self {
        Self { creator: kept.creator, handle: kept.handle }
    }

    /// What is known of it, if it was looked at since a moment.
    async fn later(
        &self,
        creators: &dyn CreatorStore,
        since: Timestamp,
        now: Timestamp,
        options: &ReportOptions,
    ) -> Result<Option<Later>, StoreError> {
        let newest = match self.creator {
            Some(id) => creators.latest(id, now).await?,
            None => None,
        };
        let profile = match (newest, self.creator) {
            // By its id: somebody else may have its handle by now.
            (Some(newest), _) => Some(newest.profile),
            (None, creator) => {
                let found = creators.find(&self.handle).await?;
                found.filter(|found| creator.is_none_or(|id| found.id == id))
            }
        };
        let Some(profile) = profile else { return Ok(None) };
        let Some(subject) = subject_of(creators, profile, now).await? else { return Ok(None) };
        let Some(newest) = subject.newest(now).filter(|newest| *newest >= since) else { return Ok(None) };
        let report = subject.report(now, options);
        let posts = subject.videos.into_iter().map(|look| look.video).collect();
        Ok(Some(Later { report, posts, newest }))
    }
}

pub(super) fn text<'a>(said: &'a Value, name: &str) -> Option<&'a str> {
    said.get(name)?.as_str()
}
