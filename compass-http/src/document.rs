//! The OpenAPI document: what the sections say of themselves, and what holds for all of them.

use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, OpenApiBuilder, RefOr, Server,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{Section, Site, extract::Mount, problem};

/// The sections' routes with one document over them.
pub(crate) fn joined<S>(sections: impl IntoIterator<Item = Section<S>>) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let empty = OpenApiRouter::with_openapi(frame());
    let mut all = sections.into_iter().fold(empty, |all, section| all.merge(section.0));
    add_common_responses(all.get_openapi_mut());
    all
}

/// The document of a router that is nested under a path.
pub(crate) fn under(document: &OpenApi, mount: &Mount) -> OpenApi {
    let mut document = document.clone();
    if !mount.0.is_empty() {
        document.servers = Some(vec![Server::new(&mount.0)]);
    }
    document
}

fn frame() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Creator Compass")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Figures of TikTok creators, each with its uncertainty. Every failure is a problem of RFC 9457; an answer \
             that the connection itself refuses (400, 414, 431) has no body.",
        ))
        .build();
    let mut components = Components::new();
    let (name, schema) = problem::problem_schema();
    components.schemas.insert(name, schema);
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            Site::loopback().session_cookie(),
            "The browser's session; over https the name begins with __Host-.",
        ))),
    );
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
    );
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Any operation may meet a failure that nobody foresaw.
fn add_common_responses(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let failure = problem::problem_response("Any other failure");
            operation.responses.responses.insert("default".to_owned(), RefOr::T(failure));
        }
    }
}
