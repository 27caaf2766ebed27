//! What reports compare a creator with: the others, as they were when they were read last.

use std::sync::{Arc, PoisonError, RwLock};

use compass_core::{
    analytics::{Corpus, ReportOptions},
    app,
    ports::{CreatorStore, StoreError},
};
use jiff::{SignedDuration, Timestamp};

/// Reports of moments longer ago than this are made as if nothing had been learnt: peers are known as they are now.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So many creators that cannot be read are named in the log.
const NAMED: usize = 10;

/// What other creators teach reports: how views grow with age, and what is usual among peers.
///
/// A creator's peers are the other creators that the store knows, that were seen in the last 90 days, and that are of its size
/// and, where there are thirty of them, of its language. Their figures are those of their newest 30 posts at their newest look.
/// Nothing that people brought of their own accounts is in them.
///
/// The host learns when it likes, and no request waits for it. Before the first time, and in reports of moments that
/// had been over for a week by then, there are no peers and views grow as is built in.
///
/// ```
/// # use axum::{Extension, Router};
/// # use compass_core::ports::StoreError;
/// # use compass_http::{LearntCorpus, Ports};
/// async fn app(ports: Ports) -> Result<Router, StoreError> {
///     let corpus = LearntCorpus::default();
///     // A host does so again and again, as often as it wants peers to be new.
///     corpus.learn(&*ports.creators, ports.clock.now()).await?;
///     Ok(compass_http::router().with_state(ports).layer(Extension(corpus)))
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct LearntCorpus(Arc<RwLock<Option<Learnt>>>);

/// What was learnt, and when.
#[derive(Clone, Debug)]
pub(crate) struct Learnt {
    pub(crate) corpus: Arc<Corpus>,
    pub(crate) at: Timestamp,
}

impl LearntCorpus {
    /// Reads everybody, one creator after another, and uses what they teach from now on; says how many can be peers.
    ///
    /// Creators of whom the store cannot make sense are left out and named in the log. It computes between its reads: a host with
    /// many creators does it on a thread of its own.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails; what was known before is kept then.
    pub async fn learn(&self, creators: &dyn CreatorStore, now: Timestamp) -> Result<usize, StoreError> {
        let read = app::read_corpus(creators, now).await?;
        for (creator, why) in read.unread.iter().take(NAMED) {
            tracing::error!(
                "creator {creator} is compared with nobody, since what is kept of it cannot be read: {why}"
            );
        }
        if read.unread.len() > NAMED {
            tracing::error!("the same goes for {} creators more", read.unread.len() - NAMED);
        }
        let finish = tokio::task::spawn_blocking(|| read.corpus.finish());
        let corpus = Arc::new(finish.await.map_err(|failed| StoreError::Unavailable(failed.into()))?);
        let peers = corpus.peers.len();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Learnt { corpus, at: now });
        Ok(peers)
    }

    /// What a report as of a moment is made with.
    #[must_use]
    pub fn at(&self, as_of: Timestamp) -> Arc<Corpus> {
        self.newest().corpus(as_of)
    }

    /// What was learnt last, which stays the same for whoever holds it.
    pub(crate) fn newest(&self) -> Newest {
        Newest(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// What had been learnt by one moment: a question, its report and what is said of both have to be of the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newest(Option<Learnt>);

impl Newest {
    /// What a report as of a moment is compared with, if anything was learnt for it.
    pub(crate) fn learnt(&self, as_of: Timestamp) -> Option<&Learnt> {
        self.0.as_ref().filter(|learnt| learnt.at.duration_since(as_of) <= RECENT)
    }

    /// What a report as of a moment is made with.
    pub(crate) fn corpus(&self, as_of: Timestamp) -> Arc<Corpus> {
        self.learnt(as_of).map_or_else(|| ReportOptions::default().corpus, |learnt| Arc::clone(&learnt.corpus))
    }
}
