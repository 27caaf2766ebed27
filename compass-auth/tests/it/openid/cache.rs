//! What the provider publishes: how long it is used, and how seldom it is asked for.

use std::time::Duration;

use compass_auth::{
    AnswerError, ProviderError,
    testing::{Page, Script, SigningKey},
};
use compass_core::ports::IdentityProvider as _;
use futures_util::future::join_all;
use serde_json::json;

use super::{Bench, CALLBACK, Expected, unavailable};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn documents_are_fetched_at_the_first_sign_in_and_again_when_they_are_due() {
    let bench = Bench::new().await;
    assert_eq!(bench.provider.requests("/.well-known/openid-configuration"), 0);
    for _ in 0..3 {
        bench.sign_in().await.unwrap();
    }
    assert_eq!((bench.provider.requests("/keys"), bench.provider.requests("/token")), (1, 3));
    assert_eq!(bench.provider.requests("/.well-known/openid-configuration"), 1);
    bench.clock.advance(HOUR - Duration::from_micros(1));
    bench.sign_in().await.unwrap();
    assert_eq!(bench.provider.requests("/keys"), 1);
    bench.clock.advance(Duration::from_micros(1));
    bench.sign_in().await.unwrap();
    assert_eq!(bench.provider.requests("/keys"), 2);
    assert_eq!(bench.provider.requests("/.well-known/openid-configuration"), 2);
}

#[tokio::test]
async fn what_the_provider_says_about_caching_is_bounded() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    for (says, lasts) in [
        (Some("no-store"), minutes(60)),
        (Some("max-age=0"), minutes(5)),
        (Some("private, MAX-AGE=1200, must-revalidate"), minutes(20)),
        (Some("max-age=31536000"), DAY),
        (Some("max-age=later"), minutes(60)),
        (None, minutes(60)),
    ] {
        let bench = Bench::new().await;
        bench.set(|script| script.cache_control = says);
        bench.sign_in().await.unwrap();
        bench.clock.advance(lasts - Duration::from_micros(1));
        bench.sign_in().await.unwrap();
        assert_eq!(bench.provider.requests("/keys"), 1, "{says:?}");
        bench.clock.advance(Duration::from_micros(1));
        bench.sign_in().await.unwrap();
        assert_eq!(bench.provider.requests("/keys"), 2, "{says:?}");
    }
}

#[tokio::test]
async fn many_who_sign_in_at_once_fetch_once() {
    let bench = Bench::new().await;
    let all = join_all((0..20).map(|_| bench.sign_in())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(bench.provider.requests("/.well-known/openid-configuration"), 1);
    assert_eq!(bench.provider.requests("/keys"), 1);
}

#[tokio::test]
async fn many_who_sign_in_at_once_wait_once_for_a_provider_that_is_down() {
    let bench = Bench::new().await;
    bench.set(|script| script.discovery = Page::Status(500));
    let all = join_all((0..20).map(|_| bench.sign_in.start(CALLBACK))).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(bench.provider.requests("/.well-known/openid-configuration"), 1);
    bench.set(|script| script.discovery = Page::Good);
    bench.sign_in().await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_then_once_a_minute_at_most() {
    let bench = Bench::new().await;
    bench.sign_in().await.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    bench.set(|script| script.rotate_to(SigningKey::es256("ec-1")));
    bench.sign_in().await.unwrap();
    assert_eq!(bench.provider.requests("/keys"), 2);

    bench.set(|script| script.signer = SigningKey::es256("unpublished"));
    bench.clock.advance(Duration::from_micros(59_999_999));
    Bench::refuses(bench.sign_in().await, "a minute is not over", AnswerError::UnknownKey);
    assert_eq!(bench.provider.requests("/keys"), 2);
    bench.clock.advance(Duration::from_micros(1));
    let all = join_all((0..50).map(|_| bench.sign_in())).await;
    for outcome in all {
        Bench::refuses(outcome, "unpublished", AnswerError::UnknownKey);
    }
    assert_eq!(bench.provider.requests("/keys"), 3, "once, however many unknown keys there are");
}

#[tokio::test]
async fn an_unknown_key_is_nobodys_fault_while_no_newer_keys_can_be_had() {
    let bench = Bench::new().await;
    bench.sign_in().await.unwrap();
    let new = SigningKey::es256("ec-1");
    bench.set(|script| {
        script.rotate_to(new.clone());
        script.keys = Page::Status(500);
    });
    bench.clock.advance(Duration::from_secs(60));
    for _ in 0..2 {
        let error = unavailable(bench.sign_in().await);
        assert!(matches!(error, ProviderError::Status(500)), "{error:?}");
    }
    assert_eq!(bench.provider.requests("/keys"), 2, "once a minute at most");
    let at_once = join_all((0..5).map(|_| bench.sign_in())).await;
    at_once.into_iter().for_each(|outcome| drop(unavailable(outcome)));
    bench.set(|script| script.signer = SigningKey::rs256("rsa-1"));
    bench.sign_in().await.unwrap();
    bench.set(|script| (script.signer, script.keys) = (new, Page::Good));
    bench.clock.advance(Duration::from_secs(60));
    bench.sign_in().await.unwrap();
    bench.set(|script| script.signer = SigningKey::es256("unpublished"));
    Bench::refuses(bench.sign_in().await, "the keys are the newest", AnswerError::UnknownKey);
}

#[tokio::test]
async fn unknown_keys_do_not_keep_those_out_who_have_known_ones() {
    let bench = Bench::new().await;
    bench.sign_in().await.unwrap();
    bench.clock.advance(Duration::from_secs(60));
    let good = bench.answer().await;
    bench.set(|script| script.signer = SigningKey::es256("unpublished"));
    bench.sign_in().await.unwrap_err();
    bench.set(|script| script.signer = SigningKey::rs256("rsa-1"));
    bench.sign_in.finish(&good).await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_stops_working_when_the_keys_are_due() {
    let bench = Bench::new().await;
    bench.sign_in().await.unwrap();
    bench.set(|script| {
        let old = script.signer.clone();
        script.rotate_to(SigningKey::es256("ec-1"));
        script.signer = old;
    });
    bench.sign_in().await.unwrap();
    bench.clock.advance(HOUR);
    Bench::refuses(bench.sign_in().await, "withdrawn", AnswerError::UnknownKey);
}

#[tokio::test]
async fn known_keys_go_on_working_for_a_day_while_no_new_ones_can_be_had() {
    let faults = [
        Page::Status(500),
        Page::Html,
        Page::Huge,
        Page::Silent,
        Page::CutOff,
        Page::Redirect("http://127.0.0.1:1/".to_owned()),
        Page::Json(r#"{"keys": 7}"#.to_owned()),
    ];
    for fault in faults {
        let bench = Bench::with(|builder| builder.patience(Duration::from_millis(300))).await;
        bench.sign_in().await.unwrap();
        bench.set(|script| (script.keys, script.discovery) = (fault.clone(), fault.clone()));
        bench.clock.advance(HOUR);
        bench.sign_in().await.unwrap();
        bench.sign_in().await.unwrap();
        assert_eq!(bench.provider.requests("/keys"), 2, "{fault:?}: asked again after a minute at the earliest");
        bench.clock.advance(DAY - Duration::from_micros(1));
        bench.sign_in().await.unwrap();
        bench.clock.advance(Duration::from_micros(1));
        unavailable(bench.sign_in().await);
        bench.set(|script| (script.keys, script.discovery) = (Page::Good, Page::Good));
        bench.clock.advance(Duration::from_secs(60));
        bench.sign_in().await.unwrap();
    }
}

#[tokio::test]
async fn a_provider_that_never_gave_its_keys_is_unavailable() {
    let bench = Bench::with(|builder| builder.patience(Duration::from_millis(300))).await;
    let faults: [(Page, Expected); 6] = [
        (Page::Status(500), |e| matches!(e, ProviderError::Status(500))),
        (Page::Html, |e| matches!(e, ProviderError::Unreadable(_))),
        (Page::Huge, |e| matches!(e, ProviderError::TooLarge)),
        (Page::Silent, |e| matches!(e, ProviderError::TimedOut)),
        (Page::CutOff, |e| matches!(e, ProviderError::Unreachable(_))),
        (Page::Redirect("http://127.0.0.1:1/".to_owned()), |e| matches!(e, ProviderError::Redirect)),
    ];
    for (fault, expected) in faults {
        bench.set(|script| script.keys = fault.clone());
        let error = unavailable(bench.sign_in().await);
        assert!(expected(&error), "{fault:?}: {error:?}");
    }
    bench.set(|script| script.keys = Page::Good);
    bench.sign_in().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_put_back_signs_nobody_out_of_signing_in() {
    let bench = Bench::new().await;
    bench.sign_in().await.unwrap();
    bench.clock.set("2026-05-01T11:00:00Z".parse().unwrap());
    bench.sign_in().await.unwrap();
    bench.set(|script| script.rotate_to(SigningKey::es256("ec-1")));
    bench.sign_in().await.unwrap();
}

#[tokio::test]
async fn keys_that_are_of_no_use_are_passed_over() {
    let strong = SigningKey::rs256("rsa-1").published();
    let with = |name: &str, value: serde_json::Value| {
        let mut key = strong.clone();
        key[name] = value;
        key
    };
    let weak = with("n", json!("t-".repeat(128)));
    assert_eq!(weak["n"].as_str().map(str::len), Some(256), "192 bytes, 1536 bits");
    for (what, keys) in [
        ("for encryption", json!([with("use", json!("enc"))])),
        ("of another algorithm", json!([with("alg", json!("RS512"))])),
        ("weak", json!([weak])),
        ("twice under one name", json!([strong, with("e", json!("AQAB"))])),
        ("of a kind to come", json!([{"kty": "LWE", "kid": "rsa-1"}, 7, null])),
        ("on another curve", json!([{"kty": "EC", "crv": "P-384", "kid": "rsa-1", "x": "AA", "y": "AA"}])),
        ("secret", json!([{"kty": "oct", "kid": "rsa-1", "k": "AAAA"}])),
        ("none", json!([])),
    ] {
        let bench = Bench::new().await;
        bench.set(|script: &mut Script| script.keys = Page::Json(json!({"keys": keys}).to_string()));
        Bench::refuses(bench.sign_in().await, what, AnswerError::UnknownKey);
    }
    let bench = Bench::new().await;
    let beside = json!({"keys": [{"kty": "LWE", "kid": "new"}, 7, with("kid", json!("other")), strong]});
    bench.set(|script| script.keys = Page::Json(beside.to_string()));
    bench.sign_in().await.unwrap();
}
