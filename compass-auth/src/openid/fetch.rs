//! Asking the provider: no redirects, nothing too slow, nothing too large.

use std::{pin::Pin, sync::Arc, time::Duration};

use jiff::SignedDuration;
use oauth2::AsyncHttpClient;
use reqwest::{Client, Response, header::HeaderMap, redirect::Policy};
use url::Url;

/// No document of a provider is larger: Google's keys have 1 KB.
const LARGEST: usize = 64 * 1024;
/// How long documents are used that say nothing, or less, or more.
const SHORTEST: u32 = 5 * 60;
const USUAL: u32 = 60 * 60;
const LONGEST: u32 = 24 * 60 * 60;

/// What keeps the provider from being of use.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It cannot be reached, or stopped in the middle.
    #[error("the identity provider cannot be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// It took too long.
    #[error("the identity provider did not answer in time")]
    TimedOut,
    /// It answered with another status than 200.
    #[error("the identity provider answered with status {0}")]
    Status(u16),
    /// It answered with a redirect, which is not followed.
    #[error("the identity provider answered with a redirect, which is not followed")]
    Redirect,
    /// Its answer is too large.
    #[error("the answer of the identity provider has more than 64 KiB")]
    TooLarge,
    /// What it published about itself, or its keys, cannot be read.
    #[error("the identity provider's {0} is not the JSON that was expected")]
    Unreadable(&'static str),
    /// What it published is another issuer's.
    #[error("the identity provider calls itself by another issuer than the configured one")]
    OtherIssuer,
    /// An address that it published is not acceptable.
    #[error("an address of the identity provider is not acceptable: {0}")]
    Address(&'static str),
    /// It cannot do what is needed.
    #[error("the identity provider does not offer {0}")]
    Lacks(&'static str),
    /// It signs ID tokens with none of the accepted algorithms.
    #[error(
        "the identity provider signs ID tokens with {offered}, and accepted is {accepted}: say algorithms that it offers, of RS256 and \
         ES256"
    )]
    Signatures {
        /// The algorithms that it publishes.
        offered: String,
        /// Those that are accepted.
        accepted: String,
    },
    /// The service does not know its own public address.
    #[error("the identity provider cannot send browsers back: give the site its public address")]
    Callback,
}

/// A document and how many seconds it is good for.
pub(super) struct Found {
    pub(super) body: Vec<u8>,
    pub(super) fresh_for: SignedDuration,
}

/// An HTTP client for one provider.
#[derive(Debug)]
pub(super) struct Http(Client);

impl Http {
    /// Takes the host's cryptography for TLS if it has chosen one for the process, else AWS-LC; it chooses none for others.
    pub(super) fn new(patience: Duration, https_only: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .tls_backend_rustls()
            .redirect(Policy::none())
            .no_proxy()
            .no_gzip()
            .referer(false)
            .timeout(patience)
            .https_only(https_only)
            .user_agent(concat!("creator-compass/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    pub(super) async fn get(&self, url: &Url) -> Result<Found, ProviderError> {
        let response = self.0.get(url.clone()).header("accept", "application/json").send().await.map_err(failed)?;
        if response.status() != 200 {
            return Err(ProviderError::of_status(response.status().as_u16()));
        }
        let fresh_for = fresh_for(response.headers());
        Ok(Found { body: whole(response).await?, fresh_for })
    }

    async fn post(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, ProviderError> {
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let response = self.0.execute(request).await.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() || status.is_server_error() {
            return Err(ProviderError::of_status(status.as_u16()));
        }
        let headers = response.headers().clone();
        let mut answer = oauth2::HttpResponse::new(whole(response).await?);
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

/// Sends what oauth2 made. The answer is for oauth2 to read, unless the provider is out of order.
impl<'c> AsyncHttpClient<'c> for Http {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(self.post(request))
    }
}

impl ProviderError {
    fn of_status(status: u16) -> Self {
        if (300..400).contains(&status) { Self::Redirect } else { Self::Status(status) }
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        if body.len() + piece.len() > LARGEST {
            return Err(ProviderError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn failed(error: reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        return ProviderError::TimedOut;
    }
    ProviderError::Unreachable(Arc::new(error.without_url()))
}

/// `Cache-Control: max-age`, less the time it has spent in caches on its way (RFC 9111, section 4.2).
fn fresh_for(headers: &HeaderMap) -> SignedDuration {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let control = text("cache-control").to_ascii_lowercase();
    let max_age = control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u32>().ok());
    let age = text("age").parse::<u32>().unwrap_or(0);
    let seconds = max_age.map_or(USUAL, |max_age| max_age.saturating_sub(age)).clamp(SHORTEST, LONGEST);
    SignedDuration::from_secs(seconds.into())
}
