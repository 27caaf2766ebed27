//! The provider's routes, and the browser's way through them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Form, Router,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use compass_core::ports::{Clock, SignInAnswer, SignInStart};
use futures_util::stream;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, task::JoinHandle};
use url::{Url, form_urlencoded};

use super::{Page, Script};

/// An OpenID provider on a free port of this machine, which ends with this value.
///
/// It keeps its side of the flow strictly: client, secret, redirect URI, PKCE verifier, each code once. What is wrong with it is
/// what a test [`set`](Self::set)s.
///
/// ```
/// # use std::sync::Arc;
/// # use compass_auth::{OpenIdConnect, OpenIdPorts, testing::{SigningKey, TestProvider}};
/// # use compass_core::{ports::{IdentityProvider, SystemClock, SystemRandom}, testing::MemoryStore};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = TestProvider::start(Arc::new(SystemClock)).await;
/// let ports = OpenIdPorts {
///     sign_ins: Arc::new(MemoryStore::default()),
///     clock: Arc::new(SystemClock),
///     random: Arc::new(SystemRandom),
/// };
/// let sign_in =
///     OpenIdConnect::provider_at(&provider.issuer(), TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET.into())
///         .http_on_loopback()
///         .build(ports)?;
///
/// let start = sign_in.start("http://127.0.0.1:8000/callback").await?;
/// assert_eq!(sign_in.finish(&provider.agree(&start)).await?.name.as_deref(), Some("Ada"));
///
/// provider.set(|script| script.signer = SigningKey::es256("unpublished"));
/// let start = sign_in.start("http://127.0.0.1:8000/callback").await?;
/// assert!(sign_in.finish(&provider.agree(&start)).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestProvider {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    address: SocketAddr,
    clock: Arc<dyn Clock>,
    script: Mutex<Script>,
    codes: Mutex<Codes>,
    requests: Mutex<BTreeMap<&'static str, usize>>,
}

#[derive(Default)]
struct Codes {
    given: u32,
    open: HashMap<String, Asked>,
}

/// What a browser was sent with.
struct Asked {
    redirect_uri: String,
    nonce: Option<String>,
    challenge: Option<String>,
}

impl TestProvider {
    /// The one client that it knows.
    pub const CLIENT_ID: &str = "compass-client";
    /// That client's secret.
    pub const CLIENT_SECRET: &str = "canary-client-secret+/%";

    /// Starts a good provider.
    ///
    /// # Panics
    /// If this machine has no free port.
    pub async fn start(clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("the listener has an address");
        let shared = Arc::new(Shared {
            address,
            clock,
            script: Mutex::new(Script::good()),
            codes: Mutex::default(),
            requests: Mutex::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, routes).await;
        });
        Self { shared, server }
    }

    /// Its issuer: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.shared.issuer()
    }

    /// Changes what it does from now on.
    pub fn set(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.shared.script());
    }

    /// How often it was asked at this path: `/keys`, `/token`, `/.well-known/openid-configuration`.
    #[must_use]
    pub fn requests(&self, path: &str) -> usize {
        locked(&self.shared.requests).get(path).copied().unwrap_or(0)
    }

    /// What a browser brings back whose person agrees.
    ///
    /// # Panics
    /// If the redirect does not lead here.
    #[must_use]
    pub fn agree(&self, start: &SignInStart) -> SignInAnswer {
        let url = Url::parse(&start.redirect).expect("the redirect is an address");
        assert!(start.redirect.starts_with(&format!("{}/authorize?", self.issuer())), "{}", start.redirect);
        let back = Url::parse(&self.shared.agree(url.query().unwrap_or_default())).expect("the way back is an address");
        let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        SignInAnswer {
            code: value("code"),
            state: value("state").expect("the provider gives the state back"),
            transaction: start.transaction.clone(),
        }
    }
}

impl Drop for TestProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Shared {
    fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        locked(&self.script)
    }

    fn count(&self, path: &'static str) {
        *locked(&self.requests).entry(path).or_default() += 1;
    }

    /// Where a browser is sent whose person agrees.
    fn agree(&self, query: &str) -> String {
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value = |name: &str| asked.get(name).cloned();
        let redirect_uri = value("redirect_uri").unwrap_or_default();
        let mut codes = locked(&self.codes);
        codes.given += 1;
        let code = format!("canary-code-{}", codes.given);
        let challenge = value("code_challenge").filter(|_| value("code_challenge_method").as_deref() == Some("S256"));
        codes.open.insert(code.clone(), Asked { redirect_uri: redirect_uri.clone(), nonce: value("nonce"), challenge });
        let mut back = Url::parse(&redirect_uri).expect("the redirect URI is an address");
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &value("state").unwrap_or_default());
        back.into()
    }

    /// The answer to a code, or an error of RFC 6749.
    fn redeem(&self, headers: &HeaderMap, form: &HashMap<String, String>) -> Result<Value, &'static str> {
        let value = |name: &str| form.get(name).map(String::as_str);
        if !is_client(headers, value("client_id"), value("client_secret")) {
            return Err("invalid_client");
        }
        let asked = value("code").and_then(|code| locked(&self.codes).open.remove(code)).ok_or("invalid_grant")?;
        let proof = value("code_verifier").map(|v| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(v.as_bytes())));
        if asked.challenge.is_none() || proof != asked.challenge || value("redirect_uri") != Some(&asked.redirect_uri) {
            return Err("invalid_grant");
        }
        let script = self.script();
        let now = self.clock.now().as_second();
        let mut claims = script.person.clone();
        let own = json!({
            "iss": self.issuer(), "aud": TestProvider::CLIENT_ID, "azp": TestProvider::CLIENT_ID,
            "iat": now, "exp": now + 3_600, "nonce": asked.nonce,
        });
        for (name, value) in own.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let mut header = script.signer.header();
        (script.edit_header)(&mut header);
        (script.edit_claims)(&mut claims);
        let mut answer = json!({
            "access_token": "canary-access-token", "token_type": "Bearer", "expires_in": 3_600,
            "id_token": script.signer.sign(&header, &claims),
        });
        (script.edit_token_response)(&mut answer);
        Ok(answer)
    }
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Response {
    shared.count("/.well-known/openid-configuration");
    let issuer = shared.issuer();
    let mut document = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "code_challenge_methods_supported": ["plain", "S256"], "response_types_supported": ["code"],
    });
    let script = shared.script();
    (script.edit_discovery)(&mut document);
    answer(&script.discovery, script.cache_control, StatusCode::OK, &document)
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    shared.count("/keys");
    let script = shared.script();
    answer(&script.keys, script.cache_control, StatusCode::OK, &json!({"keys": script.published}))
}

async fn authorize(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Redirect {
    shared.count("/authorize");
    Redirect::to(&shared.agree(&query.unwrap_or_default()))
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    shared.count("/token");
    let page = shared.script().token.clone();
    match shared.redeem(&headers, &form) {
        Ok(tokens) => answer(&page, None, StatusCode::OK, &tokens),
        Err(error) => {
            // As careless as some providers are: the request is in the text.
            let description = format!("{form:?} was refused");
            answer(&page, None, StatusCode::BAD_REQUEST, &json!({"error": error, "error_description": description}))
        }
    }
}

/// Whether it is the client, by HTTP Basic or by the body (RFC 6749, section 2.3.1).
fn is_client(headers: &HeaderMap, id: Option<&str>, secret: Option<&str>) -> bool {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(TestProvider::CLIENT_ID), encode(TestProvider::CLIENT_SECRET));
    match basic {
        Some(given) => given == BASE64_STANDARD.encode(pair),
        None => id == Some(TestProvider::CLIENT_ID) && secret == Some(TestProvider::CLIENT_SECRET),
    }
}

fn answer(page: &Page, cache_control: Option<&'static str>, status: StatusCode, good: &Value) -> Response {
    const PIECE: Bytes = Bytes::from_static(&[b' '; 65_536]);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let mut response = match page {
        Page::Good => (status, json, good.to_string()).into_response(),
        Page::Json(text) => (json, text.clone()).into_response(),
        Page::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, json, r#"{"message": "out of order"}"#).into_response()
        }
        Page::Redirect(to) => Redirect::temporary(to).into_response(),
        Page::Html => ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>Sign in</title>").into_response(),
        Page::Huge => {
            let pieces = stream::iter((0..1_600).map(|_| Ok::<_, io::Error>(PIECE)));
            (json, Body::from_stream(pieces)).into_response()
        }
        Page::Silent => (json, Body::from_stream(stream::pending::<io::Result<Bytes>>())).into_response(),
        Page::CutOff => {
            let half = good.to_string();
            let half = Bytes::copy_from_slice(&half.as_bytes()[..half.len() / 2]);
            let pieces = stream::iter([Ok(half), Err(io::Error::other("cut off"))]);
            (json, Body::from_stream(pieces)).into_response()
        }
    };
    if let Some(value) = cache_control {
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(value));
    }
    response
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
