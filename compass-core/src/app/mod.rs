//! The use cases: what a host asks for, over the ports.

mod accounts;
mod advice;
mod corpus;
mod embedded;
mod imports;
#[cfg(feature = "serde")]
mod insights;
mod matching;
mod observations;
mod refresh;
mod report;
mod scheduler;
mod similar;
mod track;

use std::collections::BTreeSet;

use crate::ports::StoreError;

pub use accounts::{Accounts, Renewal, RenewalError, SignInError, SignedIn, session_of, session_seen};
pub use advice::{Settled, advice_so_far, advise, settle_due};
pub use corpus::{CorpusRead, read_corpus};
pub use embedded::{Embedded, Texts};
pub use imports::{
    Brought, KnownAudience, MOST_IMPORTED, MOST_IMPORTS, Untaken, audience, keep_export, known_subject, own_subject,
    read_export,
};
#[cfg(feature = "serde")]
pub use insights::{Advisor, Computed, Gathered, PastAdvice, PersonalInsights};
pub use matching::{
    Audiences, MatchSearch, Matching, MatchingCreator, VisibleAudiences, audiences_of, visible_audiences,
};
pub use observations::Observations;
pub use refresh::{RefreshWorker, request_refresh};
pub use report::{engagement, report, settled, subject};
pub use scheduler::{Scheduler, Swept};
pub use similar::{Everybody, SimilarCreator, SimilarCreators, content_signals, everybody, profile_vector};
pub use track::{named_unseen, track};

/// What was read; `None` where what is kept cannot be understood, which is noted.
fn readable<T>(read: Result<T, StoreError>, unread: &mut BTreeSet<String>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error @ StoreError::Corrupt(_)) => {
            unread.insert(error.to_string());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
