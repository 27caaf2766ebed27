//! What an operator chooses about a provider.

use std::{fmt, str::FromStr, time::Duration};

use jsonwebtoken::Algorithm;
use oauth2::ClientId;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{AccountRefusal, Cached, Http, OpenIdConnect, OpenIdPorts, addresses::Addresses};
use crate::crypto;

const GOOGLE: &str = "https://accounts.google.com";
/// In some ID tokens Google leaves the scheme out. It is one issuer.
const GOOGLE_SHORT: &str = "accounts.google.com";
/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a provider signs ID tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256, with keys of 2048 bits or more: what every provider knows.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl SigningAlgorithm {
    pub(super) const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    pub(super) fn of(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

/// As JSON Web Algorithms write it (RFC 7518): `RS256`.
impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        })
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.to_string() == name).ok_or(UnknownAlgorithm)
    }
}

/// A text names no algorithm that ID tokens are checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ID tokens can be checked that are signed with RS256 or ES256")]
pub struct UnknownAlgorithm;

/// Sets a sign-in up; [`build`](Self::build) checks what was said.
#[derive(Debug)]
#[must_use]
pub struct OpenIdBuilder {
    name: Option<String>,
    issuer: String,
    other_spelling: Option<&'static str>,
    client_id: String,
    client_secret: SecretString,
    algorithms: Vec<SigningAlgorithm>,
    hosted_domain: Option<String>,
    allowed: Option<Vec<String>>,
    select_account: Option<bool>,
    http_on_loopback: bool,
    patience: Duration,
}

impl OpenIdConnect {
    /// Sign-in with Google, for a client of the type "web application".
    pub fn google(client_id: &str, client_secret: SecretString) -> OpenIdBuilder {
        let google = Self::provider_at(GOOGLE, client_id, client_secret).called("Google");
        OpenIdBuilder { other_spelling: Some(GOOGLE_SHORT), select_account: Some(true), ..google }
    }

    /// Sign-in with any OpenID provider. `issuer` is its address exactly as it writes it, such as
    /// `https://login.example/realms/1`. People read its host's name, unless it is [`called`](OpenIdBuilder::called) otherwise.
    pub fn provider_at(issuer: &str, client_id: &str, client_secret: SecretString) -> OpenIdBuilder {
        OpenIdBuilder {
            name: None,
            issuer: issuer.to_owned(),
            other_spelling: None,
            client_id: client_id.to_owned(),
            client_secret,
            algorithms: vec![SigningAlgorithm::Rs256],
            hosted_domain: None,
            allowed: None,
            select_account: None,
            http_on_loopback: false,
            patience: PATIENCE,
        }
    }
}

impl OpenIdBuilder {
    /// What people call the provider.
    pub fn called(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// How ID tokens may be signed; with RS256 alone if nothing is said.
    pub fn algorithms(self, algorithms: &[SigningAlgorithm]) -> Self {
        Self { algorithms: algorithms.to_vec(), ..self }
    }

    /// Lets in only accounts of this Google Workspace domain. The ID token has to say so (`hd`); an address in that domain is not
    /// enough.
    pub fn hosted_domain(self, domain: &str) -> Self {
        Self { hosted_domain: Some(domain.trim().to_ascii_lowercase()), ..self }
    }

    /// Lets in only people with one of these addresses (`ada@compass.example`), or with any address in one of these domains
    /// (`compass.example`), that the provider has verified. Nobody if there is none. Of Google's accounts those of a Workspace domain
    /// are in it, and those at gmail.com; a private account with an address in the domain is not.
    ///
    /// The ID token itself has to have the address (`email`) and `email_verified: true`. The list is asked when somebody signs in: whoever
    /// is signed in already stays so until the session ends.
    pub fn allowed<T: AsRef<str>>(self, addresses_and_domains: impl IntoIterator<Item = T>) -> Self {
        let allowed = addresses_and_domains.into_iter().map(|one| one.as_ref().trim().to_ascii_lowercase()).collect();
        Self { allowed: Some(allowed), ..self }
    }

    /// Whether the provider lets people choose an account at each sign-in (`prompt=select_account`). If nothing is said, Google does, and
    /// others where they publish that they can; some that cannot refuse a sign-in that asks for it.
    pub fn select_account(self, select: bool) -> Self {
        Self { select_account: Some(select), ..self }
    }

    /// Lets provider and service talk plain http on loopback addresses, for development and tests. Anywhere else it stays https.
    pub fn http_on_loopback(self) -> Self {
        Self { http_on_loopback: true, ..self }
    }

    /// How long each answer of the provider may take: 5 seconds if nothing is said.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Checks what was said, without asking the provider anything.
    ///
    /// # Errors
    /// [`OpenIdSetupError`] says what does not fit.
    pub fn build(self, ports: OpenIdPorts) -> Result<OpenIdConnect, OpenIdSetupError> {
        let refused = |why| OpenIdSetupError::Issuer { issuer: self.issuer.clone(), why };
        let (issuer, addresses) = Addresses::of_issuer(&self.issuer, self.http_on_loopback).map_err(refused)?;
        let discovery = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let discovery = Url::parse(&discovery).map_err(|_| refused("it is no address"))?;
        if self.client_id.trim().is_empty() {
            return Err(OpenIdSetupError::Empty("client id"));
        }
        if self.client_secret.expose_secret().trim().is_empty() {
            return Err(OpenIdSetupError::Empty("client secret"));
        }
        if self.algorithms.is_empty() {
            return Err(OpenIdSetupError::Empty("list of signing algorithms"));
        }
        if let Some(odd) = self.allowed.iter().flatten().find(|one| !is_address_or_domain(one)) {
            return Err(OpenIdSetupError::Allowed(odd.clone()));
        }
        if let Some(odd) = self.hosted_domain.iter().find(|one| one.contains('@') || !is_address_or_domain(one)) {
            return Err(OpenIdSetupError::HostedDomain(odd.clone()));
        }
        if !crypto::works() {
            return Err(OpenIdSetupError::NoCrypto);
        }
        let settings = Settings {
            name: self.name.unwrap_or_else(|| issuer.host_str().unwrap_or_default().to_owned()),
            issuer: self.issuer,
            other_spelling: self.other_spelling,
            discovery,
            client_id: ClientId::new(self.client_id),
            client_secret: self.client_secret,
            algorithms: self.algorithms,
            hosted_domain: self.hosted_domain,
            allowed: self.allowed,
            select_account: self.select_account,
            addresses,
        };
        let http = Http::new(self.patience, !self.http_on_loopback).map_err(OpenIdSetupError::Client)?;
        Ok(OpenIdConnect { settings, ports, http, provider: Cached::default(), keys: Cached::default() })
    }
}

/// What a sign-in goes by.
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) other_spelling: Option<&'static str>,
    pub(super) discovery: Url,
    pub(super) client_id: ClientId,
    pub(super) client_secret: SecretString,
    pub(super) algorithms: Vec<SigningAlgorithm>,
    pub(super) hosted_domain: Option<String>,
    allowed: Option<Vec<String>>,
    pub(super) select_account: Option<bool>,
    pub(super) addresses: Addresses,
}

impl Settings {
    /// Whether the ID token's issuer is this provider.
    pub(super) fn is_issuer(&self, name: &str) -> bool {
        name == self.issuer || Some(name) == self.other_spelling
    }

    /// Whether somebody of this Workspace domain and with this verified address, if there is one, may sign in.
    pub(super) fn admits(
        &self,
        hosted_domain: Option<&str>,
        email: Result<&str, AccountRefusal>,
    ) -> Result<(), AccountRefusal> {
        let is = |wanted: &str| hosted_domain.is_some_and(|domain| domain.eq_ignore_ascii_case(wanted));
        if self.hosted_domain.as_deref().is_some_and(|wanted| !is(wanted)) {
            return Err(AccountRefusal::HostedDomain);
        }
        let Some(list) = &self.allowed else { return Ok(()) };
        let email = email?.to_ascii_lowercase();
        let domain_of = if self.other_spelling.is_some() { google_domain } else { domain };
        let domain = domain_of(&email, hosted_domain);
        let is_listed = list.iter().any(|one| *one == email || Some(one) == domain.as_ref());
        if is_listed { Ok(()) } else { Err(AccountRefusal::NotListed) }
    }
}

fn domain(email: &str, _: Option<&str>) -> Option<String> {
    email.rsplit_once('@').map(|(_, domain)| domain.to_owned())
}

/// Google verifies once that somebody reads mail at an address, and the account outlives that. Who belongs to a domain is told by
/// `hd` alone, but for Google's own addresses.
fn google_domain(email: &str, hosted_domain: Option<&str>) -> Option<String> {
    let own = domain(email, None).filter(|domain| domain == "gmail.com");
    own.or_else(|| hosted_domain.map(str::to_ascii_lowercase))
}

fn is_address_or_domain(one: &str) -> bool {
    let (name, domain) = one.split_once('@').map_or((None, one), |(name, domain)| (Some(name), domain));
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@' && c != '*';
    let is_domain = domain.contains('.') && !domain.starts_with('.');
    is_domain && name != Some("") && name.unwrap_or_default().chars().chain(domain.chars()).all(is_plain)
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Why a sign-in cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenIdSetupError {
    /// The issuer is no address of a provider.
    #[error("{issuer:?} cannot be the issuer: {why}")]
    Issuer {
        /// What was given.
        issuer: String,
        /// What does not fit.
        why: &'static str,
    },
    /// Something is not there.
    #[error("the {0} of the identity provider is empty")]
    Empty(&'static str),
    /// An entry of the allow-list is no address and no domain.
    #[error("{0:?} is neither an e-mail address such as ada@compass.example nor a domain such as compass.example")]
    Allowed(String),
    /// The Workspace domain is no domain.
    #[error(
        "hosted_domain is {0:?}, which is no domain such as compass.example; leave it out to let in accounts of any"
    )]
    HostedDomain(String),
    /// jsonwebtoken was built without cryptography, or with two kinds of it and used before it was told which to take.
    #[error(
        "no cryptography to check tokens with: turn on one of the features crypto-aws-lc and crypto-rust, and set the \
         sign-in up before anything else uses jsonwebtoken"
    )]
    NoCrypto,
    /// No HTTP client can be made.
    #[error("cannot make an HTTP client for the identity provider")]
    Client(#[source] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::google_domain;

    #[test]
    fn private_google_account_with_a_companys_address_is_not_the_companys() {
        for (email, hosted, domain) in [
            ("ada@compass.example", Some("compass.example"), Some("compass.example")),
            ("ada@compass.example", None, None),
            ("ada@gmail.com", None, Some("gmail.com")),
            ("ada@alias.example", Some("Compass.Example"), Some("compass.example")),
        ] {
            assert_eq!(google_domain(email, hosted).as_deref(), domain, "{email} of {hosted:?}");
        }
    }
}
