//! Secrets, codes and tokens stay out of every error, debug output and line of the log.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use compass_auth::testing::{Page, SigningKey};
use compass_core::ports::{IdentityError, IdentityProvider, SignInAnswer};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::{Bench, CALLBACK};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
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

/// An error with all its causes, for people and for developers.
fn everything(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| (*cause).source());
    causes.map(|cause| format!("{cause} {cause:?}\n")).collect()
}

#[tokio::test]
async fn no_failure_shows_a_secret() {
    let log = Log::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // Where there is only one, tracing believes that each thread's own counts, and other tests' threads have none.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _log = tracing::subscriber::set_default(lines);
    let bench = Bench::with(|builder| builder.patience(Duration::from_millis(300))).await;
    let mut shown = String::new();
    let mut secrets = Vec::new();
    let faults = [
        Page::Status(400),
        Page::Status(500),
        Page::Html,
        Page::Huge,
        Page::Silent,
        Page::CutOff,
        Page::Redirect("http://127.0.0.1:1/canary".to_owned()),
        Page::Json(r#"{"access_token": "canary-access-token", "token_type": 7}"#.to_owned()),
        Page::Json(r#"{"error": "canary-error", "error_description": "canary-description"}"#.to_owned()),
    ];
    for fault in faults {
        bench.set(|script| script.token = fault);
        try_once(&bench, &mut shown, &mut secrets, |answer| answer).await;
    }
    bench.set(|script| script.token = Page::Good);
    // The provider quotes the whole request where it refuses the code.
    let mangled = |answer: SignInAnswer| SignInAnswer { code: Some("canary-code-forged".to_owned()), ..answer };
    try_once(&bench, &mut shown, &mut secrets, mangled).await;
    bench.set(|script| script.claims(|claims| claims["nonce"] = json!("canary-nonce")));
    try_once(&bench, &mut shown, &mut secrets, |answer| answer).await;
    bench.set(|script| script.claims(|claims| claims["exp"] = json!("canary-exp")));
    try_once(&bench, &mut shown, &mut secrets, |answer| answer).await;
    bench.set(|script| script.signer = SigningKey::es256("canary-kid"));
    try_once(&bench, &mut shown, &mut secrets, |answer| answer).await;
    bench.set(|script| script.keys = Page::Html);
    bench.clock.advance(Duration::from_secs(60));
    try_once(&bench, &mut shown, &mut secrets, |answer| answer).await;

    let logged = String::from_utf8(log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).unwrap();
    assert!(logged.contains("could not be fetched"), "{logged}");
    assert!(shown.len() > 1_000 && secrets.len() == 42, "{} {}", shown.len(), secrets.len());
    for canary in secrets.iter().map(String::as_str).chain(["canary", "eyJ"]) {
        assert!(!shown.contains(canary), "{canary} in\n{shown}");
    }
    // Beside what is ours the log has what libraries say at TRACE; they must not have it either.
    for canary in
        secrets.iter().map(String::as_str).chain(["canary-client-secret", "canary-code", "canary-access", "eyJ"])
    {
        assert!(!logged.contains(canary), "{canary} in\n{logged}");
    }
}

async fn try_once(
    bench: &Bench,
    shown: &mut String,
    secrets: &mut Vec<String>,
    change: impl FnOnce(SignInAnswer) -> SignInAnswer,
) {
    let start = bench.sign_in.start(CALLBACK).await.unwrap();
    let answer = change(bench.provider.agree(&start));
    secrets.extend([start.transaction.clone(), answer.state.clone(), answer.code.clone().unwrap()]);
    let error: IdentityError = bench.sign_in.finish(&answer).await.unwrap_err();
    *shown += &format!("{start:?} {answer:?} {:?}\n{}", bench.sign_in, everything(&error));
}
