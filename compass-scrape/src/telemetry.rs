//! What every collection leaves in metrics and traces, whichever source it is of.

use compass_core::{
    Snapshot, SourceKind,
    ports::{CollectRequest, SourceError},
};
use metrics::{Counter, counter, gauge, histogram};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

/// The outcome of a collection that nobody waited for until its end.
const GIVEN_UP: &str = "given_up";

/// Runs a collection within a span, and counts and times it. Sources wrap all of [`collect`] in it.
///
/// [`collect`]: compass_core::ports::ProfileSource::collect
pub(crate) async fn collection(
    source: SourceKind,
    request: &CollectRequest,
    collecting: impl Future<Output = Result<Snapshot, SourceError>>,
) -> Result<Snapshot, SourceError> {
    let span = tracing::info_span!("collect", %source, handle = %request.handle, outcome = field::Empty);
    let mut ending = Ending { source, span: span.clone(), begun: Instant::now(), outcome: GIVEN_UP };
    let collected = collecting.instrument(span).await;
    ending.outcome = collected.as_ref().map_or_else(SourceError::code, |_| "ok");
    for refusal in collected.iter().flat_map(|snapshot| &snapshot.refused) {
        let (source, reason) = (source.as_str(), refusal.reason.clone());
        counter!("compass_refusals_total", "source" => source, "reason" => reason).increment(1);
    }
    collected
}

/// Loads and reads one page, or one answer, within a span of its own, and counts it. `what` is the kind of page.
pub(crate) async fn page<T>(source: SourceKind, what: &'static str, loading: impl Future<Output = T>) -> T {
    pages(source).increment(1);
    loading.instrument(page_span(source, what)).await
}

/// Counts the pages that a source loads.
pub(crate) fn pages(source: SourceKind) -> Counter {
    counter!("compass_pages_total", "source" => source.as_str())
}

/// The span of one page.
pub(crate) fn page_span(source: SourceKind, what: &'static str) -> Span {
    tracing::info_span!("page", %source, what)
}

/// Counts as a browser that is in use, as long as it lives.
#[derive(Debug)]
pub(crate) struct BrowserInUse(());

impl BrowserInUse {
    pub(crate) fn new() -> Self {
        gauge!("compass_browsers_in_use").increment(1.0);
        Self(())
    }
}

impl Drop for BrowserInUse {
    fn drop(&mut self) {
        gauge!("compass_browsers_in_use").decrement(1.0);
    }
}

/// Tells the outcome when it is dropped: a collection that is given up ends without coming to its end.
struct Ending {
    source: SourceKind,
    span: Span,
    begun: Instant,
    outcome: &'static str,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let (source, took) = (self.source.as_str(), self.begun.elapsed());
        self.span.record("outcome", self.outcome);
        counter!("compass_collections_total", "source" => source, "outcome" => self.outcome).increment(1);
        histogram!("compass_collection_seconds", "source" => source).record(took);
    }
}
