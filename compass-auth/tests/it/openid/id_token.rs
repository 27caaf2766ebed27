//! Which ID tokens pass: each line is one thing wrong with an otherwise good one.

use std::time::Duration;

use compass_auth::{
    AccountRefusal, AnswerError, SigningAlgorithm,
    testing::{Script, SigningKey, TestProvider},
};
use compass_core::{Identity, ports::IdentityError};
use serde_json::{Value, json};

use super::Bench;

const CLIENT: &str = TestProvider::CLIENT_ID;
const NOON: i64 = 1_777_636_800;

/// Sets a claim, or removes it.
fn claim(name: &'static str, value: Option<Value>) -> impl FnOnce(&mut Script) {
    move |script| {
        script.claims(move |claims| {
            let claims = claims.as_object_mut().unwrap();
            match &value {
                Some(value) => claims.insert(name.to_owned(), value.clone()),
                None => claims.remove(name),
            };
        });
    }
}

async fn refused(what: &str, change: impl FnOnce(&mut Script), why: AnswerError) {
    let bench = Bench::new().await;
    bench.set(change);
    Bench::refuses(bench.sign_in().await, what, why);
}

async fn accepted(what: &str, change: impl FnOnce(&mut Script)) {
    let bench = Bench::new().await;
    bench.set(change);
    let outcome = bench.sign_in().await;
    assert!(outcome.is_ok(), "{what}: {outcome:?}");
}

#[tokio::test]
async fn noon_is_noon() {
    assert_eq!(compass_core::ports::Clock::now(&*Bench::new().await.clock).as_second(), NOON);
}

#[tokio::test]
async fn the_issuer_has_to_be_the_configured_one() {
    let good = Bench::new().await.provider.issuer();
    for other in ["https://evil.example", "https://accounts.google.com", "accounts.google.com", "", &format!("{good}/")]
    {
        refused(other, claim("iss", Some(json!(other))), AnswerError::Issuer).await;
    }
    refused("a list", claim("iss", Some(json!([good]))), AnswerError::Claims).await;
}

#[tokio::test]
async fn the_audience_has_to_be_this_client() {
    for (aud, why) in [
        (json!("another-client"), AnswerError::Audience),
        (json!(["another-client"]), AnswerError::Audience),
        (json!([]), AnswerError::Audience),
        (json!(7), AnswerError::Claims),
    ] {
        refused(&format!("aud {aud}"), claim("aud", Some(aud)), why).await;
    }
    accepted("a list of one", claim("aud", Some(json!([CLIENT])))).await;
    let alone =
        |script: &mut Script| script.claims(|claims| (claims["aud"], claims["azp"]) = (json!([CLIENT]), Value::Null));
    accepted("a list of one, issued to nobody else", alone).await;
}

#[tokio::test]
async fn a_token_for_several_has_to_be_issued_to_this_client() {
    let several = |azp: Option<&'static str>| {
        move |script: &mut Script| {
            script.claims(move |claims| {
                claims["aud"] = json!([CLIENT, "another-client"]);
                claims["azp"] = json!(azp);
            });
        }
    };
    refused("no azp", several(None), AnswerError::AuthorizedParty).await;
    refused("another azp", several(Some("another-client")), AnswerError::AuthorizedParty).await;
    accepted("azp is this client", several(Some(CLIENT))).await;
    refused("another azp, one audience", claim("azp", Some(json!("x"))), AnswerError::AuthorizedParty).await;
    accepted("no azp, one audience", claim("azp", None)).await;
}

#[tokio::test]
async fn every_claim_is_required() {
    for name in ["iss", "aud", "sub", "exp", "iat"] {
        refused(&format!("no {name}"), claim(name, None), AnswerError::Claims).await;
        refused(&format!("{name} is null"), claim(name, Some(Value::Null)), AnswerError::Claims).await;
    }
    refused("no nonce", claim("nonce", None), AnswerError::Nonce).await;
}

#[tokio::test]
async fn the_nonce_has_to_be_the_one_of_this_sign_in() {
    refused("another", claim("nonce", Some(json!("0".repeat(64)))), AnswerError::Nonce).await;
    refused("empty", claim("nonce", Some(json!(""))), AnswerError::Nonce).await;
    refused("a number", claim("nonce", Some(json!(7))), AnswerError::Claims).await;
}

#[tokio::test]
async fn a_token_of_an_earlier_sign_in_is_refused() {
    let bench = Bench::new().await;
    let keep = std::sync::Arc::new(std::sync::Mutex::new(None));
    bench.set(|script| {
        script.edit_token_response = Box::new(move |answer| {
            let first = keep.lock().unwrap().get_or_insert_with(|| answer["id_token"].clone()).clone();
            answer["id_token"] = first;
        });
    });
    bench.sign_in().await.unwrap();
    Bench::refuses(bench.sign_in().await, "replayed", AnswerError::Nonce);
}

#[tokio::test]
async fn times_hold_to_the_second_with_half_a_minute_for_other_clocks() {
    let cases = [
        ("expires now", json!({"exp": NOON}), None),
        ("expired 29 s ago", json!({"exp": NOON - 29, "iat": NOON - 60}), None),
        ("expired 30 s ago", json!({"exp": NOON - 30, "iat": NOON - 60}), Some(AnswerError::Expired)),
        ("issued in 30 s", json!({"iat": NOON + 30}), None),
        ("issued in 31 s", json!({"iat": NOON + 31}), Some(AnswerError::NotYet)),
        ("valid in 30 s", json!({"nbf": NOON + 30}), None),
        ("valid in 31 s", json!({"nbf": NOON + 31}), Some(AnswerError::NotYet)),
        ("lives a day", json!({"exp": NOON + 86_400}), None),
        ("lives longer", json!({"exp": NOON + 86_401}), Some(AnswerError::Lifetime)),
        ("ends before it begins", json!({"exp": NOON + 9, "iat": NOON + 10}), Some(AnswerError::Lifetime)),
        ("no end of time", json!({"exp": i64::MAX}), Some(AnswerError::Lifetime)),
        ("beyond all numbers", json!({"exp": u64::MAX}), Some(AnswerError::Claims)),
        ("from before all time", json!({"iat": i64::MIN}), Some(AnswerError::Lifetime)),
        ("a fraction", json!({"exp": NOON as f64 + 60.5}), Some(AnswerError::Claims)),
        ("a text", json!({"exp": (NOON + 60).to_string()}), Some(AnswerError::Claims)),
        ("negative", json!({"exp": -1, "iat": -2}), Some(AnswerError::Claims)),
        ("nbf is a text", json!({"nbf": "soon"}), Some(AnswerError::Claims)),
    ];
    for (what, times, why) in cases {
        let change = |script: &mut Script| {
            script.claims(move |claims| {
                for (name, value) in times.as_object().unwrap() {
                    claims[name] = value.clone();
                }
            });
        };
        match why {
            Some(why) => refused(what, change, why).await,
            None => accepted(what, change).await,
        }
    }
}

#[tokio::test]
async fn the_clock_of_the_service_counts_and_no_other() {
    let bench = Bench::new().await;
    bench.clock.set("2061-07-28T00:00:00Z".parse().unwrap());
    bench.sign_in().await.unwrap();
    let answer = bench.answer().await;
    bench.set(|script| script.claims(|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() - 599)));
    bench.clock.advance(Duration::from_secs(599));
    compass_core::ports::IdentityProvider::finish(&bench.sign_in, &answer).await.unwrap();
}

#[tokio::test]
async fn only_configured_algorithms_pass() {
    refused(
        "HS256 with the public key",
        |s| s.signer = SigningKey::hs256_with_public_key("rsa-1"),
        AnswerError::Algorithm,
    )
    .await;
    for alg in ["none", "None", "NONE", "", "RS1", "HS256", "PS256", "RS512", "EdDSA"] {
        refused(alg, move |s| s.header(move |header| header["alg"] = json!(alg)), AnswerError::Algorithm).await;
    }
    // A key of the other kind, named as if it were the published one.
    refused(
        "ES256 says RS256",
        |s| {
            s.signer = SigningKey::es256("rsa-1");
            s.header(|header| header["alg"] = json!("RS256"));
        },
        AnswerError::Signature,
    )
    .await;
    refused("RS256 says ES256", |s| s.header(|header| header["alg"] = json!("ES256")), AnswerError::UnknownKey).await;
}

#[tokio::test]
async fn a_provider_may_sign_with_either_algorithm_where_it_is_configured() {
    accepted("ES256", |script| script.rotate_to(SigningKey::es256("ec-1"))).await;
    let bench = Bench::with(|builder| builder.algorithms(&[SigningAlgorithm::Rs256])).await;
    bench.sign_in().await.unwrap();
    bench.set(|script| script.rotate_to(SigningKey::es256("ec-1")));
    Bench::refuses(bench.sign_in().await, "ES256 where RS256 is configured", AnswerError::Algorithm);
}

#[tokio::test]
async fn nothing_in_the_header_but_the_names_of_algorithm_and_key_is_believed() {
    let own = SigningKey::es256("mine");
    let jwk = own.published();
    refused(
        "its own key in the header",
        move |script| {
            script.signer = own;
            script.header(move |header| {
                header["kid"] = json!("rsa-1");
                header["jwk"] = jwk.clone();
            });
        },
        AnswerError::UnknownKey,
    )
    .await;
    accepted("addresses of keys are not followed", |script| {
        script.header(|header| {
            header["jku"] = json!("https://evil.example/keys");
            header["x5u"] = json!("https://evil.example/certificate");
        });
    })
    .await;
    refused("crit", |s| s.header(|h| h["crit"] = json!(["b64"])), AnswerError::CriticalHeader).await;
    for typ in ["at+jwt", "logout+jwt", "", "JOSE"] {
        refused(typ, move |s| s.header(move |h| h["typ"] = json!(typ)), AnswerError::Type).await;
    }
    accepted("no typ", |s| s.header(|h| drop(h.as_object_mut().unwrap().remove("typ")))).await;
    for kid in [Value::Null, json!("")] {
        refused("no kid", move |s| s.header(move |h| h["kid"] = kid.clone()), AnswerError::NoKeyName).await;
    }
}

#[tokio::test]
async fn what_is_no_signed_token_is_refused() {
    let encrypted = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.e30.e30.e30.e30";
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    let long = format!("{}.e30.e30", "a".repeat(17_000));
    for (token, why) in [
        ("", AnswerError::NotAToken),
        ("a.b", AnswerError::NotAToken),
        ("...", AnswerError::NotAToken),
        ("é.é.é", AnswerError::NotAToken),
        (encrypted, AnswerError::NotAToken),
        (unsigned, AnswerError::Algorithm),
        (&long, AnswerError::NotAToken),
    ] {
        let text = token.to_owned();
        let change = move |script: &mut Script| {
            script.edit_token_response = Box::new(move |answer| answer["id_token"] = json!(text));
        };
        refused(&token.chars().take(40).collect::<String>(), change, why).await;
    }
    let change = |script: &mut Script| {
        script.edit_token_response = Box::new(|answer| {
            let token = answer["id_token"].as_str().unwrap();
            let (rest, signature) = token.rsplit_once('.').unwrap();
            let (header, _) = rest.split_once('.').unwrap();
            answer["id_token"] = json!(format!("{header}.e30.{signature}"));
        });
    };
    refused("another payload", change, AnswerError::Signature).await;
}

#[tokio::test]
async fn the_subject_is_a_short_plain_text() {
    for sub in [String::new(), "é".to_owned(), "a\0b".to_owned(), "a\nb".to_owned(), "7".repeat(256)] {
        refused(&format!("{sub:?}"), claim("sub", Some(json!(sub))), AnswerError::Subject).await;
    }
    refused("a number", claim("sub", Some(json!(7))), AnswerError::Claims).await;
    accepted("255 characters", claim("sub", Some(json!("7".repeat(255))))).await;
}

#[tokio::test]
async fn an_address_that_the_provider_does_not_vouch_for_is_not_kept() {
    for verified in [None, Some(json!(false)), Some(Value::Null), Some(json!("true")), Some(json!(1))] {
        let bench = Bench::new().await;
        let what = format!("{verified:?}");
        bench.set(claim("email_verified", verified));
        let who = bench.sign_in().await.unwrap();
        assert_eq!((who.email, who.subject.as_str()), (None, "1234567890"), "{what}");
    }
    for odd in [json!(7), json!("no-address"), json!("a@b\0.example"), json!(format!("{}@b.example", "a".repeat(300)))]
    {
        let bench = Bench::new().await;
        let what = odd.to_string();
        bench.set(claim("email", Some(odd)));
        assert_eq!(bench.sign_in().await.unwrap().email, None, "{what}");
    }
    let longest = format!("{}@b.example", "a".repeat(254 - "@b.example".len()));
    for (email, kept) in [(longest.clone(), true), (format!("a{longest}"), false)] {
        let bench = Bench::new().await;
        bench.set(claim("email", Some(json!(email))));
        assert_eq!(bench.sign_in().await.unwrap().email, kept.then_some(email));
    }
}

#[tokio::test]
async fn a_name_is_something_to_show_and_can_be_kept_whatever_it_is() {
    for (name, shown) in [
        (json!("  Ada \u{202e}<b> "), Some("Ada \u{202e}<b>".to_owned())),
        (json!("a\0b"), Some("a\u{fffd}b".to_owned())),
        (json!("a".repeat(10_000)), Some("a".repeat(200))),
        (json!("   "), None),
        (json!(["Ada"]), None),
    ] {
        let bench = Bench::new().await;
        bench.set(claim("name", Some(name)));
        assert_eq!(bench.sign_in().await.unwrap().name, shown);
    }
}

#[tokio::test]
async fn only_accounts_of_the_hosted_domain_come_in_where_one_is_configured() {
    for (hd, comes_in) in [
        (Some(json!("compass.example")), true),
        (Some(json!("COMPASS.example")), true),
        (None, false),
        (Some(json!("evil.example")), false),
        (Some(json!("compass.example.evil.example")), false),
        (Some(json!("")), false),
    ] {
        let bench = Bench::with(|builder| builder.hosted_domain("compass.example")).await;
        let what = format!("{hd:?}");
        bench.set(claim("hd", hd));
        let outcome = bench.sign_in().await;
        assert_eq!(outcome.is_ok(), comes_in, "{what}: {outcome:?}");
        assert!(comes_in || refusal(outcome) == AccountRefusal::HostedDomain, "{what}");
    }
}

#[tokio::test]
async fn only_people_on_the_list_come_in_where_there_is_one() {
    let cases: [(&[&str], bool); 6] = [
        (&["ada@compass.example"], true),
        (&["ADA@Compass.Example "], true),
        (&["bob@compass.example", "compass.example"], true),
        (&["bob@compass.example"], false),
        (&["ass.example", "example.com"], false),
        (&[], false),
    ];
    for (list, comes_in) in cases {
        let bench = Bench::with(|builder| builder.allowed(list)).await;
        match bench.sign_in().await {
            Ok(_) => assert!(comes_in, "{list:?}"),
            refused => assert!(!comes_in && refusal(refused) == AccountRefusal::NotListed, "{list:?}"),
        }
        for unverified in [Some(json!(false)), None] {
            bench.set(claim("email_verified", unverified));
            assert_eq!(refusal(bench.sign_in().await), AccountRefusal::EmailNotVerified, "{list:?}");
        }
        for none in [None, Some(json!("no-address"))] {
            bench.set(claim("email", none));
            assert_eq!(refusal(bench.sign_in().await), AccountRefusal::NoEmail, "{list:?}");
        }
    }
}

#[tokio::test]
async fn why_somebody_may_not_come_in_names_nobody() {
    let bench = Bench::with(|builder| builder.allowed(["bob@compass.example"])).await;
    let refused = refusal(bench.sign_in().await).to_string();
    assert!(
        refused.contains("allowed") && !refused.contains("ada") && !refused.contains("compass.example"),
        "{refused}"
    );
}

/// Why somebody may not come in.
#[track_caller]
fn refusal(outcome: Result<Identity, IdentityError>) -> AccountRefusal {
    match outcome {
        Err(IdentityError::NotAllowed(why)) => *why.downcast().expect("the account is the cause"),
        other => panic!("it is no refusal of the account: {other:?}"),
    }
}
