//! A server on loopback that answers byte for byte what a test tells it, and stops when it is dropped.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// What comes back for one request.
pub(crate) enum Reply {
    /// These bytes, and then the end of the connection.
    Bytes(Vec<u8>),
    /// These bytes, and then the last byte again and again.
    Endless(Vec<u8>),
    /// These bytes, and then nothing more.
    Hang(Vec<u8>),
}

impl Reply {
    /// A whole answer with this status line, these header lines and this body.
    pub(crate) fn http(status: &str, headers: &[&str], body: &[u8]) -> Self {
        let mut bytes = head(status, headers);
        let length = format!("Content-Length: {}\r\n\r\n", body.len());
        bytes.truncate(bytes.len() - 2);
        bytes.extend_from_slice(length.as_bytes());
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }

    /// A page.
    pub(crate) fn html(body: &str) -> Self {
        Self::http("200 OK", &["Content-Type: text/html; charset=utf-8"], body.as_bytes())
    }
}

/// The head of an answer whose end only the end of the connection tells.
pub(crate) fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}

/// The server, with what it was asked so far.
pub(crate) struct RawServer {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl RawServer {
    /// Answers so; it has no robots.txt, and does not count being asked for one.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let none = |head: &str| head.starts_with("GET /robots.txt ");
        Self::start_bare(move |head| if none(head) { Reply::http("404 Not Found", &[], b"") } else { reply(head) })
            .await
    }

    /// Answers so, whatever it is asked for.
    pub(crate) async fn start_bare(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let reply = Arc::new(reply);
        let serving = tokio::spawn(async move {
            // Ended with this task.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&reply), Arc::clone(&log)));
            }
        });
        Self { address, asked, serving }
    }

    /// Its address, without the scheme.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of the requests, in order, without those for robots.txt.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.everything_asked().into_iter().filter(|head| !head.starts_with("GET /robots.txt ")).collect()
    }

    /// The heads of all requests, in order.
    pub(crate) fn everything_asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: Arc<impl Fn(&str) -> Reply + Send + Sync>,
    asked: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
        if head.first() == Some(&0x16) {
            // A TLS handshake is answered in plain text.
            break;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    asked.lock().unwrap().push(head.clone());
    let (bytes, then) = match reply(&head) {
        Reply::Bytes(bytes) => (bytes, None),
        Reply::Endless(bytes) => {
            let more = vec![*bytes.last().unwrap(); 65_536];
            (bytes, Some(more))
        }
        Reply::Hang(bytes) => (bytes, Some(Vec::new())),
    };
    let _gone = stream.write_all(&bytes).await;
    match then {
        None => drop(stream.shutdown().await),
        Some(more) if more.is_empty() => std::future::pending().await,
        Some(more) => while stream.write_all(&more).await.is_ok() {},
    }
}
