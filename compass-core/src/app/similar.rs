//! Similar creators: everybody who was observed, to be compared with one.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    Count, CreatorId, Handle, Language, ProfileObservation, Text, VideoObservation,
    ports::{BatchPlace, CorpusStore, CreatorStore, EmbedError, Embedder, StoreError, VideoPage},
    recommend::{Known, KnownPost, Match, PartWeights, ProfileIndex, ProfileVector, Search, TooLittleKnown},
};

/// A creator is compared by so many of its newest posts.
const POSTS: usize = 30;

/// Observations that are read at a time.
const AT_A_TIME: u32 = 10_000;

/// Everybody in a corpus, as of when it was read.
#[derive(Clone, Debug)]
pub struct SimilarCreators {
    profiles: ProfileIndex,
    names: BTreeMap<CreatorId, (Handle, Text)>,
    notice: Option<&'static str>,
}

/// The newest of every account, put together from a corpus that comes by profiles, then by account, post and time.
#[derive(Clone, Debug, Default)]
pub struct Everybody {
    profiles: BTreeMap<CreatorId, ProfileObservation>,
    posts: BTreeMap<CreatorId, Vec<VideoObservation>>,
    meanings: BTreeMap<CreatorId, Vec<f32>>,
    notice: Option<&'static str>,
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
    /// Compares everybody. It computes for a while: a host may do it where that holds nobody up.
    #[must_use]
    pub fn new(everybody: Everybody) -> Self {
        let Everybody { profiles, mut posts, mut meanings, notice } = everybody;
        let weights = if meanings.is_empty() { PartWeights::default() } else { PartWeights::with_meaning() };
        let mut vectors = Vec::new();
        for (id, profile) in &profiles {
            let mut posts = posts.remove(id).unwrap_or_default();
            keep_newest(&mut posts);
            let vector = drawn(profile, &posts);
            vectors.push(match meanings.remove(id) {
                Some(meaning) => vector.with_meaning(meaning),
                None => vector,
            });
        }
        let names = profiles.into_values().map(|look| (look.profile.id, (look.profile.handle, look.profile.nickname)));
        Self { profiles: ProfileIndex::with_weights(vectors, weights), names: names.collect(), notice }
    }

    /// How many creators there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// What the comparison had to do without, in a sentence; `None` if nothing.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The creators that are most like one. It computes for milliseconds, or longer where there are very many creators.
    ///
    /// # Errors
    /// [`TooLittleKnown`] if the one has no words.
    pub fn similar(&self, of: &ProfileVector, search: &Search) -> Result<Vec<SimilarCreator>, TooLittleKnown> {
        let named = |alike: Match| {
            let (handle, nickname) = self.names[&alike.id].clone();
            SimilarCreator { handle, nickname, alike }
        };
        Ok(self.profiles.similar(of, search)?.into_iter().map(named).collect())
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

/// Texts are embedded so many at a time.
const TEXTS: usize = 256;

/// A creator's text is cut after so many characters.
const LONGEST_TEXT: usize = 4_000;

const WITHOUT_MODEL: &str =
    "The language model could not be asked: creators are compared by their words alone, not by what they mean.";

impl Everybody {
    /// Has everybody's texts embedded, so that creators are compared by what they mean, too. Where that fails, nobody's are: all are
    /// compared by words alone, and [`SimilarCreators::notice`] says so.
    ///
    /// # Errors
    /// [`EmbedError`] if the embedder fails.
    pub async fn embed(&mut self, embedder: &dyn Embedder) -> Result<(), EmbedError> {
        match self.embedded(embedder).await {
            Ok(meanings) => {
                (self.meanings, self.notice) = (meanings, None);
                Ok(())
            }
            Err(error) => {
                (self.meanings, self.notice) = (BTreeMap::new(), Some(WITHOUT_MODEL));
                Err(error)
            }
        }
    }

    async fn embedded(&self, embedder: &dyn Embedder) -> Result<BTreeMap<CreatorId, Vec<f32>>, EmbedError> {
        let mut meanings = BTreeMap::new();
        let ids: Vec<CreatorId> = self.profiles.keys().copied().collect();
        for ids in ids.chunks(TEXTS) {
            let texts: Vec<String> = ids.iter().map(|id| self.text(*id)).collect();
            let vectors = embedder.embed(&texts).await?;
            let dimensions = embedder.dimensions();
            if vectors.len() != ids.len() || vectors.iter().any(|vector| vector.len() != dimensions) {
                return Err(EmbedError::Unusable { dimensions, texts: ids.len() });
            }
            meanings.extend(ids.iter().copied().zip(vectors));
        }
        Ok(meanings)
    }

    /// What a creator writes: the biography and the newest captions.
    fn text(&self, id: CreatorId) -> String {
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
            language: look.video.language.as_deref().and_then(language),
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
        language: profile.profile.language.as_deref().and_then(language),
        // No source tells it.
        region: None,
    })
}

/// `None` for `un`, which is how TikTok says that it does not know.
fn language(code: &str) -> Option<Language> {
    Some(code).filter(|&code| code != "un").and_then(|code| Language::parse(code).ok())
}
