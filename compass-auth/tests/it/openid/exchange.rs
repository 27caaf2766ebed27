//! The provider's answer to the code, and what becomes of a sign-in when it is none.

use std::time::Duration;

use compass_auth::{
    AnswerError, ProviderError,
    testing::{Page, Script, TestProvider},
};
use compass_core::{
    SignInTransaction,
    ports::{IdentityError, IdentityProvider, MockSignInStore, SignInAnswer, SignInStore, StoreError},
};
use serde_json::json;
use std::sync::Arc;

use super::{Bench, CALLBACK, Expected, builder_for, ports, unavailable};

#[tokio::test]
async fn an_answer_that_is_none_is_told_apart_from_a_provider_that_is_down() {
    let refuses = [
        (Page::Html, AnswerError::NoTokenResponse),
        (Page::Json("[]".to_owned()), AnswerError::NoTokenResponse),
        (Page::Json(r#"{"access_token": "a", "token_type": "Bearer"}"#.to_owned()), AnswerError::NoIdToken),
        (Page::Status(400), AnswerError::NoTokenResponse),
        (Page::Status(404), AnswerError::NoTokenResponse),
    ];
    for (page, why) in refuses {
        let bench = Bench::new().await;
        bench.set(|script| script.token = page.clone());
        Bench::refuses(bench.sign_in().await, &format!("{page:?}"), why);
    }
    let elsewhere = Page::Redirect("http://127.0.0.1:1/".to_owned());
    let down: [(Page, Expected); 6] = [
        (Page::Status(500), |e| matches!(e, ProviderError::Status(500))),
        (Page::Status(503), |e| matches!(e, ProviderError::Status(503))),
        (elsewhere, |e| matches!(e, ProviderError::Redirect)),
        (Page::Huge, |e| matches!(e, ProviderError::TooLarge)),
        (Page::CutOff, |e| matches!(e, ProviderError::Unreachable(_))),
        (Page::Silent, |e| matches!(e, ProviderError::TimedOut)),
    ];
    for (page, expected) in down {
        let bench = Bench::with(|builder| builder.patience(Duration::from_millis(500))).await;
        bench.set(|script| script.token = page.clone());
        let error = unavailable(bench.sign_in().await);
        assert!(expected(&error), "{page:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_code_works_with_its_own_verifier_client_and_callback_only() {
    let bench = Bench::new().await;
    let (mine, theirs) = (bench.answer().await, bench.answer().await);
    let injected = SignInAnswer { code: theirs.code.clone(), ..mine };
    Bench::refuses(bench.sign_in.finish(&injected).await, "another's code", AnswerError::CodeRefused);
    Bench::refuses(bench.sign_in.finish(&theirs).await, "a code that was tried", AnswerError::CodeRefused);
    let guessed = SignInAnswer { code: Some("guessed".to_owned()), ..bench.answer().await };
    Bench::refuses(bench.sign_in.finish(&guessed).await, "guessed", AnswerError::CodeRefused);
    let long = SignInAnswer { code: Some("a".repeat(5_000)), ..bench.answer().await };
    Bench::refuses(bench.sign_in.finish(&long).await, "long", AnswerError::CodeTooLong);
}

#[tokio::test]
async fn a_client_that_the_provider_does_not_know_is_the_operators_to_mend() {
    let bench = Bench::new().await;
    let wrong =
        compass_auth::OpenIdConnect::provider_at(&bench.provider.issuer(), TestProvider::CLIENT_ID, "wrong".into());
    let sign_in = wrong.http_on_loopback().build(ports(&bench.clock, &bench.store)).unwrap();
    let answer = bench.provider.agree(&sign_in.start(CALLBACK).await.unwrap());
    Bench::refuses(sign_in.finish(&answer).await, "wrong secret", AnswerError::ClientRefused("invalid_client"));
}

#[tokio::test]
async fn the_secret_travels_in_the_way_that_the_provider_offers() {
    for offered in [json!(["client_secret_post"]), json!(["private_key_jwt", "client_secret_basic"])] {
        let bench = Bench::new().await;
        let methods = offered.clone();
        bench.set(move |script: &mut Script| {
            script.edit_discovery = Box::new(move |d| d["token_endpoint_auth_methods_supported"] = methods.clone());
        });
        assert!(bench.sign_in().await.is_ok(), "{offered}");
    }
}

#[tokio::test]
async fn a_store_that_fails_signs_nobody_in() {
    let bench = Bench::new().await;
    let mut store = MockSignInStore::new();
    store.expect_begin().returning(|_| Err(StoreError::Unavailable("down".into())));
    store.expect_take().returning(|_, _| Err(StoreError::Unavailable("down".into())));
    let mut ports = ports(&bench.clock, &bench.store);
    ports.sign_ins = Arc::new(store);
    let sign_in = builder_for(&bench.provider).build(ports).unwrap();
    assert!(matches!(sign_in.start(CALLBACK).await, Err(IdentityError::Unavailable(_))));
    assert!(matches!(sign_in.finish(&bench.answer().await).await, Err(IdentityError::Unavailable(_))));
    assert_eq!(bench.provider.requests("/token"), 0);
}

#[tokio::test]
async fn a_sign_in_that_was_kept_without_a_callback_is_not_finished() {
    let bench = Bench::new().await;
    let answer = bench.answer().await;
    let mut store = MockSignInStore::new();
    let kept = SignInTransaction {
        state_hash: [0; 32],
        nonce: "nonce".to_owned(),
        verifier: "verifier".to_owned(),
        return_to: "/".to_owned(),
        begun_at: compass_core::ports::Clock::now(&*bench.clock),
        expires_at: compass_core::ports::Clock::now(&*bench.clock),
    };
    store.expect_take().returning(move |_, _| Ok(Some(kept.clone())));
    let mut ports = ports(&bench.clock, &bench.store);
    ports.sign_ins = Arc::<MockSignInStore>::new(store) as Arc<dyn SignInStore>;
    let sign_in = builder_for(&bench.provider).build(ports).unwrap();
    assert!(matches!(unavailable(sign_in.finish(&answer).await), ProviderError::Callback));
}
