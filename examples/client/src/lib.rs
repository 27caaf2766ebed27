//! A typed client of the HTTP API: a few of its calls, to begin one's own with.
//!
//! Reports and their figures are compass-core's own types. The rest are the few fields that a program reads, and
//! `tests/it.rs` holds them against the OpenAPI document (`compass-http/openapi.json`).

use std::time::Duration;

use compass_core::{Handle, JobState, analytics::Report};
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header, redirect};
use serde::{Deserialize, de::DeserializeOwned};

/// No answer takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer is at most so large: a report of thousands of posts is a tenth of it.
const LARGEST: usize = 64 << 20;

/// The API of one service.
#[derive(Clone, Debug)]
pub struct Compass {
    http: reqwest::Client,
    /// Without a slash at its end.
    base: String,
    access_token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The service says what is wrong.
    #[error("{}", .0.words())]
    Problem(Problem),
    /// The service was not reached, or broke off.
    #[error("the service cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// It is not the answer of such a service, or of a much newer one.
    #[error("the answer cannot be understood: {0}")]
    Unreadable(String),
}

/// What the service says of a failure (RFC 9457).
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    /// Which kind of failure: a stable URI to compare with.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time and how to mend it.
    pub detail: Option<String>,
    /// How long to wait before the next try, if the service says so.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Problem {
    fn words(&self) -> String {
        self.detail.as_ref().map_or_else(|| self.title.clone(), |detail| format!("{}: {detail}", self.title))
    }
}

/// What keeps a program signed in.
#[derive(Deserialize)]
pub struct Tokens {
    /// Works for some minutes.
    pub access_token: String,
    /// For how many seconds.
    pub expires_in: u64,
    /// What to send the next time. It works once.
    pub refresh_token: Option<String>,
}

/// Prints no secret.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Who the program works for.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// The name that the identity provider knows.
    pub name: Option<String>,
    /// When the person first signed in.
    pub created_at: Timestamp,
}

/// A look at an account, asked for and perhaps done.
#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The account.
    pub handle: Handle,
    /// How far it is.
    pub state: JobState,
}

impl Compass {
    /// The service at an address such as `http://127.0.0.1:8000`, for a visitor.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if no client can be made.
    pub fn at(base: &str) -> Result<Self, Error> {
        // A redirect could take a token elsewhere.
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), access_token: None })
    }

    /// Signs the program in with its refresh token, for some minutes. The token works once: the answer has the next one, and who
    /// loses that has to open another session in the browser.
    ///
    /// # Errors
    /// [`Error::Problem`] with the status 401 for a token that does not work.
    pub async fn sign_in(&mut self, refresh_token: &str) -> Result<Tokens, Error> {
        let body = serde_json::json!({ "refresh_token": refresh_token }).to_string();
        let request = self.http.post(format!("{}/auth/refresh", self.base));
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        let tokens: Tokens = read(request.send().await?).await?;
        self.access_token = Some(tokens.access_token.clone());
        Ok(tokens)
    }

    /// Says for whom the program works.
    ///
    /// # Errors
    /// [`Error::Problem`] with the status 401 for a visitor.
    pub async fn me(&self) -> Result<Person, Error> {
        read(self.request(Method::GET, "/users/me").send().await?).await
    }

    /// Gives the report of a creator as of now.
    ///
    /// # Errors
    /// [`Error::Problem`] with the status 404 if nothing of the account was ever observed.
    pub async fn report(&self, handle: &Handle) -> Result<Report, Error> {
        read(self.request(Method::GET, &format!("/analytics/{handle}")).send().await?).await
    }

    /// Asks for a fresh look at an account. `key` is a fresh one for each look that is wanted: with it the same request may be sent again.
    ///
    /// # Errors
    /// [`Error::Problem`] with the status 429 where too many were asked for.
    pub async fn refresh(&self, handle: &Handle, key: &str) -> Result<Job, Error> {
        let request = self.request(Method::POST, &format!("/tiktok/{handle}/refresh"));
        read(request.header("idempotency-key", key).send().await?).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.access_token.iter().fold(request, |request, token| request.bearer_auth(token))
    }
}

/// Reads an answer, whatever it is.
async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, Error> {
    let status = answer.status();
    let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if body.len() + piece.len() > LARGEST {
            return Err(Error::Unreadable(format!("it is larger than {LARGEST} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    let unreadable = |why: serde_json::Error| Error::Unreadable(format!("{status}: {why}"));
    if status.is_success() && status != StatusCode::NO_CONTENT {
        return serde_json::from_slice(&body).map_err(unreadable);
    }
    let problem: Problem = serde_json::from_slice(&body).map_err(unreadable)?;
    Err(Error::Problem(Problem { retry_after: retry_after.map(Duration::from_secs), ..problem }))
}
