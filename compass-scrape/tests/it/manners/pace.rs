//! One page of a site at a time, whichever source loads it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::Path, http::StatusCode, routing::get};
use tokio::net::TcpListener;

use super::{collect, hasty, noon, page};

#[tokio::test]
async fn sources_with_the_same_manners_load_one_page_at_a_time() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let load = move |Path(path): Path<String>| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            if path != "robots.txt" {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Whoever does not wait is here by then.
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::SeqCst);
            }
            StatusCode::NOT_FOUND
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, Router::new().route("/{path}", get(load))).await });

    let manners = hasty(&noon()).build().unwrap();
    let (one, another) = (page(&base_url, &manners), page(&base_url, &manners));
    let all = ["ada", "bob", "cy", "di"];
    let outcomes = futures_util::future::join_all(
        all.iter().flat_map(|handle| [collect(&one, handle), collect(&another, handle)]),
    );
    assert!(outcomes.await.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.code() == "network")));
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    serving.abort();
}
