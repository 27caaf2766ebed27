//! Asking a site over HTTP, within limits: the one place that builds a client.

mod address;
mod failure;
mod retry_after;
mod status;

use std::time::Duration;

use compass_core::ports::SourceError;
use reqwest::{Client, ClientBuilder, Response, header::HeaderValue, redirect};
use url::{Host, Url};

pub(crate) use address::leads_away;
pub(crate) use failure::failure;
pub(crate) use retry_after::retry_after;
pub(crate) use status::{refusal, says_enough};

/// The name by which robots.txt and the operators of sites know us.
pub const PRODUCT: &str = "CreatorCompass";

/// Who asks, where nobody says how to reach them: the product and its version.
pub(crate) const USER_AGENT: &str = concat!("CreatorCompass/", env!("CARGO_PKG_VERSION"));

/// Who asks, with a page or an address under which a site's operator reaches whoever runs the service.
///
/// ```
/// let name = compass_scrape::user_agent("https://example.com/contact");
/// assert!(name.starts_with("CreatorCompass/") && name.ends_with(" (+https://example.com/contact)"));
/// ```
#[must_use]
pub fn user_agent(contact: &str) -> String {
    format!("{USER_AGENT} (+{})", contact.trim())
}

/// What a client may take.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Who asks.
    pub(crate) user_agent: String,
    /// How long until there is a connection.
    pub(crate) connect: Duration,
    /// How long until the whole answer is there.
    pub(crate) answer: Duration,
    /// How much of an answer is read, decompressed.
    pub(crate) bytes: usize,
}

/// A client for one site. It keeps no cookies and follows no redirect by itself.
pub(crate) fn client(limits: &Limits, base: &Url) -> Result<Client, reqwest::Error> {
    let client = ClientBuilder::new()
        .user_agent(&limits.user_agent)
        .connect_timeout(limits.connect)
        .timeout(limits.answer)
        .redirect(redirect::Policy::none())
        .referer(false);
    // A proxy of the environment is for the way out.
    if is_loopback(base) { client.no_proxy() } else { client }.build()
}

/// The address of a site: scheme, host and port alone.
pub(crate) fn site(address: &str) -> Option<Url> {
    Url::parse(address).ok().filter(|url| {
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && url.has_host() && bare && anonymous
    })
}

/// Whether a text can be sent as the name of who asks.
pub(crate) fn is_user_agent(text: &str) -> bool {
    !text.trim().is_empty() && HeaderValue::from_str(text).is_ok()
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads an answer up to the limit; whether that was all of it is told as well.
pub(crate) async fn beginning(mut response: Response, most: usize) -> Result<(Vec<u8>, bool), SourceError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        let room = most - bytes.len();
        if chunk.len() > room {
            bytes.extend_from_slice(&chunk[..room]);
            return Ok((bytes, false));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, true))
}

/// Reads an answer to its end, and no further than the limit. What is not UTF-8 becomes U+FFFD.
pub(crate) async fn text(mut response: Response, limits: &Limits) -> Result<String, SourceError> {
    let too_large = || SourceError::LayoutChanged {
        path: "document".to_owned(),
        detail: format!("at most {} bytes are read, the answer has more", limits.bytes),
    };
    if response.content_length().is_some_and(|stated| stated > limits.bytes as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if chunk.len() > limits.bytes - bytes.len() {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}
