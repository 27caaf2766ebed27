//! More than the service takes: bodies without an end, and thousands of connections.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
    task::JoinSet,
};

use crate::{
    client::Browser,
    process::{self, Service, folder},
};

const MIB: usize = 1 << 20;
const HEALTH: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Forgets the most memory that the service had: what a case adds would hide under what the start or a case before took.
fn forget_most_memory(service: &Service) {
    std::fs::write(format!("/proc/{}/clear_refs", service.id()), "5").expect("Linux lets its owner");
}

/// The most memory that the service has had since it was forgotten, in KiB; everything that was resident at once.
fn most_memory(service: &Service) -> usize {
    process::most_memory(service.id()).expect("it runs")
}

/// Sends a gigabyte in pieces of a mebibyte, or as much as is taken; what was taken, and the answer.
fn send_a_gigabyte(service: &Service, head: &str) -> (usize, String) {
    let mut socket = TcpStream::connect(service.address()).expect("the service listens");
    for set in [TcpStream::set_read_timeout, TcpStream::set_write_timeout] {
        set(&socket, Some(Duration::from_secs(30))).expect("sockets have time-outs");
    }
    let head = format!("{head}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    socket.write_all(head.as_bytes()).expect("the service reads");
    let mut reading = socket.try_clone().expect("there are file handles");
    // What is not read when the connection breaks off is lost.
    let answer = std::thread::spawn(move || {
        let (mut answer, mut piece) = (Vec::new(), [0; 4_096]);
        while let Ok(n @ 1..) = reading.read(&mut piece) {
            answer.extend_from_slice(&piece[..n]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    });
    let piece = [format!("{MIB:x}\r\n").as_bytes(), &vec![b' '; MIB], b"\r\n"].concat();
    let taken = (0..1_024).take_while(|_| socket.write_all(&piece).is_ok()).count();
    (taken * MIB, answer.join().expect("nothing panics"))
}

#[tokio::test]
async fn a_gigabyte_is_refused_early_and_never_held() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let who = format!("Cookie: {}", browser.cookies());
    // What a body may have, and how often that may be in memory: it grows while it is read.
    for (head, largest) in [
        (format!("PATCH /users/me HTTP/1.1\r\n{who}\r\nContent-Type: application/json"), 64 << 10),
        ("POST /auth/refresh HTTP/1.1\r\nContent-Type: application/json".to_owned(), 64 << 10),
        (format!("POST /tiktok/import?name=a.zip HTTP/1.1\r\n{who}\r\nContent-Type: application/zip"), 32 * MIB),
    ] {
        forget_most_memory(&service);
        let before = most_memory(&service);
        let (taken, answer) = send_a_gigabyte(&service, &head);
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("application/problem+json"), "{head}: {answer}");
        // The system holds some of what was not read.
        assert!(taken <= largest + 16 * MIB, "{head}: {} MiB were taken", taken / MIB);
        let grown = (most_memory(&service) - before) * 1_024;
        assert!(grown < 3 * largest + 20 * MIB, "{head}: {} MiB more", grown / MIB);
    }
    assert_eq!(browser.get("/users/me").await.status, StatusCode::OK);
}

/// Lets this process, and the service that it starts, have enough files open.
fn allow_files(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let current = limit.maximum.map_or(wanted, |most| most.min(wanted));
        assert!(current >= wanted, "`ulimit -Hn` has to be {wanted} at least");
        setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limit }).expect("it is below the maximum");
    }
}

/// Connections from so many addresses of this machine, 127.0.1.1 and up, that send nothing.
async fn connect(service: &str, addresses: u8, from_each: usize) -> Vec<tokio::net::TcpStream> {
    let to: SocketAddr = service.parse().expect("it is an address");
    let (mut connecting, mut connected) = (JoinSet::new(), Vec::new());
    for n in 0..usize::from(addresses) * from_each {
        let from = Ipv4Addr::new(127, 0, 1, u8::try_from(n % usize::from(addresses)).expect("they are few") + 1);
        connecting.spawn(async move {
            let socket = TcpSocket::new_v4().expect("there are file handles");
            socket.bind((from, 0).into()).expect("all of 127.0.0.0/8 is this machine");
            socket.connect(to).await.expect("the service listens")
        });
        if connecting.len() >= 64 {
            connected.extend(connecting.join_next().await.map(|done| done.expect("nothing panics")));
        }
    }
    connected.extend(connecting.join_all().await);
    connected
}

/// How long an honest client from 127.0.0.1 waits for an answer.
async fn wait_for_an_answer(service: &str) -> Duration {
    let begun = Instant::now();
    let mut socket = tokio::net::TcpStream::connect(service).await.expect("the service listens");
    socket.write_all(HEALTH).await.expect("the service reads");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("the service answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    begun.elapsed()
}

fn open_files(service: &Service) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", service.id())).expect("it runs").count()
}

#[tokio::test]
async fn two_thousand_connections_of_one_address_keep_nobody_else_waiting() {
    allow_files(4_096);
    let data = folder();
    let service = Service::start(data.path());
    let files = open_files(&service);
    let hostile = connect(service.address(), 1, 2_000).await;
    let waited = wait_for_an_answer(service.address()).await;
    // Silent connections are closed after 5 s, so that a shorter wait was not for them.
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    let held = open_files(&service) - files;
    assert!(held <= 128 + 8, "one address holds {held}");
    drop(hostile);
}

#[tokio::test]
async fn two_thousand_silent_connections_of_many_addresses_are_let_go() {
    allow_files(4_096);
    let data = folder();
    let service = Service::start(data.path());
    let files = open_files(&service);
    let hostile = connect(service.address(), 20, 100).await;
    let held = open_files(&service) - files;
    assert!(held <= 1_024 + 8, "{held} are held at once");
    // All seats are taken by clients that are given 5 s to say something, and as many wait before the honest one.
    let waited = wait_for_an_answer(service.address()).await;
    assert!(waited < Duration::from_secs(15), "{waited:?}");
    drop(hostile);
}
