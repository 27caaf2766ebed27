//! Which tokens pass, and which do not.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use compass_auth::{JwtAccessTokens, TokenKey, TokenSetupError};
use compass_core::{
    SessionId, UserId,
    ports::{AccessTokens, TokenError},
    testing::SeededRandom,
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

const ISSUER: &str = "https://compass.example";
const SECRET: [u8; 32] = [7; 32];
const USER: UserId = UserId(Uuid::from_u128(1));
const SESSION: SessionId = SessionId(Uuid::from_u128(2));

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn key(id: &str, secret: &[u8]) -> TokenKey {
    TokenKey { id: id.to_owned(), secret: secret.to_vec().into() }
}

fn set_up(signing: TokenKey, retired: Vec<TokenKey>) -> Result<JwtAccessTokens, TokenSetupError> {
    JwtAccessTokens::new(ISSUER, signing, retired, Arc::new(SeededRandom::new(1)))
}

fn tokens() -> JwtAccessTokens {
    set_up(key("k1", &SECRET), Vec::new()).unwrap()
}

fn good_header() -> Header {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some("k1".to_owned());
    header
}

fn good_claims() -> Value {
    let iat = noon().as_second();
    json!({
        "iss": ISSUER, "aud": ISSUER, "sub": USER.0, "sid": SESSION.0, "jti": Uuid::from_u128(3),
        "iat": iat, "exp": iat + 600,
    })
}

fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
    // Set up first: with both kinds of cryptography in the build, jsonwebtoken has to be told which to take.
    let _chosen = tokens();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn with(claim: &str, value: Value) -> String {
    let mut claims = good_claims();
    claims[claim] = value;
    signed(&good_header(), &claims, &SECRET)
}

#[track_caller]
fn assert_invalid(what: &str, token: &str) {
    let outcome = tokens().verify(token, noon());
    assert!(matches!(outcome, Err(TokenError::Invalid(_))), "{what}: {outcome:?}");
}

#[test]
fn an_issued_token_says_who_and_until_when() {
    let issued = tokens().issue(USER, SESSION, noon()).unwrap();
    let claims = tokens().verify(&issued.token, noon()).unwrap();
    assert_eq!((claims.user, claims.session), (USER, SESSION));
    assert_eq!(claims.expires_at, issued.expires_at);
    assert_eq!(issued.expires_at, noon() + SignedDuration::from_mins(10));
}

#[test]
fn the_tampered_tokens_below_differ_from_a_good_one() {
    let token = signed(&good_header(), &good_claims(), &SECRET);
    assert!(tokens().verify(&token, noon()).is_ok());
}

#[test]
fn a_token_works_until_the_second_it_expires() {
    let tokens = tokens();
    let issued = tokens.issue(USER, SESSION, noon()).unwrap();
    assert!(tokens.verify(&issued.token, issued.expires_at - SignedDuration::from_micros(1)).is_ok());
    assert_eq!(tokens.verify(&issued.token, issued.expires_at), Err(TokenError::Expired));
}

#[test]
fn a_token_from_a_clock_slightly_ahead_passes_and_one_from_the_future_does_not() {
    let tokens = tokens();
    let issued = tokens.issue(USER, SESSION, noon()).unwrap();
    assert!(tokens.verify(&issued.token, noon() - SignedDuration::from_secs(30)).is_ok());
    let outcome = tokens.verify(&issued.token, noon() - SignedDuration::from_secs(31));
    assert!(matches!(outcome, Err(TokenError::Invalid(_))), "{outcome:?}");
}

#[test]
fn every_claim_is_required() {
    for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_invalid(&format!("no {claim}"), &signed(&good_header(), &claims, &SECRET));
        assert_invalid(&format!("{claim} is null"), &with(claim, Value::Null));
    }
}

#[test]
fn claims_meant_for_somebody_else_are_refused() {
    assert_invalid("other issuer", &with("iss", json!("https://evil.example")));
    assert_invalid("other audience", &with("aud", json!("https://evil.example")));
    assert_invalid("two audiences", &with("aud", json!([ISSUER, "https://evil.example"])));
    assert_invalid("two issuers", &with("iss", json!([ISSUER])));
    assert_invalid("a subject that is no user", &with("sub", json!("root")));
}

#[test]
fn times_are_whole_seconds_within_ten_minutes() {
    let iat = noon().as_second();
    let cases = [
        json!(iat as f64 + 600.0),
        json!((iat + 600).to_string()),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(1e300),
        json!(-1e300),
        json!(iat + 601),
        json!([iat + 600]),
    ];
    for exp in cases {
        assert_invalid(&format!("exp {exp}"), &with("exp", exp.clone()));
    }
    assert_invalid("iat long ago with a lifetime of years", &with("iat", json!(0)));
    assert_invalid("iat before all time", &with("iat", json!(i64::MIN)));
    let over = tokens().verify(&with("exp", json!(iat - 1)), noon());
    assert_eq!(over, Err(TokenError::Expired));
}

#[test]
fn only_the_pinned_algorithm_passes() {
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "NONE", "HS256 "] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": "k1"});
        assert_invalid(alg, &format!("{}.{}.", encode(header), encode(good_claims())));
    }
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        let mut header = good_header();
        header.alg = alg;
        assert_invalid(&format!("{alg:?}"), &signed(&header, &good_claims(), &SECRET));
    }
}

#[test]
fn only_our_type_of_token_passes() {
    for typ in [None, Some("JWT"), Some("id+jwt"), Some("application/at+jwt")] {
        let mut header = good_header();
        header.typ = typ.map(str::to_owned);
        assert_invalid(&format!("typ {typ:?}"), &signed(&header, &good_claims(), &SECRET));
    }
}

#[test]
fn only_our_keys_pass() {
    assert_invalid("another secret", &signed(&good_header(), &good_claims(), &[8; 32]));
    for kid in [None, Some("k2"), Some("")] {
        let mut header = good_header();
        header.kid = kid.map(str::to_owned);
        assert_invalid(&format!("kid {kid:?}"), &signed(&header, &good_claims(), &SECRET));
    }
}

#[test]
fn a_changed_or_broken_token_is_refused() {
    let token = signed(&good_header(), &good_claims(), &SECRET);
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = good_claims();
    other["sub"] = json!(Uuid::from_u128(99));
    let other = BASE64_URL_SAFE_NO_PAD.encode(other.to_string());
    assert_invalid("another payload", &format!("{}.{other}.{}", parts[0], parts[2]));
    assert_invalid("no signature", &format!("{}.{}.", parts[0], parts[1]));
    assert_invalid("two parts", &format!("{}.{}", parts[0], parts[1]));
    assert_invalid("four parts", &format!("{token}.{}", parts[2]));
    assert_invalid("nothing", "");
    assert_invalid("dots", "...");
    assert_invalid("not text of any kind", "\0\u{202e}🎉.a.b");
    assert_invalid("megabytes", &"a".repeat(3_000_000));
}

/// A good token of so many bytes.
fn of_length(len: usize) -> String {
    let padded = |content: usize, pad: usize| {
        let (mut header, mut claims) = (good_header(), good_claims());
        // No base64url text has a length of 4n + 1: where the claims cannot fill it the header does.
        header.cty = Some("a".repeat(content));
        claims["pad"] = json!("a".repeat(pad));
        signed(&header, &claims, &SECRET)
    };
    let shortest = padded(0, 0).len();
    let pads = (len - shortest) / 2..len - shortest;
    pads.flat_map(|pad| (0..4).map(move |content| padded(content, pad))).find(|token| token.len() == len).unwrap()
}

#[test]
fn a_token_has_2048_bytes_at_most() {
    assert!(tokens().verify(&of_length(2_048), noon()).is_ok());
    let outcome = tokens().verify(&of_length(2_049), noon());
    assert_eq!(outcome, Err(TokenError::Invalid("it is too long".to_owned())));
}

#[test]
fn what_is_wrong_with_a_token_is_said_without_its_text() {
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let header = encode(r#"{"alg":"HS256","typ":"at+jwt","kid":"k1"}"#);
    let signed_text = |payload: &str| {
        let message = format!("{header}.{payload}");
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(&SECRET), Algorithm::HS256);
        format!("{message}.{}", signature.unwrap())
    };
    for (token, why) in [
        (format!("{}.e30.e30", encode("canary")), "a part of it is not the JSON that was expected"),
        (signed_text(&encode("[\"canary\"]")), "a part of it is not the JSON that was expected"),
        ("canary!.e30.e30".to_owned(), "a part of it is not base64url text"),
        (signed_text("canary!"), "a part of it is not base64url text"),
    ] {
        assert_eq!(tokens().verify(&token, noon()), Err(TokenError::Invalid(why.to_owned())), "{token}");
    }
}

#[test]
fn a_retired_key_still_checks_and_no_longer_signs() {
    let old = tokens().issue(USER, SESSION, noon()).unwrap();
    let rotated = set_up(key("k2", &[9; 32]), vec![key("k1", &SECRET)]).unwrap();
    assert!(rotated.verify(&old.token, noon()).is_ok());
    let new = rotated.issue(USER, SESSION, noon()).unwrap();
    assert!(rotated.verify(&new.token, noon()).is_ok());
    assert!(tokens().verify(&new.token, noon()).is_err(), "it was signed with the new key");
}

#[test]
fn a_key_that_is_named_by_its_secret_has_another_name_after_a_change() {
    let of = |secret: [u8; 32]| TokenKey::of(secret.to_vec().into());
    assert_eq!((of([1; 32]).id, of([1; 32]).id.len()), (of([1; 32]).id, 8));
    assert_ne!(of([1; 32]).id, of([2; 32]).id);
    let old = set_up(of([1; 32]), Vec::new()).unwrap().issue(USER, SESSION, noon()).unwrap();
    let changed = set_up(of([2; 32]), vec![of([1; 32])]).unwrap();
    assert!(changed.verify(&old.token, noon()).is_ok());
    assert_eq!(changed.verify(&old.token, old.expires_at), Err(TokenError::Expired), "it lives no longer for that");
    assert!(set_up(of([2; 32]), Vec::new()).unwrap().verify(&old.token, noon()).is_err());
}

#[test]
fn weak_or_ambiguous_keys_are_refused_at_set_up() {
    let refused = set_up(key("k1", &[1; 31]), Vec::new()).unwrap_err();
    assert!(refused.to_string().contains("\"k1\" has 31 bytes"), "{refused}");
    assert!(matches!(set_up(key("k1", b""), Vec::new()), Err(TokenSetupError::ShortSecret { len: 0, .. })));
    assert!(matches!(
        set_up(key("k1", &SECRET), vec![key("k0", b"short")]),
        Err(TokenSetupError::ShortSecret { len: 5, .. })
    ));
    assert!(matches!(set_up(key("k1", &SECRET), vec![key("k1", &[9; 32])]), Err(TokenSetupError::DuplicateKey(_))));
}

#[test]
fn debug_output_and_errors_keep_the_secrets() {
    let issued = tokens().issue(USER, SESSION, noon()).unwrap();
    let shown = format!("{:?} {:?} {:?}", tokens(), key("k1", &SECRET), issued);
    assert!(!shown.contains(&issued.token) && !shown.contains("7, 7"), "{shown}");
    assert!(shown.contains(ISSUER) && shown.contains("k1"), "{shown}");
    let error = tokens().verify(&format!("{}x", issued.token), noon()).unwrap_err();
    assert!(!error.to_string().contains(&issued.token), "{error}");
}
