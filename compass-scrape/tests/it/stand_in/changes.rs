//! What changes between two looks: by the clock, by what the scene says, and by changing the scene.

use compass_core::{
    Handle, Snapshot,
    ports::{CollectRequest, NoProgress, ProfileSource as _, SourceError},
    samples::World,
    testing::FixedClock,
};
use compass_scrape::testing::{Account, Change, DirectSource, Fault, Reply, Scene, When};
use jiff::{Timestamp, ToSpan as _};
use std::{sync::Arc, time::Duration};

use super::http::{get, stand_in};
use crate::truth::{NOON, assert_rounded};

/// The moment at which everything happens here: an hour after noon.
fn one() -> Timestamp {
    NOON + 1.hour()
}

fn handle(name: &str) -> Handle {
    Handle::parse(name).unwrap()
}

fn ada() -> Account {
    Account::like(handle("ada"), &World::standard().creators()[0])
}

/// A source of one account with a clock to set.
struct Looks {
    source: DirectSource,
    clock: Arc<FixedClock>,
}

impl Looks {
    fn at(account: Account) -> Self {
        let clock = Arc::new(FixedClock::new(NOON));
        let scene = Scene { accounts: vec![account], ..Scene::default() };
        Self { source: DirectSource::new(scene, Arc::<FixedClock>::clone(&clock)), clock }
    }

    async fn look(&self, name: &str, at: Timestamp) -> Result<Snapshot, SourceError> {
        self.clock.set(at);
        let request = CollectRequest { handle: handle(name), max_videos: 100, since: None, observed_at: at };
        self.source.collect(&request, &NoProgress).await
    }
}

#[tokio::test]
async fn second_look_sees_growth_as_great_as_it_truly_is() {
    let looks = Looks::at(ada());
    let (first, second) =
        (looks.look("ada", NOON).await.unwrap(), looks.look("ada", NOON + 240.hours()).await.unwrap());
    let truth = ada().truth(NOON + 240.hours());
    assert_eq!(second.profile.counts, truth.profile.counts);
    let followers = |look: &Snapshot| look.profile.counts.followers.unwrap().lo();
    assert!(followers(&second) > followers(&first) + 500, "61 a day in ten days");
    let newest = &first.videos.iter().find(|post| !post.pinned).unwrap();
    let again = second.videos.iter().find(|post| post.video.id == newest.video.id).unwrap();
    assert!(again.counts.views.unwrap().lo() > newest.counts.views.unwrap().hi());
    assert!(second.videos.iter().any(|post| post.video.created_at > NOON), "new posts have come");
}

#[tokio::test]
async fn falling_counters_fall_at_their_time() {
    let looks = Looks::at(ada().change(one(), Change::CountersTimes(0.5)));
    let (before, after) =
        (looks.look("ada", one() - 1.second()).await.unwrap(), looks.look("ada", one()).await.unwrap());
    let half = before.profile.counts.followers.unwrap().lo() / 2;
    assert!(after.profile.counts.followers.unwrap().lo().abs_diff(half) <= 1);
    assert_eq!(after.profile.counts.videos, before.profile.counts.videos);
    for (before, after) in before.videos.iter().zip(&after.videos) {
        assert!(after.counts.views.unwrap().hi() < before.counts.views.unwrap().lo());
    }
}

#[tokio::test]
async fn deleted_post_is_gone_and_no_longer_counted() {
    let newest = ada().truth(NOON).videos[1].video.id;
    let looks = Looks::at(ada().change(one(), Change::PostDeleted(newest)));
    let (before, after) = (looks.look("ada", NOON).await.unwrap(), looks.look("ada", one()).await.unwrap());
    assert!(before.videos.iter().any(|post| post.video.id == newest));
    assert!(!after.videos.iter().any(|post| post.video.id == newest));
    assert_eq!((before.videos.len(), after.videos.len()), (40, 39));
    assert_eq!(after.profile.counts.videos.map(|count| count.lo()), Some(39));
}

#[tokio::test]
async fn renamed_account_keeps_its_id_and_nobody_has_the_old_handle() {
    let looks = Looks::at(ada().change(one(), Change::Renamed(handle("ada.l"))));
    let before = looks.look("ada", NOON).await.unwrap();
    assert_eq!(looks.look("ada.l", NOON).await.unwrap_err().code(), "not_found");
    let after = looks.look("ada.l", one()).await.unwrap();
    assert_eq!(after.creator(), before.creator());
    assert_eq!(after.handle().as_str(), "ada.l");
    assert_eq!(looks.look("ada", one()).await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn account_is_private_for_a_while() {
    let looks = Looks::at(ada().change(one() + 1.hour(), Change::Public).change(one(), Change::Private));
    assert!(looks.look("ada", NOON).await.is_ok());
    assert_eq!(looks.look("ada", one()).await.unwrap_err().code(), "private");
    assert!(looks.look("ada", one() + 1.hour()).await.is_ok());
}

#[tokio::test]
async fn faults_come_and_go_at_their_times() {
    let outcome = async |when: When, at: Timestamp| {
        let looks = Looks::at(ada().fault(when, Fault::GenericShell));
        looks.look("ada", at).await.is_ok()
    };
    for (when, before, at_one, later) in [
        (When::Always, false, false, false),
        (When::From(one()), true, false, false),
        (When::Until(one()), false, true, true),
        (When::Between(one(), one() + 1.minute()), true, false, true),
    ] {
        assert_eq!(outcome(when, NOON).await, before, "{when:?}");
        assert_eq!(outcome(when, one()).await, at_one, "{when:?}");
        assert_eq!(outcome(when, one() + 1.minute()).await, later, "{when:?}");
    }
}

#[tokio::test]
async fn stated_account_is_shown_as_it_is_stated() {
    let mut stated = ada().truth(NOON);
    stated.videos.truncate(3);
    stated.videos[2].video.created_at = one();
    stated.videos[1].counts.saves = None;
    let looks = Looks::at(Account::stated(stated.clone()));
    let early = looks.look("ada", NOON).await.unwrap();
    assert_eq!(early.videos.len(), 2, "the third post is of one o'clock");
    assert_eq!(early.videos[1].counts.saves, None, "what is withheld is not zero");
    assert_rounded(early.videos[0].counts.views, stated.videos[0].counts.views);
    assert_eq!(looks.look("ada", one()).await.unwrap().profile.counts, stated.profile.counts);
}

#[tokio::test]
async fn scene_can_be_changed_while_it_is_served() {
    let (site, clock) = stand_in(World::standard()).await;
    assert_eq!(get(&site, "/@ada").await.text().matches("10221").count(), 1);
    site.scene(|scene| scene.accounts.push(ada()));
    assert!(get(&site, "/@ada").await.text().contains("Steady sample"));
    clock.advance(Duration::from_secs(60));
    site.scene(|scene| {
        let account = scene.accounts.last_mut().unwrap();
        account.faults.push((When::From(NOON), Fault::Reply(Reply::status(503))));
    });
    assert_eq!(get(&site, "/@ada").await.status, 503);
}
