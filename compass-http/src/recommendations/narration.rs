//! Words of a language model around insights, where a host brings one.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use compass_core::{
    Language,
    ports::{self, Narrator, NarratorError},
    recommend::{Insight, NarrationCounts, narrate},
};
use futures_util::future::join_all;
use metrics::counter;
use moka::{Expiry, future::Cache};
use tokio::sync::Semaphore;

/// Lets a [`Narrator`] put words around insights; without it, insights are their templates.
///
/// It is asked once in a while for each template, and no more than a few times at once, whoever wants insights. Who has waited too long gets the
/// template, and the next one what came of it meanwhile; where it fails, it is left alone for a minute. Each of its texts is checked, and what does not pass is left out and counted, here and in the metric `compass_http_narrations_total`.
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
            answers: Cache::builder().max_capacity(TEMPLATES).expire_after(KeptFor).build(),
            calls: Arc::new(Semaphore::new(CALLS.get())),
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
/// For so long, whether it passes or not: a template is narrated anew now and then.
const KEPT: Duration = Duration::from_secs(3_600);
/// So long a narrator that failed is not asked for the same again.
const FAILED: Duration = Duration::from_secs(60);
/// A narrator that has not answered by then has failed.
const LONGEST: Duration = Duration::from_secs(120);
/// So many templates are narrated at once.
const CALLS: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// A narrator that is not asked again for what it answered lately: what it is told has no values in it, and so many insights share it.
#[derive(Clone, Debug)]
struct Sparing {
    narrator: Arc<dyn Narrator>,
    answers: Cache<String, Answer>,
    calls: Arc<Semaphore>,
}

type Answer = Result<String, Arc<NarratorError>>;

struct KeptFor;

impl Expiry<String, Answer> for KeptFor {
    fn expire_after_create(&self, _: &String, answer: &Answer, _: Instant) -> Option<Duration> {
        Some(if answer.is_ok() { KEPT } else { FAILED })
    }
}

#[async_trait]
impl Narrator for Sparing {
    async fn rephrase(&self, asked: &ports::Narration) -> Result<String, NarratorError> {
        let (this, asked) = (self.clone(), asked.clone());
        // It goes on where nobody waits for it any longer: the answer is paid for, and the next one has it.
        let answer = tokio::spawn(async move {
            let template = asked.template.clone();
            // All of it is English: no other language is asked for.
            this.answers.get_with(template, async { this.ask(&asked).await.map_err(Arc::new) }).await
        });
        let answer = answer.await.map_err(|failed| NarratorError(failed.into()))?;
        answer.map_err(|failed| NarratorError(failed.into()))
    }
}

impl Sparing {
    async fn ask(&self, asked: &ports::Narration) -> Result<String, NarratorError> {
        let _call = self.calls.acquire().await.map_err(|closed| NarratorError(closed.into()))?;
        let answer = tokio::time::timeout(LONGEST, self.narrator.rephrase(asked)).await;
        answer.map_err(|late| NarratorError(late.into()))?
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
