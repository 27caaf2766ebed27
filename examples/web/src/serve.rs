//! HTTP on a socket: what `axum::serve` leaves out, and a stop that waits for what is under way.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
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

/// A client that has not sent its whole header by then is not going to.
const HEADER: Duration = Duration::from_secs(5);
/// How long answers that are under way may take when the service stops.
const DRAIN: Duration = Duration::from_secs(10);
/// How long accepting pauses when the process has no file handles left.
const NO_HANDLES: Duration = Duration::from_millis(500);
/// More clients than this wait until others have gone.
const MOST_CONNECTIONS: usize = 1_024;

/// Serves until `stop`, then accepts nobody new and finishes the answers that are under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let under_way = GracefulShutdown::new();
    // Clients on the same machine gain nothing by HTTP/2, and whoever waits for its preface waits without an end.
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER);
    loop {
        let (stream, seat) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        let (http, router, watcher) = (http.clone(), router.clone(), under_way.watcher());
        tokio::spawn(async move {
            let requests = router.map_request(|request: Request<Incoming>| request.map(Body::new));
            let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(requests));
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "a connection ended badly");
            }
            drop(seat);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, under_way.shutdown()).await.is_err() {
        tracing::warn!("some answers did not end in time and are cut off");
    }
}

async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let seat = Arc::clone(seats).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, seat),
            // The client's fault passes by itself; a lack of file handles passes when others go.
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(NO_HANDLES).await;
            }
        }
    }
}
