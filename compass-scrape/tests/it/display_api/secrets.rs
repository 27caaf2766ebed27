//! No token, code or client secret is in anything that is returned, printed or logged.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use compass_core::ports::{CreatorTokens as _, SystemRandom};
use compass_scrape::{
    display_api::ConnectAnswer,
    testing::display_api::{ApiFault, StandInApi},
};
use secrecy::ExposeSecret as _;
use tracing_subscriber::fmt::MakeWriter;

use super::{STEADY, Setup, collect, handle};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logged {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What an error says, with all of its causes, in each of the ways in which it can be printed.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.map(|cause| format!("{cause} {cause:?} {cause:#?}\n")).collect()
}

fn assert_silent(api: &StandInApi, told: &str) {
    let secrets = api.secrets();
    assert!(secrets.len() > 3, "there is something to hide: {}", secrets.len());
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret} is told in {told}");
    }
}

// One thread, so that everything is logged to this test's subscriber.
#[tokio::test]
async fn whatever_happens_secrets_are_told_to_nobody_but_tiktok() {
    let logged = Logged::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(logged.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let setup = Setup::connected().await;
    let source = setup.builder().answer_timeout(Duration::from_millis(300)).build().unwrap();
    let mut told = format!("{source:?} {source:#?} {:?}", setup.builder());

    told += &format!("{:?}", collect(&source, STEADY, 30).await.unwrap());
    // A test on another thread may have been the first at a span, where nobody listens.
    tracing::callsite::rebuild_interest_cache();
    let faults = [
        ApiFault::Broken,
        ApiFault::Html,
        ApiFault::CutBody,
        ApiFault::Hang,
        ApiFault::Code("access_token_invalid", 401),
        ApiFault::Code("invalid_params", 400),
        ApiFault::Code("internal_error", 500),
        ApiFault::Code("a_new_code", 400),
        ApiFault::Code("invalid_grant", 400),
        ApiFault::Code("invalid_client", 401),
        ApiFault::Code("server_error", 500),
    ];
    for hours in [0, 24] {
        setup.clock.advance(Duration::from_secs(3_600 * hours));
        for fault in faults {
            setup.api.fault(Some(fault));
            told += &said(&collect(&source, STEADY, 30).await.unwrap_err());
        }
        setup.api.fault(None);
        collect(&source, STEADY, 30).await.unwrap();
    }
    let grant = setup.tokens.find(&handle(STEADY)).await.unwrap().unwrap();
    told += &format!("{grant:?} {grant:#?} {:?}", setup.tokens);

    for fault in faults {
        setup.api.fault(Some(fault));
        let start = source.authorize_url(&SystemRandom);
        let (state, verifier) = start.transaction.expose_secret().split_once('.').unwrap();
        let answer = ConnectAnswer {
            code: Some("code.canary-of-the-test".into()),
            state: state.to_owned(),
            transaction: start.transaction.clone(),
        };
        let part = format!("{start:?} {answer:?} {}", said(&source.exchange(&answer).await.unwrap_err()));
        assert!(!part.contains(verifier) && !part.contains("code.canary"), "{part}");
        told += &part;
    }
    setup.api.fault(Some(ApiFault::Code("invalid_client", 401)));
    told += &said(&source.disconnect(&handle(STEADY)).await.unwrap_err());

    assert_silent(&setup.api, &told);
    let logged = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert_silent(&setup.api, &logged);
    assert!(!logged.contains("canary"));
    // It is the right log: it has the collections' spans.
    assert!(logged.contains("collect{source=display_api handle=sample.steady}"), "{logged}");
    // The stand-in did repeat what it was sent.
    assert!(told.contains("[secret]"));
}
