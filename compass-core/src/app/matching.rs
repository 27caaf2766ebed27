//! Which creators' audiences are those that are wanted.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::similar::Compared;
use crate::{
    AudienceObservation, CreatorId, Handle, ImportedAudience, Text, UserId,
    analytics::{AudienceFit, AudienceSource, AudienceTarget, ContentSignals, audience_fit},
    ports::{AudienceStore, StoreError},
    recommend::{Filter, ProfileVector},
};

/// Which creators to look for.
#[derive(Clone, Debug)]
pub struct MatchSearch {
    /// The most creators to give.
    pub most: usize,
    /// Who may be among them.
    pub filter: Filter,
    /// What counts: what is known of audiences from these sources alone; an empty list means "all". A creator of whom nothing comes from any
    /// of them is not asked about.
    pub sources: Vec<AudienceSource>,
}

/// The creators whose audiences fit best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matching {
    /// The best first: by the fit, of equals by the least that it can be, and then by id.
    pub creators: Vec<MatchingCreator>,
    /// How many creators could be ranked.
    pub ranked: usize,
    /// How many could not, since nothing is known of what is wanted.
    pub unknown: usize,
}

/// A creator, and how well its audience fits.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchingCreator {
    /// Who it is.
    pub id: CreatorId,
    /// The handle it was last seen with.
    pub handle: Handle,
    /// Its display name.
    pub nickname: Text,
    /// When the audience was so; `None` where nothing that is wanted is told by a file, and the fit is inferred from posts.
    pub observed_at: Option<Timestamp>,
    /// The fit over all, with its bounds and parts, and where each is known from.
    pub fit: AudienceFit,
}

/// The newest audience of each account, of those that one brought.
pub type Audiences = BTreeMap<Handle, ImportedAudience>;

/// The audiences that somebody may see.
#[derive(Clone, Debug, Default)]
pub struct VisibleAudiences {
    /// What the service's operator imported, for everybody.
    pub public: Arc<Audiences>,
    /// What that person brought.
    pub own: Audiences,
}

impl VisibleAudiences {
    /// An account's: the newest, of two of one moment the one imported later.
    #[must_use]
    pub fn of(&self, handle: &Handle) -> Option<&AudienceObservation> {
        let both = [self.public.get(handle), self.own.get(handle)].into_iter().flatten();
        let age = |it: &&ImportedAudience| {
            (it.told.observed_at, it.imported_at, it.told.import, it.told.shares.source.as_str())
        };
        both.max_by_key(age).map(|newest| &newest.told)
    }
}

/// Audiences are read so many at a time.
const AT_A_TIME: u32 = 1_000;

/// The newest audience of each account as of a moment, of what a person brought; of what the service's operator imported for `None`.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn audiences_of(
    audiences: &dyn AudienceStore,
    owner: Option<UserId>,
    as_of: Timestamp,
) -> Result<Audiences, StoreError> {
    let mut found = Audiences::new();
    loop {
        let after = found.last_key_value().map(|(handle, _)| handle.clone());
        let some = audiences.audiences(owner, as_of, after, AT_A_TIME).await?;
        let are_all = some.len() < AT_A_TIME as usize;
        found.extend(some);
        if are_all {
            return Ok(found);
        }
    }
}

/// The newest audience of each account that a viewer may see, as of a moment. What anybody else than the viewer and the operator brought is not
/// looked at. A host that answers many people keeps what is the operator's, and reads [`audiences_of`] each person alone.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn visible_audiences(
    audiences: &dyn AudienceStore,
    viewer: UserId,
    as_of: Timestamp,
) -> Result<VisibleAudiences, StoreError> {
    let public = Arc::new(audiences_of(audiences, None, as_of).await?);
    Ok(VisibleAudiences { public, own: audiences_of(audiences, Some(viewer), as_of).await? })
}

pub(super) fn matching<'a>(
    creators: impl Iterator<Item = (&'a ProfileVector, &'a Compared)>,
    audiences: &VisibleAudiences,
    target: &AudienceTarget,
    search: &MatchSearch,
    as_of: Timestamp,
) -> Matching {
    let mut found = Matching::default();
    let counts = |source| search.sources.is_empty() || search.sources.contains(&source);
    let no_posts = ContentSignals::default();
    for (vector, Compared { handle, nickname, content }) in creators.filter(|(vector, _)| search.filter.admits(vector))
    {
        let told = audiences.of(handle).filter(|told| counts(told.shares.source));
        let may_infer = counts(AudienceSource::Inferred);
        if told.is_none() && !may_infer {
            continue;
        }
        let posts = if may_infer { content } else { &no_posts };
        let fit = audience_fit(told.map(|told| &told.shares), posts, target, as_of);
        if fit.overall.value.is_none() {
            found.unknown += 1;
            continue;
        }
        let observed_at = told.filter(|told| told.shares.source == fit.source).map(|told| told.observed_at);
        let (handle, nickname) = (handle.clone(), nickname.clone());
        found.creators.push(MatchingCreator { id: vector.id(), handle, nickname, observed_at, fit });
    }
    let rank = |creator: &MatchingCreator| {
        let overall = &creator.fit.overall;
        (overall.value.unwrap_or(0.0), overall.interval.map_or(0.0, |interval| interval.lo))
    };
    found.creators.sort_by(|a, b| {
        let ((a_fit, a_least), (b_fit, b_least)) = (rank(a), rank(b));
        b_fit.total_cmp(&a_fit).then(b_least.total_cmp(&a_least)).then(a.id.cmp(&b.id))
    });
    found.ranked = found.creators.len();
    found.creators.truncate(search.most);
    found
}
