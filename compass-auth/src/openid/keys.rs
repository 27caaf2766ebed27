//! The keys that a provider publishes (RFC 7517), as far as they are of use.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ProviderError, SigningAlgorithm};

/// RFC 7518, section 3.3, and what AWS-LC checks signatures with.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

/// Keys by name and algorithm. Where two have one name it is unclear which is meant, and neither is used.
pub(super) struct Keys(HashMap<(String, SigningAlgorithm), Option<DecodingKey>>);

#[derive(Deserialize)]
struct KeySet<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kid: String,
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    pub(super) fn parse(json: &[u8]) -> Result<Self, ProviderError> {
        let set: KeySet<'_> = serde_json::from_slice(json).map_err(|_| ProviderError::Unreadable("set of keys"))?;
        let mut keys = HashMap::new();
        // A key of a kind that does not exist yet keeps nobody from using the others.
        let readable = set.keys.iter().filter_map(|raw| serde_json::from_str::<PublishedKey>(raw.get()).ok());
        for (name, algorithm, key) in readable.filter_map(PublishedKey::usable) {
            match keys.entry((name, algorithm)) {
                Entry::Vacant(free) => {
                    free.insert(Some(key));
                }
                Entry::Occupied(mut taken) => {
                    taken.insert(None);
                }
            }
        }
        Ok(Self(keys))
    }

    pub(super) fn find(&self, name: &str, algorithm: SigningAlgorithm) -> Option<&DecodingKey> {
        self.0.get(&(name.to_owned(), algorithm))?.as_ref()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl PublishedKey {
    /// The key for the one algorithm that its type has here, if it is for signatures and strong enough.
    fn usable(self) -> Option<(String, SigningAlgorithm, DecodingKey)> {
        if self.usage.is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (algorithm, name, key) = match self.kty.as_str() {
            "RSA" => {
                let (n, e) = (self.n?, self.e?);
                if !RSA_BYTES.contains(&significant_bytes(&n)?) {
                    return None;
                }
                (SigningAlgorithm::Rs256, "RS256", DecodingKey::from_rsa_components(&n, &e).ok()?)
            }
            "EC" if self.crv.as_deref() == Some("P-256") => {
                (SigningAlgorithm::Es256, "ES256", DecodingKey::from_ec_components(&self.x?, &self.y?).ok()?)
            }
            _ => return None,
        };
        self.alg.is_none_or(|alg| alg == name).then_some((self.kid, algorithm, key))
    }
}

fn significant_bytes(base64: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(base64).ok()?;
    Some(bytes.iter().skip_while(|byte| **byte == 0).count())
}
