//! Similar creators: everybody who was observed, to be compared with one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{Embedded, MatchSearch, Matching, VisibleAudiences, matching::matching};
use crate::{
    Count, Country, CreatorId, Handle, Language, ProfileObservation, Text, VideoObservation,
    analytics::{AudienceTarget, ContentSignals},
    ports::{BatchPlace, CorpusStore, CreatorStore, StoreError, VideoPage},
    recommend::{Known, KnownPost, Match, PartWeights, ProfileIndex, ProfileVector, Search, TooLittleKnown},
};

/// A creator is compared by so many of its newest posts.
const POSTS: usize = ContentSignals::POSTS;

/// Observations that are read at a time.
const AT_A_TIME: u32 = 10_000;

/// Everybody in a corpus, as of when it was read. A clone shares what was read.
#[derive(Clone, Debug)]
pub struct SimilarCreators {
    profiles: ProfileIndex,
    creators: Arc<BTreeMap<CreatorId, Compared>>,
    notice: Option<String>,
}

/// A creator who is compared with others.
#[derive(Debug)]
pub(super) struct Compared {
    /// The handle it was last seen with.
    pub(super) handle: Handle,
    /// Its display name.
    pub(super) nickname: Text,
    /// What its posts are in and speak of.
    pub(super) content: ContentSignals,
}

/// The newest of every account, put together from a corpus that comes by profiles, then by account, post and time.
#[derive(Clone, Debug, Default)]
pub struct Everybody {
    profiles: BTreeMap<CreatorId, ProfileObservation>,
    posts: BTreeMap<CreatorId, Vec<VideoObservation>>,
}

/// A creator that is like the one asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarCreator {
    /// The handle it was last seen with.
    pub handle: Handle,
    /// Its display name.
    pub nickname: Text,
    /// How alike, and why.
    pub alike: Match,
}

/// Reads everybody: each creator's newest profile and its thirty newest posts, each as it was last seen.
///
/// # Errors
/// [`StoreError`] if the store fails, or gives an observation of no post.
pub async fn everybody(corpus: &dyn CorpusStore) -> Result<Everybody, StoreError> {
    let mut everybody = Everybody::default();
    let mut place: Option<BatchPlace> = None;
    while let Some((batch, next)) = corpus.next_batch(place, AT_A_TIME).await? {
        let looks = batch.observations();
        let looks = looks.ok_or_else(|| StoreError::Corrupt("an observation of no post".to_owned()))?;
        batch.profiles.into_iter().for_each(|look| everybody.profile(look.observation));
        looks.into_iter().for_each(|(creator, look)| everybody.look(creator, look));
        place = Some(next);
    }
    Ok(everybody)
}

impl SimilarCreators {
    /// Compares everybody, by words. It computes for a while: a host may do it where that holds nobody up.
    #[must_use]
    pub fn new(everybody: Everybody) -> Self {
        let Everybody { profiles, mut posts } = everybody;
        let (mut vectors, mut creators) = (Vec::new(), BTreeMap::new());
        for (id, profile) in profiles {
            let mut posts = posts.remove(&id).unwrap_or_default();
            keep_newest(&mut posts);
            vectors.push(drawn(&profile, &posts));
            let content = ContentSignals::of(Some(&profile.profile), &posts);
            let (handle, nickname) = (profile.profile.handle, profile.profile.nickname);
            creators.insert(id, Compared { handle, nickname, content });
        }
        Self { profiles: ProfileIndex::new(vectors), creators: Arc::new(creators), notice: None }
    }

    /// The same compared by what everybody's texts mean, too. As long as anybody's text has no vector, nobody's counts: whoever has one
    /// would be more alike for that alone. All are compared by words then, and [`notice`](Self::notice) says so.
    #[must_use]
    pub fn with_meanings(&self, embedded: &Embedded) -> Self {
        let same = self.clone();
        match (embedded.notice(), &embedded.meanings) {
            (None, Some(meanings)) => {
                let profiles = same.profiles.weighed_by(PartWeights::with_meaning());
                Self { profiles: profiles.with_meanings(Arc::clone(meanings)), notice: None, ..same }
            }
            (notice, _) => Self { notice, ..same },
        }
    }

    /// How many creators there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.creators.len()
    }

    /// What the comparison had to do without, in a sentence; `None` if nothing.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.creators.is_empty()
    }

    /// The creators that are most like one. It computes for milliseconds, or longer where there are very many creators.
    ///
    /// # Errors
    /// [`TooLittleKnown`] if the one has no words.
    pub fn similar(&self, of: &ProfileVector, search: &Search) -> Result<Vec<SimilarCreator>, TooLittleKnown> {
        let named = |alike: Match| {
            let Compared { handle, nickname, .. } = &self.creators[&alike.id];
            SimilarCreator { handle: handle.clone(), nickname: nickname.clone(), alike }
        };
        Ok(self.profiles.similar(of, search)?.into_iter().map(named).collect())
    }

    /// The creators whose audiences fit a target best. It computes for microseconds a creator.
    ///
    /// Of a creator whose audience is among those given, that one counts; of what it does not tell, and of any other creator, what the newest
    /// posts let guess.
    #[must_use]
    pub fn matching(
        &self,
        audiences: &VisibleAudiences,
        target: &AudienceTarget,
        search: &MatchSearch,
        as_of: Timestamp,
    ) -> Matching {
        let creators = self.profiles.vectors().iter().map(|vector| (vector, &self.creators[&vector.id()]));
        matching(creators, audiences, target, search, as_of)
    }
}

/// A creator as it is compared, as of a moment; `None` if its profile was not observed by then.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn profile_vector(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Timestamp,
) -> Result<Option<ProfileVector>, StoreError> {
    let Some(profile) = creators.find(handle).await? else { return Ok(None) };
    let Some(newest) = creators.latest(profile.id, as_of).await? else { return Ok(None) };
    let posts = creators.videos(profile.id, as_of, VideoPage::first(POSTS as u32)).await?;
    Ok(Some(drawn(&newest, &posts)))
}

/// What a creator's newest posts are in and speak of, as of a moment; nothing of an account that was not observed.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn content_signals(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Timestamp,
) -> Result<ContentSignals, StoreError> {
    let Some(profile) = creators.find(handle).await? else { return Ok(ContentSignals::default()) };
    let newest = creators.latest(profile.id, as_of).await?;
    let posts = creators.videos(profile.id, as_of, VideoPage::first(POSTS as u32)).await?;
    Ok(ContentSignals::of(newest.as_ref().map(|newest| &newest.profile), &posts))
}

/// A creator's text is cut after so many characters.
const LONGEST_TEXT: usize = 4_000;

impl Everybody {
    /// Who they are, by id.
    pub(super) fn ids(&self) -> impl ExactSizeIterator<Item = CreatorId> {
        self.profiles.keys().copied()
    }

    /// Leaves out whoever is not wanted.
    pub fn retain(&mut self, mut is_wanted: impl FnMut(CreatorId) -> bool) {
        self.profiles.retain(|id, _| is_wanted(*id));
    }

    /// What a creator writes: the biography and the newest captions.
    pub(super) fn text(&self, id: CreatorId) -> String {
        let mut posts = self.posts.get(&id).cloned().unwrap_or_default();
        keep_newest(&mut posts);
        let bio = self.profiles.get(&id).map(|look| look.profile.bio.as_str());
        let texts: Vec<&str> = bio.into_iter().chain(posts.iter().map(|look| look.video.caption.as_str())).collect();
        texts.join("\n").chars().take(LONGEST_TEXT).collect()
    }

    fn profile(&mut self, look: ProfileObservation) {
        // Later ones come later.
        self.profiles.insert(look.profile.id, look);
    }

    fn look(&mut self, creator: CreatorId, look: VideoObservation) {
        let posts = self.posts.entry(creator).or_default();
        match posts.last_mut() {
            Some(last) if last.video.id == look.video.id => *last = look,
            _ => {
                if posts.len() >= 2 * POSTS {
                    keep_newest(posts);
                }
                posts.push(look);
            }
        }
    }
}

fn keep_newest(posts: &mut Vec<VideoObservation>) {
    posts.sort_by_key(|look| std::cmp::Reverse((look.video.created_at, look.video.id)));
    posts.truncate(POSTS);
}

fn drawn(profile: &ProfileObservation, posts: &[VideoObservation]) -> ProfileVector {
    let count = |count: Option<Count>| count.map(Count::midpoint);
    let posts: Vec<KnownPost<'_>> = posts
        .iter()
        .map(|look| KnownPost {
            caption: look.video.caption.as_str(),
            hashtags: &look.video.hashtags,
            language: look.video.language.as_deref().and_then(Language::told),
            duration: look.video.duration,
            views: count(look.counts.views),
            reactions: [look.counts.likes, look.counts.comments, look.counts.shares, look.counts.saves].map(count),
        })
        .collect();
    ProfileVector::of(&Known {
        id: profile.profile.id,
        bio: profile.profile.bio.as_str(),
        posts: &posts,
        followers: count(profile.counts.followers),
        language: profile.profile.language.as_deref().and_then(Language::told),
        region: flown(profile.profile.bio.as_str()),
    })
}

/// The country whose flag stands in a biography, if there is one alone: pages do not say where an account is.
fn flown(bio: &str) -> Option<Country> {
    // A flag is two letters of an alphabet of its own.
    let letter = |c: char| (c as u32).checked_sub(0x1_F1E6).filter(|place| *place < 26);
    let mut flags = BTreeSet::new();
    let mut first = None;
    for c in bio.chars() {
        first = match (first, letter(c)) {
            (Some(first), Some(second)) => {
                let code: String = [first, second].into_iter().filter_map(|l| char::from_digit(l + 10, 36)).collect();
                flags.insert(Country::parse(&code).ok()?);
                None
            }
            (_, next) => next,
        };
    }
    flags.pop_first().filter(|_| flags.is_empty())
}
