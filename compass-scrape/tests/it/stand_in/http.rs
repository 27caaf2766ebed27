//! A plain HTTP client, which follows nothing and runs nothing.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use compass_core::{ports::Clock, testing::FixedClock};
use compass_scrape::testing::{Scene, StandIn};
use serde_json::Value;

use crate::truth::NOON;

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Asks for a path; it waits in another thread, so that the stand-in can go on in this one.
pub(super) async fn get(site: &StandIn, path: &str) -> Answer {
    get_with(site, path, "").await
}

/// Asks with further headers, each with its line end.
pub(super) async fn get_with(site: &StandIn, path: &str, headers: &str) -> Answer {
    let address = site.base_url().trim_start_matches("http://").to_owned();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{headers}\r\n");
    tokio::task::spawn_blocking(move || exchange(&address, &request, None)).await.unwrap()
}

/// Asks, and gives up when nothing has come for so long.
pub(super) async fn get_within(site: &StandIn, path: &str, patience: Duration) -> Answer {
    let address = site.base_url().trim_start_matches("http://").to_owned();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    tokio::task::spawn_blocking(move || exchange(&address, &request, Some(patience))).await.unwrap()
}

fn exchange(address: &str, request: &str, patience: Option<Duration>) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(patience).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // What came before the connection broke or the patience ended is kept.
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Answer { status: 0, headers: String::new(), body: answer };
    };
    let headers = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, headers, body: answer.split_off(end + 4) }
}

/// A stand-in whose clock stands at noon, and the clock.
pub(super) async fn stand_in(scene: impl Into<Scene>) -> (StandIn, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::new(NOON));
    let site = StandIn::start(scene, Arc::<FixedClock>::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    (site, clock)
}
