//! Many who ask PostgreSQL for the newest looks at once: they are asked for together, and each gets its own.

use compass_core::{
    Handle, SourceKind,
    ports::{CreatorStore, RecentLooks, Recently, StoreError},
    samples::World,
};
use compass_store::{
    PgStore,
    sqlx::{self, Connection as _, PgConnection},
    testing,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

const ENDS_ALL_OTHERS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A store with the sample creators, two looks at each.
async fn filled(url: &str) -> PgStore {
    let store = PgStore::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    for creator in World::standard().creators() {
        for days in [3, 0] {
            let look = creator.snapshot(now() - (24 * days).hours(), 30, SourceKind::Sample);
            store.record(&look).await.unwrap();
        }
    }
    store
}

/// Questions that differ in everything that can be asked, of known and unknown accounts.
fn questions() -> Vec<(Handle, Recently)> {
    let mut handles: Vec<Handle> = World::standard().creators().iter().map(|it| it.profile().handle).collect();
    handles.push(Handle::parse("nobody.has.this").unwrap());
    (0..180_i64)
        .map(|n| {
            let until = now() - (n % 5 * 24).hours();
            let recently = Recently {
                until,
                at_least: until - 1.hour(),
                min_age: SignedDuration::from_hours(n % 4 * 24),
                posts: u32::try_from(n % 7 * 5).unwrap(),
            };
            (handles[usize::try_from(n).unwrap() % handles.len()].clone(), recently)
        })
        .collect()
}

async fn one_by_one(store: &PgStore) -> Vec<RecentLooks> {
    let mut answers = Vec::new();
    for (handle, recently) in questions() {
        answers.push(store.recent(&handle, recently).await.unwrap());
    }
    answers
}

#[tokio::test]
async fn each_of_many_who_ask_at_once_gets_its_own_answer() {
    let store = filled(&testing::postgres().await).await;
    let alone = one_by_one(&store).await;
    assert!(alone.iter().any(|looks| looks.posts.len() > 20) && alone.iter().any(|looks| looks.account.is_empty()));
    // The host's own connections, which ask one question at a time.
    let hosts = PgStore::from_pool(store.pool().clone());
    assert_eq!(one_by_one(&hosts).await, alone);
    let questions = questions();
    let together = join_all(questions.iter().map(|(handle, recently)| store.recent(handle, *recently))).await;
    assert_eq!(together.into_iter().collect::<Result<Vec<_>, _>>().unwrap(), alone);
}

#[tokio::test]
async fn who_goes_away_keeps_nobody_else_from_an_answer() {
    let store = filled(&testing::postgres().await).await;
    let alone = one_by_one(&store).await;
    for round in 0..6 {
        let asked: Vec<_> = questions()
            .into_iter()
            .map(|(handle, recently)| {
                let store = store.clone();
                tokio::spawn(async move { store.recent(&handle, recently).await })
            })
            .collect();
        // The first of them take the others' questions along.
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        for (n, task) in asked.iter().enumerate() {
            if n % 3 != 1 {
                task.abort();
            }
        }
        for (n, task) in asked.into_iter().enumerate() {
            if n % 3 == 1 {
                assert_eq!(task.await.unwrap().unwrap(), alone[n], "round {round}, question {n}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_end_under_many_fail_some_and_mix_up_none() {
    let url = testing::postgres().await;
    let store = filled(&url).await;
    let alone = one_by_one(&store).await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    for _ in 0..5 {
        let questions = questions();
        let asking = join_all(questions.iter().map(|(handle, recently)| store.recent(handle, *recently)));
        let ending = async { sqlx::query_scalar::<_, i64>(ENDS_ALL_OTHERS).fetch_one(&mut other).await.unwrap() };
        let (answers, ended) = tokio::join!(asking, ending);
        assert!(ended > 0, "nobody was ended");
        for (n, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(looks) => assert_eq!(looks, alone[n], "question {n}"),
                Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}"),
            }
        }
    }
    assert_eq!(one_by_one(&store).await, alone, "what comes after works");
}
