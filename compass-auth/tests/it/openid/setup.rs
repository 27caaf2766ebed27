//! What is refused before anybody signs in.

use std::sync::Arc;

use compass_auth::{OpenIdBuilder, OpenIdConnect, OpenIdSetupError, SigningAlgorithm, UnknownAlgorithm};
use compass_core::{
    ports::IdentityProvider as _,
    testing::{FixedClock, MemoryStore},
};

use super::ports;

fn build(builder: OpenIdBuilder) -> Result<OpenIdConnect, OpenIdSetupError> {
    let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
    builder.build(ports(&clock, &Arc::new(MemoryStore::default())))
}

fn at(issuer: &str) -> OpenIdBuilder {
    OpenIdConnect::provider_at(issuer, "id", "canary-secret".into())
}

#[tokio::test]
async fn an_issuer_is_an_https_address() {
    for good in
        ["https://login.example", "https://login.example/", "https://login.example/realms/1", "https://10.0.0.1"]
    {
        assert!(build(at(good)).is_ok(), "{good}");
    }
    for bad in [
        "",
        "login.example",
        "http://login.example",
        "http://127.0.0.1:80",
        "https://u:p@login.example",
        "https://a/#b",
    ] {
        let refused = build(at(bad)).unwrap_err();
        assert!(matches!(refused, OpenIdSetupError::Issuer { .. }), "{bad}: {refused:?}");
    }
    for bad in ["http://login.example", "http://10.0.0.1", "http://localhost.evil.example"] {
        assert!(build(at(bad).http_on_loopback()).is_err(), "{bad}");
    }
    for good in ["http://127.0.0.1:80", "http://localhost:80", "http://[::1]:80"] {
        assert!(build(at(good).http_on_loopback()).is_ok(), "{good}");
    }
}

#[tokio::test]
async fn what_is_left_empty_is_named() {
    let good = "https://login.example";
    for (builder, what) in [
        (OpenIdConnect::provider_at(good, " ", "secret".into()), "client id"),
        (OpenIdConnect::google("id", "".into()), "client secret"),
        (at(good).algorithms(&[]), "signing algorithms"),
    ] {
        let refused = build(builder).unwrap_err();
        assert!(refused.to_string().contains(what), "{refused}");
    }
}

#[tokio::test]
async fn an_entry_of_the_list_is_an_address_or_a_domain() {
    for good in ["ada@compass.example", "compass.example", " Compass.Example "] {
        assert!(build(at("https://login.example").allowed([good])).is_ok(), "{good}");
    }
    for bad in ["", "@compass.example", "*.compass.example", "compass", "a b@c.example", "ada@", ".example"] {
        let refused = build(at("https://login.example").allowed(["ada@compass.example", bad])).unwrap_err();
        assert!(matches!(refused, OpenIdSetupError::Allowed(_)), "{bad}: {refused:?}");
    }
}

#[tokio::test]
async fn a_workspace_domain_is_a_domain() {
    let google = |domain: &str| build(OpenIdConnect::google("id", "secret".into()).hosted_domain(domain));
    for good in ["compass.example", " Compass.Example "] {
        assert!(google(good).is_ok(), "{good}");
    }
    for bad in ["", " ", "@compass.example", "ada@compass.example", "compass", "compass example.org"] {
        let refused = google(bad).unwrap_err();
        assert!(matches!(refused, OpenIdSetupError::HostedDomain(_)), "{bad:?}: {refused:?}");
        assert!(refused.to_string().contains("hosted_domain"), "{refused}");
    }
}

#[test]
fn an_algorithm_is_named_as_the_standard_does() {
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
    for other in ["", "HS256", "none", "es256", "RS256 "] {
        assert_eq!(other.parse::<SigningAlgorithm>(), Err(UnknownAlgorithm), "{other:?}");
    }
}

#[tokio::test]
async fn providers_have_names() {
    assert_eq!(build(OpenIdConnect::google("id", "secret".into())).unwrap().name(), "Google");
    assert_eq!(build(at("https://login.example/realms/1")).unwrap().name(), "login.example");
    assert_eq!(build(at("https://login.example").called("Example AG")).unwrap().name(), "Example AG");
}

#[tokio::test]
async fn debug_output_keeps_the_secret() {
    let shown = format!("{:?} {:?}", at("https://login.example"), build(at("https://login.example")).unwrap());
    assert!(shown.contains("login.example") && !shown.contains("canary-secret"), "{shown}");
}

#[tokio::test]
async fn setting_up_chooses_no_cryptography_for_the_host() {
    build(at("https://login.example")).unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
