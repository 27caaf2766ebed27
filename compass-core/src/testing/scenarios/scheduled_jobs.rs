//! What every job store does with jobs that nobody waits for, that are wanted no more, or that failed.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::suite::suite;
use crate::{
    Failure, Handle, JobId, JobState, NewJob, Priority, Progress, UserId,
    ports::{Claim, JobEnd, JobStore, Lease, StoreError},
};

fn later(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a constant");
    noon + SignedDuration::from_secs(seconds)
}

/// A wish for the account `creator.N`, made N seconds after noon.
fn wish(n: u8) -> NewJob {
    NewJob {
        id: id(n),
        handle: Handle::parse(&format!("creator.{n}")).expect("a valid handle"),
        requested_by: None,
        at: later(i64::from(n)),
    }
}

fn id(n: u8) -> JobId {
    JobId(Uuid::from_u128(u128::from(n) + 1))
}

fn captcha() -> Failure {
    Failure { code: "captcha_required".to_owned(), detail: "TikTok asks for a captcha".to_owned() }
}

fn lost<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::LeaseLost))
}

async fn claim(store: &dyn JobStore, from: i64) -> Option<Claim> {
    store.claim(Lease { now: later(from), until: later(from + 60) }).await.unwrap()
}

async fn claimed(store: &dyn JobStore, from: i64) -> Claim {
    claim(store, from).await.expect("a job is waiting")
}

async fn failed(store: &dyn JobStore, n: u8, at: i64) -> JobId {
    store.enqueue(&wish(n)).await.unwrap();
    let claim = claimed(store, at - 1).await;
    store.finish(&claim, &JobEnd::Failed { failure: captcha() }, later(at)).await.unwrap();
    claim.job.id
}

async fn newest_event(store: &dyn JobStore, id: JobId) -> Option<Progress> {
    store.events(id, 0).await.unwrap().pop().map(|event| event.progress)
}

suite! {
    ($)
    /// Runs every scenario of [`JobStore`](crate::ports::JobStore) for jobs that nobody waits for, that are cancelled, or
    /// that are put back: `fresh` is an `async fn` that gives something that derefs to the store.
    scheduled_jobs_suite in scheduled_jobs over JobStore {
        async fn scheduled_job_is_taken_when_it_is_due(store) {
            let job = store.schedule(&wish(1), later(500)).await.unwrap();
            assert_eq!((job.priority, job.state), (Priority::Scheduled, JobState::Queued));
            assert_eq!((job.enqueued_at, job.asked_at, job.available_at), (later(1), later(1), later(500)));
            assert_eq!(store.find(job.id).await.unwrap(), Some(job));
            assert_eq!(claim(store, 499).await, None);
            assert_eq!(claimed(store, 500).await.job.id, id(1));
        }

        async fn account_with_an_open_job_gets_no_scheduled_one(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let again = NewJob { id: id(9), at: later(40), ..wish(1) };
            let open = store.schedule(&again, later(500)).await.unwrap();
            assert_eq!((open.id, open.priority, open.available_at), (id(1), Priority::Asked, later(1)));
            assert_eq!((open.enqueued_at, open.asked_at), (later(1), later(40)));
            let earlier = NewJob { at: later(20), ..again };
            assert_eq!(store.schedule(&earlier, later(500)).await.unwrap().asked_at, later(40));
        }

        async fn many_schedulers_at_once_make_one_job(store) {
            let wishes: Vec<NewJob> = (1..=20).map(|n| NewJob { id: id(n), ..wish(0) }).collect();
            let jobs = join_all(wishes.iter().map(|wish| store.schedule(wish, later(500)))).await;
            let ids: BTreeSet<JobId> = jobs.into_iter().map(|job| job.unwrap().id).collect();
            assert_eq!(ids.len(), 1);
        }

        async fn job_scheduled_for_nobody_known_is_refused(store) {
            let wish = NewJob { requested_by: Some(UserId(Uuid::from_u128(9))), ..wish(1) };
            let refused = store.schedule(&wish, later(500)).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }

        async fn asked_jobs_come_before_scheduled_ones(store) {
            store.schedule(&wish(1), later(1)).await.unwrap();
            store.schedule(&wish(2), later(0)).await.unwrap();
            store.enqueue(&wish(8)).await.unwrap();
            store.enqueue(&wish(7)).await.unwrap();
            let mut taken = Vec::new();
            while let Some(claim) = claim(store, 10).await {
                taken.push(claim.job.id);
            }
            assert_eq!(taken, [7, 8, 2, 1].map(id));
        }

        async fn wish_raises_a_scheduled_job(store) {
            store.schedule(&wish(1), later(500)).await.unwrap();
            let raised = store.enqueue(&NewJob { id: id(9), at: later(30), ..wish(1) }).await.unwrap();
            assert_eq!((raised.id, raised.priority), (id(1), Priority::Asked));
            assert_eq!((raised.available_at, raised.asked_at, raised.enqueued_at), (later(30), later(30), later(1)));
            assert_eq!(claimed(store, 30).await.job, crate::Job { state: JobState::Running, attempts: 1, available_at: later(90), ..raised });
        }

        async fn wish_leaves_a_due_job_its_place(store) {
            store.schedule(&wish(1), later(5)).await.unwrap();
            let raised = store.enqueue(&NewJob { id: id(9), at: later(30), ..wish(1) }).await.unwrap();
            assert_eq!((raised.priority, raised.available_at), (Priority::Asked, later(5)));
        }

        async fn wish_does_not_shorten_the_wait_after_a_failure(store) {
            store.schedule(&wish(1), later(5)).await.unwrap();
            let claim = claimed(store, 5).await;
            store.finish(&claim, &JobEnd::Retry { failure: captcha(), at: later(900) }, later(6)).await.unwrap();
            let raised = store.enqueue(&NewJob { id: id(9), at: later(30), ..wish(1) }).await.unwrap();
            assert_eq!((raised.id, raised.priority, raised.available_at), (id(1), Priority::Asked, later(900)));
        }

        async fn wish_for_a_running_job_is_remembered_and_changes_nothing_else(store) {
            store.schedule(&wish(1), later(5)).await.unwrap();
            let claim = claimed(store, 5).await;
            let again = NewJob { id: id(9), at: later(30), ..wish(1) };
            let open = store.enqueue(&again).await.unwrap();
            assert_eq!(open, crate::Job { asked_at: later(30), ..claim.job.clone() });
            let earlier = NewJob { at: later(20), ..again };
            assert_eq!(store.enqueue(&earlier).await.unwrap(), open);
            assert_eq!(store.find(id(1)).await.unwrap(), Some(open));
            let end = JobEnd::SucceededWithNext { next: id(2), due: later(900) };
            store.finish(&claim, &end, later(40)).await.unwrap();
            assert_eq!(store.find(id(2)).await.unwrap().unwrap().asked_at, later(30), "the next one has it");
        }

        async fn wish_for_a_job_that_is_asked_for_is_remembered(store) {
            let first = store.enqueue(&wish(1)).await.unwrap();
            let again = store.enqueue(&NewJob { id: id(9), at: later(30), ..wish(1) }).await.unwrap();
            assert_eq!(again, crate::Job { asked_at: later(30), ..first });
        }

        async fn plan_is_not_the_last_job_of_an_account(store) {
            store.schedule(&wish(1), later(5)).await.unwrap();
            assert_eq!(store.last_of(&wish(1).handle).await.unwrap(), None);
            let claim = claimed(store, 5).await;
            assert_eq!(store.last_of(&wish(1).handle).await.unwrap().map(|job| job.id), Some(id(1)));
            let end = JobEnd::SucceededWithNext { next: id(2), due: later(900) };
            store.finish(&claim, &end, later(10)).await.unwrap();
            let last = store.last_of(&wish(1).handle).await.unwrap().unwrap();
            assert_eq!((last.id, last.state), (id(1), JobState::Succeeded));
            store.enqueue(&NewJob { id: id(9), at: later(30), ..wish(1) }).await.unwrap();
            assert_eq!(store.last_of(&wish(1).handle).await.unwrap().map(|job| job.id), Some(id(2)));
        }

        async fn success_and_the_next_job_are_one(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            let end = JobEnd::SucceededWithNext { next: id(2), due: later(900) };
            store.finish(&claim, &end, later(20)).await.unwrap();
            let done = store.find(id(1)).await.unwrap().unwrap();
            assert_eq!((done.state, done.finished_at), (JobState::Succeeded, Some(later(20))));
            assert_eq!(newest_event(store, id(1)).await, Some(Progress::Succeeded));
            let next = store.find(id(2)).await.unwrap().unwrap();
            assert_eq!((&next.handle, next.priority, next.state), (&done.handle, Priority::Scheduled, JobState::Queued));
            assert_eq!((next.enqueued_at, next.available_at, next.attempts), (later(20), later(900), 0));
            assert_eq!((next.asked_at, next.requested_by), (later(1), None));
            assert!(lost(store.finish(&claim, &end, later(21)).await));
        }

        async fn next_job_that_cannot_be_kept_leaves_the_first_one_running(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            store.enqueue(&wish(2)).await.unwrap();
            let end = JobEnd::SucceededWithNext { next: id(2), due: later(900) };
            let refused = store.finish(&claim, &end, later(20)).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.find(id(1)).await.unwrap().unwrap().state, JobState::Running);
            assert_eq!(store.events(id(1), 0).await.unwrap(), []);
            store.finish(&claim, &JobEnd::Succeeded, later(21)).await.unwrap();
        }

        async fn cancelled_job_that_waits_ends_at_once(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let cancelled = store.cancel(id(1), later(20)).await.unwrap().unwrap();
            assert_eq!((cancelled.state, cancelled.finished_at), (JobState::Cancelled, Some(later(20))));
            assert_eq!(store.cancel(id(1), later(30)).await.unwrap(), Some(cancelled), "it is harmless to repeat");
            assert_eq!(store.events(id(1), 0).await.unwrap().len(), 1);
            assert_eq!(newest_event(store, id(1)).await, Some(Progress::Cancelled));
            assert_eq!(claim(store, 10_000).await, None);
            assert_eq!(store.enqueue(&NewJob { id: id(9), ..wish(1) }).await.unwrap().id, id(9));
        }

        async fn worker_of_a_cancelled_job_has_lost_its_lease(store) {
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            assert_eq!(store.cancel(id(1), later(20)).await.unwrap().unwrap().state, JobState::Cancelled);
            assert!(lost(store.progress(&claim, &Progress::Waiting, later(21), later(90)).await));
            assert!(lost(store.finish(&claim, &JobEnd::Succeeded, later(22)).await));
            assert_eq!(newest_event(store, id(1)).await, Some(Progress::Cancelled));
        }

        async fn what_has_ended_is_not_cancelled(store) {
            assert_eq!(store.cancel(id(1), later(20)).await.unwrap(), None);
            let ended = failed(store, 1, 20).await;
            assert_eq!(store.cancel(ended, later(30)).await.unwrap().unwrap().state, JobState::Failed);
            assert_eq!(newest_event(store, ended).await, Some(Progress::Failed { failure: captcha() }));
        }

        async fn failed_jobs_are_listed_the_last_first(store) {
            assert_eq!(store.failed(10).await.unwrap(), []);
            for (n, at) in [(1, 20), (3, 40), (2, 30)] {
                failed(store, n, at).await;
            }
            store.enqueue(&wish(4)).await.unwrap();
            store.cancel(id(4), later(50)).await.unwrap();
            let listed = store.failed(10).await.unwrap();
            assert_eq!(listed.iter().map(|job| job.id).collect::<Vec<_>>(), [3, 2, 1].map(id));
            assert!(listed.iter().all(|job| job.failure == Some(captcha())), "{listed:?}");
            assert_eq!(store.failed(1).await.unwrap(), listed[..1]);
            assert_eq!(store.failed(0).await.unwrap(), []);
        }

        async fn failed_job_can_be_put_back(store) {
            let id = failed(store, 1, 20).await;
            let revived = store.revive(id, later(100)).await.unwrap().unwrap();
            assert_eq!((revived.state, revived.priority, revived.available_at), (JobState::Queued, Priority::Asked, later(100)));
            assert_eq!((revived.failure.clone(), revived.finished_at), (None, None));
            assert_eq!((revived.attempts, revived.postponed), (1, 1), "its attempts begin anew");
            assert_eq!(store.revive(id, later(110)).await.unwrap(), Some(revived), "it is harmless to repeat");
            assert_eq!(newest_event(store, id).await, Some(Progress::Revived));
            assert_eq!(store.failed(10).await.unwrap(), []);
            assert_eq!(claimed(store, 100).await.attempt, 2, "the claims of before stay lost");
        }

        async fn cancelled_job_can_be_put_back(store) {
            store.schedule(&wish(1), later(900)).await.unwrap();
            store.cancel(id(1), later(20)).await.unwrap();
            let revived = store.revive(id(1), later(30)).await.unwrap().unwrap();
            assert_eq!((revived.state, revived.priority, revived.asked_at), (JobState::Queued, Priority::Asked, later(30)));
        }

        async fn job_is_not_put_back_beside_another_open_one(store) {
            let id_of_failed = failed(store, 1, 20).await;
            store.enqueue(&NewJob { id: id(9), ..wish(1) }).await.unwrap();
            let refused = store.revive(id_of_failed, later(30)).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.find(id_of_failed).await.unwrap().unwrap().state, JobState::Failed);
        }

        async fn only_what_failed_or_was_cancelled_is_put_back(store) {
            assert_eq!(store.revive(id(1), later(20)).await.unwrap(), None);
            store.enqueue(&wish(1)).await.unwrap();
            let claim = claimed(store, 10).await;
            assert_eq!(store.revive(id(1), later(20)).await.unwrap(), Some(claim.job.clone()));
            store.finish(&claim, &JobEnd::Succeeded, later(30)).await.unwrap();
            assert_eq!(store.revive(id(1), later(40)).await.unwrap().unwrap().state, JobState::Succeeded);
        }
    }
}
