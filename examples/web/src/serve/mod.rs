//! HTTP on a socket: what `axum::serve` leaves out, and a stop that waits for what is under way.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long accepting pauses when the process has no file handles left.
const NO_HANDLES: Duration = Duration::from_millis(500);

/// What clients may take of the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// A client that has not sent its whole header by then is not going to.
    pub(crate) header: Duration,
    /// How long answers that are under way may take when the service stops.
    pub(crate) drain: Duration,
    /// More clients than this wait until others have gone.
    pub(crate) connections: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { header: Duration::from_secs(5), drain: Duration::from_secs(10), connections: 1_024 }
    }
}

/// Serves until `stop`, then accepts nobody new and finishes the answers that are under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let seats = Arc::new(Semaphore::new(bounds.connections));
    let under_way = GracefulShutdown::new();
    // Clients on the same machine gain nothing by HTTP/2, and whoever waits for its preface waits without an end.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.header);
    loop {
        let (stream, peer, seat) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        let (http, router, watcher) = (http.clone(), router.clone(), under_way.watcher());
        tokio::spawn(async move {
            let requests = router.map_request(move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request
            });
            let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(requests));
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

async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let seat = Arc::clone(seats).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, seat),
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
        let bounds = Bounds { connections: 1, ..Bounds::default() };
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
    async fn a_header_that_does_not_come_is_not_waited_for() {
        let bounds = Bounds { header: Duration::from_millis(50), ..Bounds::default() };
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
        let (address, _stop, _served) = serving(Bounds::default(), manners.over(Router::new().route("/", read))).await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4") && answer.matches("HTTP/1.1").count() == 1, "{answer}");
    }

    #[tokio::test]
    async fn an_answer_under_way_is_finished_and_one_without_end_is_cut_off() {
        for (finishes, bounds) in
            [(true, Bounds::default()), (false, Bounds { drain: Duration::from_millis(50), ..Bounds::default() })]
        {
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
        let (address, _stop, _served) = serving(Bounds::default(), Router::new().route("/", page)).await;
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(ASK).await.unwrap();
        let answer = read_some(&mut socket).await;
        assert!(answer.ends_with(&socket.local_addr().unwrap().to_string()), "{answer}");
    }
}
