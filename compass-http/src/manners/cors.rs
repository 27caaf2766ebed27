//! Which other sites' pages may read answers.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::request_id::REQUEST_ID;

/// How long a browser may remember what it may send.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin: it has to be a scheme and a host, perhaps with a port, such as https://app.example")]
pub struct OriginError(String);

#[derive(Clone, Debug, Default)]
pub(super) struct Origins(Arc<[HeaderValue]>);

impl Origins {
    pub(super) fn parse<'o>(origins: impl IntoIterator<Item = &'o str>) -> Result<Self, OriginError> {
        let one = |text: &'o str| {
            let uri: Uri = text.parse().ok()?;
            let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
            // As browsers write it: in lower case, and nothing after the port.
            let is_whole = matches!(scheme, "http" | "https") && text == format!("{scheme}://{authority}");
            (is_whole && text == text.to_ascii_lowercase() && !text.contains('@')).then(|| text.parse().ok())?
        };
        let origins = origins.into_iter().map(|text| one(text).ok_or_else(|| OriginError(text.to_owned())));
        Ok(Self(origins.collect::<Result<_, _>>()?))
    }

    /// `None` where no other site may.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        let told = [header::ETAG, header::LINK, header::LOCATION, header::RETRY_AFTER];
        let sent = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH];
        (!self.0.is_empty()).then(|| {
            CorsLayer::new()
                .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
                .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
                .allow_headers(
                    sent.into_iter()
                        .chain(["idempotency-key", "last-event-id"].map(HeaderName::from_static))
                        .collect::<Vec<_>>(),
                )
                .expose_headers(told.into_iter().chain([REQUEST_ID]).collect::<Vec<_>>())
                .max_age(REMEMBERED)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn only_whole_origins_are_listed() {
        assert!(Origins::parse(["https://app.example", "http://localhost:5173"]).is_ok());
        for wrong in [
            "*",
            "null",
            "app.example",
            "https://app.example/",
            "https://APP.example",
            "https://a@app.example",
            "https://app.example/x",
            "ftp://app.example",
            "",
        ] {
            assert!(Origins::parse([wrong]).is_err(), "{wrong}");
        }
        assert!(Origins::default().layer().is_none(), "off unless somebody is listed");
    }
}
