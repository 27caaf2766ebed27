//! Asking an endpoint of OpenAI's kind: no redirects, nothing too slow, nothing too large, and again only where that may help.

use std::{fmt, time::Duration};

use reqwest::{
    Client, Response, StatusCode,
    header::{self, HeaderMap},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Position, Url};

/// Where a language model is asked.
///
/// ```
/// use std::time::Duration;
/// use compass_language::Endpoint;
///
/// let endpoint = Endpoint::at("http://127.0.0.1:11434/v1").with_patience(Duration::from_secs(20)).build()?;
/// assert!(Endpoint::at("http://models.example/v1").with_key("secret".into()).build().is_err(), "a key is not sent in the clear");
/// # let _ = endpoint;
/// # Ok::<(), compass_language::EndpointError>(())
/// ```
#[derive(Clone)]
pub struct Endpoint {
    client: Client,
    base: Url,
    key: Option<SecretString>,
    patience: Duration,
}

/// Makes an [`Endpoint`].
#[derive(Debug)]
#[must_use]
pub struct EndpointBuilder {
    base: String,
    key: Option<SecretString>,
    patience: Duration,
}

/// Why an endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address is none.
    #[error("{0:?} is no address of an endpoint, such as http://127.0.0.1:11434/v1")]
    Address(String),
    /// A key would go over the network for all to read.
    #[error("a key is sent over https, or to this machine, and not to {0}")]
    KeyInTheClear(String),
    /// No client could be made.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
}

/// Why an endpoint gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointFailure {
    /// It cannot be reached, or stopped in the middle.
    #[error("the language model cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It took too long.
    #[error("the language model did not answer in time")]
    TimedOut,
    /// It refused.
    #[error("the language model answered with status {0}; check its address, its key and the model's name")]
    Refused(u16),
    /// It could not answer now.
    #[error("the language model could not answer now (status {0})")]
    Busy(u16),
    /// It answered with a redirect, which is not followed.
    #[error("the language model answered with a redirect, which is not followed; give its own address")]
    Redirect,
    /// Its answer is too large.
    #[error("the answer of the language model has more than {0} bytes")]
    TooLarge(usize),
    /// Its answer is not the JSON that was expected.
    #[error("the answer of the language model is not the JSON that was expected")]
    Unreadable(#[source] serde_json::Error),
    /// Its answer has no text.
    #[error("the answer of the language model has no text")]
    Silent,
}

/// It is asked so often where it cannot be reached or says that it cannot answer now.
const TRIES: u32 = 3;
/// The wait before the second try; the next is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest that the endpoint may have us wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Endpoint {
    /// An endpoint at a base address, to which `/embeddings` and `/chat/completions` are added.
    pub fn at(base: impl Into<String>) -> EndpointBuilder {
        EndpointBuilder { base: base.into(), key: None, patience: Duration::from_secs(30) }
    }

    /// Its host, port and path, without anything secret.
    pub(crate) fn place(&self) -> &str {
        &self.base[Position::BeforeHost..Position::AfterPath]
    }

    /// Sends a question, and reads the answer of at most so many bytes. Questions change nothing, so one that met no answer is asked again.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        question: &(impl Serialize + Sync),
        largest: usize,
    ) -> Result<T, EndpointFailure> {
        let question = serde_json::to_vec(question).map_err(EndpointFailure::Unreadable)?;
        let asked = tokio::time::timeout(self.patience, self.ask_again_and_again(path, &question, largest)).await;
        let answer = asked.map_err(|_| EndpointFailure::TimedOut)??;
        serde_json::from_slice(&answer).map_err(EndpointFailure::Unreadable)
    }

    async fn ask_again_and_again(
        &self,
        path: &str,
        question: &[u8],
        largest: usize,
    ) -> Result<Vec<u8>, EndpointFailure> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            let wait = match self.ask_once(path, question, largest).await {
                Err((EndpointFailure::Busy(_), wait)) => wait.unwrap_or(pause),
                Err((EndpointFailure::Unreachable(error), _)) if error.is_connect() => pause,
                answer => return answer.map_err(|(failure, _)| failure),
            };
            tokio::time::sleep(wait.min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        self.ask_once(path, question, largest).await.map_err(|(failure, _)| failure)
    }

    async fn ask_once(
        &self,
        path: &str,
        question: &[u8],
        largest: usize,
    ) -> Result<Vec<u8>, (EndpointFailure, Option<Duration>)> {
        let url = format!("{}/{path}", self.base.as_str().trim_end_matches('/'));
        let mut request =
            self.client.post(url).header(header::CONTENT_TYPE, "application/json").body(question.to_vec());
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let unreachable = |error: reqwest::Error| (EndpointFailure::Unreachable(error.without_url()), None);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_redirection() {
            return Err((EndpointFailure::Redirect, None));
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err((EndpointFailure::Busy(status.as_u16()), retry_after(response.headers())));
        }
        if status != StatusCode::OK {
            return Err((EndpointFailure::Refused(status.as_u16()), None));
        }
        whole(response, largest).await.map_err(|failure| (failure, None))
    }
}

impl EndpointBuilder {
    /// The key that is sent with each question.
    pub fn with_key(mut self, key: SecretString) -> Self {
        self.key = Some(key);
        self
    }

    /// How long an answer may take, with all tries: 30 seconds unless said otherwise.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Makes the endpoint; nothing is asked yet.
    ///
    /// # Errors
    /// [`EndpointError`] for what is no address, and for a key that would be sent in the clear.
    pub fn build(self) -> Result<Endpoint, EndpointError> {
        let Self { base, key, patience } = self;
        let url = Url::parse(&base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.filter(|url| url.query().is_none() && url.fragment().is_none());
        let Some(url) = url.filter(|url| url.username().is_empty() && url.password().is_none()) else {
            // Whatever stands before an @ may be a password, and what stands after a ? a key.
            let told = base.rsplit('@').next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
            return Err(EndpointError::Address(told.chars().take(200).collect()));
        };
        if key.is_some() && url.scheme() == "http" && !is_this_machine(&url) {
            return Err(EndpointError::KeyInTheClear(url.to_string()));
        }
        let client = Client::builder()
            .tls_backend_rustls()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(patience)
            .user_agent(concat!("creator-compass/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(EndpointError::Client)?;
        Ok(Endpoint { client, base: url, key, patience })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

async fn whole(mut response: Response, largest: usize) -> Result<Vec<u8>, EndpointFailure> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| EndpointFailure::Unreachable(error.without_url()))? {
        if body.len() + piece.len() > largest {
            return Err(EndpointFailure::TooLarge(largest));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
