//! A request that is sent again with the same `Idempotency-Key` is answered again, not done again.

use std::{
    collections::{HashMap, VecDeque},
    panic::resume_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request, response::Parts},
    response::{IntoResponse, Response},
};
use compass_core::UserId;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tracing::Instrument as _;
use utoipa::IntoParams;

use crate::{
    problem::{Problem, ProblemKind},
    shared::Shared,
};

/// An answer is kept for so long.
const KEPT_FOR: Duration = Duration::from_secs(86_400);
/// So many answers are kept; the oldest goes first.
const MOST: usize = 4_096;
/// So many of them are one person's, so that nobody pushes out everybody's.
const MOST_OF_ONE: usize = 256;
/// A larger answer is not kept.
const LARGEST: usize = 16 * 1024;
const LONGEST_KEY: usize = 255;
const AGAIN: HeaderName = HeaderName::from_static("idempotency-replayed");

type Key = (UserId, String);
type Fingerprint = [u8; 32];

/// The answers of one router, in memory: another process, or the next start, knows nothing of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptAnswers(Arc<Mutex<Answers>>);

#[derive(Debug, Default)]
struct Answers {
    by_key: HashMap<Key, Entry>,
    /// The finished ones, oldest first.
    finished: VecDeque<(Instant, Key)>,
}

#[derive(Debug)]
struct Entry {
    of: Fingerprint,
    /// `None` while the request is under way.
    answer: Option<Answer>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    async fn read(response: Response) -> Result<Self, Problem> {
        let (Parts { status, headers, .. }, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await;
        let body = body.map_err(|error| Problem::new(ProblemKind::Internal).with_cause(error))?;
        Ok(Self { status, headers, body })
    }

    fn again(mut self) -> Response {
        self.headers.insert(AGAIN, HeaderValue::from_static("true"));
        self.into_response()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

impl KeptAnswers {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the key for a request; otherwise gives the answer that it had, or why there is none.
    fn begin(&self, key: &Key, of: Fingerprint) -> Result<Option<Answer>, Problem> {
        let mut answers = self.lock();
        answers.forget(Instant::now());
        match answers.by_key.get(key) {
            None => {
                answers.by_key.insert(key.clone(), Entry { of, answer: None });
                Ok(None)
            }
            Some(entry) if entry.of != of => Err(Problem::new(ProblemKind::InvalidValue)
                .with_detail("Idempotency-Key: another request had this key; take a fresh one for each")),
            Some(Entry { answer: None, .. }) => Err(Problem::new(ProblemKind::Conflict)
                .with_detail("Idempotency-Key: the request with this key is still under way")
                .with_retry_after(Duration::from_secs(1))),
            Some(Entry { answer: Some(answer), .. }) => Ok(Some(answer.clone())),
        }
    }
}

impl Answers {
    /// Forgets the oldest answer of a person who has as many as one may.
    fn make_room(&mut self, user: UserId) {
        let mut of_user =
            self.finished.iter().enumerate().filter(|(_, (_, key))| key.0 == user).map(|(place, _)| place);
        let (oldest, many) = (of_user.next(), of_user.count() + 1 >= MOST_OF_ONE);
        if many && let Some((_, key)) = oldest.and_then(|oldest| self.finished.remove(oldest)) {
            self.by_key.remove(&key);
        }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, key)) = self.finished.front() {
            if self.finished.len() < MOST && now.duration_since(*at) < KEPT_FOR {
                break;
            }
            self.by_key.remove(key);
            self.finished.pop_front();
        }
    }
}

/// How the key is described.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IdempotencyKey {
    /// A fresh key, such as a UUID, for each request that is not the same
    #[param(pattern = "^[!-~]{1,255}$", rename = "idempotency-key")]
    _key: Option<String>,
}

/// The key of a request, if it has one. The answer is that of the first request of the same person with it; failures are not
/// kept, so that the request can be tried again. What was begun is done to its end, whether or not the client is still there.
#[derive(Debug)]
pub(crate) struct Once(Option<Keyed>);

#[derive(Debug)]
struct Keyed {
    kept: KeptAnswers,
    key: String,
    /// The method and the address.
    asked: Sha256,
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let Some(key) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        let is_visible = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic());
        let key = key.to_str().ok().filter(is_visible).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
        let wrong = || {
            let why = format!("Idempotency-Key: it has 1 to {LONGEST_KEY} visible characters");
            Problem::new(ProblemKind::BadRequest).with_detail(why)
        };
        let key = key.ok_or_else(wrong)?.to_owned();
        let kept = Shared::answers(&parts.extensions);
        let address = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let asked =
            Sha256::new().chain_update(parts.method.as_str()).chain_update(" ").chain_update(address.to_string());
        Ok(Self(Some(Keyed { kept, key, asked })))
    }
}

impl Once {
    /// Does the work, unless it was done already. `body` is what the client sent.
    pub(crate) async fn answer(
        self,
        user: UserId,
        body: &[u8],
        work: impl Future<Output = Result<Response, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        self.done(user, body, work, None).await
    }

    /// As [`answer`](Self::answer), where the answer has a secret and is told once: the same request again gets the problem that
    /// `instead` makes of the first answer's headers.
    pub(crate) async fn tell_once(
        self,
        user: UserId,
        work: impl Future<Output = Result<Response, Problem>> + Send + 'static,
        instead: fn(&HeaderMap) -> Problem,
    ) -> Result<Response, Problem> {
        self.done(user, b"", work, Some(instead)).await
    }

    async fn done(
        self,
        user: UserId,
        body: &[u8],
        work: impl Future<Output = Result<Response, Problem>> + Send + 'static,
        instead: Option<fn(&HeaderMap) -> Problem>,
    ) -> Result<Response, Problem> {
        let Some(Keyed { kept, key, asked }) = self.0 else { return work.await };
        let key = (user, key);
        if let Some(answer) = kept.begin(&key, asked.chain_update(" ").chain_update(body).finalize().into())? {
            return Ok(answer.again());
        }
        let under_way = UnderWay { kept, key: Some(key) };
        let done = async move {
            let answer = Answer::read(work.await?).await?;
            if answer.status.is_success() {
                let again = match instead {
                    Some(instead) => Answer::read(instead(&answer.headers).into_response()).await?,
                    None => answer.clone(),
                };
                if again.body.len() <= LARGEST {
                    under_way.finish(again);
                }
            }
            Ok(answer.into_response())
        };
        // It goes on where the client has gone away: done by half, it would be done again.
        match tokio::spawn(done.in_current_span()).await {
            Ok(answer) => answer,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(stopped) => Err(Problem::new(ProblemKind::Internal).with_cause(stopped)),
            },
        }
    }
}

/// Gives the key back if the work fails, or panics.
struct UnderWay {
    kept: KeptAnswers,
    key: Option<Key>,
}

impl UnderWay {
    fn finish(mut self, answer: Answer) {
        let Some(key) = self.key.take() else { return };
        let mut answers = self.kept.lock();
        if let Some(entry) = answers.by_key.get_mut(&key) {
            entry.answer = Some(answer);
        }
        answers.make_room(key.0);
        answers.finished.push_back((Instant::now(), key));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.kept.lock().by_key.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::sync::oneshot;

    use uuid::Uuid;

    use super::*;

    const ADA: UserId = UserId(Uuid::from_u128(1));

    fn once(kept: &KeptAnswers, key: &str) -> Once {
        Once(Some(Keyed { kept: kept.clone(), key: key.to_owned(), asked: Sha256::new() }))
    }

    async fn ask(kept: &KeptAnswers, key: &str, body: &str, says: &'static str) -> Result<String, ProblemKind> {
        ask_as(ADA, kept, key, body, says).await
    }

    async fn ask_as(
        user: UserId,
        kept: &KeptAnswers,
        key: &str,
        body: &str,
        says: &'static str,
    ) -> Result<String, ProblemKind> {
        let done = once(kept, key).answer(user, body.as_bytes(), ready(Ok(says.into_response()))).await;
        let body = done.map_err(|problem| problem.kind())?.into_body();
        Ok(String::from_utf8(to_bytes(body, 100).await.unwrap().to_vec()).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_a_day() {
        let kept = KeptAnswers::default();
        assert_eq!(ask(&kept, "k", "", "first").await, Ok("first".to_owned()));
        tokio::time::advance(KEPT_FOR - Duration::from_secs(1)).await;
        assert_eq!(ask(&kept, "k", "", "second").await, Ok("first".to_owned()));
        assert_eq!(ask(&kept, "k", "other", "second").await, Err(ProblemKind::InvalidValue));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(ask(&kept, "k", "", "second").await, Ok("second".to_owned()));
    }

    #[tokio::test]
    async fn a_request_under_way_goes_on_without_its_client_and_is_not_done_twice() {
        let kept = KeptAnswers::default();
        let (end, ends) = oneshot::channel::<&str>();
        let work = async move { Ok(ends.await.unwrap().into_response()) };
        let mut first = Box::pin(once(&kept, "k").answer(ADA, b"", work));
        tokio::select! {
            biased;
            _ = &mut first => panic!("it waits"),
            () = ready(()) => {}
        }
        assert_eq!(ask(&kept, "k", "", "second").await, Err(ProblemKind::Conflict));
        drop(first);
        assert_eq!(ask(&kept, "k", "", "second").await, Err(ProblemKind::Conflict));
        end.send("first").unwrap();
        tokio::task::yield_now().await;
        assert_eq!(ask(&kept, "k", "", "second").await, Ok("first".to_owned()));
    }

    #[tokio::test]
    async fn a_request_that_failed_or_panicked_may_be_tried_again() {
        let kept = KeptAnswers::default();
        let once_more = once(&kept, "p");
        let panicked = tokio::spawn(async move { once_more.answer(ADA, b"", async { panic!("sesame") }).await }).await;
        assert_eq!(panicked.unwrap_err().into_panic().downcast_ref(), Some(&"sesame"), "and whoever asked is told");
        assert_eq!(ask(&kept, "p", "", "third").await, Ok("third".to_owned()));
        let failed = once(&kept, "f").answer(ADA, b"", ready(Err(Problem::new(ProblemKind::Unavailable)))).await;
        assert!(failed.is_err());
        assert_eq!(ask(&kept, "f", "", "third").await, Ok("third".to_owned()), "a failure is not kept");
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_answer_makes_room() {
        let kept = KeptAnswers::default();
        let person = |n: usize| UserId(Uuid::from_u128(n as u128));
        for n in 0..MOST + 10 {
            ask_as(person(n), &kept, "k", "", "first").await.unwrap();
        }
        assert!(kept.lock().by_key.len() <= MOST);
        assert_eq!(ask_as(person(0), &kept, "k", "", "second").await, Ok("second".to_owned()));
        assert_eq!(ask_as(person(MOST + 9), &kept, "k", "", "second").await, Ok("first".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_person_s_answers_push_out_only_that_person_s() {
        let (kept, bob) = (KeptAnswers::default(), UserId(Uuid::from_u128(2)));
        ask_as(bob, &kept, "k", "", "first").await.unwrap();
        for n in 0..2 * MOST_OF_ONE {
            ask(&kept, &n.to_string(), "", "first").await.unwrap();
        }
        assert_eq!(kept.lock().by_key.len(), MOST_OF_ONE + 1);
        assert_eq!(ask_as(bob, &kept, "k", "", "second").await, Ok("first".to_owned()));
        assert_eq!(ask(&kept, &(2 * MOST_OF_ONE - 1).to_string(), "", "second").await, Ok("first".to_owned()));
        assert_eq!(ask(&kept, "0", "", "second").await, Ok("second".to_owned()));
    }
}
