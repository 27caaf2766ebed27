//! A connection to PostgreSQL that can be held up.

use compass_store::sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{
    io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

/// Passes everything on both ways, until it hears `BEGIN`: then it withholds the server's answers.
pub(crate) struct Proxy {
    url: String,
    holding: watch::Sender<bool>,
}

impl Proxy {
    pub(crate) async fn in_front_of(url: &str) -> Self {
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
        let holding = watch::Sender::new(false);
        tokio::spawn(accept(listener, server, holding.clone()));
        Self { url, holding }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until somebody has said `BEGIN` and has no answer.
    pub(crate) async fn hears_begin(&self) {
        self.holding.subscribe().wait_for(|holding| *holding).await.unwrap();
    }

    /// Withholds the server's answers from now on.
    pub(crate) fn hold(&self) {
        self.holding.send_replace(true);
    }

    /// Lets the answers through.
    pub(crate) fn release(&self) {
        self.holding.send_replace(false);
    }
}

async fn accept(listener: TcpListener, server: PgConnectOptions, holding: watch::Sender<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let (from_client, to_client) = client.into_split();
        let holding = holding.clone();
        match server.get_socket() {
            Some(folder) => {
                let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
                let (from_server, to_server) = UnixStream::connect(socket).await.unwrap().into_split();
                pass(from_client, to_server, from_server, to_client, holding);
            }
            None => {
                let address = (server.get_host(), server.get_port());
                let (from_server, to_server) = TcpStream::connect(address).await.unwrap().into_split();
                pass(from_client, to_server, from_server, to_client, holding);
            }
        }
    }
}

fn pass(
    from_client: impl AsyncRead + Unpin + Send + 'static,
    to_server: impl AsyncWrite + Unpin + Send + 'static,
    from_server: impl AsyncRead + Unpin + Send + 'static,
    to_client: impl AsyncWrite + Unpin + Send + 'static,
    holding: watch::Sender<bool>,
) {
    tokio::spawn(pass_questions(from_client, to_server, holding.clone()));
    tokio::spawn(pass_answers(from_server, to_client, holding.subscribe()));
}

async fn pass_questions(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    holding: watch::Sender<bool>,
) -> io::Result<()> {
    let mut bytes = [0; 8192];
    loop {
        let got = client.read(&mut bytes).await?;
        if got == 0 {
            return server.shutdown().await;
        }
        let begins = bytes[..got].windows(5).any(|word| word == b"BEGIN");
        if begins {
            holding.send_replace(true);
        }
        server.write_all(&bytes[..got]).await?;
    }
}

async fn pass_answers(
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
    mut holding: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut bytes = [0; 8192];
    loop {
        let got = server.read(&mut bytes).await?;
        if got == 0 {
            return client.shutdown().await;
        }
        holding.wait_for(|holding| !holding).await.map_err(io::Error::other)?;
        client.write_all(&bytes[..got]).await?;
    }
}
