//! Pages and API as one router, behind what holds for every request.

use std::any::Any;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use compass_http::{KeptCorpus, Manners, Shutdown, only_this_machine};
use tokio_util::sync::CancellationToken;

use crate::{AppState, pages, seed::is_sample};

/// The most bytes of a request's body.
const LARGEST_BODY: usize = 64 * 1024;

/// Everything that the service answers to, with what creators are compared by. `stop` ends the streams.
pub(crate) fn router(state: AppState, manners: &Manners, corpus: KeptCorpus, stop: CancellationToken) -> Router {
    // Where people look at real accounts, made-up ones are nobody's like.
    let corpus = if state.site.stand_in { corpus } else { corpus.of(|creator| !is_sample(creator)) };
    let routes = pages::router().merge(compass_http::router());
    protected(routes, state, manners, stop).layer(Extension(corpus))
}

fn protected(routes: Router<AppState>, state: AppState, manners: &Manners, stop: CancellationToken) -> Router {
    // Pages and API wait for the same turns.
    let turns = (Extension(state.computations.clone()), Extension(state.files.clone()));
    let routes = routes.with_state(state.clone()).layer(turns);
    let routes = routes.layer(Extension(Shutdown(stop))).layer(DefaultBodyLimit::max(LARGEST_BODY));
    let mut pages = manners.guard(routes);
    if state.ports.site.is_on_this_machine() {
        pages = pages.layer(from_fn(only_this_machine));
    }
    manners.finish(pages.layer(from_fn_with_state(state, pages::for_browsers)))
}

/// What a panic said.
pub(crate) fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        body::Body,
        http::{Request, StatusCode, header},
        routing::get,
    };
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::{
        Layer,
        layer::{Context, SubscriberExt as _},
    };

    use super::*;
    use crate::pages::testing::Pages;

    /// Counts what is logged as an error.
    struct Errors(Arc<AtomicUsize>);

    impl<S: Subscriber> Layer<S> for Errors {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if *event.metadata().level() == Level::ERROR {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_gives_an_error_page_and_one_line_in_the_log() {
        let logged = Arc::new(AtomicUsize::new(0));
        let log = tracing_subscriber::registry().with(Errors(Arc::clone(&logged)));
        let _log = tracing::subscriber::set_default(log);
        let manners = Manners::at(&compass_http::Site::loopback());
        let broken = pages::router().route("/broken", get(|| async { panic!("sesame") as &'static str }));
        let router = protected(broken, Pages::new().state(), &manners, CancellationToken::new());
        let ask = |path| {
            let request = Request::get(path).header(header::HOST, "localhost").header(header::ACCEPT, "text/html");
            router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        let answer = ask("/broken").await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let html = answer.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&html);
        assert!(html.contains("Something failed on our side") && !html.contains("sesame"), "{html}");
        assert_eq!(logged.load(Ordering::Relaxed), 1);
        assert_eq!(ask("/").await.unwrap().status(), StatusCode::OK);
    }
}
