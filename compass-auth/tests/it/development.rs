//! The development sign-in keeps the promises of a real one.

use std::{sync::Arc, time::Duration};

use compass_auth::{DevelopmentSignIn, NotLoopback};
use compass_core::{
    ports::{IdentityError, IdentityProvider, SignInAnswer, SignInStart},
    testing::{FixedClock, SeededRandom},
};

const CALLBACK: &str = "/auth/google/callback";

struct Bench {
    clock: Arc<FixedClock>,
    sign_in: DevelopmentSignIn,
}

fn bench() -> Bench {
    let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
    let sign_in = DevelopmentSignIn::new(
        "127.0.0.1:8000".parse().unwrap(),
        Arc::<FixedClock>::clone(&clock),
        Arc::new(SeededRandom::new(1)),
    );
    Bench { clock, sign_in: sign_in.unwrap() }
}

/// What a browser brings back that follows the redirect and keeps its cookie.
fn answer(start: &SignInStart) -> SignInAnswer {
    let query = start.redirect.split_once('?').unwrap().1;
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
    SignInAnswer { code: Some(value("code=")), state: value("state="), transaction: start.transaction.clone() }
}

#[tokio::test]
async fn the_developer_comes_straight_back_and_is_signed_in() {
    let Bench { sign_in, .. } = bench();
    let start = sign_in.start(CALLBACK).await.unwrap();
    assert!(start.redirect.starts_with("/auth/google/callback?code="), "{}", start.redirect);
    let identity = sign_in.finish(&answer(&start)).await.unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), ("urn:compass:development", "developer"));
    assert!(sign_in.is_development());
}

#[tokio::test]
async fn a_callback_with_a_query_keeps_it() {
    let start = bench().sign_in.start("http://127.0.0.1:8000/callback?from=page").await.unwrap();
    assert!(start.redirect.starts_with("http://127.0.0.1:8000/callback?from=page&code="), "{}", start.redirect);
}

#[tokio::test]
async fn a_state_works_once() {
    let Bench { sign_in, .. } = bench();
    let answer = answer(&sign_in.start(CALLBACK).await.unwrap());
    sign_in.finish(&answer).await.unwrap();
    assert!(matches!(sign_in.finish(&answer).await, Err(IdentityError::TransactionMismatch)));
}

#[tokio::test]
async fn another_browser_cannot_finish_a_sign_in_nor_spend_it() {
    let Bench { sign_in, .. } = bench();
    let mine = answer(&sign_in.start(CALLBACK).await.unwrap());
    let theirs = answer(&sign_in.start(CALLBACK).await.unwrap());
    for transaction in [theirs.transaction, String::new()] {
        let stolen = SignInAnswer { transaction, ..mine.clone() };
        assert!(matches!(sign_in.finish(&stolen).await, Err(IdentityError::TransactionMismatch)));
    }
    sign_in.finish(&mine).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_may_take_ten_minutes_and_no_longer() {
    let Bench { clock, sign_in } = bench();
    let [in_time, too_late] =
        [sign_in.start(CALLBACK).await.unwrap(), sign_in.start(CALLBACK).await.unwrap()].map(|start| answer(&start));
    clock.advance(Duration::from_secs(600));
    sign_in.finish(&in_time).await.unwrap();
    clock.advance(Duration::from_micros(1));
    assert!(matches!(sign_in.finish(&too_late).await, Err(IdentityError::TransactionMismatch)));
}

#[tokio::test]
async fn a_state_or_code_that_was_never_given_is_refused() {
    let Bench { sign_in, .. } = bench();
    let good = answer(&sign_in.start(CALLBACK).await.unwrap());
    let other_state = SignInAnswer { state: "guessed".to_owned(), ..good.clone() };
    assert!(matches!(sign_in.finish(&other_state).await, Err(IdentityError::TransactionMismatch)));
    let other_code = SignInAnswer { code: Some("guessed".to_owned()), ..good.clone() };
    assert!(matches!(sign_in.finish(&other_code).await, Err(IdentityError::Invalid(_))));
    assert!(matches!(sign_in.finish(&good).await, Err(IdentityError::TransactionMismatch)), "one guess spends it");
}

#[tokio::test]
async fn a_declined_sign_in_says_so() {
    let Bench { sign_in, .. } = bench();
    let declined = SignInAnswer { code: None, ..answer(&sign_in.start(CALLBACK).await.unwrap()) };
    assert!(matches!(sign_in.finish(&declined).await, Err(IdentityError::Declined)));
}

#[tokio::test]
async fn sign_ins_that_nobody_finishes_push_out_the_oldest() {
    let Bench { clock, sign_in } = bench();
    let oldest = answer(&sign_in.start(CALLBACK).await.unwrap());
    let mut newest = None;
    for _ in 0..1_000 {
        clock.advance(Duration::from_micros(1));
        newest = Some(answer(&sign_in.start(CALLBACK).await.unwrap()));
    }
    assert!(sign_in.finish(&oldest).await.is_err());
    sign_in.finish(&newest.unwrap()).await.unwrap();
}

#[test]
fn only_addresses_of_this_machine_alone_are_accepted() {
    let set_up = |listen: &str| {
        let clock = FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap());
        DevelopmentSignIn::new(listen.parse().unwrap(), Arc::new(clock), Arc::new(SeededRandom::new(1)))
    };
    for local in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:8000", "[::ffff:127.0.0.1]:8000"] {
        assert!(set_up(local).is_ok(), "{local}");
    }
    for public in ["0.0.0.0:8000", "[::]:8000", "192.168.1.7:8000", "[::ffff:10.0.0.1]:8000", "1.1.1.1:443"] {
        let refused = set_up(public).unwrap_err();
        assert_eq!(refused, NotLoopback(public.parse().unwrap()));
        assert!(refused.to_string().contains("listen on 127.0.0.1"), "{refused}");
    }
}
