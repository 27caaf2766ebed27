//! The newest looks that PostgreSQL keeps in one row for each account say what the observations say.

use compass_core::{
    Batch, BatchId, Count, CreatorId, Handle, Look, Post, Profile, ProfileCounts, ProfileLook, ProfileObservation,
    SourceKind, Text, Thinning, Video, VideoCounts, VideoId, VideoKind,
    ports::{CorpusStore, CreatorStore, Recently},
};
use compass_store::{PgStore, sqlx};
use jiff::{SignedDuration, Timestamp};
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use uuid::Uuid;

use crate::stores;

/// Accounts, and more posts of each than a row has room for.
const ACCOUNTS: u64 = 3;
const POSTS: u64 = 70;

const HOUR: i64 = 3_600;

struct Dice(Xoshiro256PlusPlus);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0.next_u64() % sides
    }

    /// A moment in April or May 2026, after so many hours of them.
    fn moment(&mut self, from_hour: i64) -> Timestamp {
        let hours = from_hour + self.below(1_400 - from_hour.unsigned_abs()) as i64;
        Timestamp::from_second(1_775_000_000 + hours * HOUR).unwrap()
    }

    fn source(&mut self) -> SourceKind {
        SourceKind::ALL[self.below(3) as usize]
    }

    fn count(&mut self) -> Option<Count> {
        (self.below(5) > 0).then(|| Count::exact(self.below(1_000_000)).unwrap())
    }

    fn counts(&mut self) -> VideoCounts {
        let [views, likes, comments, shares, saves] = [(); 5].map(|()| self.count());
        VideoCounts { views, likes, comments, shares, saves }
    }

    /// Looks at some posts of an account. Now and then a post says another time of its making than before, or the looks are older than
    /// others, or were recorded elsewhere.
    fn batch(&mut self, account: u64) -> Batch {
        let mut batch = Batch::default();
        let recorded_at = (self.below(4) == 0).then(|| self.moment(0));
        let observed_at = self.moment(200);
        batch.profiles.push(ProfileLook { observation: profile(account, observed_at, self.source()), recorded_at });
        for _ in 0..self.below(40) {
            let number = 1 + self.below(POSTS);
            let moved = if self.below(6) == 0 { self.below(9) as i64 - 4 } else { 0 };
            let id = VideoId::try_from((account * 1_000 + number) as i64).unwrap();
            let created_at = Timestamp::from_second(1_775_000_000 + (number as i64 * 8 + moved) * HOUR).unwrap();
            let video = Video { created_at, created_at_derived: false, ..Video::from_id(id, VideoKind::Video) };
            batch.posts.push(Post { creator: creator(account), video });
            for _ in 0..1 + self.below(2) {
                batch.looks.push(Look {
                    post: batch.posts.len() as u32 - 1,
                    observed_at: if self.below(3) == 0 { self.moment(0) } else { observed_at },
                    source: self.source(),
                    recorded_at,
                    pinned: false,
                    counts: self.counts(),
                });
            }
        }
        batch
    }

    fn question(&mut self) -> Recently {
        let until = if self.below(3) == 0 { self.moment(0) } else { Timestamp::MAX };
        Recently {
            until,
            at_least: if self.below(2) == 0 { self.moment(0) } else { Timestamp::MAX },
            min_age: SignedDuration::from_hours(self.below(400) as i64 - 100),
            posts: [0, 1, 10, 30, 40, 60][self.below(6) as usize],
        }
    }
}

fn creator(account: u64) -> CreatorId {
    CreatorId::try_from(account as i64 + 1).unwrap()
}

fn handle(account: u64) -> Handle {
    Handle::parse(&format!("account.{account}")).unwrap()
}

fn profile(account: u64, observed_at: Timestamp, source: SourceKind) -> ProfileObservation {
    let profile = Profile {
        id: creator(account),
        handle: handle(account),
        nickname: Text::default(),
        bio: Text::default(),
        verified: false,
        private: false,
        language: None,
        created_at: None,
    };
    ProfileObservation { profile, observed_at, source, counts: ProfileCounts::default() }
}

/// How many posts the rows have room for, as they say of themselves.
async fn rows(store: &PgStore) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM compass_newest_looks").fetch_one(store.pool()).await.unwrap()
}

/// Takes what the rows tell away, and leaves the rows.
async fn empty_rows(store: &PgStore) {
    let empty = "UPDATE compass_newest_looks SET looks = '\\x010100'";
    sqlx::query(empty).execute(store.pool()).await.unwrap();
}

#[tokio::test]
async fn answers_are_those_of_a_store_that_looks_each_post_up() {
    for seed in 0..12 {
        let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(seed));
        let (row, by_post) = (stores::postgres().await, stores::sqlite_memory().await);
        for round in 0..40 {
            let account = dice.below(ACCOUNTS);
            let (id, batch) = (BatchId(Uuid::from_u128(round)), dice.batch(account));
            let recorded = row.record_batch(id, &batch).await.unwrap();
            assert_eq!(recorded, by_post.record_batch(id, &batch).await.unwrap(), "seed {seed}, batch {round}");
            if dice.below(12) == 0 {
                let now = dice.moment(700);
                let thinned = row.thin(&Thinning::default(), now).await.unwrap();
                assert_eq!(
                    thinned,
                    by_post.thin(&Thinning::default(), now).await.unwrap(),
                    "seed {seed}, after batch {round}"
                );
            }
            if dice.below(9) == 0 {
                // As before the row was kept, or after its month was detached.
                let gone = "DELETE FROM compass_newest_looks WHERE creator_id = $1";
                sqlx::query(gone).bind(dice.below(ACCOUNTS) as i64 + 1).execute(row.pool()).await.unwrap();
            }
            let known_at = if dice.below(4) == 0 { dice.moment(0) } else { Timestamp::MAX };
            let (row, by_post) = (row.known_at(known_at), by_post.known_at(known_at));
            for asked in 0..6 {
                let (handle, question) = (handle(dice.below(ACCOUNTS)), dice.question());
                let expected = by_post.recent(&handle, question).await.unwrap();
                let told = row.recent(&handle, question).await.unwrap();
                assert_eq!(told, expected, "seed {seed}, after batch {round}, question {asked}: {question:?}");
            }
        }
    }
}

const EVERYTHING: Recently =
    Recently { until: Timestamp::MAX, at_least: Timestamp::MAX, min_age: SignedDuration::MIN, posts: 30 };

#[tokio::test]
async fn rows_are_read_and_the_next_observations_mend_a_damaged_one() {
    let store = stores::postgres().await;
    let mut dice = Dice(Xoshiro256PlusPlus::seed_from_u64(7));
    let (first, second) = (dice.batch(0), dice.batch(0));
    store.record_batch(BatchId(Uuid::from_u128(1)), &first).await.unwrap();
    let right = store.recent(&handle(0), EVERYTHING).await.unwrap();
    assert!(!right.posts.is_empty());
    empty_rows(&store).await;
    assert_eq!(store.recent(&handle(0), EVERYTHING).await.unwrap().posts, [], "the row is what is read");

    for unreadable in ["\\x01ff", "\\x020100", "\\x"] {
        let spoil =
            sqlx::query("UPDATE compass_newest_looks SET looks = decode(substr($1, 3), 'hex')").bind(unreadable);
        spoil.execute(store.pool()).await.unwrap();
        assert_eq!(store.recent(&handle(0), EVERYTHING).await.unwrap(), right, "{unreadable} is passed over");
    }
    store.record_batch(BatchId(Uuid::from_u128(2)), &second).await.unwrap();
    let mended = store.recent(&handle(0), EVERYTHING).await.unwrap();
    empty_rows(&store).await;
    assert_ne!(store.recent(&handle(0), EVERYTHING).await.unwrap(), mended, "it is read again");
}

#[tokio::test]
async fn detached_month_is_not_in_the_rows() {
    let store = stores::postgres().await;
    let look = |number: i64, at: &str| {
        let at: Timestamp = at.parse().unwrap();
        let mut batch = Batch::default();
        let observation = profile(0, at, SourceKind::Sample);
        batch.profiles.push(ProfileLook { observation, recorded_at: None });
        let id = VideoId::try_from(number).unwrap();
        batch.posts.push(Post { creator: creator(0), video: Video::from_id(id, VideoKind::Video) });
        let counts = VideoCounts::default();
        let source = SourceKind::Sample;
        batch.looks.push(Look { post: 0, observed_at: at, source, recorded_at: None, pinned: false, counts });
        batch
    };
    for (number, at) in [(1, "2026-04-10T00:00:00Z"), (2, "2026-05-10T00:00:00Z")] {
        store.record_batch(BatchId(Uuid::from_u128(number as u128)), &look(number, at)).await.unwrap();
    }
    let posts = async || {
        let looks = store.recent(&handle(0), EVERYTHING).await.unwrap();
        looks.posts.iter().map(|look| look.id.get()).collect::<Vec<_>>()
    };
    assert_eq!((posts().await, rows(&store).await), (vec![2, 1], 1));
    store.detach_month("2026-04-10T00:00:00Z".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((posts().await, rows(&store).await), (vec![2], 0));
    store.record_batch(BatchId(Uuid::from_u128(3)), &look(3, "2026-05-11T00:00:00Z")).await.unwrap();
    assert_eq!((posts().await, rows(&store).await), (vec![3, 2], 1));
}
