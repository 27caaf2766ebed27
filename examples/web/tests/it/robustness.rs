//! What a hostile or clumsy client meets, on the bare socket.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    client::Browser,
    process::{Service, folder, run, stderr},
};

#[test]
fn another_name_for_this_machine_is_refused() {
    let data = folder();
    let service = Service::start(data.path());
    for host in ["evil.example", "127.0.0.1.evil.example:80", "192.168.1.7", ""] {
        let answer = ask(&service, &format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400 "), "{host}: {answer}");
        assert!(answer.contains("application/problem+json"), "{host}: {answer}");
    }
    let twice = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(ask(&service, twice).starts_with("HTTP/1.1 400 "));
    let without = "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n";
    assert!(ask(&service, without).starts_with("HTTP/1.1 400 "));
    for host in ["localhost", "127.0.0.1:8000", "[::1]"] {
        let answer = ask(&service, &format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
    }
}

#[test]
fn clients_that_do_not_go_on_are_not_waited_for() {
    let data = folder();
    let service = Service::start(data.path());
    let beginnings = [
        ("nothing at all", &b""[..]),
        ("half a header", b"GET / HTTP/1.1\r\nHost: loc"),
        ("half of the HTTP/2 preface", b"PRI * HTTP/2.0\r\n"),
        ("nothing after an answer", b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    ];
    // All at once, so that the test waits only once.
    let sockets = beginnings.map(|(what, bytes)| {
        let mut socket = connect(&service);
        socket.write_all(bytes).expect("the service reads");
        (what, socket)
    });
    for (what, mut socket) in sockets {
        let mut rest = Vec::new();
        // The read's own time-out would be an error.
        socket.read_to_end(&mut rest).unwrap_or_else(|error| panic!("{what} keeps a connection: {error}"));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_a_problem() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let answer = browser.patch("/users/me", &json!({"handle": "a".repeat(100_000)})).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

#[test]
fn a_taken_port_says_which_flag_helps() {
    let data = folder();
    let taken = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = run(data.path(), &["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(&address) && stderr(&output).contains("--listen"), "{}", stderr(&output));
    assert!(!data.path().join("compass-data").exists(), "nothing is made before the port is had");
}

#[test]
fn the_development_sign_in_stays_on_this_machine() {
    let data = folder();
    let output = run(data.path(), &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("development sign-in"), "{}", stderr(&output));
}

fn connect(service: &Service) -> TcpStream {
    let socket = TcpStream::connect(service.address()).expect("the service listens");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("sockets have time-outs");
    socket
}

fn ask(service: &Service, request: &str) -> String {
    let mut socket = connect(service);
    socket.write_all(request.as_bytes()).expect("the service reads");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("the service answers");
    String::from_utf8_lossy(&answer).into_owned()
}
