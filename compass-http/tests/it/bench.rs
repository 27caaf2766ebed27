//! A service over in-memory adapters, with two sample creators, at noon on the first of May.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use compass_auth::{DevelopmentSignIn, JwtAccessTokens, TokenKey};
use compass_core::{
    Client, Count, DatedBy, Handle, Identity, OwnData, OwnDay, OwnExport, Refusal,
    analytics::{Dimension, Shares},
    app,
    ports::{Clock, CreatorStore, ExportFile, ExportReader, Exported, MockIdentityProvider, SignInAnswer},
    samples::World,
    testing::{FixedClock, MemoryStore, SeededRandom},
};
use compass_http::{Ports, Site};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// The creator that the store knows.
pub(crate) const KNOWN: &str = "sample.steady";
/// Another one that it knows.
pub(crate) const OTHER: &str = "sample.rising";
/// One that it does not know.
pub(crate) const UNKNOWN: &str = "nobody.yet";

/// Reads lines of a handle, a day, the followers at its end, and the share of them in Germany; it refuses what is none.
#[derive(Debug)]
struct DaysAndFollowers;

impl ExportReader for DaysAndFollowers {
    fn read<'f>(&self, file: &ExportFile<'f>) -> Exported {
        let mut read = Exported::default();
        for (number, line) in (1..).zip(str::from_utf8(file.content).unwrap_or_default().lines()) {
            let Ok([handle, day, followers, germans]) = <[&str; 4]>::try_from(line.split(',').collect::<Vec<_>>())
            else {
                let (reason, detail) = ("not_a_line".to_owned(), format!("{line:?} has no four values"));
                read.refused.push(Refusal { item: Some(format!("line {number}")), reason, detail });
                continue;
            };
            let (handle, day) = (Handle::parse(handle).unwrap(), day.parse().unwrap());
            let of_handle = read.creators.iter().position(|own| own.handle == handle).unwrap_or_else(|| {
                read.creators.push(OwnData::new(handle));
                read.creators.len() - 1
            });
            let own = &mut read.creators[of_handle];
            let followers = Some(Count::exact(followers.parse().unwrap()).unwrap());
            own.days.insert(day, OwnDay { followers, ..OwnDay::default() });
            let territories = Shares::parse(Dimension::Territory, [("DE", germans.parse().unwrap())]).unwrap();
            let mut export = OwnExport::new(DatedBy::FileName);
            export.followers.dimensions.insert(Dimension::Territory, territories);
            own.exports.insert(day, export);
        }
        read.notes.push(format!("{} was read", file.name));
        read
    }
}

pub(crate) struct Bench {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ports: Ports,
    pub(crate) app: Router,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::on(Site::loopback()).await
    }

    pub(crate) async fn on(site: Site) -> Self {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let random = Arc::new(SeededRandom::new(1));
        let handle = Handle::parse(KNOWN).unwrap();
        for handle in [&handle, &Handle::parse(OTHER).unwrap()] {
            for look in World::standard().find(handle).unwrap().history(clock.now(), 30) {
                CreatorStore::record(&*store, &look).await.unwrap();
            }
        }
        let key = TokenKey { id: "test".to_owned(), secret: vec![7; 32].into() };
        let identity = DevelopmentSignIn::new(
            "127.0.0.1:8000".parse().unwrap(),
            Arc::<FixedClock>::clone(&clock),
            Arc::<SeededRandom>::clone(&random),
        );
        let tokens =
            JwtAccessTokens::new("https://compass.example", key, Vec::new(), Arc::<SeededRandom>::clone(&random));
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
            exports: Arc::new(DaysAndFollowers),
            identity: Arc::new(identity.unwrap()),
            tokens: Arc::new(tokens.unwrap()),
            clock: Arc::<FixedClock>::clone(&clock),
            random,
            site,
        };
        Self::over(store, clock, ports)
    }

    fn over(store: Arc<MemoryStore>, clock: Arc<FixedClock>, ports: Ports) -> Self {
        let app = compass_http::router().with_state(ports.clone());
        Self { store, clock, ports, app }
    }

    /// The same service with other ports.
    pub(crate) fn with(self, change: impl FnOnce(&mut Ports)) -> Self {
        let mut ports = self.ports;
        change(&mut ports);
        Self::over(self.store, self.clock, ports)
    }

    /// The answer as it comes, its body not yet read.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.open(request).await).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(get(path)).await
    }

    /// Signs the developer in as a browser does and gives the `Cookie` header that it has then.
    pub(crate) async fn sign_in(&self) -> String {
        let start = self.get("/auth/google/login").await;
        let back = with_cookie(get(start.header("location")), &start.cookies());
        let done = self.send(back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
        done.cookies()
    }

    /// The `Cookie` header of a person whom the identity provider knows by this name.
    pub(crate) async fn person(&self, name: &str) -> String {
        let who = Identity {
            issuer: "https://id.example".to_owned(),
            subject: name.to_owned(),
            email: None,
            name: Some(name.to_owned()),
        };
        let mut identity = MockIdentityProvider::new();
        identity.expect_finish().return_once(|_| Ok(who));
        let answer = SignInAnswer { code: None, state: String::new(), transaction: String::new() };
        let ports = &self.ports;
        let accounts = app::Accounts {
            store: Arc::clone(&ports.accounts),
            refresh_tokens: Arc::clone(&ports.refresh_tokens),
            data: Arc::clone(&ports.account_data),
            audit: Arc::clone(&ports.audit),
            clock: Arc::clone(&ports.clock),
            random: Arc::clone(&ports.random),
        };
        let signed_in = accounts.sign_in(&identity, &answer, &Client::default()).await.unwrap();
        format!("{}={}", ports.site.session_cookie(), signed_in.token)
    }

    /// An access token of a freshly signed-in developer.
    pub(crate) async fn token(&self) -> String {
        let cookie = self.sign_in().await;
        let answer = self.send(with_cookie(post("/auth/refresh"), &cookie)).await;
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// Each `Set-Cookie` line.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect()
    }

    /// What a browser that obeys the `Set-Cookie` lines sends next.
    pub(crate) fn cookies(&self) -> String {
        let kept = self.set_cookies().into_iter().filter(|line| !line.contains("Max-Age=0"));
        kept.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
    }

    /// Asserts that it is a problem of that status and kind, whole, and gives its detail.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["type"], format!("urn:compass:problem:{kind}"));
        assert_eq!(json["status"], status);
        assert!(json["title"].as_str().is_some_and(|title| !title.is_empty()), "{json}");
        json["detail"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    request(Method::GET, path)
}

pub(crate) fn post(path: &str) -> Request<Body> {
    request(Method::POST, path)
}

pub(crate) fn request(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:8000").body(Body::empty()).unwrap()
}

pub(crate) fn patch_json(path: &str, body: &str) -> Request<Body> {
    let mut request = with_header(request(Method::PATCH, path), "content-type", "application/json");
    *request.body_mut() = Body::from(body.to_owned());
    request
}

pub(crate) fn post_json(path: &str, body: &str) -> Request<Body> {
    let mut request = with_header(post(path), "content-type", "application/json");
    *request.body_mut() = Body::from(body.to_owned());
    request
}

pub(crate) fn post_file(path: &str, content: impl Into<Body>) -> Request<Body> {
    let mut request = with_header(post(path), "content-type", "application/octet-stream");
    *request.body_mut() = content.into();
    request
}

pub(crate) fn with_cookie(request: Request<Body>, cookie: &str) -> Request<Body> {
    with_header(request, "cookie", cookie)
}

pub(crate) fn with_bearer(request: Request<Body>, token: &str) -> Request<Body> {
    with_header(request, "authorization", &format!("Bearer {token}"))
}

pub(crate) fn with_header(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}
