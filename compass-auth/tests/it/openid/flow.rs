//! The way there and back, and whose it is.

use std::time::Duration;

use compass_core::ports::{IdentityError, IdentityProvider, SignInAnswer};
use futures_util::future::join_all;
use serde_json::{Value, json};
use url::Url;

use super::{Bench, CALLBACK, unavailable};

#[tokio::test]
async fn a_person_who_agrees_is_signed_in() {
    let bench = Bench::new().await;
    let who = bench.sign_in().await.unwrap();
    assert_eq!((who.issuer, who.subject), (bench.provider.issuer(), "1234567890".to_owned()));
    assert_eq!((who.email.as_deref(), who.name.as_deref()), (Some("ada@compass.example"), Some("Ada")));
    assert!(!bench.sign_in.is_development());
    assert_eq!(bench.sign_in.name(), "127.0.0.1");
}

#[tokio::test]
async fn the_redirect_asks_for_a_code_with_pkce_state_and_nonce() {
    let bench = Bench::with(|builder| builder.hosted_domain("Compass.Example")).await;
    let [one, two] = [bench.sign_in.start(CALLBACK).await.unwrap(), bench.sign_in.start(CALLBACK).await.unwrap()];
    let value = |redirect: &str, name: &str| {
        let url = Url::parse(redirect).unwrap();
        let values: Vec<_> = url.query_pairs().filter(|(key, _)| key == name).map(|(_, v)| v.into_owned()).collect();
        assert_eq!(values.len(), 1, "{name} in {redirect}");
        values[0].clone()
    };
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", "compass-client"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
        ("hd", "compass.example"),
    ] {
        assert_eq!(value(&one.redirect, name), expected, "{name}");
    }
    for secret in ["state", "nonce", "code_challenge"] {
        let (one, two) = (value(&one.redirect, secret), value(&two.redirect, secret));
        assert!(one.len() >= 43 && one != two, "{secret}: {one} {two}");
    }
    assert!(!one.redirect.contains(&one.transaction), "the browser's secret stays in the browser");
}

#[tokio::test]
async fn people_choose_an_account_where_the_provider_lets_them_or_the_operator_says_so() {
    for (published, said, chooses) in [
        (json!(["login", "select_account"]), None, true),
        (json!(["login", "consent"]), None, false),
        (Value::Null, None, false),
        (Value::Null, Some(true), true),
        (json!(["select_account"]), Some(false), false),
    ] {
        let bench =
            Bench::with(|builder| said.iter().fold(builder, |builder, said| builder.select_account(*said))).await;
        let what = format!("{published} {said:?}");
        bench.set(|script| {
            script.edit_discovery = Box::new(move |document| document["prompt_values_supported"] = published.clone());
        });
        let redirect = bench.sign_in.start(CALLBACK).await.unwrap().redirect;
        assert_eq!(redirect.contains("&prompt=select_account"), chooses, "{what}: {redirect}");
        assert_eq!(redirect.contains("prompt="), chooses, "{what}: {redirect}");
    }
}

#[tokio::test]
async fn another_browser_cannot_finish_a_sign_in_nor_spend_it() {
    let bench = Bench::new().await;
    let (mine, theirs) = (bench.answer().await, bench.answer().await);
    for transaction in [theirs.transaction.clone(), String::new(), mine.state.clone()] {
        let stolen = SignInAnswer { transaction, ..mine.clone() };
        assert!(matches!(bench.sign_in.finish(&stolen).await, Err(IdentityError::TransactionMismatch)));
    }
    let swapped = SignInAnswer { state: mine.transaction.clone(), transaction: mine.state.clone(), ..mine.clone() };
    assert!(matches!(bench.sign_in.finish(&swapped).await, Err(IdentityError::TransactionMismatch)));
    assert_eq!(bench.provider.requests("/token"), 0, "no code was given away");
    bench.sign_in.finish(&mine).await.unwrap();
    bench.sign_in.finish(&theirs).await.unwrap();
}

#[tokio::test]
async fn of_twenty_answers_with_one_state_one_signs_in() {
    let bench = Bench::new().await;
    let answer = bench.answer().await;
    let all = join_all((0..20).map(|_| bench.sign_in.finish(&answer))).await;
    let mismatches = all.iter().filter(|outcome| matches!(outcome, Err(IdentityError::TransactionMismatch)));
    assert_eq!((all.iter().filter(|outcome| outcome.is_ok()).count(), mismatches.count()), (1, 19));
    assert!(matches!(bench.sign_in.finish(&answer).await, Err(IdentityError::TransactionMismatch)));
    assert_eq!(bench.provider.requests("/token"), 1);
}

#[tokio::test]
async fn a_sign_in_may_take_ten_minutes_and_no_longer() {
    let bench = Bench::new().await;
    let (in_time, too_late) = (bench.answer().await, bench.answer().await);
    bench.clock.advance(Duration::from_micros(600_000_000 - 1));
    bench.sign_in.finish(&in_time).await.unwrap();
    bench.clock.advance(Duration::from_micros(1));
    assert!(matches!(bench.sign_in.finish(&too_late).await, Err(IdentityError::TransactionMismatch)));
}

#[tokio::test]
async fn a_sign_in_that_was_declined_is_spent() {
    let bench = Bench::new().await;
    let answer = bench.answer().await;
    let declined = SignInAnswer { code: None, ..answer.clone() };
    assert!(matches!(bench.sign_in.finish(&declined).await, Err(IdentityError::Declined)));
    assert!(matches!(bench.sign_in.finish(&answer).await, Err(IdentityError::TransactionMismatch)));
}

#[tokio::test]
async fn a_service_that_does_not_know_its_own_address_begins_nothing() {
    let bench = Bench::new().await;
    let refused = unavailable(bench.sign_in.start("/auth/google/callback").await);
    assert!(refused.to_string().contains("public address"), "{refused}");
}
