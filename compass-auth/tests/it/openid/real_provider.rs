//! Sign-in with a provider that others wrote (npm's oidc-provider), which keeps PKCE to the letter.

use std::{collections::BTreeMap, path::Path, process::Stdio, sync::Arc};

use async_trait::async_trait;
use compass_auth::{AnswerError, OpenIdConnect, OpenIdPorts, SigningAlgorithm};
use compass_core::{
    SignInTransaction,
    ports::{IdentityProvider as _, SignInAnswer, SignInStore, StoreError, SystemClock, SystemRandom},
    testing::MemoryStore,
};
use jiff::Timestamp;
use reqwest::{Client, Response, header, redirect::Policy};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use url::Url;

use super::{Bench, CALLBACK};

/// A provider in a process of its own, which ends with this value.
struct RealProvider {
    issuer: String,
    _child: Child,
    _input: ChildStdin,
    _output: Lines<BufReader<ChildStdout>>,
}

impl RealProvider {
    /// None where no oidc-provider is installed: `scripts/test` does that.
    async fn start() -> Option<Self> {
        let Some(folder) = std::env::var_os("COMPASS_TEST_OIDC_PROVIDER") else {
            println!("not tried: COMPASS_TEST_OIDC_PROVIDER names no folder with node_modules/oidc-provider");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc-provider/server.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node can be run");
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let issuer = output.next_line().await.unwrap().expect("it says its issuer");
        input.write_all(format!("{CALLBACK}\n").as_bytes()).await.unwrap();
        assert_eq!(output.next_line().await.unwrap().as_deref(), Some("ready"));
        Some(Self { issuer, _child: child, _input: input, _output: output })
    }

    fn sign_in(&self, sign_ins: Arc<dyn SignInStore>) -> OpenIdConnect {
        let ports = OpenIdPorts { sign_ins, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
        OpenIdConnect::provider_at(&self.issuer, "compass-client", "a secret/with+odd%characters".into())
            .algorithms(&[SigningAlgorithm::Rs256])
            .http_on_loopback()
            .build(ports)
            .unwrap()
    }

    /// Goes through the provider's pages as somebody of this name, to the way back.
    async fn agree(&self, redirect: &str, name: &str, transaction: String) -> SignInAnswer {
        let mut browser = Browser::default();
        let mut at = Url::parse(redirect).unwrap();
        let mut page = browser.get(&at).await;
        for _ in 0..12 {
            if let Some(to) = page.headers().get(header::LOCATION) {
                at = at.join(to.to_str().unwrap()).unwrap();
                if at.as_str().starts_with(CALLBACK) {
                    let value = |name: &str| at.query_pairs().find(|(key, _)| key == name).map(|(_, v)| v.into_owned());
                    return SignInAnswer { code: value("code"), state: value("state").unwrap(), transaction };
                }
                page = browser.get(&at).await;
                continue;
            }
            let html = page.text().await.unwrap();
            let attribute = |before: &str| html.split_once(before).map(|(_, rest)| rest.split('"').next().unwrap());
            let action = attribute("action=\"").unwrap_or_else(|| panic!("no form in {html}"));
            at = at.join(action).unwrap();
            let prompt = attribute("name=\"prompt\" value=\"").unwrap();
            page = browser.post(&at, &[("prompt", prompt), ("login", name), ("password", "any")]).await;
        }
        panic!("the provider leads nowhere");
    }
}

/// Keeps cookies and follows nothing by itself.
#[derive(Default)]
struct Browser(BTreeMap<String, String>);

impl Browser {
    async fn get(&mut self, url: &Url) -> Response {
        self.send(|client| client.get(url.clone())).await
    }

    async fn post(&mut self, url: &Url, form: &[(&str, &str)]) -> Response {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let kind = "application/x-www-form-urlencoded";
        self.send(|client| client.post(url.clone()).header(header::CONTENT_TYPE, kind).body(body)).await
    }

    async fn send(&mut self, request: impl FnOnce(&Client) -> reqwest::RequestBuilder) -> Response {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        let cookies: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request(&client).header(header::COOKIE, cookies.join("; ")).send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}

/// A store that gives another verifier than it was given.
#[derive(Debug)]
struct WrongVerifier(MemoryStore, &'static str);

#[async_trait]
impl SignInStore for WrongVerifier {
    async fn begin(&self, transaction: &SignInTransaction) -> Result<(), StoreError> {
        self.0.begin(transaction).await
    }

    async fn take(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Option<SignInTransaction>, StoreError> {
        let taken = self.0.take(state_hash, now).await?;
        Ok(taken.map(|taken| SignInTransaction { verifier: self.1.to_owned(), ..taken }))
    }
}

#[tokio::test]
async fn people_sign_in_with_a_real_provider() {
    let Some(provider) = RealProvider::start().await else { return };
    let sign_in = provider.sign_in(Arc::new(MemoryStore::default()));
    for name in ["ada", "bob"] {
        let start = sign_in.start(CALLBACK).await.unwrap();
        let answer = provider.agree(&start.redirect, name, start.transaction).await;
        let who = sign_in.finish(&answer).await.unwrap();
        assert_eq!((&who.issuer, who.subject.as_str()), (&provider.issuer, name));
        assert_eq!(who.email, Some(format!("{name}@compass.example")));
        assert_eq!(who.name, Some(format!("Name of {name}")));
    }
}

#[tokio::test]
async fn a_real_provider_refuses_a_code_without_its_verifier() {
    let Some(provider) = RealProvider::start().await else { return };
    for wrong in ["0000000000000000000000000000000000000000000000000000000000000000", ""] {
        let sign_in = provider.sign_in(Arc::new(WrongVerifier(MemoryStore::default(), wrong)));
        let start = sign_in.start(CALLBACK).await.unwrap();
        let answer = provider.agree(&start.redirect, "ada", start.transaction).await;
        let outcome = sign_in.finish(&answer).await;
        match wrong {
            "" => assert!(outcome.is_err(), "{outcome:?}"),
            _ => Bench::refuses(outcome, "another verifier", AnswerError::CodeRefused),
        }
    }
}
