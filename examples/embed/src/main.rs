//! Creator Compass inside somebody's axum application, with everything in memory.
//!
//! `cargo run -p embed [ADDRESS]`, then open what it prints.

mod own_sign_in;

use std::{error::Error, net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, routing::get};
use compass_auth::{DevelopmentSignIn, JwtAccessTokens, TokenKey};
use compass_core::{
    ports::{Clock, NoExports, SystemClock, SystemRandom},
    testing::MemoryStore,
};
use compass_http::{Ports, Site};

/// The application, with a state of its own that Compass does not get to see: under `/compass` all of Compass with its own
/// sign-in, under `/staff` parts of it for people whom the application knows.
async fn app(listen: SocketAddr) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let staff = own_sign_in::compass(ports(listen)?, &[("ada", "key-of-ada"), ("bob", "key-of-bob")]).await?;
    Ok(Router::new()
        .route("/", get(async |State(name): State<&'static str>| name))
        .nest("/compass", compass_http::router().with_state(ports(listen)?))
        .nest("/staff", staff)
        .with_state("The host application"))
}

/// What Compass needs of its host: each field is a port, for which a host may bring an adapter of its own. A refresh waits
/// for a `compass_core::app::RefreshWorker` with the host's sources.
fn ports(listen: SocketAddr) -> Result<Ports, Box<dyn Error + Send + Sync>> {
    let store = Arc::new(MemoryStore::with_samples(SystemClock.now()));
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let key = TokenKey::random(&*random);
    Ok(Ports {
        accounts: Arc::<MemoryStore>::clone(&store),
        refresh_tokens: Arc::<MemoryStore>::clone(&store),
        account_data: Arc::<MemoryStore>::clone(&store),
        audit: Arc::<MemoryStore>::clone(&store),
        creators: Arc::<MemoryStore>::clone(&store),
        corpus: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        imports: Arc::<MemoryStore>::clone(&store),
        audiences: Arc::<MemoryStore>::clone(&store),
        reports: Arc::<MemoryStore>::clone(&store),
        ledger: store,
        exports: Arc::new(NoExports),
        identity: Arc::new(DevelopmentSignIn::new(listen, clock, random)?),
        tokens: Arc::new(JwtAccessTokens::new("urn:example:host", key, Vec::new(), Arc::new(SystemRandom))?),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        site: Site::loopback().with_pages("/compass/users/me", "/compass/users/me"),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    let listen = listener.local_addr()?;
    println!("a creator's report  http://{listen}/compass/analytics/sample.steady");
    println!("the API             http://{listen}/compass/openapi.json");
    axum::serve(listener, app(listen).await?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        http::Request,
        response::Response,
    };
    use tower::ServiceExt;

    async fn get(app: &Router, host: &str, path: &str) -> Response {
        let request = Request::get(path).header("host", host).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap()
    }

    async fn body(app: &Router, path: &str) -> String {
        let response = get(app, "127.0.0.1:8000", path).await;
        assert!(response.status().is_success(), "{path}: {response:?}");
        String::from_utf8(to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_application_answers_and_compass_beside_it() {
        let app = super::app("127.0.0.1:8000".parse().unwrap()).await.unwrap();
        assert_eq!(body(&app, "/").await, "The host application");
        let report = body(&app, "/compass/analytics/sample.steady").await;
        assert!(
            report.starts_with(r#"{"schema":"compass.report/1""#) && report.contains("er.views.median@1"),
            "{report}"
        );
    }

    #[tokio::test]
    async fn who_asks_is_the_hosts_to_say() {
        let app = super::app("127.0.0.1:8000".parse().unwrap()).await.unwrap();
        let ask = async |key: Option<&str>| {
            let request = Request::post("/staff/tiktok/sample.steady/refresh").header("host", "127.0.0.1:8000");
            let request = key.into_iter().fold(request, |request, key| request.header("x-api-key", key));
            app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
        };
        assert_eq!([ask(None).await, ask(Some("guessed")).await, ask(Some("key-of-ada")).await], [401, 401, 202]);
        assert_eq!(get(&app, "127.0.0.1:8000", "/staff/auth/google/login").await.status(), 404);
        assert_eq!(get(&app, "127.0.0.1:8000", "/staff/analytics/sample.steady/engagement").await.status(), 200);
    }

    #[tokio::test]
    async fn another_sites_name_for_this_machine_opens_nothing_of_compass() {
        let app = super::app("127.0.0.1:8000".parse().unwrap()).await.unwrap();
        for path in ["/auth/google/login", "/analytics/sample.steady", "/users/me", "/openapi.json"] {
            let refused = get(&app, "evil.example", &format!("/compass{path}")).await;
            assert_eq!(refused.status(), 400, "{path}");
        }
    }

    #[tokio::test]
    async fn other_machines_are_not_let_in_by_the_development_sign_in() {
        let refused = super::app("0.0.0.0:8000".parse().unwrap()).await.unwrap_err();
        assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
    }
}
