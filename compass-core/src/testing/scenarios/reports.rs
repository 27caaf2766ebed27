//! What every store of reports, and every ledger of advice, does.

use std::slice::from_ref;

use futures_util::future::join_all;
use jiff::ToSpan as _;
use serde_json::json;
use uuid::Uuid;

use super::{
    suite::suite,
    whole::{WholeStore, ada, advice, noon, person, report, user_id},
};
use crate::{
    Advice, AdviceId, Handle, KeptReport, Outcome, ReportId, UserId,
    ports::{ReportStore, StoreError},
};

/// A report that anybody may see.
fn public(n: u128) -> KeptReport {
    KeptReport { id: ReportId(Uuid::from_u128(n)), private_to: None, ..report(1) }
}

/// The same, of another input.
fn later(n: u128) -> KeptReport {
    KeptReport { input_hash: [9; 32], made_at: noon() + 1.hour(), ..public(n) }
}

async fn find(store: &dyn WholeStore, id: ReportId) -> Option<KeptReport> {
    ReportStore::find(store, id).await.unwrap()
}

/// What came of it.
fn outcome() -> Outcome {
    Outcome { settled_at: noon() + 80.hours(), found: json!({"value": 0.056}) }
}

/// The first person with a report.
async fn reported(store: &dyn WholeStore) {
    person(store, 1).await;
    store.keep(&report(1)).await.unwrap();
}

suite! {
    ($)
    /// Runs every scenario of [`ReportStore`](crate::ports::ReportStore) and [`AdviceLedger`](crate::ports::AdviceLedger) on
    /// fresh stores: `fresh` is an `async fn` that gives something that derefs to the store.
    report_store_suite in reports over WholeStore {
        async fn report_reads_back_as_it_was(store) {
            assert_eq!(store.keep(&public(1)).await.unwrap(), public(1));
            assert_eq!(find(store, public(1).id).await, Some(public(1)));
            assert_eq!(find(store, public(2).id).await, None);
        }

        async fn same_inputs_are_the_same_report(store) {
            person(store, 1).await;
            store.keep(&public(1)).await.unwrap();
            let again = KeptReport { made_at: noon() + 1.hour(), ..public(2) };
            assert_eq!(store.keep(&again).await.unwrap(), public(1));
            for other in [
                KeptReport { input_hash: [8; 32], ..public(3) },
                KeptReport { as_of: noon() - 1.hour(), ..public(4) },
                KeptReport { engine: "0.2.0".to_owned(), ..public(5) },
                KeptReport { handle: Handle::parse("steady").unwrap(), ..public(6) },
                KeptReport { id: ReportId(Uuid::from_u128(7)), ..report(1) },
            ] {
                assert_eq!(store.keep(&other).await.unwrap(), other);
            }
        }

        async fn of_twenty_same_reports_at_once_one_is_kept(store) {
            let reports: Vec<KeptReport> = (1..=20).map(public).collect();
            let kept = join_all(reports.iter().map(|report| store.keep(report))).await;
            let mut ids: Vec<ReportId> = kept.into_iter().map(|report| report.unwrap().id).collect();
            ids.dedup();
            assert_eq!(ids.len(), 1);
        }

        async fn latest_report_is_the_one_made_last_that_the_viewer_may_see(store) {
            person(store, 1).await;
            let private = KeptReport { made_at: noon() + 2.hours(), ..report(1) };
            for report in [later(2), public(1), private.clone()] {
                store.keep(&report).await.unwrap();
            }
            assert_eq!(ReportStore::latest(store, &ada(), Some(user_id(1))).await.unwrap(), Some(private));
            assert_eq!(ReportStore::latest(store, &ada(), Some(user_id(2))).await.unwrap(), Some(later(2)));
            assert_eq!(ReportStore::latest(store, &ada(), None).await.unwrap(), Some(later(2)));
            assert_eq!(ReportStore::latest(store, &Handle::parse("steady").unwrap(), None).await.unwrap(), None);
        }

        async fn report_that_cannot_be_kept_is_refused(store) {
            let nobody_s = store.keep(&report(1)).await;
            assert!(matches!(nobody_s, Err(StoreError::NotFound)), "{nobody_s:?}");
            let nul = store.keep(&KeptReport { report: json!({"bio": ["a\0b"]}), ..public(1) }).await;
            assert!(matches!(nul, Err(StoreError::Invalid(_))), "{nul:?}");
            store.keep(&public(1)).await.unwrap();
            let same_id = store.keep(&later(1)).await;
            assert!(matches!(same_id, Err(StoreError::Conflict(_))), "{same_id:?}");
            assert_eq!(find(store, public(1).id).await, Some(public(1)));
        }

        async fn advice_is_listed_newest_first_and_its_outcome_is_open(store) {
            reported(store).await;
            let second = Advice { id: AdviceId(Uuid::from_u128(9)), given_at: noon() + 1.hour(), ..advice(1) };
            let said = Advice { outcome: Some(outcome()), ..advice(1) };
            store.advise(&said).await.unwrap();
            store.advise(&second).await.unwrap();
            assert_eq!(store.advice_to(user_id(1), 10).await.unwrap(), [second.clone(), advice(1)]);
            assert_eq!(store.advice_to(user_id(1), 1).await.unwrap(), [second]);
            assert_eq!(store.advice_to(user_id(2), 10).await.unwrap(), []);
        }

        async fn advice_is_due_until_its_outcome_is_written(store) {
            reported(store).await;
            let sooner = Advice { id: AdviceId(Uuid::from_u128(9)), due_at: noon() + 1.hour(), ..advice(1) };
            store.advise(&advice(1)).await.unwrap();
            store.advise(&sooner).await.unwrap();
            let due = advice(1).due_at;
            assert_eq!(store.due(due, 10).await.unwrap(), [sooner.clone(), advice(1)]);
            assert_eq!(store.due(due, 1).await.unwrap(), from_ref(&sooner));
            assert_eq!(store.due(due - 1.microsecond(), 10).await.unwrap(), from_ref(&sooner));
            store.settle(sooner.id, &outcome()).await.unwrap();
            assert_eq!(store.due(due, 10).await.unwrap(), [advice(1)]);
            let settled = Advice { outcome: Some(outcome()), ..sooner };
            assert!(store.advice_to(user_id(1), 10).await.unwrap().contains(&settled));
        }

        async fn outcome_is_written_once(store) {
            reported(store).await;
            store.advise(&advice(1)).await.unwrap();
            let outcomes: Vec<Outcome> = (0..20).map(|n| Outcome { found: json!(n), ..outcome() }).collect();
            let all = join_all(outcomes.iter().map(|outcome| store.settle(advice(1).id, outcome))).await;
            let written = all.iter().position(Result::is_ok).unwrap();
            assert_eq!(all.iter().filter(|one| matches!(one, Err(StoreError::Conflict(_)))).count(), 19);
            let kept = store.advice_to(user_id(1), 1).await.unwrap().remove(0).outcome;
            assert_eq!(kept.as_ref(), outcomes.get(written));
            let nothing = store.settle(AdviceId(Uuid::from_u128(9)), &outcome()).await;
            assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
        }

        async fn advice_needs_a_person_a_report_and_an_id(store) {
            reported(store).await;
            for orphan in [
                Advice { user: UserId(Uuid::from_u128(9)), ..advice(1) },
                Advice { report: ReportId(Uuid::from_u128(9)), ..advice(1) },
            ] {
                let refused = store.advise(&orphan).await;
                assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
            }
            let nul = store.advise(&Advice { said: json!({"a\0b": 1}), ..advice(1) }).await;
            assert!(matches!(nul, Err(StoreError::Invalid(_))), "{nul:?}");
            store.advise(&advice(1)).await.unwrap();
            let again = store.advise(&advice(1)).await;
            assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
        }
    }
}
