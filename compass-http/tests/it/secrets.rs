//! Secrets stay out of the log, however much of it there is, and out of every answer that is not theirs.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{Answer, Bench, get, patch_json, post, post_json, with_bearer, with_cookie, with_header};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What the answer says, head and body.
fn said(answer: &Answer) -> String {
    format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body))
}

#[tokio::test]
async fn no_secret_is_logged_or_told_again() {
    let log = Log::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // Where there is only one, tracing believes that each thread's own counts, and other tests' threads have none.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _log = tracing::subscriber::set_default(lines);
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login").await;
    let transaction = start.cookies();
    let (_, code_and_state) = start.header("location").split_once("code=").unwrap();
    let (code, state) = code_and_state.split_once("&state=").unwrap();
    let cookie = bench.send(with_cookie(get(start.header("location")), &transaction)).await.cookies();
    let tokens = bench.send(with_cookie(post("/auth/sessions"), &cookie)).await.json();
    let first = tokens["refresh_token"].as_str().unwrap().to_owned();
    let refresh =
        async |token: &str| bench.send(post_json("/auth/refresh", &json!({"refresh_token": token}).to_string())).await;
    let next = refresh(&first).await.json();
    let second = next["refresh_token"].as_str().unwrap().to_owned();
    let access = next["access_token"].as_str().unwrap().to_owned();

    let mut told = String::new();
    for answer in [
        refresh(&first).await,
        bench.send(with_bearer(get("/users/me"), &access)).await,
        bench.send(with_bearer(get("/users/me"), &first)).await,
        bench.send(with_bearer(get("/users/me"), &format!("{access}x"))).await,
        bench.send(with_cookie(get("/users/me/export"), &cookie)).await,
        bench.send(with_cookie(get("/auth/sessions"), &cookie)).await,
        bench.send(with_cookie(get(start.header("location")), &transaction)).await,
        bench.send(with_header(get(&format!("/users/me?access_token={access}")), "x-refresh", &second)).await,
        bench.send(post_json("/auth/refresh", &format!(r#"{{"refresh_token": "{second}", "more": 1}}"#))).await,
        bench.send(post_json("/auth/refresh", &format!(r#"{{"refresh_token": {second}"#))).await,
        bench.send(post_json("/auth/refresh", &format!("\"{second}\""))).await,
        bench.send(post_json("/auth/refresh", &format!("[\"{second}\"]"))).await,
        bench.send(post_json("/auth/refresh", &format!(r#"{{"{second}": 1}}"#))).await,
        bench.send(post_json("/auth/refresh", &format!(r#"{{"refresh_token": {{"{second}": 1}}}}"#))).await,
        bench.send(with_cookie(patch_json("/users/me", &format!("\"{second}\"")), &cookie)).await,
    ] {
        told += &said(&answer);
    }
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let secret = |cookie: &str| cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
    for secret in [&secret(&transaction), &secret(&cookie), code, state, &first, &second, &access] {
        assert!(secret.len() >= 64, "{secret}");
        assert!(!logged.contains(secret), "{secret} in {logged}");
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}
