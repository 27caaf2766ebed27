//! What every store does for the people in it: the record of what was done, export, erasure, retention.

use std::slice::from_ref;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::json;
use uuid::Uuid;

use super::{
    suite::suite,
    whole::{
        WholeStore, ada, advice, audience, event, import, noon, person, report, session, session_id, token, user_id,
        wish, with_everything,
    },
};
use crate::{
    AuditEvent, AuditId, Client, ExportedJob, Forgotten, Identity, RefreshToken, RetentionPolicy, Session,
    SignInTransaction,
    ports::{AccountStore, JobEnd, JobStore, Lease, ReportStore, StoreError},
};

fn audit_id(n: u128) -> AuditId {
    AuditId(Uuid::from_u128(n))
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

async fn retain(store: &dyn WholeStore, now: Timestamp) -> Forgotten {
    store.retain(&RetentionPolicy::default(), now).await.unwrap()
}

suite! {
    ($)
    /// Runs every scenario of [`AuditLog`](crate::ports::AuditLog), [`AccountData`](crate::ports::AccountData) and
    /// [`Retention`](crate::ports::Retention) on fresh stores: `fresh` is an `async fn` that gives something that derefs to
    /// the store.
    privacy_suite in privacy over WholeStore {
        async fn events_of_a_person_are_what_it_did_and_what_was_done_to_it(store) {
            person(store, 1).await;
            person(store, 2).await;
            let done_to = AuditEvent { id: audit_id(1), at: noon() + 1.hour(), subject: Some(user_id(1)), ..event(2) };
            let to_itself = AuditEvent { id: audit_id(2), at: noon(), subject: Some(user_id(1)), ..event(1) };
            let of_nobody = AuditEvent { id: audit_id(3), actor: None, ..event(1) };
            for event in [&event(1), &done_to, &to_itself, &of_nobody] {
                store.append(event).await.unwrap();
            }
            assert_eq!(store.events_of(user_id(1), 10).await.unwrap(), [done_to.clone(), event(1), to_itself]);
            assert_eq!(store.events_of(user_id(1), 1).await.unwrap(), from_ref(&done_to));
            assert_eq!(store.events_of(user_id(2), 10).await.unwrap(), [done_to]);
        }

        async fn addresses_of_others_are_not_exported_and_nobodys_go_with_the_subject(store) {
            person(store, 1).await;
            person(store, 2).await;
            let by_another = AuditEvent { id: audit_id(1), subject: Some(user_id(1)), ..event(2) };
            let by_nobody = AuditEvent { id: audit_id(2), actor: None, subject: Some(user_id(1)), ..event(1) };
            for event in [&event(1), &by_another, &by_nobody] {
                store.append(event).await.unwrap();
            }
            let told = store.export(user_id(1)).await.unwrap().unwrap().audit;
            let addresses: Vec<_> = told.iter().map(|event| (event.actor, event.ip)).collect();
            assert_eq!(addresses.len(), 3);
            for (actor, ip) in addresses {
                assert_eq!(ip, event(1).ip.filter(|_| actor != Some(user_id(2))), "{actor:?}");
            }
            assert!(store.erase(user_id(1)).await.unwrap());
            let left = store.events_of(user_id(2), 10).await.unwrap();
            assert_eq!(left.iter().map(|event| event.ip).collect::<Vec<_>>(), [event(2).ip]);
        }

        async fn event_that_cannot_be_kept_is_refused(store) {
            person(store, 1).await;
            for orphan in [
                AuditEvent { actor: Some(user_id(9)), ..event(1) },
                AuditEvent { subject: Some(user_id(9)), ..event(1) },
            ] {
                let refused = store.append(&orphan).await;
                assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
            }
            let nul = store.append(&AuditEvent { detail: json!("a\0b"), ..event(1) }).await;
            assert!(matches!(nul, Err(StoreError::Invalid(_))), "{nul:?}");
            store.append(&event(1)).await.unwrap();
            let again = store.append(&AuditEvent { action: "other".to_owned(), ..event(1) }).await;
            assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
            assert_eq!(store.events_of(user_id(1), 10).await.unwrap(), [event(1)]);
        }

        async fn export_has_everything_of_one_person(store) {
            with_everything(store, 2).await;
            let user = with_everything(store, 1).await;
            let export = store.export(user).await.unwrap().unwrap();
            assert_eq!(Some(&export.user), AccountStore::find(store, user).await.unwrap().as_ref());
            assert_eq!(export.sessions, [Session { last_seen_at: noon() + 7.minutes(), ..session(1) }]);
            assert_eq!(export.refresh_tokens, store.of_session(session_id(1)).await.unwrap());
            assert_eq!(export.refresh_tokens.len(), 2);
            let job = JobStore::find(store, wish(1).id).await.unwrap().unwrap();
            let events = store.events(job.id, 0).await.unwrap();
            assert_eq!(events.len(), 1);
            assert_eq!(export.jobs, [ExportedJob { job, events }]);
            assert_eq!((export.imports, export.audiences), (vec![import(1)], vec![audience(1)]));
            assert_eq!((export.reports, export.advice), (vec![report(1)], vec![advice(1)]));
            let mut audit = store.events_of(user, 10).await.unwrap();
            audit.reverse();
            // What another did has that person's address, which is not the user's to have.
            audit.iter_mut().filter(|event| event.actor != Some(user)).for_each(|event| event.ip = None);
            assert_eq!((audit.len(), &export.audit), (2, &audit));
            assert_eq!(store.export(user_id(9)).await.unwrap(), None);
        }

        async fn erased_person_is_gone_and_others_stay(store) {
            let user = with_everything(store, 1).await;
            let other = with_everything(store, 2).await;
            let of_other = store.export(other).await.unwrap();
            assert!(store.erase(user).await.unwrap());
            assert!(!store.erase(user).await.unwrap(), "there is nobody any more");
            assert_eq!(store.export(user).await.unwrap(), None);
            assert_eq!(AccountStore::find(store, user).await.unwrap(), None);
            assert_eq!(store.session([1; 32], noon()).await.unwrap(), None);
            assert_eq!(store.of_session(session_id(1)).await.unwrap(), []);
            assert_eq!(store.imports(user, 10).await.unwrap(), []);
            assert_eq!(store.audience(&ada(), Some(user), noon()).await.unwrap(), None);
            assert_eq!(ReportStore::find(store, report(1).id).await.unwrap(), None);
            assert_eq!(store.advice_to(user, 10).await.unwrap(), []);
            assert_eq!(store.events_of(user, 10).await.unwrap(), []);
            assert_eq!(store.export(other).await.unwrap(), of_other);
        }

        async fn what_was_done_stays_without_the_person(store) {
            let user = with_everything(store, 1).await;
            store.erase(user).await.unwrap();
            let events = store.events_of(user_id(101), 10).await.unwrap();
            let left = AuditEvent { actor: Some(user_id(101)), subject: None, detail: json!({}), ..events[0].clone() };
            assert_eq!(events, [left]);
            assert_eq!((events[0].at, events[0].action.as_str()), (noon() + 2.minutes(), "session_opened"));
        }

        async fn running_job_of_an_erased_person_goes_on_as_nobody_s(store) {
            person(store, 1).await;
            store.enqueue(&wish(1)).await.unwrap();
            let claim = store.claim(Lease { now: noon(), until: noon() + 1.hour() }).await.unwrap().unwrap();
            store.erase(user_id(1)).await.unwrap();
            store.finish(&claim, &JobEnd::Succeeded, noon()).await.unwrap();
            let job = JobStore::find(store, wish(1).id).await.unwrap().unwrap();
            assert_eq!((job.requested_by, job.finished_at), (None, Some(noon())));
        }

        async fn of_twenty_who_erase_a_person_at_once_one_finds_it(store) {
            with_everything(store, 1).await;
            let erased = join_all((0..20).map(|_| store.erase(user_id(1)))).await;
            assert_eq!(erased.into_iter().filter(|erased| *erased.as_ref().unwrap()).count(), 1);
        }

        async fn sign_ins_are_forgotten_after_a_week(store) {
            let transaction = SignInTransaction {
                state_hash: [1; 32],
                nonce: "nonce".to_owned(),
                verifier: "verifier".to_owned(),
                return_to: "/".to_owned(),
                begun_at: noon(),
                expires_at: noon() + 10.minutes(),
            };
            store.begin(&transaction).await.unwrap();
            let last_moment = transaction.expires_at + days(7);
            assert_eq!(retain(store, last_moment).await, Forgotten::default());
            let expected = Forgotten { sign_ins: 1, ..Forgotten::default() };
            assert_eq!(retain(store, last_moment + 1.microsecond()).await, expected);
            assert_eq!(retain(store, last_moment + 1.microsecond()).await, Forgotten::default());
            assert_eq!(store.take([1; 32], noon()).await.unwrap(), None);
        }

        async fn tokens_of_an_ended_session_are_forgotten_after_an_hour_and_it_after_a_month(store) {
            person(store, 1).await;
            person(store, 2).await;
            for n in [1, 2] {
                store.issue(&token(n, n, noon())).await.unwrap();
                store.rotate([n; 32], &token(n, n + 10, noon() + 1.minute())).await.unwrap();
            }
            store.end_session(session_id(1), noon() + 2.minutes()).await.unwrap();
            let ended = noon() + 2.minutes();
            assert_eq!(retain(store, ended + 1.hour()).await, Forgotten::default());
            let expected = Forgotten { tokens: 2, ..Forgotten::default() };
            assert_eq!(retain(store, ended + 1.hour() + 1.microsecond()).await, expected);
            assert_eq!(store.of_session(session_id(2)).await.unwrap().len(), 2, "used ones of an open session tell a thief");
            assert_eq!(store.export(user_id(1)).await.unwrap().unwrap().sessions.len(), 1);
            assert_eq!(retain(store, ended + days(30) + 1.microsecond()).await.sessions, 1);
            let of_other = store.export(user_id(2)).await.unwrap().unwrap();
            assert_eq!((of_other.sessions.len(), of_other.refresh_tokens.len()), (1, 2));
            assert_eq!(store.export(user_id(1)).await.unwrap().unwrap().sessions, []);
        }

        async fn expired_sessions_and_tokens_are_forgotten_after_a_month(store) {
            person(store, 1).await;
            let short = RefreshToken { expires_at: noon() + 24.hours(), ..token(1, 1, noon()) };
            store.issue(&short).await.unwrap();
            let expired = short.expires_at + days(30);
            assert_eq!(retain(store, expired).await.tokens, 0);
            assert_eq!(retain(store, expired + 1.microsecond()).await.tokens, 1);
            let expired = session(1).expires_at + days(30);
            assert_eq!(retain(store, expired).await.sessions, 0);
            assert_eq!(retain(store, expired + 1.microsecond()).await.sessions, 1);
            assert_eq!(store.export(user_id(1)).await.unwrap().unwrap().sessions, []);
        }

        async fn addresses_and_browsers_are_forgotten_a_month_after_they_were_seen(store) {
            let forever = Session { expires_at: noon() + 99_999.hours(), ..session(1) };
            person(store, 2).await;
            let identity = Identity { issuer: "i".to_owned(), subject: "s".to_owned(), email: None, name: None };
            store.sign_in(&identity, user_id(1), noon()).await.unwrap();
            store.open_session(&forever).await.unwrap();
            store.append(&AuditEvent { at: noon(), ..event(1) }).await.unwrap();
            store.session_seen(session_id(2), &session(2).client, noon() + 1.hour()).await.unwrap();
            assert_eq!(retain(store, noon() + days(30)).await, Forgotten::default());
            let now = noon() + days(30) + 1.microsecond();
            assert_eq!(retain(store, now).await, Forgotten { clients: 2, ..Forgotten::default() });
            assert_eq!(retain(store, now).await, Forgotten::default());
            let kept = store.session_by_id(session_id(1), now).await.unwrap();
            assert_eq!(kept, Some(Session { client: Client::default(), ..forever }));
            let events = store.events_of(user_id(1), 10).await.unwrap();
            assert_eq!(events, [AuditEvent { at: noon(), ip: None, ..event(1) }]);
            let other = store.export(user_id(2)).await.unwrap().unwrap();
            assert_eq!(other.sessions[0].client, session(2).client);
        }

        async fn ended_jobs_are_forgotten_after_a_month_with_their_events(store) {
            person(store, 1).await;
            person(store, 2).await;
            store.enqueue(&wish(1)).await.unwrap();
            let claim = store.claim(Lease { now: noon(), until: noon() + 1.hour() }).await.unwrap().unwrap();
            store.finish(&claim, &JobEnd::Succeeded, noon()).await.unwrap();
            store.enqueue(&wish(2)).await.unwrap();
            assert_eq!(retain(store, noon() + days(30)).await.jobs, 0);
            assert_eq!(retain(store, noon() + days(30) + 1.microsecond()).await.jobs, 1);
            assert_eq!(JobStore::find(store, wish(1).id).await.unwrap(), None);
            assert_eq!(store.events(wish(1).id, 0).await.unwrap(), []);
            assert!(JobStore::find(store, wish(2).id).await.unwrap().is_some(), "open jobs stay however old they are");
        }

        async fn events_are_forgotten_after_a_year(store) {
            person(store, 1).await;
            store.append(&event(1)).await.unwrap();
            store.append(&AuditEvent { id: audit_id(1), at: event(1).at + 1.microsecond(), ..event(1) }).await.unwrap();
            let now = event(1).at + days(365) + 1.microsecond();
            assert_eq!(retain(store, now).await.audit, 1);
            assert_eq!(store.events_of(user_id(1), 10).await.unwrap().len(), 1);
        }

        async fn more_than_a_batch_is_forgotten_by_several_at_once(store) {
            for n in 0..1_201_u32 {
                let mut state_hash = [0; 32];
                state_hash[..4].copy_from_slice(&n.to_le_bytes());
                let transaction = SignInTransaction {
                    state_hash,
                    nonce: String::new(),
                    verifier: String::new(),
                    return_to: String::new(),
                    begun_at: noon(),
                    expires_at: noon(),
                };
                store.begin(&transaction).await.unwrap();
            }
            let all = join_all((0..3).map(|_| retain(store, noon() + days(8)))).await;
            assert_eq!(all.iter().map(|forgotten| forgotten.sign_ins).sum::<u64>(), 1_201);
        }
    }
}
