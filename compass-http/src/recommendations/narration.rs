//! Words of a language model around insights, where a host brings one.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use compass_core::{
    Language,
    ports::Narrator,
    recommend::{Insight, NarrationCounts, narrate},
};
use futures_util::future::join_all;

/// Lets a [`Narrator`] put words around insights; without it, insights are their templates.
///
/// Each of its texts is checked, and what does not pass is left out and counted.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use axum::{Extension, Router};
/// # use compass_core::ports::Narrator;
/// # use compass_http::{Narration, Ports};
/// fn app(ports: Ports, narrator: Arc<dyn Narrator>) -> Router {
///     let narration = Narration::new(narrator, Duration::from_secs(3));
///     compass_http::router().with_state(ports).layer(Extension(narration))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Narration {
    narrator: Arc<dyn Narrator>,
    patience: Duration,
    counts: Arc<Mutex<NarrationCounts>>,
}

impl Narration {
    /// A narrator that is waited for so long: for all texts of one answer together.
    #[must_use]
    pub fn new(narrator: Arc<dyn Narrator>, patience: Duration) -> Self {
        Self { narrator, patience, counts: Arc::default() }
    }

    /// What became of its texts so far.
    #[must_use]
    pub fn counts(&self) -> NarrationCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A text for each insight; `None` where the narrator's was not accepted, and the insight's own text is to be shown.
    pub async fn texts(&self, insights: &[Insight]) -> Vec<Option<String>> {
        let english = Language::parse("en").expect("it is a code");
        let text = async |insight: &Insight| {
            let mut counts = NarrationCounts::default();
            let patience = tokio::time::sleep(self.patience);
            let narrated = narrate(&*self.narrator, insight, english, patience, &mut counts).await;
            *self.counts.lock().unwrap_or_else(PoisonError::into_inner) += counts;
            narrated.fallback.is_none().then_some(narrated.text)
        };
        join_all(insights.iter().map(text)).await
    }
}
