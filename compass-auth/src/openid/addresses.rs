//! Where a provider may be: https, at a host name, and plain http on loopback only if asked for.

use url::{Host, Url};

use super::ProviderError;

/// Which addresses of a provider are acceptable.
#[derive(Debug)]
pub(super) struct Addresses {
    http_on_loopback: bool,
    issuer_host: Option<String>,
}

impl Addresses {
    /// The issuer's own address, which the operator chose, and with it what may be there beside it.
    pub(super) fn of_issuer(text: &str, http_on_loopback: bool) -> Result<(Url, Self), &'static str> {
        let mut addresses = Self { http_on_loopback, issuer_host: None };
        let issuer = addresses.plain(text)?;
        addresses.issuer_host = issuer.host_str().map(str::to_owned);
        Ok((issuer, addresses))
    }

    /// Reads an address that the provider names. Host names only, so that no document can point at the machines beside us; the
    /// issuer's own host is the operator's choice.
    pub(super) fn parse(&self, text: &str) -> Result<Url, ProviderError> {
        let url = self.plain(text).map_err(ProviderError::Address)?;
        let is_name = url.domain().is_some_and(|name| !is_local_name(name));
        let is_issuers = url.host_str() == self.issuer_host.as_deref();
        if is_name || is_issuers || (self.http_on_loopback && is_loopback(&url)) {
            return Ok(url);
        }
        Err(ProviderError::Address("it has to be at a public host name, or at the issuer's own host"))
    }

    fn plain(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "it is no address")?;
        if url.host().is_none() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err("it has to be a plain address with a host");
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.http_on_loopback && is_loopback(&url) => Ok(url),
            _ => Err("it has to begin with https://"),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost") || !name.contains('.')
}
