//! What a provider may say about itself.

use compass_auth::{
    OpenIdConnect, ProviderError, SigningAlgorithm,
    testing::{Page, Script},
};
use compass_core::ports::{IdentityProvider as _, MockSignInStore};
use serde_json::{Value, json};
use std::sync::Arc;

use super::{Bench, CALLBACK, Expected, ports, unavailable};

fn says(name: &'static str, value: Value) -> impl FnOnce(&mut Script) {
    move |script| script.edit_discovery = Box::new(move |document| document[name] = value.clone())
}

#[tokio::test]
async fn a_provider_that_calls_itself_by_another_name_is_not_used() {
    for other in ["https://evil.example", "http://127.0.0.1:1", ""] {
        let bench = Bench::new().await;
        bench.set(says("issuer", json!(other)));
        assert!(matches!(unavailable(bench.sign_in().await), ProviderError::OtherIssuer), "{other}");
    }
    let bench = Bench::new().await;
    bench.set(says("issuer", json!(format!("{}/", bench.provider.issuer()))));
    assert!(matches!(unavailable(bench.sign_in().await), ProviderError::OtherIssuer));
}

#[tokio::test]
async fn no_address_may_be_in_the_clear_or_inside_the_network() {
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for address in [
            "http://provider.example/x",
            "https://10.0.0.1/x",
            "https://169.254.169.254/latest",
            "https://[fd00::1]/x",
            "https://localhost.evil/x#fragment",
            "https://intranet/x",
            "https://user:secret@provider.example/x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "//provider.example/x",
            "",
        ] {
            let bench = Bench::new().await;
            bench.set(says(name, json!(address)));
            let error = unavailable(bench.sign_in.start(CALLBACK).await);
            assert!(matches!(error, ProviderError::Address(_)), "{name} {address}: {error:?}");
        }
        let bench = Bench::new().await;
        bench.set(says(name, Value::Null));
        let error = unavailable(bench.sign_in.start(CALLBACK).await);
        assert!(matches!(error, ProviderError::Unreadable(_)), "{name}: {error:?}");
    }
    let bench = Bench::new().await;
    bench.set(says("authorization_endpoint", json!("https://login.provider.example/start?tenant=1")));
    let start = bench.sign_in.start(CALLBACK).await.unwrap();
    assert!(start.redirect.starts_with("https://login.provider.example/start?tenant=1&response_type=code"));
}

#[tokio::test]
async fn a_provider_without_pkce_or_without_client_secrets_is_not_used() {
    let bench = Bench::new().await;
    bench.set(says("code_challenge_methods_supported", json!(["plain"])));
    assert!(matches!(unavailable(bench.sign_in.start(CALLBACK).await), ProviderError::Lacks(_)));
    bench.set(says("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])));
    assert!(matches!(unavailable(bench.sign_in.start(CALLBACK).await), ProviderError::Lacks(_)));
    bench.set(says("code_challenge_methods_supported", Value::Null));
    bench.sign_in.start(CALLBACK).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_signs_otherwise_is_not_used_and_said_to_do_so() {
    const PUBLISHED: &str = "id_token_signing_alg_values_supported";
    let bench = Bench::with(|builder| builder.algorithms(&[SigningAlgorithm::Rs256])).await;
    bench.set(says(PUBLISHED, json!(["ES256", "EdDSA", "no\nname"])));
    let error = unavailable(bench.sign_in.start(CALLBACK).await);
    assert!(matches!(error, ProviderError::Signatures { .. }), "{error:?}");
    let told = error.to_string();
    assert!(told.contains("signs ID tokens with ES256, EdDSA, and accepted is RS256: say algorithms"), "{told}");
    for good in [json!(["ES256", "RS256"]), Value::Null] {
        let bench = Bench::with(|builder| builder.algorithms(&[SigningAlgorithm::Rs256])).await;
        bench.set(says(PUBLISHED, good));
        bench.sign_in().await.unwrap();
    }
}

#[tokio::test]
async fn a_description_that_cannot_be_had_is_said_to_be_so() {
    let bench = Bench::with(|builder| builder.patience(std::time::Duration::from_millis(300))).await;
    let faults: [(Page, Expected); 6] = [
        (Page::Status(404), |e| matches!(e, ProviderError::Status(404))),
        (Page::Html, |e| matches!(e, ProviderError::Unreadable(_))),
        (Page::Huge, |e| matches!(e, ProviderError::TooLarge)),
        (Page::Silent, |e| matches!(e, ProviderError::TimedOut)),
        (Page::CutOff, |e| matches!(e, ProviderError::Unreachable(_))),
        (Page::Redirect("https://evil.example/".to_owned()), |e| matches!(e, ProviderError::Redirect)),
    ];
    for (fault, expected) in faults {
        bench.set(|script| script.discovery = fault.clone());
        let error = unavailable(bench.sign_in.start(CALLBACK).await);
        assert!(expected(&error), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn plain_http_stays_off_unless_it_was_asked_for() {
    let bench = Bench::new().await;
    let refused = OpenIdConnect::provider_at(&bench.provider.issuer(), "id", "secret".into())
        .build(ports(&bench.clock, &bench.store))
        .unwrap_err();
    assert!(refused.to_string().contains("https://"), "{refused}");
}

#[tokio::test]
async fn nothing_is_kept_of_a_sign_in_that_cannot_begin() {
    let bench = Bench::new().await;
    bench.set(|script| script.discovery = Page::Status(500));
    let mut ports = ports(&bench.clock, &bench.store);
    ports.sign_ins = Arc::new(MockSignInStore::new());
    let sign_in = super::builder_for(&bench.provider).build(ports).unwrap();
    unavailable(sign_in.start(CALLBACK).await);
}
