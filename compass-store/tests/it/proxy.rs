//! A connection to PostgreSQL that can be held up, slowed down, and cut.

use std::time::Duration;

use compass_store::sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    time,
};

/// Passes everything on both ways, until it hears `BEGIN`: then it withholds the server's answers.
pub(crate) struct Proxy {
    url: String,
    line: Line,
}

/// What becomes of what is said.
#[derive(Clone)]
struct Line {
    /// Whether `BEGIN` makes it hold.
    trap: bool,
    holding: watch::Sender<bool>,
    cut: watch::Sender<bool>,
    latency: watch::Sender<Duration>,
}

impl Proxy {
    pub(crate) async fn in_front_of(url: &str) -> Self {
        Self::start(url, true).await
    }

    /// As [`in_front_of`](Self::in_front_of), and `BEGIN` is as any other word.
    pub(crate) async fn open_in_front_of(url: &str) -> Self {
        Self::start(url, false).await
    }

    async fn start(url: &str, trap: bool) -> Self {
        let server: PgConnectOptions = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = match server.get_socket() {
            Some(_) => PgConnectOptions::new_without_pgpass()
                .username(server.get_username())
                .database(server.get_database().unwrap()),
            None => server.clone(),
        };
        let url = options.host("127.0.0.1").port(port).ssl_mode(PgSslMode::Disable).to_url_lossy().to_string();
        let line = Line {
            trap,
            holding: watch::Sender::new(false),
            cut: watch::Sender::new(false),
            latency: watch::Sender::new(Duration::ZERO),
        };
        tokio::spawn(accept(listener, server, line.clone()));
        Self { url, line }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until somebody has said `BEGIN` and has no answer.
    pub(crate) async fn hears_begin(&self) {
        self.line.holding.subscribe().wait_for(|holding| *holding).await.unwrap();
    }

    /// Withholds the server's answers from now on.
    pub(crate) fn hold(&self) {
        self.line.holding.send_replace(true);
    }

    /// Lets the answers through.
    pub(crate) fn release(&self) {
        self.line.holding.send_replace(false);
    }

    /// Ends every connection, and each new one at once, until [`mend`](Self::mend).
    pub(crate) fn cut(&self) {
        self.line.cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.line.cut.send_replace(false);
    }

    /// Delays every answer by this from now on.
    pub(crate) fn slow_down(&self, latency: Duration) {
        self.line.latency.send_replace(latency);
    }
}

async fn accept(listener: TcpListener, server: PgConnectOptions, line: Line) {
    while let Ok((client, _)) = listener.accept().await {
        if *line.cut.borrow() {
            continue;
        }
        let (from_client, to_client) = client.into_split();
        match server.get_socket() {
            Some(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
                let (from_server, to_server) = UnixStream::connect(socket).await.unwrap().into_split();
                pass(from_client, to_server, from_server, to_client, &line);
            }
            None => {
                let address = (server.get_host(), server.get_port());
                let (from_server, to_server) = TcpStream::connect(address).await.unwrap().into_split();
                pass(from_client, to_server, from_server, to_client, &line);
            }
        }
    }
}

fn pass(
    from_client: impl AsyncRead + Unpin + Send + 'static,
    to_server: impl AsyncWrite + Unpin + Send + 'static,
    from_server: impl AsyncRead + Unpin + Send + 'static,
    to_client: impl AsyncWrite + Unpin + Send + 'static,
    line: &Line,
) {
    let (mut cut, questions, answers) = (line.cut.subscribe(), line.clone(), line.clone());
    tokio::spawn(async move {
        tokio::select! {
            _ = cut.wait_for(|cut| *cut) => {}
            _ = async {
                tokio::join!(
                    pass_questions(from_client, to_server, questions),
                    pass_answers(from_server, to_client, answers),
                )
            } => {}
        }
    });
}

async fn pass_questions(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    line: Line,
) -> io::Result<()> {
    let mut bytes = [0; 8192];
    loop {
        let got = client.read(&mut bytes).await?;
        if got == 0 {
            return server.shutdown().await;
        }
        let begins = bytes[..got].windows(5).any(|word| word == b"BEGIN");
        if begins && line.trap {
            line.holding.send_replace(true);
        }
        server.write_all(&bytes[..got]).await?;
    }
}

async fn pass_answers(
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
    line: Line,
) -> io::Result<()> {
    let mut holding = line.holding.subscribe();
    let mut bytes = [0; 8192];
    loop {
        let got = server.read(&mut bytes).await?;
        if got == 0 {
            return client.shutdown().await;
        }
        let latency = *line.latency.borrow();
        time::sleep(latency).await;
        holding.wait_for(|holding| !holding).await.map_err(io::Error::other)?;
        client.write_all(&bytes[..got]).await?;
    }
}
