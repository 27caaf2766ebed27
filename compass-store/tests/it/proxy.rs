//! A connection to PostgreSQL that can be held up, slowed down, lost, and cut.

use std::{future::pending, time::Duration};

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

/// Passes everything on both ways, until it is told otherwise or hears a word that it waits for.
pub(crate) struct Proxy {
    url: String,
    line: Line,
}

/// What becomes of what is said.
#[derive(Clone)]
struct Line {
    trap: watch::Sender<Option<(&'static str, Trap)>>,
    holding: watch::Sender<bool>,
    cut: watch::Sender<bool>,
    latency: watch::Sender<Duration>,
    /// How many connections there have been, and how many of them were lost.
    made: watch::Sender<u32>,
    lost: watch::Sender<u32>,
    /// How many answers come through before everything is cut.
    answers: watch::Sender<u32>,
}

/// What a word does that the server is told. It gets it, but its answer does not come through.
#[derive(Clone, Copy)]
pub(crate) enum Trap {
    /// Withholds all answers, each time.
    Hold,
    /// Loses the connections that there are, once.
    Lose,
    /// Cuts everything, once.
    Cut,
}

impl Proxy {
    /// Withholds the server's answers from the first `BEGIN` on.
    pub(crate) async fn in_front_of(url: &str) -> Self {
        let proxy = Self::open_in_front_of(url).await;
        proxy.set(Trap::Hold, "BEGIN");
        proxy
    }

    /// Waits for no word yet.
    pub(crate) async fn open_in_front_of(url: &str) -> Self {
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
            trap: watch::Sender::new(None),
            holding: watch::Sender::new(false),
            cut: watch::Sender::new(false),
            latency: watch::Sender::new(Duration::ZERO),
            made: watch::Sender::new(0),
            lost: watch::Sender::new(0),
            answers: watch::Sender::new(u32::MAX),
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

    /// Waits for the word from now on.
    pub(crate) fn set(&self, trap: Trap, word: &'static str) {
        self.line.trap.send_replace(Some((word, trap)));
    }

    /// Waits until somebody has said the word that something was to be lost or cut at.
    pub(crate) async fn springs(&self) {
        self.line.trap.subscribe().wait_for(Option::is_none).await.unwrap();
    }

    /// No answer ever comes through on the connections that there are. New ones are as any.
    pub(crate) fn lose(&self) {
        self.line.lose();
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

    /// As [`cut`](Self::cut), once so many more answers have come through.
    pub(crate) fn cut_after(&self, answers: u32) {
        self.line.answers.send_replace(answers);
    }

    pub(crate) fn is_cut(&self) -> bool {
        *self.line.cut.borrow()
    }

    pub(crate) fn mend(&self) {
        self.line.answers.send_replace(u32::MAX);
        self.line.cut.send_replace(false);
    }

    /// Delays every answer by this from now on.
    pub(crate) fn slow_down(&self, latency: Duration) {
        self.line.latency.send_replace(latency);
    }
}

impl Line {
    fn lose(&self) {
        let made = *self.made.borrow();
        self.lost.send_replace(made);
    }

    /// Whether an answer comes through.
    fn lets_through(&self) -> bool {
        let none_left = !self.answers.send_if_modified(|left| {
            let some = *left > 0;
            *left = left.saturating_sub(u32::from(*left < u32::MAX));
            some
        });
        if none_left {
            self.cut.send_replace(true);
        }
        !none_left
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
    let number = *line.made.borrow();
    line.made.send_replace(number + 1);
    tokio::spawn(async move {
        tokio::select! {
            _ = cut.wait_for(|cut| *cut) => {}
            _ = async {
                tokio::join!(
                    pass_questions(from_client, to_server, questions),
                    pass_answers(from_server, to_client, answers, number),
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
        let says = |word: &str| bytes[..got].windows(word.len()).any(|said| said == word.as_bytes());
        let sprung = line.trap.borrow().filter(|(word, _)| says(word)).map(|(_, trap)| trap);
        match sprung {
            Some(Trap::Hold) => _ = line.holding.send_replace(true),
            Some(Trap::Lose) => line.lose(),
            Some(Trap::Cut) | None => {}
        }
        server.write_all(&bytes[..got]).await?;
        if matches!(sprung, Some(Trap::Cut)) {
            line.cut.send_replace(true);
        }
        if matches!(sprung, Some(Trap::Lose | Trap::Cut)) {
            line.trap.send_replace(None);
        }
    }
}

async fn pass_answers(
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
    line: Line,
    number: u32,
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
        if *line.lost.borrow() > number || !line.lets_through() {
            pending::<()>().await;
        }
        client.write_all(&bytes[..got]).await?;
    }
}
