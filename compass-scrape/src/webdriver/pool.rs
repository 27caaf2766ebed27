//! The open browsers: at most so many, each in use by one collection at a time and kept for the next.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use compass_core::ports::{ProgressSink, SourceError};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::AbortHandle,
    time::Instant,
};

use super::{Settings, browser::Browser, process::Running};
use crate::{telemetry::BrowserInUse, waiting::waiting};

/// The browsers of one source.
#[derive(Debug)]
pub(super) struct Pool {
    settings: Arc<Settings>,
    running: Running,
    /// One for each browser that may be open. Whoever has none waits.
    seats: Arc<Semaphore>,
    /// Never more than there are free seats, the one that was used last at the end.
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    browser: Browser,
    since: Instant,
    /// Closes it after a while, unless it is taken before.
    closing: AbortHandle,
}

/// A browser that one collection has for itself. Dropped, it is ended: who gives a collection up leaves it anywhere.
#[derive(Debug)]
pub(super) struct Lent {
    browser: Browser,
    pool: Arc<Pool>,
    in_use: BrowserInUse,
    // Dropped last: the next one opens only when this one is gone.
    seat: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        let seats = Arc::new(Semaphore::new(settings.sessions));
        Self { settings, running: Running::default(), seats, idle: Mutex::default() }
    }

    /// The drivers that the pool has started and that run now.
    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// Waits until a browser may be used: a kept one if it is still good, else a new one.
    pub(super) async fn lend(self: &Arc<Self>, progress: &dyn ProgressSink) -> Result<Lent, SourceError> {
        let seat = waiting(progress, self.seat()).await;
        while let Some(mut browser) = self.take_kept() {
            if browser.pages() >= self.settings.pages_per_session {
                browser.close().await;
            } else if browser.answers().await {
                return Ok(Lent { browser, pool: Arc::clone(self), in_use: BrowserInUse::new(), seat });
            } else {
                browser.discard().await;
            }
        }
        let browser = Browser::open(&self.settings, &self.running).await?;
        Ok(Lent { browser, pool: Arc::clone(self), in_use: BrowserInUse::new(), seat })
    }

    /// Ends every browser, those in use when they are given back.
    pub(super) async fn close(&self) {
        let mut seats = Vec::new();
        for _ in 0..self.settings.sessions {
            seats.push(self.seat().await);
            while let Some(browser) = self.take_kept() {
                browser.close().await;
            }
        }
    }

    async fn seat(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.seats).acquire_owned().await.expect("the pool never closes its seats")
    }

    /// A kept browser, which is no longer closed by itself.
    fn take_kept(&self) -> Option<Browser> {
        let Idle { browser, closing, .. } = self.take_idle(|_| true)?;
        closing.abort();
        Some(browser)
    }

    fn take_idle(&self, fits: impl Fn(&Idle) -> bool) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().rposition(fits)?;
        Some(idle.remove(at))
    }

    fn keep(self: &Arc<Self>, browser: Browser) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let since = Instant::now();
        let closing = tokio::spawn(close_unused(Arc::downgrade(self), since, self.settings.idle)).abort_handle();
        idle.push(Idle { browser, since, closing });
    }
}

impl Lent {
    pub(super) fn browser(&mut self) -> &mut Browser {
        &mut self.browser
    }

    /// Gives the browser back for the next collection. On an empty page, so that the last one does not go on by itself.
    pub(super) async fn give_back(self) {
        let Self { browser, pool, in_use, seat } = self;
        match browser.leave_page().await {
            Ok(()) => pool.keep(browser),
            Err(error) => {
                tracing::debug!(%error, "a browser is not kept");
                browser.discard().await;
            }
        }
        drop(in_use);
        drop(seat);
    }

    /// Ends a browser that is lost, stuck or of no use to the next.
    pub(super) async fn discard(self) {
        self.browser.discard().await;
        drop(self.in_use);
        drop(self.seat);
    }
}

/// Closes, after that time, the browser that nobody has used since then.
async fn close_unused(pool: Weak<Pool>, since: Instant, unused: Duration) {
    tokio::time::sleep_until(since + unused).await;
    let Some(pool) = pool.upgrade() else { return };
    // Without a free seat there is none to close.
    let Ok(_seat) = Arc::clone(&pool.seats).try_acquire_owned() else { return };
    if let Some(Idle { browser, .. }) = pool.take_idle(|idle| idle.since == since) {
        tracing::debug!("closing a browser that nobody uses");
        browser.close().await;
    }
}
