//! What other creators teach: how views grow with age, and what is usual among peers.

use jiff::{SignedDuration, Timestamp};

use super::report::subject_of;
use crate::{
    CreatorId, Profile,
    analytics::{CorpusBuilder, ReportOptions, Subject},
    ports::{CreatorStore, StoreError},
};

/// Creators who were not seen for longer are nobody's peers: their figures are of another time.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What was read of everybody.
#[derive(Debug)]
pub struct CorpusRead {
    /// What they teach.
    pub corpus: CorpusBuilder,
    /// Who was left out, because what is kept of them cannot be understood ([`StoreError::Corrupt`]).
    pub unread: Vec<(CreatorId, StoreError)>,
}

/// Reads what everybody teaches who was seen in the last 90 days, from the observations that a report is made of: each creator's figures
/// of its newest 30 posts at its newest look. Nothing private is read.
///
/// Creators are read one after another, each with a few short reads, and milliseconds of computing in between: a host may do it on a thread
/// of its own. [`CorpusBuilder::finish`] makes the corpus of what was read.
///
/// # Errors
/// [`StoreError`] if the store fails; one creator that it cannot make sense of is left out.
pub async fn read_corpus(creators: &dyn CreatorStore, now: Timestamp) -> Result<CorpusRead, StoreError> {
    let options = ReportOptions::default();
    let mut read = CorpusRead { corpus: CorpusBuilder::default(), unread: Vec::new() };
    for profile in creators.list().await? {
        let id = profile.id;
        match seen_lately(creators, profile, now).await {
            Ok(Some(subject)) => read.corpus.add(&subject, now, &options),
            Ok(None) => {}
            // One damaged row must not keep everybody from being compared.
            Err(error @ StoreError::Corrupt(_)) => read.unread.push((id, error)),
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

async fn seen_lately(
    creators: &dyn CreatorStore,
    profile: Profile,
    now: Timestamp,
) -> Result<Option<Subject>, StoreError> {
    match creators.latest(profile.id, now).await? {
        Some(newest) if now.duration_since(newest.observed_at) <= SEEN_WITHIN => {
            subject_of(creators, profile, now).await
        }
        _ => Ok(None),
    }
}
