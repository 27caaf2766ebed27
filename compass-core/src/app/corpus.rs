//! What other creators teach: how views grow with age, and what is usual among peers.

use jiff::{SignedDuration, Timestamp};

use super::report::subject_of;
use crate::{
    analytics::{CorpusBuilder, ReportOptions},
    ports::{CreatorStore, StoreError},
};

/// Creators who were not seen for longer are nobody's peers: their figures are of another time.
const SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads what everybody teaches who was seen in the last 90 days, from the observations that a report is made of: each creator's figures
/// of its newest 30 posts at its newest look. Nothing private is read.
///
/// Creators are read one after another, each with a few short reads. [`CorpusBuilder::finish`] makes the corpus of what was read.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn read_corpus(creators: &dyn CreatorStore, now: Timestamp) -> Result<CorpusBuilder, StoreError> {
    let options = ReportOptions::default();
    let mut corpus = CorpusBuilder::default();
    for profile in creators.list().await? {
        let Some(newest) = creators.latest(profile.id, now).await? else { continue };
        if now.duration_since(newest.observed_at) <= SEEN_WITHIN
            && let Some(subject) = subject_of(creators, profile, now).await?
        {
            corpus.add(&subject, now, &options);
        }
    }
    Ok(corpus)
}
