//! Whom a page can make the browser reach, and what it can make it do: nothing but what reading needs.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use axum::{
    Router,
    http::{StatusCode, Uri, header},
    response::{Html, Redirect},
    routing::get,
};
use compass_core::{Handle, ports::SourceError, samples::World};
use compass_scrape::testing::{Account, Fault, When};
use tokio::net::{TcpListener, UdpSocket};

use super::{
    Traces, browser_at, browser_on, collect,
    served::{Hits, Served, profile},
    stand_in,
};

/// Somebody on this machine whom nobody may reach: at another port, and at every other address of it.
struct Neighbour {
    port: u16,
    visits: Hits,
}

impl Neighbour {
    async fn start() -> Self {
        let visits = Hits::default();
        let (tcp, port, udp) = loop {
            let tcp = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
            let port = tcp.local_addr().unwrap().port();
            match UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).await {
                Err(e) if e.kind() == ErrorKind::AddrInUse => {}
                udp => break (tcp, port, udp.unwrap()),
            }
        };
        tokio::spawn({
            let visits = visits.clone();
            async move {
                let mut begin = [0; 200];
                while let Ok((length, from)) = udp.recv_from(&mut begin).await {
                    visits.note(format!("{length} bytes in a datagram from {from}"));
                }
            }
        });
        tokio::spawn({
            let visits = visits.clone();
            async move {
                while let Ok((stream, _)) = tcp.accept().await {
                    let mut begin = [0; 200];
                    stream.readable().await.unwrap();
                    let length = stream.try_read(&mut begin).unwrap_or(0);
                    visits.note(String::from_utf8_lossy(&begin[..length]));
                }
            }
        });
        Self { port, visits }
    }
}

/// Every way out that a page has, taken once to its own site and once to each address in `out`.
const WAYS_OUT: &str = r#"<script>
const ways = {
  fetch: (to) => fetch(to, { mode: 'no-cors' }),
  img: (to) => { new Image().src = to; },
  script: (to) => { document.body.append(Object.assign(document.createElement('script'), { src: to })); },
  style: (to) => { document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: to })); },
  prefetch: (to) => { document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: to })); },
  iframe: (to) => { document.body.append(Object.assign(document.createElement('iframe'), { src: to })); },
  beacon: (to) => navigator.sendBeacon(to, 'x'),
  events: (to) => new EventSource(to),
  socket: (to) => new WebSocket(to.replace('http', 'ws')),
  worker: (to) => new Worker(URL.createObjectURL(new Blob([`fetch('${to}', { mode: 'no-cors' })`]))),
  form: (to) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'f' + Math.random() });
    const form = Object.assign(document.createElement('form'), { action: to, method: 'post', target: frame.name });
    document.body.append(frame, form);
    form.submit();
  },
  popup: (to) => window.open(to),
};
const out = OUT;
for (const [name, way] of Object.entries(ways)) {
  for (const to of [location.origin, ...out]) {
    try { Promise.resolve(way(`${to}/hit/${name}`)).catch(() => {}); } catch { /* refused at once */ }
  }
}
for (const to of out) {
  ways.fetch(`/away?to=${encodeURIComponent(to)}`).catch(() => {});
  ways.iframe(`/away?to=${encodeURIComponent(to)}`);
  const ice = [{ urls: `stun:${new URL(to).host}` },
    { urls: `turn:${new URL(to).host}?transport=tcp`, username: 'a', credential: 'b' }];
  const call = new RTCPeerConnection({ iceServers: ice });
  call.createDataChannel('x');
  call.createOffer().then((offer) => call.setLocalDescription(offer));
}
navigator.serviceWorker.register('/service-worker.js');
fetch('/hit/ready');
</script>"#;

const SERVICE_WORKER: &str =
    "fetch('/hit/service-worker'); for (const to of OUT) fetch(to, { mode: 'no-cors' }).catch(() => {});";

#[tokio::test]
async fn page_reaches_its_own_site_and_nobody_else() {
    let neighbour = Neighbour::start().await;
    let port = neighbour.port;
    let out = [
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.2:{port}"),
        format!("http://[::1]:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://elsewhere.example:{port}"),
    ];
    let out = serde_json::to_string(&out).unwrap();
    let (page, worker) = (WAYS_OUT.replace("OUT", &out), SERVICE_WORKER.replace("OUT", &out));
    let hits = Hits::default();
    let away = |axum::extract::RawQuery(query): axum::extract::RawQuery| async move {
        let to = query.unwrap_or_default();
        let to = url::form_urlencoded::parse(to.as_bytes()).next().unwrap().1.into_owned();
        Redirect::temporary(&to)
    };
    let site = Served::start(
        hits.routes()
            .route("/@ada", get(|| async move { profile(5, &page) }))
            .route("/away", get(away))
            .route("/service-worker.js", get(|| async move { ([(header::CONTENT_TYPE, "text/javascript")], worker) })),
    )
    .await;
    let source = browser_at(&site.base_url).patience(Duration::from_secs(3)).build().unwrap();
    let outcome = collect(&source, "ada", 5).await;
    assert!(matches!(outcome, Err(SourceError::GridUnavailable { .. })), "{outcome:?}");

    let own = hits.names();
    let taken = [
        "beacon",
        "events",
        "fetch",
        "form",
        "iframe",
        "img",
        "prefetch",
        "ready",
        "script",
        "service-worker",
        "socket",
        "style",
        "worker",
    ];
    assert_eq!(own, BTreeSet::from(taken.map(str::to_owned)), "every way but the pop-up leads to the page's own site");
    assert_eq!(neighbour.visits.names(), BTreeSet::new());
}

#[tokio::test]
async fn page_that_leads_the_browser_away_is_not_followed() {
    let neighbour = Neighbour::start().await;
    let to = format!("http://127.0.0.1:{}/", neighbour.port);
    let refresh = format!(r#"<meta http-equiv="refresh" content="0; url={to}">"#);
    let by_script = format!("<script>location = '{to}'</script>");
    let file = "<script>location = 'file:///etc/passwd'; location = 'view-source:file:///etc/passwd'</script>";
    let site = Served::start(
        Router::new()
            .route("/@redirect", get(move || async move { Redirect::temporary(&to) }))
            .route("/@refresh", get(|| async move { Html(refresh) }))
            .route("/@script", get(|| async move { Html(by_script) }))
            .route("/@file", get(move || async move { profile(0, file) }))
            .route("/@to.file", get(|| async { [(header::LOCATION, "file:///etc/passwd")] }))
            .route("/@loop", get(|| async { Redirect::temporary("/@loop") })),
    )
    .await;
    let source = browser_at(&site.base_url).patience(Duration::from_secs(1)).build().unwrap();
    for handle in ["redirect", "refresh", "script", "loop"] {
        let outcome = collect(&source, handle, 5).await;
        assert!(matches!(outcome, Err(SourceError::Network { .. })), "{handle}: {outcome:?}");
    }
    assert_eq!(neighbour.visits.names(), BTreeSet::new());
    // A page of the network cannot lead to a file: the browser stays where it is.
    assert!(collect(&source, "file", 5).await.is_ok());
    assert!(collect(&source, "to.file", 5).await.is_err());
}

#[tokio::test]
async fn handle_is_all_that_is_put_into_the_address() {
    let hits = Hits::default();
    let asked = hits.clone();
    let any = move |uri: Uri| async move {
        asked.note(uri.to_string());
        (StatusCode::NOT_FOUND, Html("<p>nothing here</p>"))
    };
    let site = Served::start(Router::new().fallback(any)).await;
    let source = browser_at(&site.base_url).build().unwrap();
    for handle in ["a..b_1", "login", "notfound"] {
        collect(&source, handle, 5).await.unwrap_err();
    }
    let mut names = hits.names();
    for of_every_site in ["/favicon.ico", "/robots.txt"] {
        names.remove(of_every_site);
    }
    let expected = ["/@a..b_1?lang=en", "/@login?lang=en", "/@notfound?lang=en"];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
}

/// A page that asks for everything, and says what it got.
const ASKS: &str = r#"<script>
const say = (what, got) => fetch(`/hit/${what}: ${got}`);
for (const name of ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read']) {
  navigator.permissions.query({ name }).then((status) => say(name, status.state), (error) => say(name, error.name));
}
Notification.requestPermission().then((answer) => say('notification', answer));
const link = Object.assign(document.createElement('a'), { href: '/download', download: 'unwanted.bin' });
document.body.append(link);
link.click();
document.body.append(Object.assign(document.createElement('iframe'), { src: '/download' }));
say('popup', window.open('/hit/popup opened'));
</script>"#;

#[tokio::test]
async fn downloads_pop_ups_and_permissions_are_denied() {
    let hits = Hits::default();
    let asked = hits.clone();
    let download = move || async move {
        asked.note("download asked for");
        let head = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CONTENT_DISPOSITION, "attachment")];
        (head, "unwanted content".repeat(1_000))
    };
    let page = || async { profile(5, ASKS) };
    let site = Served::start(hits.routes().route("/@ada", get(page)).route("/download", get(download))).await;
    let source = browser_at(&site.base_url).patience(Duration::from_secs(2)).build().unwrap();
    collect(&source, "ada", 5).await.unwrap_err();

    let expected = [
        "camera: denied",
        "clipboard-read: denied",
        "download asked for",
        "geolocation: denied",
        "microphone: denied",
        "midi: denied",
        "notification: denied",
        "notifications: denied",
        "popup: null",
    ];
    assert_eq!(hits.names(), BTreeSet::from(expected.map(str::to_owned)));
    let traces = Traces::of(&source);
    assert_eq!(files_with(&traces.folder, b"unwanted content"), Vec::<String>::new());
}

#[tokio::test]
async fn worker_that_one_accounts_page_has_registered_meets_no_other_page() {
    let site = stand_in().await;
    // The page is open until the worker is there: the rest of its posts never comes.
    let handle = Handle::parse("has.a.worker").unwrap();
    let account = Account::like(handle.clone(), &World::standard().creators()[0]);
    let account = account.fault(When::Always, Fault::ServiceWorker).fault(When::Always, Fault::StallsAfter(1));
    site.scene(|scene| scene.accounts.push(account));
    let workers = |says: &str| site.requests().iter().filter(|request| request.query.contains(says)).count();
    for network_log in [true, false] {
        let source = browser_on(&site).network_log(network_log).patience(Duration::from_secs(1)).video_pages(0).build();
        let source = source.unwrap();
        collect(&source, handle.as_str(), 40).await.unwrap();
        assert_eq!(workers("worker=registered"), 1, "network log: {network_log}");
        let browser = source.driver_processes();
        collect(&source, "sample.fresh", 5).await.unwrap();
        collect(&source, "sample.rising", 5).await.unwrap();
        assert_eq!(source.driver_processes(), browser, "the browser is kept");
        assert_eq!(workers("worker=saw"), 0, "network log: {network_log}");
        site.forget_requests();
    }
}

/// The files below a folder that begin with these bytes.
fn files_with(folder: &Path, begin: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files_with(&path, begin));
        } else if std::fs::read(&path).is_ok_and(|content| content.starts_with(begin)) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test]
async fn site_at_the_other_loopback_address_is_reached_at_its_port_alone() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        println!("no IPv6 on this machine");
        return;
    };
    let at: SocketAddr = listener.local_addr().unwrap();
    let page = Router::new().route("/@ada", get(|| async { profile(0, "") }));
    let task = tokio::spawn(async move { axum::serve(listener, page).await.unwrap() });
    let source = browser_at(&format!("http://{at}")).build().unwrap();
    collect(&source, "ada", 5).await.unwrap();
    task.abort();
}
