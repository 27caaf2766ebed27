//! Style sheet, scripts and icon: carried by the binary, named by their content, kept by browsers for ever.

use std::{
    borrow::Cow,
    hash::{Hash as _, Hasher as _},
    io::Write as _,
    sync::{LazyLock, OnceLock},
};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use compass_http::{Path, Problem, ProblemKind, accepts_gzip};
use flate2::{Compression, write::GzEncoder};

/// The style sheet.
pub(super) static CSS: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("compass", "css", "text/css; charset=utf-8", include_str!("../../assets/compass.css").into())
});

/// Our own script: every page works without it.
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("compass", "js", "text/javascript; charset=utf-8", include_str!("../../assets/compass.js").into())
});

/// The icon in the browser's tab.
pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("compass", "svg", "image/svg+xml", include_str!("../../assets/compass.svg").into()));

/// plotly's JavaScript, which the plotly crate carries.
pub(super) static PLOTLY: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("plotly", "js", "text/javascript; charset=utf-8", plotly_script().into()));

/// A file that the binary carries.
#[derive(Debug)]
pub(super) struct Asset {
    name: String,
    content_type: &'static str,
    content: Cow<'static, str>,
    gzipped: OnceLock<Vec<u8>>,
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, content: Cow<'static, str>) -> Self {
        // Not a secret and not a signature: it only has to change with the content, within one binary.
        let mut hasher = std::hash::DefaultHasher::new();
        content.hash(&mut hasher);
        let name = format!("{stem}-{:016x}.{ending}", hasher.finish());
        Self { name, content_type, content, gzipped: OnceLock::new() }
    }

    /// Where browsers find it.
    pub(super) fn url(&self) -> String {
        format!("/assets/{}", self.name)
    }

    fn gzipped(&self) -> &[u8] {
        self.gzipped.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(self.content.as_bytes()).expect("memory takes everything");
            encoder.finish().expect("memory takes everything")
        })
    }

    fn response(&'static self, gzip: bool) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
        ];
        if gzip {
            (headers, [(header::CONTENT_ENCODING, "gzip")], self.gzipped()).into_response()
        } else {
            (headers, self.content.as_ref()).into_response()
        }
    }
}

/// `/assets/{name}`
pub(super) async fn asset(name: Result<Path<String>, Problem>, headers: HeaderMap) -> Result<Response, Problem> {
    let nothing = || Problem::new(ProblemKind::NotFound);
    let Path(name) = name.map_err(|_| nothing())?;
    let all: [&'static Asset; 4] = [&CSS, &SCRIPT, &ICON, &PLOTLY];
    let asset = all.into_iter().find(|asset| asset.name == name).ok_or_else(nothing)?;
    let gzip = accepts_gzip(&headers);
    // plotly's first compression takes a while.
    tokio::task::spawn_blocking(move || asset.response(gzip))
        .await
        .map_err(|error| Problem::new(ProblemKind::Internal).with_cause(error))
}

/// The old way to ask for an icon, which browsers use where no page names one.
pub(super) async fn favicon() -> impl IntoResponse {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, ICON.url())])
}

/// The crate gives its JavaScript as two `<script>` elements, plotly's and a formula renderer's; we need the first one's text.
fn plotly_script() -> String {
    let elements = plotly::Plot::offline_js_sources();
    let after = elements.split_once('>').map_or("", |(_, rest)| rest);
    after.split_once("</script>").map_or("", |(script, _)| script).to_owned()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn plotlys_script_is_whole() {
        let script = plotly_script();
        assert!(script.len() > 1_000_000 && script.contains("newPlot"));
        assert!(script.trim_start().starts_with("/**") && !script.contains("<script type"));
    }

    #[test]
    fn a_name_changes_with_the_content() {
        let named = |content: &'static str| Asset::new("a", "css", "text/css", content.into()).name;
        assert_eq!(named("x"), named("x"));
        assert_ne!(named("x"), named("y"));
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let says = |value: &'static str| {
            accepts_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(says("gzip") && says("br, GZIP;q=0.5") && !says("br") && !says("gzip;q=0") && !says(""));
    }

    #[tokio::test]
    async fn an_asset_is_kept_for_ever_and_an_unknown_one_is_not_found() {
        let name = CSS.url().trim_start_matches("/assets/").to_owned();
        let response = asset(Ok(Path(name)), HeaderMap::new()).await.unwrap();
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let missing = asset(Ok(Path("compass-0.css".to_owned())), HeaderMap::new()).await;
        assert_eq!(missing.unwrap_err().kind(), ProblemKind::NotFound);
    }
}
