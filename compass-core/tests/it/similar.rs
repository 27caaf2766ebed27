//! Similar creators of a store's corpus.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
};

use compass_core::{
    Batch, BatchId, Handle, Snapshot, SourceKind, app,
    ports::{CorpusStore, CreatorStore, EmbedError, Embedder, MockEmbedder},
    recommend::{LexicalEmbedder, Meanings, Search, Shared},
    samples::World,
    stats::Seed,
    testing::MemoryStore,
};
use jiff::Timestamp;
use uuid::Uuid;

async fn store(snapshots: impl IntoIterator<Item = Snapshot>) -> MemoryStore {
    let store = MemoryStore::default();
    store.record_batch(BatchId(Uuid::from_u128(1)), &Batch::from_iter(snapshots)).await.unwrap();
    store
}

async fn compared(store: &MemoryStore) -> app::SimilarCreators {
    app::SimilarCreators::new(app::everybody(store).await.unwrap())
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn peers_are_the_creators_of_the_corpus_by_their_newest_posts() {
    let world = World::standard();
    let store = Arc::new(store(world.creators().iter().flat_map(|creator| creator.history(noon(), 5))).await);
    let peers = compared(&store).await;
    assert_eq!(peers.len(), world.creators().len());
    let one = world.creators()[0].profile().handle;
    let of = app::profile_vector(&*store, &one, noon()).await.unwrap().unwrap();
    let found = peers.similar(&of, &Search { most: 100, ..Search::default() }).unwrap();
    assert!(found.iter().all(|peer| peer.handle != one), "{found:?}");
    assert!(!found.is_empty() && found.iter().all(|peer| !peer.alike.score.reasons.is_empty()), "{found:?}");
    assert!(found.is_sorted_by(|a, b| a.alike.score.value >= b.alike.score.value));
}

/// What is read in bulk and what is read of one creator must be the same, or one would not be like oneself.
#[tokio::test]
async fn portrait_is_the_one_of_the_corpus() {
    let world = World::standard();
    let creator = &world.creators()[0];
    let looks: Vec<Snapshot> = creator.history(noon(), 40).into_iter().collect();
    let handle: Handle = creator.profile().handle;
    // The same account under another id and handle, observed once: its twin in all that is compared.
    let mut twin = creator.snapshot(noon(), 100, SourceKind::Sample);
    twin.profile.profile.id = "77".parse::<i64>().unwrap().try_into().unwrap();
    twin.profile.profile.handle = Handle::parse("twin").unwrap();
    for look in &mut twin.videos {
        let id = i64::try_from(look.video.id.get()).unwrap() + 1;
        look.video.id = id.try_into().unwrap();
    }
    let store = store(looks.into_iter().chain([twin])).await;
    let of = app::profile_vector(&store, &handle, noon()).await.unwrap().unwrap();
    let peers = compared(&store).await;
    let found = peers.similar(&of, &Search::default()).unwrap();
    assert_eq!(found[0].handle.as_str(), "twin");
    let twin = app::profile_vector(&store, &found[0].handle, noon()).await.unwrap().unwrap();
    let back = peers.similar(&twin, &Search::default()).unwrap();
    assert!((back[0].alike.score.value - found[0].alike.score.value).abs() < 1e-12, "{back:?} {found:?}");
}

#[tokio::test]
async fn empty_corpus_has_no_peers_and_unknown_creators_no_portrait() {
    let store = MemoryStore::default();
    assert!(compared(&store).await.is_empty());
    assert_eq!(app::profile_vector(&store, &Handle::parse("nobody").unwrap(), noon()).await.unwrap(), None);
}

#[tokio::test]
async fn reworded_posts_count_as_they_were_last_seen() {
    let world = World::standard();
    let creator = &world.creators()[0];
    let mut looks: Vec<Snapshot> = creator.history(noon(), 2).into_iter().collect();
    for (look, caption) in looks.iter_mut().zip(["oldword", "newword"]) {
        look.videos.truncate(1);
        look.videos[0].video.caption = compass_core::Text::lossy(caption);
        look.videos[0].video.hashtags.clear();
        look.profile.profile.bio = compass_core::Text::default();
    }
    let (first, last) = (looks[0].videos[0].observed_at, looks[1].videos[0].observed_at);
    assert!(first < last);
    looks[1].videos[0].video.id = looks[0].videos[0].video.id;
    let other = |number: i64, handle: &str, caption: &str| {
        let mut other = looks[1].clone();
        other.profile.profile.id = number.try_into().unwrap();
        other.profile.profile.handle = Handle::parse(handle).unwrap();
        other.videos[0].video.id = number.try_into().unwrap();
        other.videos[0].video.caption = compass_core::Text::lossy(caption);
        other
    };
    let others = [other(5, "older", "oldword"), other(6, "newer", "newword"), other(7, "third", "third")];
    let asked = others[1].profile.profile.handle.clone();
    let store = store(looks.clone().into_iter().chain(others)).await;
    let of = CreatorStore::find(&store, &asked).await.unwrap().unwrap().handle;
    let of = app::profile_vector(&store, &of, noon()).await.unwrap().unwrap();
    let found = compared(&store).await.similar(&of, &Search::default()).unwrap();
    assert_eq!(found[0].handle, looks[0].profile.profile.handle, "{found:?}");
}

#[tokio::test]
async fn what_texts_mean_is_a_part_of_the_score_that_adds_up() {
    let world = World::standard();
    let store = store(world.creators().iter().flat_map(|creator| creator.history(noon(), 5))).await;
    let everybody = app::everybody(&store).await.unwrap();
    let embedded = embed(&everybody, &LexicalEmbedder::new(64), None).await;
    assert_eq!((embedded.new, embedded.missing), (world.creators().len(), 0));
    assert!(embedded.failure.is_none());
    let peers = app::SimilarCreators::new(everybody).with_meanings(&embedded);
    assert_eq!(peers.notice(), None);
    let one = world.creators()[0].profile().handle;
    let of = app::profile_vector(&store, &one, noon()).await.unwrap().unwrap();
    let found = peers.similar(&of, &Search::default()).unwrap();
    for peer in &found {
        let sum: f64 = peer.alike.score.reasons.iter().map(|reason| reason.adds).sum();
        assert!((sum - peer.alike.score.value).abs() < 1e-12 && sum <= 1.0, "{peer:?}");
    }
    let meaning = |peer: &app::SimilarCreator| {
        peer.alike.score.reasons.iter().find(|reason| reason.shared == Shared::Meaning).map(|reason| reason.adds)
    };
    assert!(found.iter().any(|peer| meaning(peer).is_some_and(|adds| adds > 0.0 && adds <= 0.18)), "{found:?}");
}

#[tokio::test]
async fn embedder_that_fails_leaves_the_comparison_by_words_with_a_notice() {
    type Gives = fn(usize) -> Result<Vec<Vec<f32>>, EmbedError>;
    let world = World::standard();
    let store = store(world.creators().iter().flat_map(|creator| creator.history(noon(), 5))).await;
    let one = world.creators()[0].profile().handle;
    let of = app::profile_vector(&store, &one, noon()).await.unwrap().unwrap();
    let plain = compared(&store).await.similar(&of, &Search::default()).unwrap();
    let gone: Gives = |_| Err(EmbedError::Unavailable("gone".into()));
    let short: Gives = |texts| Ok(vec![vec![1.0]; texts - 1]);
    let narrow: Gives = |texts| Ok(vec![vec![]; texts]);
    for gives in [gone, short, narrow] {
        let mut embedder = MockEmbedder::new();
        embedder.expect_dimensions().return_const(1_usize);
        embedder.expect_model().return_const("small".to_owned());
        embedder.expect_embed().returning(move |texts| gives(texts.len()));
        let everybody = app::everybody(&store).await.unwrap();
        let embedded = embed(&everybody, &embedder, None).await;
        assert!(embedded.failure.is_some());
        let peers = app::SimilarCreators::new(everybody).with_meanings(&embedded);
        assert!(peers.notice().unwrap().contains("language model"));
        assert_eq!(peers.similar(&of, &Search::default()).unwrap(), plain);
    }
}

/// Asks a model for as long as it takes.
async fn embed(everybody: &app::Everybody, embedder: &dyn Embedder, kept: Option<&Meanings>) -> app::Embedded {
    everybody.texts(&embedder.model(), embedder.dimensions(), kept).embed(embedder, pending()).await
}

/// Gives each text a vector of its own, remembers what it was asked, and fails once so many texts were embedded.
fn remembering(model: &str, texts: usize) -> (MockEmbedder, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (remembers, mut left) = (Arc::clone(&asked), texts);
    let mut embedder = MockEmbedder::new();
    embedder.expect_dimensions().return_const(8_usize);
    embedder.expect_model().return_const(model.to_owned());
    embedder.expect_embed().returning(move |texts| {
        left = left.checked_sub(texts.len()).ok_or_else(|| EmbedError::Unavailable("away".into()))?;
        remembers.lock().unwrap().extend(texts.iter().cloned());
        let vector = |text: &String| (0..8).map(|place| Seed::new(text).with(place).unit() as f32).collect();
        Ok(texts.iter().map(vector).collect())
    });
    (embedder, asked)
}

/// So many accounts that differ in their biographies, more than are embedded at a time.
async fn many(accounts: i64) -> MemoryStore {
    let look = World::standard().creators()[0].snapshot(noon(), 0, SourceKind::Sample);
    store((1..=accounts).map(|number| {
        let mut look = look.clone();
        look.profile.profile.id = number.try_into().unwrap();
        look.profile.profile.handle = Handle::parse(&format!("account.{number}x")).unwrap();
        look.profile.profile.bio = compass_core::Text::lossy(&format!("word{number} word{}", number % 7));
        look
    }))
    .await
}

#[tokio::test]
async fn what_was_embedded_is_kept_by_its_text_and_model_whatever_ended_the_call() {
    let store = many(600).await;
    let everybody = app::everybody(&store).await.unwrap();
    let (embedder, first) = remembering("small", 300);
    let done = embed(&everybody, &embedder, None).await;
    assert_eq!((done.new, done.missing, done.failure.is_some()), (256, 344, true));
    let by_words = app::SimilarCreators::new(everybody.clone());
    assert!(by_words.with_meanings(&done).notice().unwrap().contains("could not be asked"));
    assert_eq!(by_words.notice(), None, "it is another comparison");

    let (embedder, second) = remembering("small", 1_000);
    let done = embed(&everybody, &embedder, done.meanings.as_deref()).await;
    assert_eq!((done.new, done.missing, done.failure.is_some()), (344, 0, false));
    let mut texts = [first.lock().unwrap().clone(), second.lock().unwrap().clone()].concat();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 600, "no text is embedded twice");

    let all = embed(&everybody, &remembering("small", 1_000).0, None).await;
    assert_eq!(done.meanings.as_ref().unwrap().to_bytes(), all.meanings.as_ref().unwrap().to_bytes());
    let of = app::profile_vector(&store, &Handle::parse("account.5x").unwrap(), noon()).await.unwrap().unwrap();
    let [resumed, fresh] =
        [&done, &all].map(|embedded| by_words.with_meanings(embedded).similar(&of, &Search::default()).unwrap());
    assert_eq!(resumed, fresh);

    // One account has another biography now, and one is gone: of another model nothing is taken.
    let changed = many(599).await;
    let mut look =
        World::standard().creators()[0].snapshot(noon() + jiff::SignedDuration::from_mins(1), 0, SourceKind::Sample);
    look.profile.profile.id = 7.try_into().unwrap();
    look.profile.profile.bio = compass_core::Text::lossy("another");
    changed.record(&look).await.unwrap();
    for (model, embedded) in [("small", 1), ("large", 599)] {
        let (embedder, asked) = remembering(model, 1_000);
        let now = app::everybody(&changed).await.unwrap();
        let again = embed(&now, &embedder, done.meanings.as_deref()).await;
        assert_eq!((again.new, asked.lock().unwrap().len(), again.missing), (embedded, embedded, 0), "{model}");
        assert_eq!(again.meanings.unwrap().len(), 599, "{model}");
    }
}

#[tokio::test]
async fn when_time_is_over_all_are_compared_by_words_and_told_how_many_were_read() {
    let store = many(300).await;
    let everybody = app::everybody(&store).await.unwrap();
    let of = app::profile_vector(&store, &Handle::parse("account.5x").unwrap(), noon()).await.unwrap().unwrap();
    let plain = compared(&store).await.similar(&of, &Search::default()).unwrap();
    let (embedder, _) = remembering("small", 1_000);
    let texts = everybody.texts(&embedder.model(), embedder.dimensions(), None);
    assert_eq!(texts.missing(), 300);
    assert_eq!(texts.so_far().notice().unwrap(), READ_NONE);
    let done = texts.embed(&embedder, ready(())).await;
    assert_eq!((done.new, done.missing, done.failure.is_none()), (0, 300, true));
    let peers = app::SimilarCreators::new(everybody.clone()).with_meanings(&done);
    assert_eq!(peers.notice().unwrap(), READ_NONE);
    assert_eq!(peers.similar(&of, &Search::default()).unwrap(), plain);

    // A model that never answers is left when time is over.
    let (slow, over) = tokio::sync::oneshot::channel::<()>();
    drop(slow);
    let done = everybody.texts(&Silent.model(), 2, None).embed(&Silent, async { _ = over.await }).await;
    assert_eq!((done.new, done.missing), (0, 300));
}

const READ_NONE: &str = "The language model has read 0 of 300 creators so far: until it has read all, they are compared by their words alone, \
                         not by what they mean.";

/// A model that never answers.
#[derive(Debug)]
struct Silent;

#[async_trait::async_trait]
impl Embedder for Silent {
    fn model(&self) -> String {
        "silent".to_owned()
    }

    fn dimensions(&self) -> usize {
        2
    }

    async fn embed(&self, _: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        pending().await
    }
}

#[tokio::test]
async fn model_of_too_many_numbers_is_refused_and_creators_are_compared_by_words() {
    let store = many(3).await;
    let everybody = app::everybody(&store).await.unwrap();
    let done = embed(&everybody, &LexicalEmbedder::new(5_000), None).await;
    assert!(done.meanings.is_none() && done.failure.is_some());
    assert!(app::SimilarCreators::new(everybody).with_meanings(&done).notice().is_some());
    let error = Meanings::new("large", 5_000).unwrap_err();
    assert!(error.to_string().contains("5000") && error.to_string().contains("3,072"), "{error}");
}

/// Made-up accounts among real ones are neither found nor learnt from.
#[tokio::test]
async fn creators_that_are_left_out_are_not_compared() {
    let store = many(3).await;
    let mut everybody = app::everybody(&store).await.unwrap();
    everybody.retain(|id| id.get() != 2);
    let of = app::profile_vector(&store, &Handle::parse("account.2x").unwrap(), noon()).await.unwrap().unwrap();
    let compared = app::SimilarCreators::new(everybody);
    assert_eq!(compared.len(), 2);
    let mut found: Vec<u64> =
        compared.similar(&of, &Search::default()).unwrap().iter().map(|peer| peer.alike.id.get()).collect();
    found.sort_unstable();
    assert_eq!(found, [1, 3]);
}
