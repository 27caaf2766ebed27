//! What HTTP/1 looks like when a client breaks its rules: bytes in, bytes out.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::process::{Service, folder};

/// Everything that comes back until the service closes the connection.
fn exchange(service: &Service, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(service.address()).expect("the service listens");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("sockets have time-outs");
    // It may stop reading what it refuses.
    let _ = socket.write_all(bytes);
    let mut answer = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        match socket.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&piece[..n]),
            // What it had not read when it closed.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&answer)),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..at + 12]).collect()
}

#[test]
fn what_is_no_request_is_refused_and_the_connection_closed() {
    let data = folder();
    let service = Service::start(data.path());
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    let cases = [
        (
            "two lengths",
            "POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"
                .to_owned(),
            "400",
        ),
        (
            "a length that is no number",
            "POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\nabcd".to_owned(),
            "400",
        ),
        (
            "a coding that is not chunked",
            "POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n".to_owned(),
            "400",
        ),
        (
            "chunked, but not in the end",
            "POST /auth/logout HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n".to_owned(),
            "400",
        ),
        ("a folded header", get("/", "X-Folded: a\r\n b\r\n"), "400"),
        ("a space before the colon", get("/", "X-Spaced : a\r\n"), "400"),
        ("200 headers", get("/", &many), "431"),
        ("a megabyte of header", get("/", &format!("X-Large: {}\r\n", "a".repeat(1 << 20))), "431"),
        ("an address of 70 KB", get(&format!("/{}", "a".repeat(70_000)), ""), "414"),
        ("something else", "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03".to_owned(), "400"),
    ];
    for (what, bytes, status) in cases {
        let answer = exchange(&service, bytes.as_bytes());
        assert_eq!(statuses(&answer), [status], "{what}: {answer}");
    }
}

#[test]
fn nothing_is_smuggled_behind_a_body_of_two_lengths() {
    let data = folder();
    let service = Service::start(data.path());
    let hidden = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for headers in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"]
    {
        let bytes = format!("POST /auth/logout HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n0\r\n\r\n{hidden}");
        let answer = exchange(&service, bytes.as_bytes());
        assert_eq!(statuses(&answer), ["204"], "the body ends as its coding says, and nothing follows it: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }
    let both = format!("{hidden}{}", hidden.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    assert_eq!(statuses(&exchange(&service, both.as_bytes())), ["200", "200"], "two honest requests have two answers");
}

#[test]
fn request_that_names_no_host_or_two_is_refused() {
    let data = folder();
    let service = Service::start(data.path());
    for hosts in ["X-Host: localhost\r\n", "Host: localhost\r\nHost: localhost\r\n"] {
        let bytes = format!("GET /health/live HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let answer = exchange(&service, bytes.as_bytes());
        assert_eq!(statuses(&answer), ["400"], "{hosts:?}: {answer}");
        assert!(answer.contains("application/problem+json"), "{hosts:?}: {answer}");
    }
}

#[test]
fn methods_that_nothing_has_are_told_the_right_ones() {
    let data = folder();
    let service = Service::start(data.path());
    for method in ["TRACE", "PROPFIND", "DELETE"] {
        let bytes = format!("{method} /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = exchange(&service, bytes.as_bytes());
        assert_eq!(statuses(&answer), ["405"], "{method}: {answer}");
        assert!(answer.to_lowercase().contains("\r\nallow: get,head\r\n"), "{method}: {answer}");
        assert!(answer.contains("application/problem+json") && !answer.contains("TRACE"), "{method}: {answer}");
    }
}

#[test]
fn every_answer_of_the_service_says_what_browsers_may_do_with_it() {
    let data = folder();
    let service = Service::start(data.path());
    for request in [
        "GET / HTTP/1.1\r\nHost: localhost",
        "GET /dashboard HTTP/1.1\r\nHost: localhost\r\nAccept: text/html",
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\nAccept: text/html",
        "GET /nothing HTTP/1.1\r\nHost: localhost",
        "GET / HTTP/1.1\r\nHost: evil.example",
        "GET / HTTP/1.1\r\nX-Host: none",
        "POST /onboarding HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0",
        "GET /docs/ HTTP/1.1\r\nHost: localhost",
        "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip",
    ] {
        let answer = exchange(&service, format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).to_lowercase();
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: ",
            "content-security-policy: default-src 'none'",
            "cross-origin-opener-policy: same-origin",
            "x-request-id: ",
            "cache-control: ",
        ] {
            assert!(answer.contains(&format!("\r\n{header}")), "{request}: {header} is not in {answer}");
        }
    }
}
