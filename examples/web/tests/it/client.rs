//! A small browser: it keeps cookies and follows nothing by itself.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
    cookies: BTreeMap<String, String>,
    accept: &'static str,
}

/// An answer whose body may still be coming.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
}

impl Browser {
    pub(crate) fn at(address: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { client, origin: format!("http://{address}"), cookies: BTreeMap::new(), accept: "*/*" }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, None).await
    }

    /// The same with an access token.
    pub(crate) async fn get_as(&mut self, token: &str, path: &str) -> Answer {
        self.send(Method::GET, path, None, Some(token)).await
    }

    /// As a person does who opens a page.
    pub(crate) async fn get_page(&mut self, path: &str) -> Answer {
        self.accept = "text/html";
        let answer = self.get(path).await;
        self.accept = "*/*";
        answer
    }

    /// With an access token.
    pub(crate) async fn delete_as(&mut self, token: &str, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Some(token)).await
    }

    pub(crate) async fn post_json(&mut self, path: &str, json: &Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", json.to_string())), None).await
    }

    pub(crate) async fn post(&mut self, path: &str) -> Answer {
        self.send(Method::POST, path, None, None).await
    }

    pub(crate) async fn patch(&mut self, path: &str, json: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(("application/json", json.to_string())), None).await
    }

    /// Brings an export of one's own account.
    pub(crate) async fn bring(&mut self, name: &str, content: &str) -> Answer {
        let body = Some(("application/octet-stream", content.to_owned()));
        self.send(Method::POST, &format!("/tiktok/import?name={name}"), body, None).await
    }

    /// The `Cookie` header that it sends.
    pub(crate) fn cookies(&self) -> String {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// Signs in with the development sign-in; where that leads.
    pub(crate) async fn sign_in(&mut self) -> String {
        let mut to = "/auth/google/login".to_owned();
        for _ in 0..2 {
            let answer = self.get(&to).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{to}");
            to = answer.location();
        }
        to
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&'static str, String)>,
        token: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::ACCEPT, self.accept)
            .header(header::COOKIE, self.cookies());
        if let Some((kind, _)) = &body {
            request = request.header(header::CONTENT_TYPE, *kind);
        }
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = body.map_or_else(Bytes::new, |(_, content)| content.into());
        let request = request.body(Full::new(body)).expect("the request is well formed");
        let (parts, body) = self.client.request(request).await.expect("the service answers").into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("cookies are ASCII");
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).expect("name and value");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    pub(crate) fn location(&self) -> String {
        let to = self.headers.get(header::LOCATION).expect("the answer leads on");
        to.to_str().expect("addresses are ASCII").to_owned()
    }

    /// The next piece of the body; `None` at its end, however it ends.
    pub(crate) async fn piece(&mut self) -> Option<String> {
        let data = self.body.frame().await?.ok()?.into_data().ok()?;
        Some(String::from_utf8_lossy(&data).into_owned())
    }

    pub(crate) async fn text(self) -> String {
        let bytes = self.body.collect().await.expect("the body arrives").to_bytes();
        String::from_utf8(bytes.to_vec()).expect("the body is UTF-8")
    }

    pub(crate) async fn json(self) -> Value {
        let status = self.status;
        let text = self.text().await;
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).expect("the body is JSON")
    }
}

/// The data of every event in a stream of server-sent events, and their ids.
pub(crate) fn events(stream: &str) -> Vec<(u64, Value)> {
    let field = |block: &str, name: &str| {
        block.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
    };
    stream
        .split("\n\n")
        .filter_map(|block| {
            let id = field(block, "id:")?.parse().ok()?;
            Some((id, serde_json::from_str(&field(block, "data:")?).ok()?))
        })
        .collect()
}
