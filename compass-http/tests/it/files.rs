//! Files that people bring: how many at once, and how long one may take.

use std::{
    convert::Infallible,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    response::Response,
};
use compass_core::ports::{ExportFile, ExportReader, Exported};
use compass_http::{Manners, Site};
use futures_util::{StreamExt as _, stream};
use tokio::{task::JoinHandle, time::Instant};
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, post_file, with_cookie};

const IMPORT: &str = "/tiktok/import?name=Followers_ada.zip";

fn whole() -> String {
    format!("{KNOWN},2026-04-30,5000,0.75")
}

/// A file of so many bytes, one of them at a time, and then so much of nothing.
fn slow(pieces: &'static [u8], between: Duration) -> Body {
    Body::from_stream(stream::iter(pieces.chunks(1)).then(move |piece| async move {
        tokio::time::sleep(between).await;
        Ok::<_, Infallible>(Bytes::from_static(piece))
    }))
}

/// A file that begins and does not go on.
fn stalled() -> Body {
    let begins = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"PK"))]);
    Body::from_stream(begins.chain(stream::pending()))
}

fn bring(app: &Router, who: &str, file: impl Into<Body>) -> JoinHandle<Response> {
    let asked = app.clone().oneshot(with_cookie(post_file(IMPORT, file), who));
    tokio::spawn(async { asked.await.unwrap() })
}

/// Lets all tasks come as far as they can. For runtimes of one thread.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

async fn answer(asked: JoinHandle<Response>) -> Answer {
    Answer::read(asked.await.unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn one_person_s_slow_files_keep_nobody_else_waiting() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let slow: Vec<_> = (0..20).map(|_| bring(&bench.app, &ada, stalled())).collect();
    settle().await;
    assert_eq!(answer(bring(&bench.app, &bob, whole())).await.status, 201);
    let mut refused = 0;
    for asked in slow.into_iter().skip(1) {
        let answer = answer(asked).await;
        assert!(answer.problem(503, "unavailable").contains("another file of yours"), "{answer:?}");
        assert_eq!(answer.header("retry-after"), "5");
        refused += 1;
    }
    assert_eq!(refused, 19);
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_too_long_for_a_turn_is_told_that_files_are_read() {
    let bench = Bench::new().await;
    let mut slow = Vec::new();
    for n in 0..8 {
        slow.push(bring(&bench.app, &bench.person(&format!("person {n}")).await, stalled()));
    }
    settle().await;
    let ada = bench.person("ada").await;
    let begun = Instant::now();
    let refused = answer(bring(&bench.app, &ada, whole())).await;
    let detail = refused.problem(503, "unavailable");
    assert!(detail.contains("too many files are being read"), "{detail}");
    assert_eq!((refused.header("retry-after"), begun.elapsed().as_secs()), ("5", 5));
    slow.pop().unwrap().abort();
    assert_eq!(answer(bring(&bench.app, &ada, whole())).await.status, 201, "who goes away makes room");
}

/// Reads when it is let.
#[derive(Debug, Default)]
struct Gated {
    begun: tokio::sync::Notify,
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gated {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl ExportReader for Gated {
    fn read<'f>(&self, _: &ExportFile<'f>) -> Exported {
        self.begun.notify_one();
        drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        Exported::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_read_after_its_sender_has_gone_keeps_its_turn() {
    let reader = Arc::new(Gated::default());
    let bench = Bench::new().await.with(|ports| ports.exports = Arc::<Gated>::clone(&reader));
    let ada = bench.person("ada").await;
    let first = bring(&bench.app, &ada, whole());
    reader.begun.notified().await;
    first.abort();
    let second = bring(&bench.app, &ada, whole());
    settle().await;
    // While a thread reads, the clock does not go on by itself.
    tokio::time::advance(Duration::from_secs(5)).await;
    let refused = tokio::select! {
        refused = answer(second) => Some(refused),
        () = reader.begun.notified() => None,
    };
    reader.open();
    let detail = refused.expect("the second is not read beside the first").problem(503, "unavailable");
    assert!(detail.contains("another file of yours"), "{detail}");
    assert_eq!(answer(bring(&bench.app, &ada, whole())).await.status, 422, "it was read");
}

#[tokio::test(start_paused = true)]
async fn a_file_may_come_slowly_and_may_not_stop() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let app = Manners::at(&Site::loopback()).over(bench.app.clone());
    let nine_seconds = Duration::from_secs(9);
    let begun = Instant::now();
    let taken = answer(bring(&app, &ada, slow(b"sample.steady,2026-04-30,50,1", nine_seconds))).await;
    assert_eq!((taken.status.as_u16(), begun.elapsed().as_secs()), (201, 29 * 9), "{taken:?}");
    for (file, seconds) in [(stalled(), 10), (slow(&[b'x'; 40], nine_seconds), 300)] {
        let begun = Instant::now();
        let late = answer(bring(&app, &ada, file)).await;
        let detail = late.problem(408, "too-slow");
        assert!(detail.contains("5 minutes") && detail.contains("the parts of the ZIP one by one"), "{detail}");
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
}
