//! HTTP on a socket: what `axum::serve` leaves out, and a stop that waits for what is under way.

mod seats;
mod stalled;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use seats::{Seat, Seats};
use stalled::Impatient;

/// How long accepting pauses when the process has no file handles left.
const NO_HANDLES: Duration = Duration::from_millis(500);

/// What clients may take of the service.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    /// A client that has not sent its whole header by then is not going to; nor is one that has been silent for so long since its
    /// last answer.
    pub(crate) header: Duration,
    /// A client that has taken nothing of its answer for so long is not going to.
    pub(crate) stalled: Duration,
    /// How long everybody is still let in when the service stops: those who spread its load learn that it is not ready.
    pub(crate) notice: Duration,
    /// How long answers that are under way may take when the service stops.
    pub(crate) drain: Duration,
    /// More clients than this wait until others have gone.
    pub(crate) connections: usize,
    /// More from one address (of version 6, from one /64 network) are closed at once.
    pub(crate) connections_per_address: usize,
    /// Whose connections do not count as those of one address.
    pub(crate) proxies: Arc<[IpNet]>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(5),
            stalled: Duration::from_secs(30),
            notice: Duration::from_secs(1),
            drain: Duration::from_secs(10),
            connections: 1_024,
            connections_per_address: 128,
            proxies: Arc::new([]),
        }
    }
}

/// Serves until `stop` and a moment longer; then accepts nobody new and finishes the answers that are under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let seats = Seats::new(bounds.connections, bounds.connections_per_address, bounds.proxies);
    let under_way = GracefulShutdown::new();
    // Clients on the same machine gain nothing by HTTP/2, and whoever waits for its preface waits without an end.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.header);
    let closing = async {
        stop.cancelled().await;
        tokio::time::sleep(bounds.notice).await;
    };
    tokio::pin!(closing);
    loop {
        let (stream, peer, seat) = tokio::select! {
            () = &mut closing => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        let (http, router, watcher) = (http.clone(), router.clone(), under_way.watcher());
        tokio::spawn(async move {
            let requests = router.map_request(move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request
            });
            let connection = http.serve_connection(
                TokioIo::new(Impatient::new(stream, bounds.stalled)),
                TowerToHyperService::new(requests),
            );
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop(seat);
        });
    }
    drop(listener);
    if tokio::time::timeout(bounds.drain, under_way.shutdown()).await.is_err() {
        tracing::warn!("some answers did not end in time and are cut off");
    }
}

async fn accept(listener: &TcpListener, seats: &Seats) -> (TcpStream, SocketAddr, Seat) {
    loop {
        let free = seats.free().await;
        match listener.accept().await {
            Ok((stream, peer)) => match seats.take(peer.ip(), free) {
                Some(seat) => return (stream, peer, seat),
                None => tracing::debug!(%peer, "an address has too many connections; one more is closed"),
            },
            // The client's fault passes by itself; a lack of file handles passes when others go.
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(NO_HANDLES).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, sync::Mutex};

    use axum::routing::get;
    use compass_http::{Manners, Site};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        task::JoinHandle,
    };
    use tokio_util::sync::DropGuard;

    use super::*;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// As by default, but no longer than told to.
    fn bounds() -> Bounds {
        Bounds { notice: Duration::ZERO, ..Bounds::default() }
    }

    /// Serves one page while the guard lives.
    async fn serving(bounds: Bounds, router: Router) -> (SocketAddr, DropGuard, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(listener, router, bounds, stop.clone()));
        (address, stop.drop_guard(), served)
    }

    async fn read_some(socket: &mut TcpStream) -> String {
        let mut bytes = [0; 4_096];
        let n = socket.read(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes[..n]).into_owned()
    }

    #[tokio::test]
    async fn one_client_too_many_waits_until_another_has_gone() {
        let bounds = Bounds { connections: 1, ..bounds() };
        let (address, _stop, _served) = serving(bounds, Router::new().route("/", get(async || "served"))).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(ASK).await.unwrap();
        assert!(read_some(&mut first).await.ends_with("served"));
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(ASK).await.unwrap();
        first.write_all(ASK).await.unwrap();
        assert!(read_some(&mut first).await.ends_with("served"));
        let early = second.try_read(&mut [0; 1]).map_err(|error| error.kind());
        assert_eq!(early, Err(ErrorKind::WouldBlock));
        drop(first);
        assert!(read_some(&mut second).await.ends_with("served"));
    }

    #[tokio::test]
    async fn an_address_that_has_too_many_connections_gets_no_more_until_one_has_gone() {
        let bounds = Bounds { connections_per_address: 1, ..bounds() };
        let (address, _stop, _served) = serving(bounds, Router::new().route("/", get(async || "served"))).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        first.write_all(ASK).await.unwrap();
        assert!(read_some(&mut first).await.ends_with("served"));
        let mut second = TcpStream::connect(address).await.unwrap();
        // It is closed, with or without a reset.
        assert!(matches!(second.read(&mut [0; 1]).await, Ok(0) | Err(_)));
        drop(first);
        loop {
            let mut third = TcpStream::connect(address).await.unwrap();
            // The service learns a little later that the first has gone.
            if third.write_all(ASK).await.is_ok() && third.read(&mut [0; 9]).await.is_ok_and(|n| n > 0) {
                break;
            }
        }
    }

    #[tokio::test]
    async fn whoever_takes_nothing_of_an_answer_is_not_waited_for() {
        let bounds = Bounds { connections: 1, stalled: Duration::from_millis(50), ..bounds() };
        // More than fits on the way.
        let large = get(async || vec![7_u8; 64 << 20]);
        let page = get(async || "served");
        let (address, _stop, _served) = serving(bounds, Router::new().route("/large", large).route("/", page)).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(ASK).await.unwrap();
        assert!(read_some(&mut next).await.ends_with("served"), "the only seat is free again");
        drop(idle);
    }

    #[tokio::test]
    async fn whoever_asks_nothing_more_is_not_waited_for() {
        let bounds = Bounds { header: Duration::from_millis(50), ..bounds() };
        let (address, _stop, _served) = serving(bounds, Router::new().route("/", get(async || "served"))).await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(ASK).await.unwrap();
        let mut all = String::new();
        socket.read_to_string(&mut all).await.unwrap();
        assert!(all.ends_with("served"), "{all}");
    }

    #[tokio::test]
    async fn who_comes_when_it_stops_is_told_so() {
        let told = CancellationToken::new();
        let ready = told.clone();
        let page = get(async move || if ready.is_cancelled() { "stops" } else { "ready" });
        let bounds = Bounds { notice: Duration::from_secs(3_600), ..bounds() };
        let (address, stop, _served) = serving(bounds, Router::new().route("/", page)).await;
        told.cancel();
        drop(stop);
        let mut late = TcpStream::connect(address).await.unwrap();
        late.write_all(ASK).await.unwrap();
        assert!(read_some(&mut late).await.ends_with("stops"));
    }

    #[tokio::test]
    async fn a_header_that_does_not_come_is_not_waited_for() {
        let bounds = Bounds { header: Duration::from_millis(50), ..bounds() };
        let (address, _stop, _served) = serving(bounds, Router::new()).await;
        for beginning in [&b""[..], b"GET / HTTP/1.1\r\nHost: loc"] {
            let mut socket = TcpStream::connect(address).await.unwrap();
            socket.write_all(beginning).await.unwrap();
            let mut rest = Vec::new();
            socket.read_to_end(&mut rest).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_body_that_comes_too_slowly_is_a_problem_and_the_end() {
        let read = axum::routing::post(async |body: axum::body::Bytes| body.len().to_string());
        let manners = Manners::at(&Site::loopback()).with_body_time(Duration::from_millis(50));
        let (address, _stop, _served) = serving(bounds(), manners.over(Router::new().route("/", read))).await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4") && answer.matches("HTTP/1.1").count() == 1, "{answer}");
    }

    #[tokio::test]
    async fn an_answer_under_way_is_finished_and_one_without_end_is_cut_off() {
        for (finishes, bounds) in [(true, bounds()), (false, Bounds { drain: Duration::from_millis(50), ..bounds() })] {
            let (begun, has_begun) = tokio::sync::oneshot::channel::<()>();
            let (end, ending) = tokio::sync::oneshot::channel::<()>();
            let once = Arc::new(Mutex::new(Some((begun, ending))));
            let page = get(async move || {
                let (begun, ending) = once.lock().unwrap().take().unwrap();
                begun.send(()).unwrap();
                let _ = ending.await;
                "finished"
            });
            let (address, stop, served) = serving(bounds, Router::new().route("/", page)).await;
            let mut socket = TcpStream::connect(address).await.unwrap();
            socket.write_all(ASK).await.unwrap();
            has_begun.await.unwrap();
            drop(stop);
            if finishes {
                end.send(()).unwrap();
                assert!(read_some(&mut socket).await.ends_with("finished"));
                served.await.unwrap();
            } else {
                served.await.unwrap();
                drop(end);
            }
            assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
        }
    }

    #[tokio::test]
    async fn the_router_is_told_who_asks() {
        let page = get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string());
        let (address, _stop, _served) = serving(bounds(), Router::new().route("/", page)).await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(ASK).await.unwrap();
        let answer = read_some(&mut socket).await;
        assert!(answer.ends_with(&socket.local_addr().unwrap().to_string()), "{answer}");
    }
}
