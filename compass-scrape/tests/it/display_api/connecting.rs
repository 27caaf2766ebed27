//! A creator connects the account, and disconnects it.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
};

use compass_core::{
    SourceKind,
    ports::{CreatorStore as _, CreatorTokens as _, SystemRandom},
    samples::World,
    testing::{MemoryStore, SeededRandom},
};
use compass_scrape::{
    display_api::{Application, BuildError, ConnectAnswer, ConnectError, ConnectStart, DisplayApiSource, SCOPES},
    testing::display_api::{ApiFault, StandInApi},
};
use secrecy::ExposeSecret as _;
use url::Url;

use super::{STEADY, Setup, collect, handle, id_of};
use crate::truth::NOON;

/// The creator's browser: opens the consent page and comes back with the address that it was sent to.
async fn consent(start: &ConnectStart) -> Result<BTreeMap<String, String>, String> {
    let address = Url::parse(&start.redirect).unwrap();
    let asked = format!("{}?{}", address.path(), address.query().unwrap());
    let host = format!("{}:{}", address.host_str().unwrap(), address.port().unwrap());
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {asked} HTTP/1.1\r\nHost: stand-in\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    let back = answer.lines().find_map(|line| line.strip_prefix("location: "));
    let back = back.ok_or_else(|| answer.lines().last().unwrap_or_default().to_owned())?;
    Ok(Url::parse(back).unwrap().query_pairs().into_owned().collect())
}

fn answer(start: &ConnectStart, back: &BTreeMap<String, String>) -> ConnectAnswer {
    ConnectAnswer {
        code: back.get("code").map(|code| code.as_str().into()),
        state: back["state"].clone(),
        transaction: start.transaction.clone(),
    }
}

#[tokio::test]
async fn creator_connects_and_is_read() {
    let setup = Setup::new().await;
    let store = Arc::new(MemoryStore::default());
    let known = World::standard().find(&handle(STEADY)).unwrap().snapshot(NOON, 5, SourceKind::Sample);
    store.record(&known).await.unwrap();
    let source = setup.builder().creators(store).build().unwrap();

    let start = source.authorize_url(&SystemRandom);
    let back = consent(&start).await.unwrap();
    let grant = source.exchange(&answer(&start, &back)).await.unwrap();
    assert_eq!((grant.handle.as_str(), grant.creator), (STEADY, Some(id_of(STEADY))));
    assert_eq!(grant.scopes, SCOPES);
    // It is for the host to keep.
    assert!(setup.tokens.find(&handle(STEADY)).await.unwrap().is_none());
    setup.tokens.save(&grant).await.unwrap();
    assert_eq!(collect(&source, STEADY, 5).await.unwrap().videos.len(), 5);
}

#[tokio::test]
async fn consent_page_is_asked_for_each_scope_with_a_state_and_a_proof() {
    let setup = Setup::new().await;
    let source = setup.source();
    let start = source.authorize_url(&SeededRandom::new(1));
    let asked: BTreeMap<String, String> = Url::parse(&start.redirect).unwrap().query_pairs().into_owned().collect();
    assert_eq!(asked["scope"], "user.info.basic,user.info.profile,user.info.stats,video.list");
    assert_eq!(asked["redirect_uri"], "http://127.0.0.1:8080/connected");
    assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(asked["code_challenge"].len(), 64);
    // The proof stays with the browser's cookie.
    let (state, verifier) = start.transaction.expose_secret().split_once('.').unwrap();
    assert_eq!(asked["state"], state);
    assert!(!start.redirect.contains(verifier) && !start.redirect.contains("client-secret"));
    let next = source.authorize_url(&SeededRandom::new(2));
    assert_ne!(next.transaction.expose_secret(), start.transaction.expose_secret());
}

#[tokio::test]
async fn answer_of_another_browser_is_refused_and_its_code_is_not_spent() {
    let setup = Setup::new().await;
    let source = setup.source();
    let (victims, attackers) = (source.authorize_url(&SystemRandom), source.authorize_url(&SystemRandom));
    let back = consent(&attackers).await.unwrap();
    let forged = [
        answer(&victims, &back),
        ConnectAnswer { state: String::new(), ..answer(&attackers, &back) },
        ConnectAnswer { transaction: "".into(), ..answer(&attackers, &back) },
        ConnectAnswer { transaction: ".".into(), state: String::new(), ..answer(&attackers, &back) },
    ];
    for forged in forged {
        let refused = source.exchange(&forged).await;
        assert!(matches!(refused, Err(ConnectError::TransactionMismatch)), "{refused:?}");
    }
    assert_eq!(setup.api.asked(), Vec::<String>::new());
    // A stolen code is worth nothing without the proof.
    let stolen = ConnectAnswer { state: victims_state(&victims), ..answer(&victims, &back) };
    let refused = source.exchange(&stolen).await;
    assert!(matches!(&refused, Err(ConnectError::CodeRefused(why)) if why.contains("code challenge")), "{refused:?}");
}

fn victims_state(start: &ConnectStart) -> String {
    start.transaction.expose_secret().split_once('.').unwrap().0.to_owned()
}

#[tokio::test]
async fn code_counts_once() {
    let setup = Setup::new().await;
    let source = setup.source();
    let start = source.authorize_url(&SystemRandom);
    let back = consent(&start).await.unwrap();
    source.exchange(&answer(&start, &back)).await.unwrap();
    let refused = source.exchange(&answer(&start, &back)).await;
    assert!(matches!(refused, Err(ConnectError::CodeRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn creator_may_say_no_to_all_or_to_a_part() {
    let setup = Setup::new().await;
    let source = setup.source();
    setup.api.change(|world| world.declines = true);
    let start = source.authorize_url(&SystemRandom);
    let refused = source.exchange(&answer(&start, &consent(&start).await.unwrap())).await;
    assert!(matches!(refused, Err(ConnectError::Declined)), "{refused:?}");

    for (allowed, works) in
        [(["user.info.basic", "user.info.profile"], true), (["user.info.basic", "video.list"], false)]
    {
        setup.api.change(|world| {
            world.declines = false;
            world.account(&handle(STEADY)).allows = allowed.map(str::to_owned).to_vec();
        });
        let start = source.authorize_url(&SystemRandom);
        let outcome = source.exchange(&answer(&start, &consent(&start).await.unwrap())).await;
        match outcome {
            Ok(grant) => assert_eq!((works, grant.scopes), (true, allowed.map(str::to_owned).to_vec())),
            Err(ConnectError::Source(error)) => assert_eq!((works, error.code()), (false, "scope_missing")),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn tiktok_that_is_down_gives_no_grant() {
    let setup = Setup::new().await;
    let source = setup.source();
    let start = source.authorize_url(&SystemRandom);
    let back = consent(&start).await.unwrap();
    for (fault, code) in
        [(ApiFault::Broken, "network"), (ApiFault::Html, "layout_changed"), (ApiFault::Moved, "layout_changed")]
    {
        setup.api.fault(Some(fault));
        let refused = source.exchange(&answer(&start, &back)).await;
        assert!(matches!(&refused, Err(ConnectError::Source(error)) if error.code() == code), "{refused:?}");
    }
    setup.api.fault(None);
    assert!(source.exchange(&answer(&start, &back)).await.is_ok());
}

#[tokio::test]
async fn disconnecting_forgets_the_tokens_and_tells_tiktok() {
    let setup = Setup::connected().await;
    let source = setup.source();
    source.disconnect(&handle(STEADY)).await.unwrap();
    assert!(setup.tokens.find(&handle(STEADY)).await.unwrap().is_none());
    assert_eq!(setup.api.asked(), ["/v2/oauth/revoke/"]);
    assert_eq!(collect(&source, STEADY, 5).await.unwrap_err().code(), "not_connected");
    source.disconnect(&handle(STEADY)).await.unwrap();
    assert_eq!(setup.api.asked().len(), 1);

    // TikTok voided them before, or cannot be told: they are forgotten all the same.
    let grant = setup.connect(STEADY).await;
    setup.api.withdraw(&grant.open_id);
    source.disconnect(&handle(STEADY)).await.unwrap();
    setup.connect(STEADY).await;
    setup.api.fault(Some(ApiFault::Broken));
    assert_eq!(source.disconnect(&handle(STEADY)).await.unwrap_err().code(), "network");
    assert!(setup.tokens.find(&handle(STEADY)).await.unwrap().is_none());
}

#[tokio::test]
async fn stand_in_refuses_what_tiktok_refuses() {
    let setup = Setup::new().await;
    let start = setup.source().authorize_url(&SystemRandom);
    for (part, other, named) in [
        ("client_key=awstandin", "client_key=other", "client_key"),
        ("code_challenge_method=S256", "code_challenge_method=plain", "code_challenge_method"),
        ("%2Fconnected", "%2Felsewhere", "redirect_uri"),
        ("code_challenge=", "code_challenge=-", "code_challenge"),
        ("state=", "stale=", "state"),
    ] {
        assert!(start.redirect.contains(part), "{part}");
        let forged = ConnectStart { redirect: start.redirect.replace(part, other), ..start.clone() };
        assert_eq!(consent(&forged).await.unwrap_err(), format!("Something went wrong: {named}"));
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let application = || Application {
        client_key: "aw1".to_owned(),
        client_secret: "secret".into(),
        redirect_uri: "https://compass.example/connected".to_owned(),
    };
    let builder = |application| {
        DisplayApiSource::builder(application, Arc::<compass_core::testing::MemoryCreatorTokens>::default())
    };
    assert!(builder(application()).build().is_ok());
    for address in
        ["http://open.tiktokapis.com", "open.tiktokapis.com", "https://open.tiktokapis.com/v2", "https://a:b@c"]
    {
        let refused = builder(application()).base_url(address).build();
        assert!(matches!(refused, Err(BuildError::BaseUrl(_))), "{refused:?}");
        let refused = builder(application()).consent_url(address).build();
        assert!(matches!(refused, Err(BuildError::ConsentUrl(_))), "{refused:?}");
    }
    for redirect_uri in
        ["", "/connected", "http://compass.example/connected", "https://compass.example/?a=1", "https://x/#f"]
    {
        let refused = builder(Application { redirect_uri: redirect_uri.to_owned(), ..application() }).build();
        assert!(matches!(refused, Err(BuildError::RedirectUri(_))), "{refused:?}");
    }
    let refused = builder(application()).user_agent("two\nlines").build();
    assert!(matches!(refused, Err(BuildError::UserAgent(_))), "{refused:?}");
    let refused = builder(Application { client_secret: " ".into(), ..application() }).build();
    assert!(matches!(refused, Err(BuildError::Application)), "{refused:?}");
}

#[tokio::test]
async fn stand_in_stops_when_it_is_dropped() {
    let api: StandInApi = Setup::new().await.api;
    let address = api.base_url().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(api);
    let refused = async {
        while TcpStream::connect(&address).is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), refused).await.expect("nobody listens any more");
}
