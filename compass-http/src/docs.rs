//! Swagger UI for the API, with everything that it loads.

use std::sync::{Arc, LazyLock};

use axum::{
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::Config;

use crate::{
    Section,
    extract::{Mount, Path},
    problem::{Problem, ProblemKind},
    provides::HostState,
    this_machine::KnownHost,
};

/// Scripts come from here alone; the page sets styles by itself, and draws small pictures out of its own text.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                                       img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
                                       frame-ancestors 'none'";

/// What the page loads; the rest of what comes with it is for other uses.
const FILES: [&str; 8] = [
    "favicon-16x16.png",
    "favicon-32x32.png",
    "index.css",
    "index.html",
    "swagger-initializer.js",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
];

/// `/docs`: the API's description to read and to try out.
pub fn docs<S: HostState>() -> Section<S> {
    use axum::routing::get;
    Section(
        OpenApiRouter::default()
            .route("/docs", get(async |_here: KnownHost, Mount(mount): Mount| Redirect::to(&format!("{mount}/docs/"))))
            .route("/docs/", get(async |_here: KnownHost| file("index.html")))
            .route("/docs/{file}", get(async |_here: KnownHost, Path(name): Path<String>| file(&name))),
    )
}

fn file(name: &str) -> Response {
    // The page is in /docs/, wherever the host has put that.
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("../openapi.json")));
    let found = FILES.contains(&name).then(|| utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)));
    match found {
        Some(Ok(Some(file))) => {
            let headers = [
                (header::CONTENT_TYPE, file.content_type),
                (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY.to_owned()),
                (header::CACHE_CONTROL, "public, max-age=3600".to_owned()),
            ];
            (headers, file.bytes.into_owned()).into_response()
        }
        Some(Err(error)) => Problem::new(ProblemKind::Internal).with_cause(error.to_string()).into_response(),
        Some(Ok(None)) | None => Problem::new(ProblemKind::NotFound).into_response(),
    }
}
