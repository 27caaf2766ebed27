//! From a provider's answer to a browser session, and its end.

use std::time::Duration;

use compass_core::{
    Identity,
    app::{SignInError, session_of, sign_in, sign_out},
    ports::{IdentityError, MockIdentityProvider, SignInAnswer},
    testing::{FixedClock, MemoryStore, SeededRandom},
};

fn answer() -> SignInAnswer {
    SignInAnswer { code: Some("code".to_owned()), state: "state".to_owned(), transaction: "transaction".to_owned() }
}

fn provider() -> MockIdentityProvider {
    let mut provider = MockIdentityProvider::new();
    provider.expect_finish().returning(|_| {
        Ok(Identity { issuer: "https://issuer.example".to_owned(), subject: "a".to_owned(), email: None, name: None })
    });
    provider
}

fn clock() -> FixedClock {
    FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn browser_secret_finds_its_user_until_sign_out() {
    let (store, clock, random) = (MemoryStore::default(), clock(), SeededRandom::new(1));
    let signed_in = sign_in(&provider(), &store, &clock, &random, &answer()).await.unwrap();
    assert_eq!(signed_in.token.len(), 64);
    let (user, session) = session_of(&store, &clock, &signed_in.token).await.unwrap().unwrap();
    assert_eq!((user.id, session.id), (signed_in.user.id, signed_in.session.id));
    sign_out(&store, &clock, session.id).await.unwrap();
    assert_eq!(session_of(&store, &clock, &signed_in.token).await.unwrap(), None);
}

#[tokio::test]
async fn every_sign_in_is_a_session_of_its_own() {
    let (store, clock, random) = (MemoryStore::default(), clock(), SeededRandom::new(1));
    let first = sign_in(&provider(), &store, &clock, &random, &answer()).await.unwrap();
    let second = sign_in(&provider(), &store, &clock, &random, &answer()).await.unwrap();
    assert_eq!(first.user.id, second.user.id);
    assert_ne!(first.token, second.token);
    sign_out(&store, &clock, first.session.id).await.unwrap();
    assert!(session_of(&store, &clock, &second.token).await.unwrap().is_some());
}

#[tokio::test]
async fn session_is_over_after_thirty_days() {
    let (store, clock, random) = (MemoryStore::default(), clock(), SeededRandom::new(1));
    let signed_in = sign_in(&provider(), &store, &clock, &random, &answer()).await.unwrap();
    clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(session_of(&store, &clock, &signed_in.token).await.unwrap(), None);
}

#[tokio::test]
async fn guessed_secret_finds_nobody() {
    let (store, clock) = (MemoryStore::default(), clock());
    for guess in ["", "0", &"0".repeat(64), "\0", "é"] {
        assert_eq!(session_of(&store, &clock, guess).await.unwrap(), None, "{guess:?}");
    }
}

#[tokio::test]
async fn declined_sign_in_leaves_nobody_behind() {
    let (store, clock, random) = (MemoryStore::default(), clock(), SeededRandom::new(1));
    let mut provider = MockIdentityProvider::new();
    provider.expect_finish().returning(|_| Err(IdentityError::Declined));
    let refused = sign_in(&provider, &store, &clock, &random, &answer()).await;
    assert!(matches!(refused, Err(SignInError::Identity(IdentityError::Declined))), "{refused:?}");
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let text = format!("{:?}", answer());
    assert!(!text.contains("code") && !text.contains("transaction"), "{text}");
}
