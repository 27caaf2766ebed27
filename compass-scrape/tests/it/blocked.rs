//! A visit whose host is blocked for others while it is under way.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use compass_core::{
    Progress,
    ports::{ProgressSink, SourceError},
};

use crate::truth::NOON;

/// Lets so many pages be opened, and no further one.
pub(crate) struct Blocked {
    after: u32,
    asked: AtomicU32,
}

impl Blocked {
    pub(crate) fn after(pages: u32) -> Self {
        Self { after: pages, asked: AtomicU32::new(0) }
    }
}

#[async_trait]
impl ProgressSink for Blocked {
    async fn report(&self, _progress: Progress) {}

    async fn may_open(&self) -> Result<(), SourceError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < self.after {
            return Ok(());
        }
        let cause = SourceError::CaptchaRequired.failure();
        Err(SourceError::HostPaused { host: "www.tiktok.com".to_owned(), until: NOON, cause })
    }
}
