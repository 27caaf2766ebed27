//! A job's progress as server-sent events, from where the client stopped listening.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    http::{Extensions, HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use compass_core::{
    JobEvent, JobId, Progress,
    ports::{AccountStore, Clock, JobStore, StoreError},
};
use futures_util::stream::{self, Stream, StreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::{
    jobs::find,
    streams::{EVERY, Place},
};
use crate::{
    Shutdown,
    caller::Caller,
    extract::Path,
    problem::{Fails, Problem},
    provides::Provided,
    shared::Shared,
};

/// How often it is asked whether the listener is still signed in: at the next look for news, so a stream ends within a second.
const SESSION_CHECKS: Duration = Duration::from_millis(500);
/// A line now and then keeps proxies from closing a quiet connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One step of a job: the data of an event.
#[derive(Debug, Serialize)]
struct Step {
    at: Timestamp,
    #[serde(flatten)]
    progress: Progress,
}

/// An event of the stream.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document is made of it, the stream of axum's events")]
pub(super) struct StepEvent {
    /// The place of the step, from 1.
    #[schema(pattern = "^[0-9]+$")]
    id: String,
    /// When it happened, `at`, with the members of a `Progress`, as JSON.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// Streams a job's steps until it has ended, or the listener's session has.
///
/// A client that sends `Last-Event-ID` gets what follows it; what is no such id counts as none.
/// When nothing can follow any more the answer is 204, which tells an `EventSource` to stay away. One person may have ten
/// streams open.
#[utoipa::path(
    get, path = "/tiktok/jobs/{id}/events", tag = "tiktok",
    params(
        ("id" = uuid::Uuid, Path, description = "The job's id"),
        ("last-event-id" = Option<String>, Header, description = "The last event that was received")
    ),
    responses(
        (status = 200, description = "The steps, as they happen", body = StepEvent, content_type = "text/event-stream"),
        (status = 204, description = "The job has ended and every event was received"),
        Fails<400>, Fails<401>, Fails<404>, Fails<422>, Fails<429>
    ),
    security(("session" = []), ("bearer" = []))
)]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn events(
    Provided(jobs): Provided<Arc<dyn JobStore>>,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    who: Caller,
    Path(id): Path<JobId>,
    headers: HeaderMap,
    extensions: Extensions,
    shutdown: Option<Extension<Shutdown>>,
) -> Result<Response, Problem> {
    let after = last_event_id(&headers);
    let job = find(&*jobs, id).await?;
    let waiting = VecDeque::from(jobs.events(id, after).await?);
    if job.state.is_final() && waiting.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let shutdown = shutdown.map(|Extension(shutdown)| shutdown).unwrap_or_default();
    let place = Shared::streams(&extensions).open(who.user, id)?;
    let listener = Listener { accounts, clock, who, seen: Instant::now() };
    let next = Instant::now() + EVERY;
    let steps = Steps { jobs, id, place, listener, after, waiting, next, ended: false, shutdown };
    Ok(Sse::new(steps.stream()).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

fn last_event_id(headers: &HeaderMap) -> u64 {
    let value = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    value.filter(|seq| i64::try_from(*seq).is_ok()).unwrap_or(0)
}

/// Who opened the stream.
struct Listener {
    accounts: Arc<dyn AccountStore>,
    clock: Arc<dyn Clock>,
    who: Caller,
    /// When the listener was known to be signed in.
    seen: Instant,
}

impl Listener {
    async fn is_signed_in(&mut self) -> Result<bool, StoreError> {
        if self.seen.elapsed() < SESSION_CHECKS {
            return Ok(true);
        }
        self.seen = Instant::now();
        self.who.is_still_there(&*self.accounts, &*self.clock).await
    }
}

struct Steps {
    jobs: Arc<dyn JobStore>,
    id: JobId,
    place: Place,
    listener: Listener,
    after: u64,
    waiting: VecDeque<JobEvent>,
    /// When to look for news.
    next: Instant,
    ended: bool,
    shutdown: Shutdown,
}

impl Steps {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        let span = tracing::Span::current();
        let events = stream::unfold(self, move |mut steps| {
            let next = async move { steps.next().await.map(|event| (Ok(event), steps)) };
            next.instrument(span.clone())
        });
        // What is between us and the client may ask once more after the end.
        events.fuse()
    }

    async fn next(&mut self) -> Option<Event> {
        while !self.ended {
            if let Some(step) = self.waiting.pop_front() {
                self.after = step.seq;
                // A job that ended may have been put back, and then there is more.
                let end = matches!(step.progress, Progress::Succeeded | Progress::Failed { .. } | Progress::Cancelled);
                self.ended = end && self.waiting.is_empty();
                return Some(event(step));
            }
            tokio::select! {
                () = tokio::time::sleep_until(self.next) => {}
                () = self.shutdown.0.cancelled() => {
                    self.ended = true;
                    return Some(Event::default().comment("the service stops; come back in a moment").retry(EVERY * 10));
                }
            }
            match self.look_for_news().await {
                Ok(more) => self.ended = !more,
                // The client comes back by itself, and then gets the store's answer.
                Err(error) => {
                    tracing::warn!(job = %self.id, %error, "a stream of progress ends early");
                    return None;
                }
            }
        }
        None
    }

    /// Takes up what has happened since; `false` if nothing more is to be told.
    async fn look_for_news(&mut self) -> Result<bool, StoreError> {
        if !self.listener.is_signed_in().await? {
            return Ok(false);
        }
        // A client may have seen the last step, or claim to be even further.
        let heard = self.place.news().after(self.after, &*self.jobs).await?;
        self.next = heard.next;
        self.waiting.extend(heard.steps);
        Ok(!(heard.over && self.waiting.is_empty()))
    }
}

fn event(step: JobEvent) -> Event {
    let data = Step { at: step.at, progress: step.progress };
    let json = serde_json::to_string(&data).expect("a step has string keys only");
    Event::default().id(step.seq.to_string()).data(json)
}
