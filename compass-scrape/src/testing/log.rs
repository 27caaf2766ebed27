//! What a stand-in was asked, so that tests can prove what was asked and what was not.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::time::Instant;

/// More requests than this are not remembered; the oldest are forgotten.
const MOST: usize = 10_000;

/// One request that came to a stand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it came.
    pub at: Instant,
    /// To which of its hosts.
    pub host: Host,
    /// `GET`, `POST`...
    pub method: String,
    /// The path, still escaped: `/@ada`.
    pub path: String,
    /// What follows the question mark; empty if nothing does.
    pub query: String,
    /// The user agent; empty if it was not told.
    pub user_agent: String,
}

/// A host that a stand-in serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// The site.
    Site,
    /// Where its pictures and scripts are: another port of the same address.
    Assets,
    /// Somebody else's: another address. No visitor of the site has any business there.
    Elsewhere,
}

/// The requests so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Arc<Mutex<VecDeque<Request>>>);

impl Log {
    pub(super) fn add(&self, request: Request) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(request);
    }

    /// All of them, the oldest first.
    pub(super) fn all(&self) -> Vec<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
