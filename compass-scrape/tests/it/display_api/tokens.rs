//! The life of a creator's tokens: renewed once, kept before they are used, given up when TikTok says so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use compass_core::{
    Handle,
    ports::{Clock as _, CreatorGrant, CreatorTokens, RetryAdvice, SourceError, StoreError},
    testing::MemoryCreatorTokens,
};
use compass_scrape::testing::display_api::ApiFault;
use futures_util::future::join_all;
use secrecy::ExposeSecret as _;

use super::{STEADY, Setup, collect, handle};

const REFRESH: &str = "/v2/oauth/token/ refresh_token";
const DAY: Duration = Duration::from_secs(86_400);

async fn kept(setup: &Setup) -> CreatorGrant {
    setup.tokens.find(&handle(STEADY)).await.unwrap().unwrap()
}

#[tokio::test]
async fn expired_token_is_renewed_and_the_rotated_one_is_kept() {
    let setup = Setup::connected().await;
    let first = kept(&setup).await;
    setup.clock.advance(DAY);
    setup.collect(STEADY, 5).await.unwrap();
    let second = kept(&setup).await;
    assert_ne!(second.access_token.expose_secret(), first.access_token.expose_secret());
    assert_ne!(second.refresh_token.expose_secret(), first.refresh_token.expose_secret());
    assert_eq!(second.access_expires_at, setup.clock.now() + DAY);
    assert_eq!(second.creator, first.creator);
    assert_eq!(setup.asked(REFRESH), 1);

    // The next day the second pair does, and a fresh token is not renewed.
    setup.clock.advance(DAY);
    setup.collect(STEADY, 5).await.unwrap();
    setup.collect(STEADY, 5).await.unwrap();
    assert_eq!(setup.asked(REFRESH), 2);

    // Had it gone on with the first one, TikTok would have refused it.
    setup.tokens.save(&CreatorGrant { access_expires_at: setup.clock.now(), ..first }).await.unwrap();
    assert_eq!(setup.collect(STEADY, 5).await.unwrap_err().code(), "access_revoked");
}

#[tokio::test]
async fn refresh_token_that_does_not_rotate_is_used_again() {
    let setup = Setup::connected().await;
    setup.api.change(|world| world.rotates = false);
    for _ in 0..3 {
        setup.clock.advance(DAY);
        setup.collect(STEADY, 5).await.unwrap();
    }
    assert_eq!(setup.asked(REFRESH), 3);
}

#[tokio::test]
async fn fifty_collections_at_once_renew_once() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let source = setup.source();
    let all = join_all((0..50).map(|_| collect(&source, STEADY, 5))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(setup.asked(REFRESH), 1);
}

#[tokio::test]
async fn two_processes_that_renew_at_once_end_with_one_pair() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    // Two sources share a keeper, as two processes share a database.
    let (one, other) = (setup.source(), setup.source());
    let all = join_all((0..10).map(|n| collect(if n % 2 == 0 { &one } else { &other }, STEADY, 5))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert!(setup.asked(REFRESH) <= 2);
    assert!(setup.collect(STEADY, 5).await.is_ok());
}

#[tokio::test]
async fn token_that_tiktok_does_not_accept_is_renewed_once() {
    let setup = Setup::connected().await;
    let stale = CreatorGrant { access_token: "act.unknown".into(), ..kept(&setup).await };
    setup.tokens.save(&stale).await.unwrap();
    setup.collect(STEADY, 5).await.unwrap();
    assert_eq!(setup.asked(REFRESH), 1);

    setup.api.fault(Some(ApiFault::Code("access_token_invalid", 401)));
    let met = setup.collect(STEADY, 5).await.unwrap_err();
    assert!(matches!(&met, SourceError::AccessRevoked { handle, .. } if handle.as_str() == STEADY), "{met}");
    assert_eq!(setup.asked(REFRESH), 2);
}

#[tokio::test]
async fn creator_who_withdraws_is_asked_to_connect_again() {
    let setup = Setup::connected().await;
    setup.api.withdraw(&kept(&setup).await.open_id);
    let met = setup.collect(STEADY, 5).await.unwrap_err();
    assert_eq!(
        met.to_string(),
        "TikTok no longer lets us read @sample.steady (invalid_grant: Refresh token is invalid or expired. (log id \
         20260501120000010203040506070800)); its creator has to connect the account again"
    );
    assert_eq!((met.code(), met.retry()), ("access_revoked", RetryAdvice::Never));
    // Another source may still show the account.
    assert!(met.is_of_the_source());

    setup.connect(STEADY).await;
    assert!(setup.collect(STEADY, 5).await.is_ok());
}

#[tokio::test]
async fn connection_of_more_than_a_year_is_over_without_asking() {
    let setup = Setup::connected().await;
    setup.clock.advance(366 * DAY);
    let met = setup.collect(STEADY, 5).await.unwrap_err();
    assert!(met.to_string().contains("the connection ended on 2027-05-01"), "{met}");
    assert_eq!(setup.api.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn refusal_of_the_application_is_not_the_creators_affair() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let source = setup.source();
    setup.api.change(|world| world.client_secret = "another".to_owned());
    let met = collect(&source, STEADY, 5).await.unwrap_err();
    assert!(met.to_string().contains("invalid_client: Client key or secret is incorrect."), "{met}");
    assert_eq!(met.code(), "application_refused");
}

#[tokio::test]
async fn renewal_outlives_the_collection_that_wanted_it() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let slow = Arc::new(SlowKeeper { kept: Arc::clone(&setup.tokens), ..SlowKeeper::default() });
    let source = setup.builder_over(Arc::<SlowKeeper>::clone(&slow)).build().unwrap();
    {
        let collecting = collect(&source, STEADY, 5);
        tokio::pin!(collecting);
        // Given up when TikTok has answered and the keeper is asked to keep the new pair.
        tokio::select! {
            _ = &mut collecting => panic!("it waits for the keeper"),
            () = slow.reached.notified() => {}
        }
    }
    slow.go_on.notify_one();
    collect(&source, STEADY, 5).await.unwrap();
    assert_eq!(setup.asked(REFRESH), 1);
}

/// A keeper that says when it is asked to keep a renewed grant, and then waits to be told to go on.
#[derive(Debug, Default)]
struct SlowKeeper {
    kept: Arc<MemoryCreatorTokens>,
    reached: tokio::sync::Notify,
    go_on: tokio::sync::Notify,
}

#[async_trait]
impl CreatorTokens for SlowKeeper {
    async fn find(&self, handle: &Handle) -> Result<Option<CreatorGrant>, StoreError> {
        self.kept.find(handle).await
    }

    async fn save(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        self.kept.save(grant).await
    }

    async fn renew(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        self.reached.notify_one();
        self.go_on.notified().await;
        self.kept.renew(grant).await
    }

    async fn remove(&self, handle: &Handle) -> Result<(), StoreError> {
        self.kept.remove(handle).await
    }
}

/// A keeper that can be away.
#[derive(Debug, Default)]
struct FlakyKeeper {
    kept: Arc<MemoryCreatorTokens>,
    away: AtomicBool,
}

impl FlakyKeeper {
    fn there(&self) -> Result<(), StoreError> {
        let away = self.away.load(Ordering::SeqCst);
        if away { Err(StoreError::Unavailable("the disk is full".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl CreatorTokens for FlakyKeeper {
    async fn find(&self, handle: &Handle) -> Result<Option<CreatorGrant>, StoreError> {
        self.kept.find(handle).await
    }

    async fn save(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        self.there()?;
        self.kept.save(grant).await
    }

    async fn renew(&self, grant: &CreatorGrant) -> Result<(), StoreError> {
        self.there()?;
        self.kept.renew(grant).await
    }

    async fn remove(&self, handle: &Handle) -> Result<(), StoreError> {
        self.there()?;
        self.kept.remove(handle).await
    }
}

#[tokio::test]
async fn rotated_token_that_could_not_be_kept_is_not_lost() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let flaky = Arc::new(FlakyKeeper { kept: Arc::clone(&setup.tokens), away: AtomicBool::new(true) });
    let source = setup.builder_over(Arc::<FlakyKeeper>::clone(&flaky)).build().unwrap();
    for _ in 0..2 {
        let met = collect(&source, STEADY, 5).await.unwrap_err();
        assert_eq!((met.code(), met.retry()), ("store", RetryAdvice::Soon), "{met}");
    }
    // It was not used either.
    assert_eq!(setup.asked("/v2/user/info/"), 0);
    flaky.away.store(false, Ordering::SeqCst);
    collect(&source, STEADY, 5).await.unwrap();
    assert_eq!(setup.asked(REFRESH), 1);
    assert_eq!(kept(&setup).await.access_expires_at, setup.clock.now() + DAY);
}

#[tokio::test]
async fn creator_who_connects_again_meanwhile_keeps_the_new_connection() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let flaky = Arc::new(FlakyKeeper { kept: Arc::clone(&setup.tokens), away: AtomicBool::new(true) });
    let source = setup.builder_over(Arc::<FlakyKeeper>::clone(&flaky)).build().unwrap();
    collect(&source, STEADY, 5).await.unwrap_err();
    flaky.away.store(false, Ordering::SeqCst);
    let again = setup.connect(STEADY).await;
    collect(&source, STEADY, 5).await.unwrap();
    assert_eq!(kept(&setup).await.refresh_token.expose_secret(), again.refresh_token.expose_secret());
}

#[tokio::test]
async fn creator_who_disconnects_during_a_renewal_stays_disconnected() {
    let setup = Setup::connected().await;
    setup.clock.advance(DAY);
    let slow = Arc::new(SlowKeeper { kept: Arc::clone(&setup.tokens), ..SlowKeeper::default() });
    let source = setup.builder_over(Arc::<SlowKeeper>::clone(&slow)).build().unwrap();
    let removing = async {
        slow.reached.notified().await;
        setup.tokens.remove(&handle(STEADY)).await.unwrap();
        slow.go_on.notify_one();
    };
    let (met, ()) = tokio::join!(collect(&source, STEADY, 5), removing);
    assert_eq!(met.unwrap_err().code(), "not_connected");
    assert!(setup.tokens.find(&handle(STEADY)).await.unwrap().is_none());
}
