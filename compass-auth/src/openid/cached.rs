//! A document of the provider that is kept as long as the provider says, and longer while the provider is down.

use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::ProviderError;

/// For how long a document that is due is used on while no newer one can be had.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
/// The provider is not asked again within this time while there is a document.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// One document, fetched by one caller however many ask at once.
#[derive(Debug)]
pub(super) struct Cached<T> {
    kept: StdMutex<Kept<T>>,
    fetching: Mutex<()>,
}

#[derive(Debug)]
struct Kept<T> {
    document: Option<Document<T>>,
    /// How often it was fetched or could not be.
    tries: u64,
    tried_at: Option<Timestamp>,
    failure: Option<ProviderError>,
}

#[derive(Debug)]
struct Document<T> {
    value: Arc<T>,
    fresh_until: Timestamp,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        let nothing = Kept { document: None, tries: 0, tried_at: None, failure: None };
        Self { kept: StdMutex::new(nothing), fetching: Mutex::new(()) }
    }
}

impl<T: Send + Sync> Cached<T> {
    /// The document: a fresh one that suffices if there is, else a newly fetched one. If that was fetched less than a minute ago,
    /// the one that there is; if it cannot be had, the one that there is, up to a day after it was due, where that suffices. `fetch`
    /// does nothing until it is awaited.
    pub(super) async fn get(
        &self,
        now: Timestamp,
        suffices: impl Fn(&T) -> bool + Send + Sync,
        fetch: impl Future<Output = Result<(T, SignedDuration), ProviderError>> + Send,
    ) -> Result<Arc<T>, ProviderError> {
        let tries = {
            let kept = self.kept();
            let usable = kept.usable(now);
            let fresh = usable.filter(|document| now < document.fresh_until && suffices(&document.value));
            if let Some(document) = fresh {
                return Ok(Arc::clone(&document.value));
            }
            if usable.is_some() && kept.was_tried_lately(now) {
                return kept.outcome(now, suffices);
            }
            kept.tries
        };
        let _one_at_a_time = self.fetching.lock().await;
        if self.kept().tries != tries {
            // Somebody else asked while this caller waited; the answer is for both.
            return self.kept().outcome(now, suffices);
        }
        let fetched = fetch.await;
        let mut kept = self.kept();
        kept.tries += 1;
        kept.tried_at = Some(now);
        match fetched {
            Ok((value, fresh_for)) => {
                kept.document = Some(Document { value: Arc::new(value), fresh_until: now + fresh_for });
                kept.failure = None;
            }
            Err(error) => {
                tracing::warn!(%error, "a document of the identity provider could not be fetched");
                kept.failure = Some(error);
            }
        }
        kept.outcome(now, suffices)
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Kept<T> {
    fn usable(&self, now: Timestamp) -> Option<&Document<T>> {
        self.document.as_ref().filter(|document| now.duration_since(document.fresh_until) < GRACE)
    }

    /// A clock that was put back does not count as a wait.
    fn was_tried_lately(&self, now: Timestamp) -> bool {
        let since = self.tried_at.map(|tried_at| now.duration_since(tried_at));
        since.is_some_and(|since| !since.is_negative() && since < PAUSE)
    }

    /// What is known after the last try. Whether a document that does not suffice is the newest only the provider can tell: while
    /// that fails, its failure is the answer.
    fn outcome(&self, now: Timestamp, suffices: impl Fn(&T) -> bool) -> Result<Arc<T>, ProviderError> {
        match (self.usable(now), &self.failure) {
            (Some(document), None) => Ok(Arc::clone(&document.value)),
            (Some(document), Some(_)) if suffices(&document.value) => Ok(Arc::clone(&document.value)),
            (_, Some(failure)) => Err(failure.clone()),
            // Only with a clock that leaps while somebody waits.
            (None, None) => Err(ProviderError::TimedOut),
        }
    }
}
