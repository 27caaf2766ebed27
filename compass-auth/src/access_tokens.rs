//! Access tokens as JSON Web Tokens (RFC 9068): one algorithm, one way to check them, the time as an argument.

use std::{collections::HashMap, fmt, panic, sync::Arc};

use compass_core::{
    SessionId, UserId,
    ports::{AccessClaims, AccessToken, AccessTokens, Random, TokenError, new_uuid},
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::crypto;

const ALGORITHM: Algorithm = Algorithm::HS256;
/// Says that a token is an access token and nothing else (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How far another instance's clock may be ahead of ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(30);
/// RFC 7518, section 3.2: a key as long as the hash, or longer.
const SHORTEST_SECRET: usize = 32;
/// Ours have about 500 bytes; nobody's time is spent on larger ones.
const LONGEST_TOKEN: usize = 2_048;

/// A named secret that signs tokens.
#[derive(Debug)]
pub struct TokenKey {
    /// The key's public name, which each token carries as `kid`.
    pub id: String,
    /// The secret, at least 32 unpredictable bytes.
    pub secret: SecretSlice<u8>,
}

impl TokenKey {
    /// A key that is named by its secret (8 digits of its SHA-256), so that a new secret comes with a new name by itself.
    #[must_use]
    pub fn of(secret: SecretSlice<u8>) -> Self {
        let digest = Sha256::digest([b"compass token key ".as_slice(), secret.expose_secret()].concat());
        Self { id: digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect(), secret }
    }

    /// A fresh secret, for hosts that keep none: the tokens it signed are worth nothing after a restart.
    #[must_use]
    pub fn random(random: &dyn Random) -> Self {
        let mut secret = vec![0; SHORTEST_SECRET];
        random.fill(&mut secret);
        Self { id: "random".to_owned(), secret: secret.into() }
    }
}

/// Makes and checks access tokens that live for ten minutes, signed with HMAC-SHA-256.
///
/// ```
/// use std::sync::Arc;
/// use compass_auth::{JwtAccessTokens, TokenKey};
/// use compass_core::{SessionId, UserId, ports::{AccessTokens, Clock, SystemClock, SystemRandom}};
///
/// let key = TokenKey { id: "2026-05".to_owned(), secret: vec![7; 32].into() };
/// let tokens = JwtAccessTokens::new("https://compass.example", key, Vec::new(), Arc::new(SystemRandom))?;
/// let now = SystemClock.now();
/// let (user, session) = (UserId(uuid::Uuid::from_u128(1)), SessionId(uuid::Uuid::from_u128(2)));
/// let issued = tokens.issue(user, session, now)?;
/// assert_eq!(tokens.verify(&issued.token, now)?.user, user);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JwtAccessTokens {
    issuer: String,
    signing_id: String,
    signing: EncodingKey,
    accepted: HashMap<String, DecodingKey>,
    random: Arc<dyn Random>,
}

impl JwtAccessTokens {
    /// Takes the key that signs, and keys that signed earlier and are still accepted. `issuer` names this service
    /// (its public address); it is the tokens' audience as well, since nobody else reads them.
    ///
    /// # Errors
    /// [`TokenSetupError`] for a short secret, two keys of one name, or a build that cannot sign.
    pub fn new(
        issuer: &str,
        signing: TokenKey,
        retired: Vec<TokenKey>,
        random: Arc<dyn Random>,
    ) -> Result<Self, TokenSetupError> {
        let mut accepted = HashMap::new();
        for key in retired.iter().chain([&signing]) {
            let secret = key.secret.expose_secret();
            if secret.len() < SHORTEST_SECRET {
                return Err(TokenSetupError::ShortSecret { id: key.id.clone(), len: secret.len() });
            }
            if accepted.insert(key.id.clone(), DecodingKey::from_secret(secret)).is_some() {
                return Err(TokenSetupError::DuplicateKey(key.id.clone()));
            }
        }
        let tokens = Self {
            issuer: issuer.to_owned(),
            signing: EncodingKey::from_secret(signing.secret.expose_secret()),
            signing_id: signing.id,
            accepted,
            random,
        };
        tokens.self_test()?;
        Ok(tokens)
    }

    /// Signs and checks once, because jsonwebtoken panics at its first use in a build without one clear provider.
    fn self_test(&self) -> Result<(), TokenSetupError> {
        crypto::choose();
        let (user, session) = (UserId(Uuid::nil()), SessionId(Uuid::nil()));
        let round_trip = || {
            let issued = self.issue(user, session, Timestamp::UNIX_EPOCH)?;
            self.verify(&issued.token, Timestamp::UNIX_EPOCH)
        };
        match panic::catch_unwind(panic::AssertUnwindSafe(round_trip)) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(TokenSetupError::SelfTest(error)),
            Err(_) => Err(TokenSetupError::NoCrypto),
        }
    }

    /// The only place that says which tokens pass. Times are not jsonwebtoken's business: it asks the machine's clock.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(ALGORITHM);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.issuer]);
        validation.validate_exp = false;
        validation
    }
}

impl fmt::Debug for JwtAccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAccessTokens")
            .field("issuer", &self.issuer)
            .field("signing_id", &self.signing_id)
            .finish_non_exhaustive()
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(&self, user: UserId, session: SessionId, now: Timestamp) -> Result<AccessToken, TokenError> {
        let expires_at = now
            .checked_add(LIFETIME)
            .and_then(|t| Timestamp::from_second(t.as_second()))
            .map_err(|e| TokenError::Signing(e.to_string()))?;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: user.0,
            sid: session.0,
            jti: new_uuid(&*self.random, now),
            iat: now.as_second(),
            exp: expires_at.as_second(),
        };
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.signing_id.clone());
        let token =
            jsonwebtoken::encode(&header, &claims, &self.signing).map_err(|e| TokenError::Signing(e.to_string()))?;
        Ok(AccessToken { token, expires_at })
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(invalid("it is too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(from_jsonwebtoken)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(invalid("its typ is not at+jwt"));
        }
        let key = header.kid.and_then(|id| self.accepted.get(&id)).ok_or_else(|| invalid("its kid is unknown"))?;
        let claims: Claims = jsonwebtoken::decode(token, key, &self.validation()).map_err(from_jsonwebtoken)?.claims;
        let issued_at = Timestamp::from_second(claims.iat).map_err(|_| invalid("its iat is no time"))?;
        let expires_at = Timestamp::from_second(claims.exp).map_err(|_| invalid("its exp is no time"))?;
        if expires_at.duration_since(issued_at) > LIFETIME {
            return Err(invalid("it lives longer than ten minutes"));
        }
        if issued_at.duration_since(now) > CLOCK_SKEW {
            return Err(invalid("it was issued in the future"));
        }
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(AccessClaims { user: UserId(claims.sub), session: SessionId(claims.sid), expires_at })
    }
}

/// Why access tokens cannot be made or checked at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSetupError {
    /// The secret can be guessed.
    #[error("the secret of token key {id:?} has {len} bytes; give it at least {SHORTEST_SECRET} random ones")]
    ShortSecret {
        /// The key's name.
        id: String,
        /// How many bytes it has.
        len: usize,
    },
    /// It would be unclear which of the two a token means.
    #[error("two token keys are named {0:?}; give each its own name")]
    DuplicateKey(String),
    /// jsonwebtoken was built without cryptography, or with two kinds of it and used before it was told which to take.
    #[error(
        "no cryptography to sign tokens with: turn on one of the features crypto-aws-lc and crypto-rust, and set the \
         tokens up before anything else uses jsonwebtoken"
    )]
    NoCrypto,
    /// A token that was just signed did not pass.
    #[error("a freshly signed token does not pass its check")]
    SelfTest(#[source] TokenError),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
}

fn invalid(why: &str) -> TokenError {
    TokenError::Invalid(why.to_owned())
}

/// Names the kind of error only: a text from the JSON parser may quote the token.
fn from_jsonwebtoken(error: jsonwebtoken::errors::Error) -> TokenError {
    match error.kind() {
        ErrorKind::Json(_) => invalid("a part of it is not the JSON that was expected"),
        ErrorKind::Base64(_) | ErrorKind::Utf8(_) => invalid("a part of it is not base64url text"),
        kind => TokenError::Invalid(format!("{kind:?}")),
    }
}
