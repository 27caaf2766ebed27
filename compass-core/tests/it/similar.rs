//! Similar creators of a store's corpus.

use std::sync::Arc;

use compass_core::{
    Batch, BatchId, Handle, Snapshot, SourceKind, app,
    ports::{CorpusStore, CreatorStore, EmbedError, MockEmbedder},
    recommend::{LexicalEmbedder, Search, Shared},
    samples::World,
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
    let mut everybody = app::everybody(&store).await.unwrap();
    everybody.embed(&LexicalEmbedder::new(64)).await.unwrap();
    let peers = app::SimilarCreators::new(everybody);
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
        embedder.expect_embed().returning(move |texts| gives(texts.len()));
        let mut everybody = app::everybody(&store).await.unwrap();
        assert!(everybody.embed(&embedder).await.is_err());
        let peers = app::SimilarCreators::new(everybody);
        assert!(peers.notice().unwrap().contains("language model"));
        assert_eq!(peers.similar(&of, &Search::default()).unwrap(), plain);
    }
}
