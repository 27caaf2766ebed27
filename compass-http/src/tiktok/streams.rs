//! The streams of progress that are open: how many one person has, and what those of one job are told.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use compass_core::{
    JobEvent, JobId, UserId,
    ports::{JobStore, StoreError},
};
use tokio::time::Instant;

use crate::problem::{Problem, ProblemKind};

/// How often the store is asked for a job's news, however many listen to it: workers may run in other processes.
pub(super) const EVERY: Duration = Duration::from_millis(300);
/// So many may one person have open, over all pages and programs.
const MOST_OF_ONE_PERSON: usize = 10;
/// Streams end with their jobs, most of which take seconds.
const BACK_IN: Duration = Duration::from_secs(5);

/// The open streams of one router.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    of_person: HashMap<UserId, usize>,
    of_job: HashMap<JobId, Weak<News>>,
}

impl Streams {
    /// A place for one more stream of this person.
    pub(super) fn open(&self, who: UserId, job: JobId) -> Result<Place, Problem> {
        let mut open = self.lock();
        let count = open.of_person.entry(who).or_default();
        if *count >= MOST_OF_ONE_PERSON {
            let why = format!("you listen to {MOST_OF_ONE_PERSON} jobs already; end one before the next");
            return Err(Problem::new(ProblemKind::TooOften).with_detail(why).with_retry_after(BACK_IN));
        }
        *count += 1;
        let news = open.of_job.get(&job).and_then(Weak::upgrade).unwrap_or_else(|| {
            let news = Arc::new(News::new(job));
            open.of_job.insert(job, Arc::downgrade(&news));
            news
        });
        Ok(Place { streams: self.clone(), who, news: Some(news) })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open stream, until it is dropped.
pub(super) struct Place {
    streams: Streams,
    who: UserId,
    /// `Some` until the end.
    news: Option<Arc<News>>,
}

impl Place {
    pub(super) fn news(&self) -> &News {
        self.news.as_ref().expect("it is taken at the end alone")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(count) = open.of_person.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.of_person.remove(&self.who);
            }
        }
        if let Some(news) = self.news.take() {
            let job = news.job;
            drop(news);
            if open.of_job.get(&job).is_some_and(|news| news.strong_count() == 0) {
                open.of_job.remove(&job);
            }
        }
    }
}

/// What is known of a job, for all who listen to it.
pub(super) struct News {
    job: JobId,
    known: tokio::sync::Mutex<Known>,
}

#[derive(Default)]
struct Known {
    asked_at: Option<Instant>,
    over: bool,
    steps: Vec<JobEvent>,
}

/// What a listener has not heard yet.
pub(super) struct Heard {
    pub(super) steps: Vec<JobEvent>,
    /// Whether the job had ended.
    pub(super) over: bool,
    /// When there may be more.
    pub(super) next: Instant,
}

impl News {
    fn new(job: JobId) -> Self {
        Self { job, known: tokio::sync::Mutex::default() }
    }

    /// What has happened after a step. The store is asked unless it was for another listener a moment ago.
    pub(super) async fn after(&self, step: u64, jobs: &dyn JobStore) -> Result<Heard, StoreError> {
        let mut known = self.known.lock().await;
        let fresh = known.asked_at.filter(|asked_at| asked_at.elapsed() < EVERY);
        let asked_at = match fresh {
            Some(asked_at) => asked_at,
            None => {
                let asked_at = Instant::now();
                // Read before the steps: a job that is final by then has written its last one.
                let over = jobs.find(self.job).await?.is_none_or(|job| job.state.is_final());
                let last = known.steps.last().map_or(0, |step| step.seq);
                let more = jobs.events(self.job, last).await?;
                known.steps.extend(more);
                known.over = over;
                known.asked_at = Some(asked_at);
                asked_at
            }
        };
        let steps = known.steps.iter().filter(|known| known.seq > step).cloned().collect();
        Ok(Heard { steps, over: known.over, next: asked_at + EVERY })
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("News").field("job", &self.job).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_closed_leaves_nothing_behind() {
        let streams = Streams::default();
        let (ada, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let job = JobId(Uuid::from_u128(3));
        let places: Vec<Place> = [ada, ada, bob].map(|who| streams.open(who, job).unwrap_or_else(|_| panic!())).into();
        let open = streams.lock();
        assert_eq!((open.of_person[&ada], open.of_person[&bob], open.of_job.len()), (2, 1, 1));
        drop(open);
        drop(places);
        assert!(streams.lock().of_person.is_empty() && streams.lock().of_job.is_empty());
    }
}
