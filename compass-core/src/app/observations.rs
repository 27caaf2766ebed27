//! Everything that was observed of one account, a part at a time.

use jiff::Timestamp;

use crate::{
    Batch, CreatorId, SourceKind, VideoId,
    ports::{BatchPlace, CorpusStore, StoreError},
};

/// A way through what a store keeps of one account: either through its profiles or through its posts, oldest first.
///
/// ```
/// use compass_core::{app::Observations, ports::{CorpusStore, StoreError}, CreatorId};
///
/// async fn looks(corpus: &dyn CorpusStore, creator: CreatorId) -> Result<usize, StoreError> {
///     let (mut all, mut looks) = (Observations::of_posts(creator), 0);
///     while let Some(part) = all.next(corpus, 1_000).await? {
///         looks += part.looks.len();
///     }
///     Ok(looks)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Observations {
    creator: CreatorId,
    wants_profiles: bool,
    /// Where to go on; `None` at the end.
    place: Option<BatchPlace>,
}

impl Observations {
    /// Those of the account itself.
    #[must_use]
    pub fn of_profile(creator: CreatorId) -> Self {
        let place = BatchPlace::Profile(creator, Timestamp::MIN, SourceKind::ALL[0]);
        Self { creator, wants_profiles: true, place: Some(place) }
    }

    /// Those of its posts.
    #[must_use]
    pub fn of_posts(creator: CreatorId) -> Self {
        let post = VideoId::try_from(1).expect("ids begin at 1");
        let place = BatchPlace::Look(creator, post, Timestamp::MIN, SourceKind::ALL[0]);
        Self { creator, wants_profiles: false, place: Some(place) }
    }

    /// The next of them, at most `most`; `None` if there are no more.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn next(&mut self, corpus: &dyn CorpusStore, most: u32) -> Result<Option<Batch>, StoreError> {
        let Some(place) = self.place else { return Ok(None) };
        let Some((batch, next)) = corpus.next_batch(Some(place), most).await? else {
            self.place = None;
            return Ok(None);
        };
        let Batch { mut profiles, posts, mut looks } = batch;
        let found = profiles.len() + looks.len();
        profiles.retain(|look| self.wants_profiles && look.observation.profile.id == self.creator);
        looks.retain(|look| {
            !self.wants_profiles && posts.get(look.post as usize).is_some_and(|post| post.creator == self.creator)
        });
        // What follows is another account's, or of the other kind.
        let is_over = profiles.len() + looks.len() < found;
        self.place = (!is_over).then_some(next);
        let batch = Batch { profiles, posts, looks };
        Ok((!batch.is_empty()).then_some(batch))
    }
}
