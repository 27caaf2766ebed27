//! What every job store does.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use uuid::Uuid;

use super::suite::suite;
use crate::{
    Failure, Handle, Job, JobId, JobState, NewJob, Priority, Progress, SourceKind, UserId,
    ports::{Claim, JobEnd, JobStore, Lease, StoreError},
};

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a constant")
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

/// A wish for the account `creator.N`, made N seconds after [`noon`].
fn wish(n: u8) -> NewJob {
    NewJob {
        id: JobId(Uuid::from_u128(u128::from(n) + 1)),
        handle: Handle::parse(&format!("creator.{n}")).expect("a valid handle"),
        requested_by: None,
        at: later(i64::from(n)),
    }
}

fn lease(from: i64) -> Lease {
    Lease { now: later(from), until: later(from + 60) }
}

fn captcha() -> Failure {
    Failure { code: "captcha_required".to_owned(), detail: "TikTok asks for a captcha".to_owned() }
}

fn lost<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::LeaseLost))
}

async fn claimed(store: &dyn JobStore, from: i64) -> Claim {
    store.claim(lease(from)).await.unwrap().expect("a job is waiting")
}

suite! {
    ($)
    /// Runs every scenario of [`JobStore`](crate::ports::JobStore) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    job_store_suite in jobs over JobStore {
        async fn wish_becomes_a_queued_job(store) {
            let job = store.enqueue(&wish(1)).await.unwrap();
            let expected = Job {
                id: wish(1).id,
                handle: wish(1).handle,
                requested_by: None,
                priority: Priority::Asked,
                asked_at: wish(1).at,
                state: JobState::Queued,
                attempts: 0,
                postponed: 0,
                enqueued_at: wish(1).at,
                available_at: wish(1).at,
                finished_at: None,
                failure: None,
            };
            assert_eq!(job, expected);
            assert_eq!(store.find(job.id).await.unwrap(), Some(job));
            assert_eq!(store.find(wish(2).id).await.unwrap(), None);
            assert_eq!(store.events(wish(1).id, 0).await.unwrap(), []);
        }

        async fn account_with_an_open_job_gets_that_one(store) {
            let first = store.enqueue(&wish(1)).await.unwrap();
            let again = NewJob { id: wish(9).id, ..wish(1) };
            assert_eq!(store.enqueue(&again).await.unwrap().id, first.id);
            claimed(store, 10).await;
            assert_eq!(store.enqueue(&again).await.unwrap().id, first.id);
        }

        async fn many_wishes_at_once_make_one_job(store) {
            let wishes: Vec<NewJob> = (1..=20).map(|n| NewJob { id: wish(n).id, ..wish(0) }).collect();
            let jobs = join_all(wishes.iter().map(|wish| store.enqueue(wish))).await;
            let ids: BTreeSet<JobId> = jobs.into_iter().map(|job| job.unwrap().id).collect();
            assert_eq!(ids.len(), 1);
        }

        async fn ended_job_makes_room_for_a_new_one(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            store.finish(&claim, &JobEnd::Succeeded, later(20)).await.unwrap();
            let again = NewJob { id: wish(9).id, ..wish(1) };
            assert_eq!(store.enqueue(&again).await.unwrap().id, again.id);
        }

        async fn last_job_of_an_account_is_the_one_asked_for_last(store) {
            assert_eq!(store.last_of(&wish(1).handle).await.unwrap(), None);
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            store.finish(&claim, &JobEnd::Failed { failure: captcha() }, later(20)).await.unwrap();
            let failed = store.last_of(&wish(1).handle).await.unwrap().unwrap();
            assert_eq!((failed.id, failed.state), (wish(1).id, JobState::Failed));
            let again = NewJob { id: wish(0).id, at: later(30), ..wish(1) };
            store.enqueue(&again).await.unwrap();
            store.enqueue(&wish(2)).await.unwrap();
            assert_eq!(store.last_of(&wish(1).handle).await.unwrap().map(|job| job.id), Some(again.id));
        }

        async fn job_that_waited_longest_is_taken_first(store) {
            for n in [3, 1, 2] {
                store.enqueue(&wish(n)).await.unwrap();
            }
            for n in [1, 2, 3] {
                let claim = claimed(store, 10).await;
                assert_eq!((claim.job.id, claim.attempt, claim.job.state), (wish(n).id, 1, JobState::Running));
            }
            assert_eq!(store.claim(lease(10)).await.unwrap(), None);
        }

        async fn workers_never_share_a_job(store) {
            for n in 1..=5 {
                store.enqueue(&wish(n)).await.unwrap();
            }
            let claims = join_all((0..8).map(|_| store.claim(lease(10)))).await;
            let taken: Vec<JobId> = claims.into_iter().filter_map(|c| c.unwrap()).map(|c| c.job.id).collect();
            let distinct: BTreeSet<JobId> = taken.iter().copied().collect();
            assert_eq!((taken.len(), distinct.len()), (5, 5));
        }

        async fn job_of_a_dead_worker_is_taken_again(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let dead = claimed(store, 10).await;
            assert_eq!(store.claim(lease(69)).await.unwrap(), None);
            let second = claimed(store, 70).await;
            assert_eq!((second.job.id, second.attempt), (dead.job.id, 2));
            assert!(lost(store.progress(&dead, &Progress::Succeeded, later(71), later(90)).await));
            assert!(lost(store.finish(&dead, &JobEnd::Succeeded, later(71)).await));
            assert_eq!(store.find(dead.job.id).await.unwrap().unwrap().state, JobState::Running);
        }

        async fn running_job_is_available_again_at_the_end_of_its_lease(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            assert_eq!(claim.job.available_at, later(70));
            let started = Progress::Started { attempt: 1 };
            store.progress(&claim, &started, later(60), later(120)).await.unwrap();
            let running = store.find(claim.job.id).await.unwrap().unwrap();
            assert_eq!((running.state, running.available_at), (JobState::Running, later(120)));
        }

        async fn wish_of_nobody_is_refused(store) {
            let refused = store.enqueue(&NewJob { requested_by: Some(UserId(Uuid::from_u128(9))), ..wish(1) }).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }

        async fn progress_prolongs_the_lease(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            let opening = Progress::Opening { source: SourceKind::WebDriver };
            store.progress(&claim, &opening, later(60), later(120)).await.unwrap();
            assert_eq!(store.claim(lease(100)).await.unwrap(), None);
            assert_eq!(claimed(store, 120).await.attempt, 2);
        }

        async fn events_are_numbered_and_can_be_resumed(store) {
            store.enqueue(&wish(1)).await.unwrap();
            store.enqueue(&wish(2)).await.unwrap();
            let claim = claimed(store, 10).await;
            let steps = [
                Progress::Started { attempt: 1 },
                Progress::ProfileRead { videos: None },
                Progress::VideosRead { got: 35, wanted: 100 },
            ];
            for (second, step) in (11..).zip(&steps) {
                store.progress(&claim, step, later(second), later(90)).await.unwrap();
            }
            store.finish(&claim, &JobEnd::Succeeded, later(20)).await.unwrap();
            let events = store.events(claim.job.id, 0).await.unwrap();
            assert_eq!(events.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
            assert_eq!(events.iter().map(|e| e.at).collect::<Vec<_>>(), [11, 12, 13, 20].map(later));
            assert_eq!(events[2].progress, steps[2]);
            assert_eq!(events[3].progress, Progress::Succeeded);
            assert_eq!(store.events(claim.job.id, 2).await.unwrap(), events[2..]);
            assert_eq!(store.events(wish(2).id, 0).await.unwrap(), []);
        }

        async fn job_to_retry_waits_for_its_time(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            let end = JobEnd::Retry { failure: captcha(), at: later(900) };
            store.finish(&claim, &end, later(20)).await.unwrap();
            let waiting = store.find(claim.job.id).await.unwrap().unwrap();
            assert_eq!((waiting.state, waiting.available_at), (JobState::Queued, later(900)));
            assert_eq!((waiting.failure, waiting.finished_at), (Some(captcha()), None));
            assert_eq!(store.claim(lease(899)).await.unwrap(), None);
            assert_eq!(claimed(store, 900).await.attempt, 2);
            let told = store.events(claim.job.id, 0).await.unwrap().pop().unwrap().progress;
            assert_eq!(told, Progress::Retrying { failure: captcha(), at: later(900) });
        }

        async fn postponed_job_waits_and_its_attempt_is_counted_apart(store) {
            store.enqueue(&wish(1)).await.unwrap();
            for (postponed, from) in [(1, 10), (2, 1_000)] {
                let claim = claimed(store, from).await;
                let end = JobEnd::Postponed { failure: captcha(), at: later(from + 900) };
                store.finish(&claim, &end, later(from + 1)).await.unwrap();
                let waiting = store.find(claim.job.id).await.unwrap().unwrap();
                assert_eq!((waiting.state, waiting.available_at), (JobState::Queued, later(from + 900)));
                assert_eq!((waiting.attempts, waiting.postponed), (postponed, postponed));
                assert_eq!((waiting.failure, waiting.finished_at), (Some(captcha()), None));
                let told = store.events(claim.job.id, 0).await.unwrap().pop().unwrap().progress;
                assert_eq!(told, Progress::Retrying { failure: captcha(), at: later(from + 900) });
                assert!(lost(store.finish(&claim, &end, later(from + 2)).await), "it was left already");
            }
            let third = claimed(store, 1_900).await;
            assert_eq!((third.attempt, third.job.attempts, third.job.postponed), (3, 3, 2));
            store.finish(&third, &JobEnd::Retry { failure: captcha(), at: later(2_000) }, later(1_901)).await.unwrap();
            assert_eq!(store.find(third.job.id).await.unwrap().unwrap().postponed, 2);
        }

        async fn failed_job_keeps_why_and_ends(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            store.finish(&claim, &JobEnd::Failed { failure: captcha() }, later(20)).await.unwrap();
            let failed = store.find(claim.job.id).await.unwrap().unwrap();
            assert_eq!((failed.state, failed.finished_at), (JobState::Failed, Some(later(20))));
            assert_eq!(failed.failure, Some(captcha()));
            assert_eq!(store.claim(lease(10_000)).await.unwrap(), None);
            assert!(lost(store.finish(&claim, &JobEnd::Succeeded, later(21)).await));
        }

        async fn success_clears_an_earlier_failure(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let first = claimed(store, 10).await;
            let again = later(20) + 1.seconds();
            store.finish(&first, &JobEnd::Retry { failure: captcha(), at: again }, later(20)).await.unwrap();
            let second = claimed(store, 30).await;
            store.finish(&second, &JobEnd::Succeeded, later(40)).await.unwrap();
            let done = store.find(first.job.id).await.unwrap().unwrap();
            assert_eq!((done.state, done.failure, done.attempts), (JobState::Succeeded, None, 2));
        }

        async fn claim_on_an_unknown_job_is_lost(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let mut claim = claimed(store, 10).await;
            claim.job.id = wish(9).id;
            assert!(lost(store.finish(&claim, &JobEnd::Succeeded, later(20)).await));
        }
    }
}
