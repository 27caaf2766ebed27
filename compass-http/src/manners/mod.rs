//! What holds for every request, whichever router answers it.

mod address;
mod body_time;
mod compressed;
mod connection;
mod cors;
mod limits;
mod measured;

use std::{
    sync::{Arc, Once},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use ipnet::IpNet;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

pub use compressed::accepts_gzip;
pub use cors::OriginError;
pub use limits::{Limiters, Limits, Rate};

use crate::{Site, copied_late::CopiedLate, headers, problem::Problem, request_id, section::after_panic};
use cors::Origins;
use measured::Measured;

pub(crate) use address::ClientAddress;
pub(crate) use body_time::{FILE_PAUSE, FILE_TIME, IsFile};

/// How long a client may take to send a body, unless the host says otherwise.
const BODY: Duration = Duration::from_secs(30);

/// What holds for every request of a service: pages, API and whatever else the host answers.
///
/// [`over`](Self::over) wraps a whole router. By itself it asks for a `Host`, bounds the time for a body, turns panics into
/// problems, counts and times requests (`metrics`), names each request (`x-request-id`), compresses answers without breaking
/// their strong `ETag`, and adds careful headers to those that have none. The rest is the host's choice.
///
/// ```
/// use axum::{Router, routing::get};
/// use compass_http::{Limits, Manners, Site};
///
/// let site = Site::at("https://compass.example")?;
/// let manners = Manners::at(&site)
///     .limited(Limits::default())
///     .behind(["10.0.0.0/8".parse()?])
///     .shared_with(["https://app.example"])?;
/// let app: Router = manners.over(Router::new().route("/", get(|| async { "mine" })));
/// # let _ = app;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Limits need to know who asks: serve the router with connection information
/// (`into_make_service_with_connect_info::<SocketAddr>()`); without it all clients count as one.
#[derive(Clone, Debug)]
pub struct Manners {
    https: bool,
    limits: Option<Limits>,
    proxies: Arc<[IpNet]>,
    origins: Origins,
    body: Duration,
}

impl Manners {
    /// For a service that browsers reach there. Over https it tells them never to come without.
    #[must_use]
    pub fn at(site: &Site) -> Self {
        let (limits, proxies) = (None, Arc::new([]));
        Self { https: site.is_secure(), limits, proxies, origins: Origins::default(), body: BODY }
    }

    /// Bounds how often one address, or one person, may ask.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Believes these proxies, and no others, when they say in `X-Forwarded-For` on whose behalf they ask: an address, with a port or
    /// without. Where they write anything else, that is logged once, and all who come through them count as one client.
    #[must_use]
    pub fn behind(mut self, proxies: impl IntoIterator<Item = IpNet>) -> Self {
        self.proxies = proxies.into_iter().collect();
        self
    }

    /// Lets pages of these origins (`https://app.example`) read answers (CORS). They bring an access token; a browser's
    /// cookie does not work for them.
    ///
    /// # Errors
    /// [`OriginError`] for a text that is no origin.
    pub fn shared_with<'o>(mut self, origins: impl IntoIterator<Item = &'o str>) -> Result<Self, OriginError> {
        self.origins = Origins::parse(origins)?;
        Ok(self)
    }

    /// How long a client may take to send a body: 30 s unless said otherwise. A file that a person brings ([`Files`](crate::Files)) has
    /// five minutes, in which it may pause for ten seconds.
    #[must_use]
    pub fn with_body_time(mut self, time: Duration) -> Self {
        self.body = time;
        self
    }

    /// Wraps a whole router.
    pub fn over(&self, router: Router) -> Router {
        self.finish(self.guard(router))
    }

    /// The inner half of [`over`](Self::over): who may ask, how often and how much. A host that shows problems as pages does
    /// so between the halves.
    pub fn guard(&self, router: Router) -> Router {
        let (proxies, limiters) = (Arc::clone(&self.proxies), self.limits.map(Limiters::new));
        let door = Door { proxies, limiters, body: self.body, unreadable: Arc::new(Once::new()) };
        // As one layer: each by itself would copy all that is under it for every request.
        router.layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(door, admit))
                .layer(CatchPanicLayer::custom(after_panic))
                .layer(CopiedLate),
        )
    }

    /// The outer half of [`over`](Self::over): what every answer carries.
    pub fn finish(&self, router: Router) -> Router {
        router.layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(self.https, every_answer))
                .option_layer(self.origins.layer())
                .layer(CopiedLate),
        )
    }
}

/// What a request has to pass.
#[derive(Clone, Debug)]
struct Door {
    proxies: Arc<[IpNet]>,
    limiters: Option<Limiters>,
    body: Duration,
    unreadable: Arc<Once>,
}

impl Door {
    /// Notes for what follows who asks, unless that is refused.
    fn check(&self, request: &mut Request) -> Result<(), Problem> {
        connection::check(request)?;
        let address = address::note(request, &self.proxies, &self.unreadable);
        if let Some(limiters) = &self.limiters {
            limiters.request(address)?;
            request.extensions_mut().insert(limiters.clone());
        }
        Ok(())
    }
}

async fn admit(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let ends_connection = connection::ends_after(&request);
    let mut response = match door.check(&mut request) {
        Ok(()) => next.run(body_time::bounded(request, door.body)).await,
        Err(problem) => problem.into_response(),
    };
    if ends_connection {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn every_answer(State(https): State<bool>, mut request: Request, next: Next) -> Response {
    let id = request_id::of(&mut request);
    let measured = Measured::begin(&request);
    let mut response = compressed::compress(request, next).await;
    measured.end(response.status());
    request_id::add(&mut response, id);
    headers::add_missing(response.headers_mut());
    if https {
        only_https(response.headers_mut());
    }
    response
}

fn only_https(headers: &mut HeaderMap) {
    // Two years, as browsers' lists ask for at least one.
    headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=63072000"));
}
