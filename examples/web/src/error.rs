//! Why the service does not start.

use std::{io, net::SocketAddr, path::PathBuf};

use compass_auth::{NotLoopback, OpenIdSetupError, TokenSetupError};
use compass_core::ports::StoreError;
use compass_http::{OriginError, SiteError};
use compass_language::{EndpointError, ModelError};
use compass_scrape::{manners, webdriver::BuildError};

/// Why the service does not start, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is taken, or is none of this machine.
    #[error("choose another address with --listen HOST:PORT (port 0 takes a free one): cannot listen on {address}")]
    Listen {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The operators' address is taken, or is none of this machine.
    #[error("choose another address with --metrics HOST:PORT (port 0 takes a free one): cannot listen on {address}")]
    ListenForOperators {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Something else in this process counts already.
    #[error("metrics are counted by something else in this process")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A site that may read answers is none.
    #[error("mend allowed_origins")]
    Origin(#[from] OriginError),
    /// Others could sign in as the developer.
    #[error(transparent)]
    NotLoopback(#[from] NotLoopback),
    /// It is not known where browsers reach the service.
    #[error(
        "other machines can reach {0}, and the identity provider has to know under which address: say public_url = \
         \"https://...\", or listen on 127.0.0.1"
    )]
    NoPublicUrl(SocketAddr),
    /// The public address is none.
    #[error("public_url cannot be used")]
    PublicUrl(#[from] SiteError),
    /// The identity provider cannot be used as it is configured.
    #[error("the identity provider cannot be used as it is configured")]
    Provider(#[from] OpenIdSetupError),
    /// The folder of the embedding model has none.
    #[error("mend embedding_model, or leave it out")]
    EmbeddingModel(#[source] ModelError),
    /// A language model cannot be asked as it is configured.
    #[error("mend [{table}], or leave it out")]
    LanguageModel {
        /// The table of the configuration.
        table: &'static str,
        /// What is wrong with it.
        #[source]
        source: EndpointError,
    },
    /// The data folder cannot be made.
    #[error("choose another data folder with --data FOLDER: cannot make {}", .folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The data folder's name is not Unicode.
    #[error("the name of the data folder {} is not Unicode; choose another with --data FOLDER", .0.display())]
    FolderName(PathBuf),
    /// The database's address is of no known kind.
    #[error("--database has to begin with sqlite:// or postgres://")]
    DatabaseUrl,
    /// The database cannot be used.
    #[error("cannot use {place}")]
    Store {
        /// Which database, without a password.
        place: String,
        /// What the store says.
        #[source]
        source: StoreError,
    },
    /// The token secret cannot be kept.
    #[error("cannot keep the token secret in {}", .file.display())]
    TokenFile {
        /// Where it was to be kept.
        file: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A configured secret is too short.
    #[error("{key} has {len} bytes, and can be guessed: {mend}")]
    ShortSecret {
        /// Which one.
        key: &'static str,
        /// How many bytes it has.
        len: usize,
        /// What to do.
        mend: &'static str,
    },
    /// The secret in the data folder is too short.
    #[error(
        "the secret in {} has {len} bytes, and 64 were written there: delete the file, and the next start makes another; programs then ask \
         for new access tokens, and nobody is signed out",
        .file.display()
    )]
    ShortSecretFile {
        /// The file.
        file: PathBuf,
        /// How many bytes it has.
        len: usize,
    },
    /// The secret before the last change is the one of now.
    #[error("retired_token_secret is the secret that is in use: leave it out, or say the one before")]
    SameSecret,
    /// The token secret cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokenSetupError),
    /// The stand-in TikTok does not start.
    #[error("cannot start the stand-in TikTok on a free port of this machine")]
    StandIn(#[source] io::Error),
    /// The folder for recordings cannot be made.
    #[error("choose another folder with --record FOLDER: cannot make {}", .folder.display())]
    RecordFolder {
        /// Which folder.
        folder: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There is no browser whose pages could be recorded.
    #[error(
        "--record keeps what a browser reads, and there is no chromedriver on the PATH: install chromium and \
         chromium-driver, or name a WebDriver with --webdriver URL"
    )]
    NothingToRecord,
    /// There is no browser for the live site.
    #[error(
        "--live needs a browser, and there is no chromedriver on the PATH: install chromium and chromium-driver, or \
         name a WebDriver with --webdriver URL"
    )]
    NoDriver,
    /// The WebDriver's address cannot be used.
    #[error(transparent)]
    Browser(#[from] BuildError),
    /// The contact cannot be a part of a user agent.
    #[error("choose another --contact; sites' operators have to be able to read it")]
    Contact(#[from] manners::BuildError),
}

impl StartError {
    /// Whether what was asked for makes no sense on any machine.
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            Self::DatabaseUrl | Self::Contact(_) | Self::Origin(_) => true,
            Self::NoPublicUrl(_) | Self::PublicUrl(_) | Self::Provider(_) => true,
            Self::Listen { source, .. } | Self::ListenForOperators { source, .. } => {
                source.kind() == io::ErrorKind::InvalidInput
            }
            _ => false,
        }
    }
}
