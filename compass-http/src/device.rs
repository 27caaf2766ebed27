//! From where a request comes, as a session's owner is shown it.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use compass_core::{Client, Text};

use crate::manners::ClientAddress;

/// So much of what a browser says that it is tells it from others.
const LONGEST_NAME: usize = 200;

/// The client of a request: its address, where the host tells it, and what it says that it is.
///
/// ```
/// use axum::{Router, routing::get};
/// use compass_http::Device;
///
/// async fn seen(Device(client): Device) -> String {
///     client.user_agent.map_or_else(|| "somebody".to_owned(), |name| name.to_string())
/// }
/// let host: Router = Router::new().route("/seen", get(seen));
/// # let _ = host;
/// ```
#[derive(Clone, Debug)]
pub struct Device(pub Client);

impl Device {
    pub(crate) fn of(parts: &Parts) -> Self {
        let noted = parts.extensions.get::<ClientAddress>().and_then(|address| address.ip());
        let peer =
            || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let name = parts.headers.get(header::USER_AGENT).map(|name| String::from_utf8_lossy(name.as_bytes()));
        let short = name.map(|name| name.chars().take(LONGEST_NAME).collect::<String>());
        let user_agent = short.filter(|name| !name.is_empty()).map(|name| Text::lossy(&name));
        Self(Client { ip: noted.or_else(peer), user_agent })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
