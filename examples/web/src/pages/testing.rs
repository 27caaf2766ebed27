//! The pages over in-memory ports, and a browser that follows nothing, for the tests of each page.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use compass_core::{
    Client, CreatorId, Handle, Identity, Preferences, Snapshot, SourceKind, Text, User, app,
    ports::{
        AccessToken, AccountStore as _, CreatorStore as _, ExportReader, IdentityError, IdentityProvider,
        MockAccessTokens, NoExports, SignInAnswer, SignInStart,
    },
    samples::World,
    testing::{FixedClock, MemoryStore, SeededRandom},
};
use compass_http::{Computations, Files, KeptCorpus, LearntCorpus, Manners, Ports};
use compass_scrape::studio::StudioReader;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::{AppState, Site, router};

/// The pages of a service on one's own machine with a store that a test may fill.
pub(crate) struct Pages {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<FixedClock>,
    state: AppState,
    cookie: Option<String>,
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Pages {
    /// A service with a stand-in and an empty store.
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(FixedClock::new(now()));
        let ports = Ports {
            accounts: Arc::<MemoryStore>::clone(&store),
            refresh_tokens: Arc::<MemoryStore>::clone(&store),
            account_data: Arc::<MemoryStore>::clone(&store),
            audit: Arc::<MemoryStore>::clone(&store),
            creators: Arc::<MemoryStore>::clone(&store),
            corpus: Arc::<MemoryStore>::clone(&store),
            jobs: Arc::<MemoryStore>::clone(&store),
            imports: Arc::<MemoryStore>::clone(&store),
            audiences: Arc::<MemoryStore>::clone(&store),
            reports: Arc::<MemoryStore>::clone(&store),
            ledger: Arc::<MemoryStore>::clone(&store),
            exports: Arc::new(NoExports),
            identity: Arc::new(Elsewhere),
            tokens: Arc::new(tokens()),
            clock: Arc::<FixedClock>::clone(&clock),
            random: Arc::new(SeededRandom::new(1)),
            site: compass_http::Site::loopback(),
        };
        let site = Site { development_sign_in: true, stand_in: true, public_url: "http://127.0.0.1:8000".to_owned() };
        Self {
            store,
            clock,
            state: AppState {
                ports,
                corpus: LearntCorpus::default(),
                computations: Computations::default(),
                files: Files::default(),
                site,
            },
            cookie: None,
        }
    }

    /// The same on the live site, with a real provider.
    pub(crate) fn live() -> Self {
        let mut pages = Self::new();
        (pages.state.site.development_sign_in, pages.state.site.stand_in) = (false, false);
        pages
    }

    /// Signs somebody in who wants to learn about an account, or has not said which.
    pub(crate) async fn signed_in(mut self, handle: Option<&str>) -> Self {
        let ports = &self.state.ports;
        let answer = SignInAnswer { code: None, state: String::new(), transaction: String::new() };
        let accounts = app::Accounts {
            store: Arc::clone(&ports.accounts),
            refresh_tokens: Arc::clone(&ports.refresh_tokens),
            data: Arc::clone(&ports.account_data),
            audit: Arc::clone(&ports.audit),
            clock: Arc::clone(&ports.clock),
            random: Arc::clone(&ports.random),
        };
        let opened = accounts.sign_in(&Elsewhere, &answer, &Client::default()).await.unwrap();
        let handle = handle.map(|handle| Handle::parse(handle).unwrap());
        let preferences = Preferences { handle, ..Preferences::default() };
        self.store.change_preferences(opened.user.id, &preferences.into()).await.unwrap();
        self.cookie = Some(format!("{}={}", ports.site.session_cookie(), opened.token));
        self
    }

    /// Who is signed in, as the store has it now.
    pub(crate) async fn user(&self) -> User {
        let token = self.cookie.as_ref().and_then(|cookie| cookie.split_once('=')).expect("somebody is signed in").1;
        let live = app::session_of(&*self.store, &*self.clock, token).await.unwrap();
        live.expect("the session is live").0
    }

    /// Lets exports be brought.
    pub(crate) fn with_exports(self) -> Self {
        self.with_reader(Arc::new(StudioReader::default()))
    }

    /// Lets exports be brought that are read by this.
    pub(crate) fn with_reader(mut self, reader: Arc<dyn ExportReader>) -> Self {
        self.state.ports.exports = reader;
        self
    }

    /// Sends a file as a page's form does.
    pub(crate) async fn post_file(&self, path: &str, name: &str, content: &str) -> Page {
        self.post_form_of_file(path, Body::from(form_of_file(name, content))).await
    }

    /// Sends what a page's form makes of a file.
    pub(crate) async fn post_form_of_file(&self, path: &str, form: Body) -> Page {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        self.send(request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge"), form).await
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path), "").await
    }

    /// The page for a reader whose browser asks for that language.
    pub(crate) async fn get_in(&self, language: &str, path: &str) -> Page {
        self.send(Request::get(path).header(header::ACCEPT_LANGUAGE, language), "").await
    }

    /// Sends a form as this site's own page does.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Page {
        self.send(Request::post(path).header("sec-fetch-site", "same-origin"), form.to_owned()).await
    }

    /// Sends a form as another site's page does.
    pub(crate) async fn post_from_elsewhere(&self, path: &str, form: &str) -> Page {
        self.send(Request::post(path).header("sec-fetch-site", "cross-site"), form.to_owned()).await
    }

    /// Sends what no page of ours sends.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Page {
        self.send(Request::builder().method(method).uri(path), "").await
    }

    /// Sends something that says that it is JSON.
    pub(crate) async fn post_json(&self, path: &str, json: &str) -> Page {
        self.send(Request::post(path).header(header::CONTENT_TYPE, "application/json"), json.to_owned()).await
    }

    async fn send(&self, mut request: axum::http::request::Builder, form: impl Into<Body>) -> Page {
        if request.headers_ref().is_some_and(|headers| !headers.contains_key(header::CONTENT_TYPE)) {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        request = request
            .header(header::HOST, "127.0.0.1:8000")
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let response = self.router().oneshot(request.body(form.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Page { status: parts.status, headers: parts.headers, html: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The state behind the pages.
    pub(crate) fn state(&self) -> AppState {
        self.state.clone()
    }

    /// The pages as the service wraps them.
    pub(crate) fn router(&self) -> Router {
        let manners = Manners::at(&self.state.ports.site);
        let corpus = KeptCorpus::new(Duration::ZERO);
        router::router(self.state.clone(), &manners, corpus, CancellationToken::new())
    }

    /// Lets the store have looked at a sample creator every day of the last month.
    pub(crate) async fn with_history(self, handle: &str) -> Self {
        for look in history(handle) {
            self.store.record(&look).await.unwrap();
        }
        self
    }

    /// Lets the store have looked at `ada`, an account that is no sample and looks like one.
    pub(crate) async fn with_look_at_ada(self) -> Self {
        let mut look = history("sample.steady").pop().unwrap();
        look.profile.profile.id = CreatorId::parse("7065").unwrap();
        look.profile.profile.handle = Handle::parse("ada").unwrap();
        look.profile.source = SourceKind::WebDriver;
        // A post is of one account only.
        look.videos.clear();
        self.store.record(&look).await.unwrap();
        self
    }

    /// Lets the store have looked at an account whose texts want to be markup.
    pub(crate) async fn with_hostile_texts(self) -> Self {
        for mut look in history("sample.steady") {
            look.profile.profile.nickname = Text::lossy(HOSTILE);
            look.profile.profile.bio = Text::lossy(HOSTILE);
            for video in &mut look.videos {
                video.video.caption = Text::lossy(HOSTILE);
            }
            self.store.record(&look).await.unwrap();
        }
        self
    }
}

impl Page {
    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Panics unless the page says all of this.
    #[track_caller]
    pub(crate) fn says(&self, texts: &[&str]) {
        for text in texts {
            assert!(self.html.contains(text), "the page does not say {text:?}:\n{}", self.html);
        }
    }

    /// Panics if the page says any of this.
    #[track_caller]
    pub(crate) fn does_not_say(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.html.contains(text), "the page says {text:?}:\n{}", self.html);
        }
    }
}

/// Markup, an end of a script, a template and a change of direction, as a scraped text may have them.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script></script><img src=x onerror=alert(2)>{{ 7*7 }}\"'&\u{202e}";

/// What a form makes of a file.
pub(crate) fn form_of_file(name: &str, content: &str) -> String {
    format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n--edge--\r\n"
    )
}

/// The moment of the tests.
pub(crate) fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A month of daily looks at a sample creator, oldest first.
pub(crate) fn history(handle: &str) -> Vec<Snapshot> {
    World::standard().find(&Handle::parse(handle).unwrap()).unwrap().history(now(), 30)
}

/// Makes one token, and checks none.
fn tokens() -> MockAccessTokens {
    let mut tokens = MockAccessTokens::new();
    tokens.expect_issue().returning(|_, _, now| {
        let token = "access-token-of-the-tests".to_owned();
        Ok(AccessToken { token, expires_at: now + std::time::Duration::from_secs(600) })
    });
    tokens
}

/// A provider that knows one person.
#[derive(Debug)]
struct Elsewhere;

#[async_trait]
impl IdentityProvider for Elsewhere {
    fn name(&self) -> &str {
        "Elsewhere"
    }

    fn is_development(&self) -> bool {
        false
    }

    async fn start(&self, _callback: &str) -> Result<SignInStart, IdentityError> {
        Err(IdentityError::Declined)
    }

    async fn finish(&self, _answer: &SignInAnswer) -> Result<Identity, IdentityError> {
        let text = |text: &str| Some(text.to_owned());
        Ok(Identity {
            issuer: "urn:test".to_owned(),
            subject: "1".to_owned(),
            email: text("ada@example.test"),
            name: text("Ada <b>"),
        })
    }
}
