//! The one place that says which ID tokens pass (OpenID Connect Core 1.0, section 3.1.3.7).

use compass_core::Text;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use subtle::ConstantTimeEq as _;

use super::{AccountRefusal, AnswerError, SigningAlgorithm, builder::Settings};

/// Google's have about 1,200 bytes; nobody's time is spent on larger ones.
const LONGEST: usize = 16 * 1024;
/// How far the provider's clock may be from ours, in seconds.
const SKEW: i64 = 30;
/// Longer lives are a fault: the token is used within seconds.
const LONGEST_LIFE: i64 = 24 * 60 * 60;
/// RFC 5321, section 4.5.3.1.3, without the angle brackets.
const LONGEST_EMAIL: usize = 254;
const LONGEST_NAME: usize = 200;

/// What a token that passed says. Members that nobody needs are left out.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    pub(super) hd: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    email: Option<String>,
    #[serde(default, deserialize_with = "true_or_nothing")]
    email_verified: bool,
    #[serde(default, deserialize_with = "text_or_nothing")]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// With which key a token says that it is signed. Nothing else of its header is believed: no key in it, no address of one.
pub(super) fn key_of(token: &str, accepted: &[SigningAlgorithm]) -> Result<(SigningAlgorithm, String), AnswerError> {
    if token.len() > LONGEST || token.split('.').count() != 3 {
        return Err(AnswerError::NotAToken);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
        // An algorithm that jsonwebtoken does not know, such as none, is a fault of the JSON to it.
        ErrorKind::Json(_) => AnswerError::Algorithm,
        _ => AnswerError::NotAToken,
    })?;
    let algorithm = algorithm(header.alg).filter(|algorithm| accepted.contains(algorithm));
    let algorithm = algorithm.ok_or(AnswerError::Algorithm)?;
    if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
        return Err(AnswerError::Type);
    }
    if header.crit.is_some() {
        return Err(AnswerError::CriticalHeader);
    }
    Ok((algorithm, header.kid.filter(|kid| !kid.is_empty()).ok_or(AnswerError::NoKeyName)?))
}

/// Checks a token with its key. `nonce` is the one that the sign-in began with.
pub(super) fn check(
    token: &str,
    algorithm: SigningAlgorithm,
    key: &DecodingKey,
    settings: &Settings,
    nonce: &str,
    now: Timestamp,
) -> Result<Claims, AnswerError> {
    // Only the signature is jsonwebtoken's business: it takes times of no known type, and the machine's clock.
    let mut validation = Validation::new(algorithm.of());
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_audience(&[settings.client_id.as_str()]);
    validation.validate_exp = false;
    let decoded = jsonwebtoken::decode(token, key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidAudience => AnswerError::Audience,
        ErrorKind::Json(_) | ErrorKind::MissingRequiredClaim(_) | ErrorKind::Utf8(_) => AnswerError::Claims,
        _ => AnswerError::Signature,
    })?;
    let claims: Claims = decoded.claims;
    claims.are_for(settings, nonce)?;
    claims.are_valid_at(now.as_second())?;
    Ok(claims)
}

impl Claims {
    fn are_for(&self, settings: &Settings, nonce: &str) -> Result<(), AnswerError> {
        let client = settings.client_id.as_str();
        if !settings.is_issuer(&self.iss) {
            return Err(AnswerError::Issuer);
        }
        let (is_ours, has_others) = match &self.aud {
            Audience::One(one) => (one == client, false),
            Audience::Many(all) => (all.iter().any(|one| one == client), all.len() > 1),
        };
        if !is_ours {
            return Err(AnswerError::Audience);
        }
        if self.azp.as_deref().map_or(has_others, |party| party != client) {
            return Err(AnswerError::AuthorizedParty);
        }
        let repeated = self.nonce.as_deref().unwrap_or_default();
        if !bool::from(repeated.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(AnswerError::Nonce);
        }
        let printable = self.sub.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !(1..=255).contains(&self.sub.len()) || !printable {
            return Err(AnswerError::Subject);
        }
        Ok(())
    }

    fn are_valid_at(&self, now: i64) -> Result<(), AnswerError> {
        match self.exp.checked_sub(self.iat) {
            Some(0..=LONGEST_LIFE) => {}
            _ => return Err(AnswerError::Lifetime),
        }
        if now >= self.exp.saturating_add(SKEW) {
            return Err(AnswerError::Expired);
        }
        if self.iat > now + SKEW || self.nbf.is_some_and(|from| from > now + SKEW) {
            return Err(AnswerError::NotYet);
        }
        Ok(())
    }

    /// The address, if the provider vouches for it. It is for show, and for the allow-list, and never says who somebody is.
    pub(super) fn verified_email(&self) -> Result<&str, AccountRefusal> {
        let email = self.email.as_deref().ok_or(AccountRefusal::NoEmail)?;
        if email.len() > LONGEST_EMAIL || !email.contains('@') || email.contains(|c: char| c.is_control()) {
            return Err(AccountRefusal::NoEmail);
        }
        if self.email_verified { Ok(email) } else { Err(AccountRefusal::EmailNotVerified) }
    }

    pub(super) fn shown_name(&self) -> Option<String> {
        let short: String = self.name.as_ref()?.trim().chars().take(LONGEST_NAME).collect();
        (!short.is_empty()).then(|| Text::lossy(&short).to_string())
    }
}

fn algorithm(named: Algorithm) -> Option<SigningAlgorithm> {
    SigningAlgorithm::ALL.into_iter().find(|algorithm| algorithm.of() == named)
}

/// Reads what is only for show: a value of another type is none.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Shown {
        Text(String),
        Other(IgnoredAny),
    }
    Ok(match Shown::deserialize(deserializer)? {
        Shown::Text(text) => Some(text),
        Shown::Other(_) => None,
    })
}

/// Whatever is not `true` is not verified.
fn true_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Truth {
        Said(bool),
        Other(IgnoredAny),
    }
    Ok(matches!(Truth::deserialize(deserializer)?, Truth::Said(true)))
}

#[cfg(all(test, feature = "testing", feature = "crypto-aws-lc"))]
mod tests {
    use std::sync::Arc;

    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use compass_core::testing::{FixedClock, MemoryStore, SeededRandom};
    use serde_json::json;

    use super::*;
    use crate::{OpenIdConnect, OpenIdPorts, openid::keys::Keys, testing::SigningKey};

    #[test]
    fn a_token_has_16_kib_at_most() {
        let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"1"}"#);
        let of_length = |len: usize| format!("{header}.{}.e30", "a".repeat(len - header.len() - 5));
        let key_of = |len: usize| key_of(&of_length(len), &SigningAlgorithm::ALL);
        assert_eq!(key_of(16 * 1024).unwrap(), (SigningAlgorithm::Rs256, "1".to_owned()));
        assert_eq!(key_of(16 * 1024 + 1), Err(AnswerError::NotAToken));
    }

    #[test]
    fn both_spellings_of_google_are_one_issuer_and_one_identity() {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let ports = OpenIdPorts {
            sign_ins: Arc::new(MemoryStore::default()),
            clock: Arc::new(FixedClock::new(now)),
            random: Arc::new(SeededRandom::new(1)),
        };
        let google = OpenIdConnect::google("id", "secret".into()).build(ports).unwrap();
        let key = SigningKey::rs256("1");
        let keys = Keys::parse(json!({"keys": [key.published()]}).to_string().as_bytes()).unwrap();
        let key_found = keys.find("1", SigningAlgorithm::Rs256).unwrap();
        let pass = |issuer: &str| {
            let (iat, exp) = (now.as_second(), now.as_second() + 3_600);
            let claims = json!({"iss": issuer, "aud": "id", "sub": "7", "iat": iat, "exp": exp, "nonce": "n"});
            let token = key.sign(&key.header(), &claims);
            check(&token, SigningAlgorithm::Rs256, key_found, &google.settings, "n", now)
        };
        for spelling in ["https://accounts.google.com", "accounts.google.com"] {
            let who = google.identity(pass(spelling).unwrap()).unwrap();
            assert_eq!((who.issuer.as_str(), who.subject.as_str()), ("https://accounts.google.com", "7"), "{spelling}");
        }
        for other in ["http://accounts.google.com", "https://accounts.google.com/", "accounts.google.com.evil.example"]
        {
            assert_eq!(pass(other).err(), Some(AnswerError::Issuer), "{other}");
        }
    }
}
