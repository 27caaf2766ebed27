//! What whoever runs the service asks it, at an address of its own: metrics and signs of life, to the very end.

use axum::{Extension, Router, http::header, middleware::from_fn, routing::get};
use compass_http::{Manners, Shutdown, only_this_machine, operations, router_of};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, time::Duration};
use tokio_util::sync::CancellationToken;

use crate::{
    AppState, StartError,
    serve::{Bounds, serve},
};

/// The bounds of the times of answers, in seconds.
const TIMES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// How often what was measured is gathered, so that it does not pile up while nobody asks.
const GATHERED: Duration = Duration::from_secs(5);

/// A listener for operators, and what was counted.
#[derive(Debug)]
pub(crate) struct Operations {
    listener: TcpListener,
    counted: PrometheusHandle,
}

impl Operations {
    /// Takes the port and begins to count.
    pub(crate) async fn start(address: &str) -> Result<Self, StartError> {
        let taken = |source| StartError::ListenForOperators { address: address.to_owned(), source };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("compass_http_request_seconds".to_owned()), &TIMES)
            .expect("there are bounds");
        let counted = builder.install_recorder().map_err(|error| StartError::Metrics(error.into()))?;
        Ok(Self { listener, counted })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `end`; from `stop` on, the service is not ready.
    pub(crate) async fn serve(self, state: AppState, stop: CancellationToken, end: CancellationToken) {
        let counted = self.counted.clone();
        let router = routes(state, self.counted).layer(Extension(Shutdown(stop)));
        let gather = async {
            let mut every = tokio::time::interval(GATHERED);
            loop {
                every.tick().await;
                counted.run_upkeep();
            }
        };
        tokio::select! {
            () = serve(self.listener, router, bounds(), end) => {}
            () = gather => {}
        }
    }
}

/// A few operators, who are the last to be left.
fn bounds() -> Bounds {
    let at_once = Duration::from_secs(1);
    Bounds { connections: 16, connections_per_address: 16, notice: Duration::ZERO, drain: at_once, ..Bounds::default() }
}

fn routes(state: AppState, counted: PrometheusHandle) -> Router {
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let manners = Manners::at(&state.ports.site);
    let is_on_this_machine = state.ports.site.is_on_this_machine();
    let routes = router_of([operations()]).with_state(state);
    let mut routes = routes.route("/metrics", get(async move || (text, counted.render())));
    if is_on_this_machine {
        routes = routes.layer(from_fn(only_this_machine));
    }
    manners.over(routes)
}
