//! Callers that go away: what they began must neither be left half done nor spoil what comes after.

use std::future::ready;

use compass_core::{
    Handle, Identity, Snapshot, SourceKind, UserId,
    ports::{AccountStore, CreatorStore},
    samples::World,
};
use compass_store::{
    PgStore,
    sqlx::{self, postgres::PgPoolOptions},
    testing,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{proxy::Proxy, stores};

/// The trap of sqlx 0.9.0: without the pool's hook, what is written after this is seen by nobody.
#[tokio::test]
async fn write_after_a_host_s_abandoned_begin_is_seen_by_others() {
    let url = testing::postgres().await;
    let others = PgStore::connect(&url).await.unwrap();
    others.migrate().await.unwrap();
    let proxy = Proxy::in_front_of(&url).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    let _all_but_one = all_but_one(&store).await;

    tokio::select! {
        biased;
        _ = store.pool().begin() => panic!("the answer is withheld"),
        () = proxy.hears_begin() => {}
    }
    proxy.release();

    let user = store.sign_in(&identity(), UserId(Uuid::from_u128(1)), noon()).await.unwrap();
    assert_eq!(AccountStore::find(&others, user.id).await.unwrap(), Some(user));
}

/// As above, on a host's pool, which has no such hook.
#[tokio::test]
async fn abandoned_write_is_done_and_the_next_is_seen_by_others() {
    let url = testing::postgres().await;
    let others = PgStore::connect(&url).await.unwrap();
    others.migrate().await.unwrap();
    let proxy = Proxy::in_front_of(&url).await;
    let pool = PgPoolOptions::new().max_connections(1).connect(proxy.url()).await.unwrap();
    let store = PgStore::from_pool(pool);
    let seen = snapshot();

    tokio::select! {
        biased;
        _ = store.record(&seen) => panic!("the answer is withheld"),
        () = proxy.hears_begin() => {}
    }
    proxy.release();

    let user = store.sign_in(&identity(), UserId(Uuid::from_u128(1)), noon()).await.unwrap();
    assert_eq!(AccountStore::find(&others, user.id).await.unwrap(), Some(user));
    let found = CreatorStore::find(&others, seen.handle()).await.unwrap();
    assert_eq!(found, Some(seen.profile.profile));
}

#[tokio::test]
async fn abandoned_write_to_sqlite_is_done_and_the_next_too() {
    let store = stores::sqlite_file().await;
    let seen = snapshot();

    tokio::select! {
        biased;
        _ = store.record(&seen) => panic!("it was done at once"),
        () = ready(()) => {}
    }

    let user = store.sign_in(&identity(), UserId(Uuid::from_u128(1)), noon()).await.unwrap();
    assert_eq!(AccountStore::find(&*store, user.id).await.unwrap(), Some(user));
    let found = CreatorStore::find(&*store, seen.handle()).await.unwrap();
    assert_eq!(found, Some(seen.profile.profile));
}

/// Leaves the store one connection, so that whoever comes next gets the one that was abandoned.
async fn all_but_one(store: &PgStore) -> Vec<sqlx::pool::PoolConnection<sqlx::Postgres>> {
    let most = store.pool().options().get_max_connections();
    let mut held = Vec::new();
    for _ in 1..most {
        held.push(store.pool().acquire().await.unwrap());
    }
    held
}

fn identity() -> Identity {
    Identity { issuer: "https://issuer.example".to_owned(), subject: "a".to_owned(), email: None, name: None }
}

fn snapshot() -> Snapshot {
    let handle = Handle::parse("sample.steady").unwrap();
    World::standard().find(&handle).unwrap().snapshot(noon(), 12, SourceKind::Sample)
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
