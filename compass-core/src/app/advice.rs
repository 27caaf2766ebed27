//! Advice: what a report's insights predict is kept, and held against later observations.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::subject;
use crate::{
    Advice, AdviceId, Handle, Outcome, ReportId, UserId, Video,
    analytics::{CreatorReport, ReportOptions},
    ports::{AdviceLedger, CreatorStore, Random, ReportStore, StoreError, new_uuid},
    recommend::{Came, DamagedPrediction, Found, Insights, Prediction, Told, TrackRecord, settle},
};

/// So much of a person's advice is looked at, the newest first.
const MOST_ADVICE: u32 = 1_000;

/// If nothing was observed for so long after advice was due, it is settled as one that cannot be told.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Keeps what the insights of a kept report predict, for the person who is shown them; gives what was kept.
///
/// An insight that the person was told before, and whose prediction is still open, is not kept again: it would count twice.
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
    random: &dyn Random,
) -> Result<Vec<Advice>, StoreError> {
    let before = ledger.advice_to(user, MOST_ADVICE).await?;
    let handle = report.handle.to_string();
    let is_open = |id: &str| {
        let same =
            |advice: &&Advice| text(&advice.said, "id") == Some(id) && text(&advice.said, "handle") == Some(&handle);
        before.iter().filter(same).any(|advice| advice.outcome.is_none())
    };
    let mut advised = Vec::new();
    for insight in insights.insights.iter().filter(|insight| !is_open(&insight.id)) {
        let Some(prediction) = Prediction::of(insight, report, now) else { continue };
        let fact = insight.facts.first();
        let advice = Advice {
            id: AdviceId(new_uuid(random, now)),
            user,
            report: kept,
            given_at: now,
            kind: insight.kind.as_str().to_owned(),
            said: json!({
                "id": insight.id,
                "handle": handle,
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
        ledger.advise(&advice).await?;
        advised.push(advice);
    }
    Ok(advised)
}

/// What a person was told of an account, for [`InsightOptions`](crate::recommend::InsightOptions), and how all the advice to
/// the person did.
///
/// # Errors
/// [`StoreError`] if the ledger fails.
pub async fn advice_so_far(
    ledger: &dyn AdviceLedger,
    user: UserId,
    handle: &Handle,
) -> Result<(Vec<Told>, TrackRecord), StoreError> {
    let advice = ledger.advice_to(user, MOST_ADVICE).await?;
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    // The newest come first, and stay.
    for piece in advice.iter().filter(|piece| text(&piece.said, "handle") == Some(handle.as_str())) {
        if let Some(id) = text(&piece.said, "id") {
            let value = piece.said.get("value").and_then(Value::as_f64);
            told.entry(id).or_insert_with(|| Told { id: id.to_owned(), at: piece.given_at, value });
        }
    }
    Ok((told.into_values().collect(), TrackRecord::of(&advice)))
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
}

/// Holds advice that is due against what was observed since, and settles at most `limit` pieces.
///
/// What is due, but of an account that was not observed since, stays open for four weeks, and what is due after it is
/// settled all the same. Called at once by many, each piece is settled once.
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
    let mut seen: BTreeMap<Handle, Option<Later>> = BTreeMap::new();
    let mut looked_at = HashSet::new();
    let mut done = Settled::default();
    // What waits comes first each time, so that twice as many are asked for until nothing is new.
    let mut most = limit;
    loop {
        let due = ledger.due(now, most).await?;
        let are_all = due.len() < most as usize || most == u32::MAX;
        for advice in due {
            if done.settled >= u64::from(limit) {
                return Ok(done);
            }
            if !looked_at.insert(advice.id) {
                continue;
            }
            let kept = reports.find(advice.report).await?;
            let later = match kept {
                Some(kept) if !seen.contains_key(&kept.handle) => {
                    let later = Later::of(creators, &kept.handle, now, options).await?;
                    seen.entry(kept.handle).or_insert(later).as_ref()
                }
                Some(kept) => seen.get(&kept.handle).and_then(Option::as_ref),
                None => None,
            };
            let later = later.filter(|later| later.newest >= advice.due_at);
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
        if are_all || limit == 0 {
            return Ok(done);
        }
        most = most.saturating_mul(2);
    }
}

const UNTOLD: Found = Found { verdict: Came::CannotTell, held: None, value: None, n: 0 };

/// What is known of an account now.
struct Later {
    report: CreatorReport,
    posts: Vec<Video>,
    newest: Timestamp,
}

impl Later {
    async fn of(
        creators: &dyn CreatorStore,
        handle: &Handle,
        now: Timestamp,
        options: &ReportOptions,
    ) -> Result<Option<Self>, StoreError> {
        let Some(subject) = subject(creators, handle, now).await? else { return Ok(None) };
        let Some(newest) = subject.newest(now) else { return Ok(None) };
        let report = subject.report(now, options);
        Ok(Some(Self { report, posts: subject.videos.into_iter().map(|look| look.video).collect(), newest }))
    }
}

fn text<'a>(said: &'a Value, name: &str) -> Option<&'a str> {
    said.get(name)?.as_str()
}
