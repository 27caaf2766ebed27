//! Words of a language model around insights, where a host brings one.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use compass_core::{
    Language,
    ports::{self, Narrator, NarratorError},
    recommend::{Insight, NarrationCounts, narrate},
};
use futures_util::future::join_all;
use metrics::counter;
use moka::future::Cache;
use tokio::sync::Semaphore;

/// Lets a [`Narrator`] put words around insights; without it, insights are their templates.
///
/// It is asked once in a while for each template, and no more than a few times at once, whoever wants insights. Each of its texts is
/// checked, and what does not pass is left out and counted, here and in the metric `compass_http_narrations_total`.
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
        let narrator = Arc::new(Sparing {
            narrator,
            answers: Cache::builder().max_capacity(TEMPLATES).time_to_live(KEPT).build(),
            calls: Semaphore::new(CALLS.get()),
        });
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
            measure(&counts);
            *self.counts.lock().unwrap_or_else(PoisonError::into_inner) += counts;
            narrated.fallback.is_none().then_some(narrated.text)
        };
        join_all(insights.iter().map(text)).await
    }
}

/// So many answers are kept.
const TEMPLATES: u64 = 1_000;
/// For so long, good or bad: a template is narrated anew now and then.
const KEPT: Duration = Duration::from_secs(3_600);
/// So many templates are narrated at once.
const CALLS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// A narrator that is not asked again for what it answered lately: what it is told has no values in it, and so many insights share it.
#[derive(Debug)]
struct Sparing {
    narrator: Arc<dyn Narrator>,
    answers: Cache<String, String>,
    calls: Semaphore,
}

#[async_trait]
impl Narrator for Sparing {
    async fn rephrase(&self, asked: &ports::Narration) -> Result<String, NarratorError> {
        let ask = async {
            let _call = self.calls.acquire().await.map_err(|closed| NarratorError(closed.into()))?;
            self.narrator.rephrase(asked).await
        };
        // All of it is English: no other language is asked for.
        self.answers.try_get_with_by_ref(&asked.template, ask).await.map_err(|failed| NarratorError(failed.into()))
    }
}

fn measure(counts: &NarrationCounts) {
    let NarrationCounts { accepted, failed, slow, language, too_long, claim, characters, words } = *counts;
    let outcomes = [
        ("accepted", accepted),
        ("failed", failed),
        ("slow", slow),
        ("language", language),
        ("too_long", too_long),
        ("claim", claim),
        ("characters", characters),
        ("words", words),
    ];
    for (outcome, n) in outcomes.into_iter().filter(|(_, n)| *n > 0) {
        counter!("compass_http_narrations_total", "outcome" => outcome).increment(n);
    }
}
