//! Naming an account starts its first refresh, once.

use compass_core::{
    Handle, Identity, Preferences, SourceKind, UserId,
    app::track,
    ports::{AccountStore as _, Clock as _, CreatorStore as _, StoreError},
    samples::World,
    testing::{FixedClock, MemoryStore, SeededRandom},
};
use uuid::Uuid;

const USER: UserId = UserId(Uuid::from_u128(1));

fn preferences(handle: &str) -> Preferences {
    Preferences { handle: Some(Handle::parse(handle).unwrap()), ..Preferences::default() }
}

async fn with_user() -> (MemoryStore, FixedClock, SeededRandom) {
    let (store, clock) = (MemoryStore::default(), FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap()));
    let who = Identity { issuer: "i".to_owned(), subject: "s".to_owned(), email: None, name: None };
    store.sign_in(&who, USER, clock.now()).await.unwrap();
    (store, clock, SeededRandom::new(1))
}

#[tokio::test]
async fn account_never_seen_gets_its_first_refresh() {
    let (store, clock, random) = with_user().await;
    let wanted = preferences("sample.steady");
    let change = wanted.clone().into();
    let (kept, job) = track(&store, &store, &store, &clock, &random, USER, &change).await.unwrap();
    assert_eq!((&kept, job.map(|job| job.handle)), (&wanted, wanted.handle.clone()));
    let user = compass_core::ports::AccountStore::find(&store, USER).await.unwrap().unwrap();
    assert_eq!(user.preferences, wanted);
}

#[tokio::test]
async fn account_seen_before_gets_none() {
    let (store, clock, random) = with_user().await;
    let seen = World::standard().creators()[0].snapshot(clock.now(), 5, SourceKind::Sample);
    store.record(&seen).await.unwrap();
    let wanted = preferences("sample.steady");
    let (_, job) = track(&store, &store, &store, &clock, &random, USER, &wanted.into()).await.unwrap();
    assert_eq!(job, None);
}

#[tokio::test]
async fn nobody_tracks_nothing() {
    let (store, clock, random) = with_user().await;
    let stranger = UserId(Uuid::from_u128(2));
    let refused = track(&store, &store, &store, &clock, &random, stranger, &preferences("sample.steady").into()).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}
