//! A source that answers what it was told to answer.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;

use crate::{
    Handle, Progress, Snapshot, SourceKind,
    ports::{CollectRequest, ProfileSource, ProgressSink, SourceError},
};

/// A source with prepared answers, given in order; without one left it answers that there is no such account. It opens no
/// page where it answers that there is no browser, no consent, or no way past robots.txt.
#[derive(Debug, Default)]
pub struct ScriptedSource {
    answers: Mutex<VecDeque<Result<Snapshot, SourceError>>>,
    asked: Mutex<Vec<Handle>>,
    host: Option<String>,
    kind: Option<SourceKind>,
}

impl ScriptedSource {
    /// A source with these answers.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Result<Snapshot, SourceError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default(), host: None, kind: None }
    }

    /// Says that it loads its pages from this host; without, it asks nobody.
    #[must_use]
    pub fn at(self, host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..self }
    }

    /// Says that it is a source of this kind; without, it shows samples.
    #[must_use]
    pub fn of_kind(self, kind: SourceKind) -> Self {
        Self { kind: Some(kind), ..self }
    }

    /// The handles it was asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Handle> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl ProfileSource for ScriptedSource {
    fn kind(&self) -> SourceKind {
        self.kind.unwrap_or(SourceKind::Sample)
    }

    fn host(&self) -> Option<String> {
        self.host.clone()
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(request.handle.clone());
        progress.report(Progress::Opening { source: self.kind() }).await;
        let answer = self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front();
        let answer = answer.unwrap_or_else(|| Err(SourceError::NotFound(request.handle.clone())));
        if !matches!(&answer, Err(why) if comes_unasked(why)) {
            progress.may_open().await?;
        }
        let snapshot = answer?;
        let videos = snapshot.profile.counts.videos.map(crate::Count::midpoint);
        progress.report(Progress::ProfileRead { videos }).await;
        Ok(snapshot)
    }
}

fn comes_unasked(why: &SourceError) -> bool {
    matches!(
        why,
        SourceError::NotConnected(_)
            | SourceError::UnknownIdentity(_)
            | SourceError::AccessRevoked { .. }
            | SourceError::RobotsDisallowed { .. }
            | SourceError::Driver { .. }
    )
}
