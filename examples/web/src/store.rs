//! The database that the configuration names, opened and brought to this program's schema.

use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};

use compass_core::{
    Forgotten, RetentionPolicy, Thinning,
    ports::{
        AccountData, AccountStore, AdviceLedger, AudienceStore, AuditLog, CorpusStore, CreatorStore, HostHealth,
        ImportStore, JobBell, JobStore, RefreshTokens, ReportStore, Retention, SignInStore, StoreError,
    },
};
use compass_store::{PgStore, SqliteStore, sqlx::postgres::PgConnectOptions};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Config, StartError};

/// The embedded database, in the data folder.
pub(crate) const FILE: &str = "compass.db";

/// The store ports of one database.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) refresh_tokens: Arc<dyn RefreshTokens>,
    pub(crate) account_data: Arc<dyn AccountData>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) sign_ins: Arc<dyn SignInStore>,
    pub(crate) creators: Arc<dyn CreatorStore>,
    pub(crate) corpus: Arc<dyn CorpusStore>,
    pub(crate) jobs: Arc<dyn JobStore>,
    pub(crate) imports: Arc<dyn ImportStore>,
    pub(crate) audiences: Arc<dyn AudienceStore>,
    pub(crate) reports: Arc<dyn ReportStore>,
    pub(crate) ledger: Arc<dyn AdviceLedger>,
    pub(crate) hosts: Arc<dyn HostHealth>,
    pub(crate) retention: Arc<dyn Retention>,
    /// Whether old observations are thinned, too.
    thins: bool,
    database: Database,
    place: String,
}

#[derive(Debug)]
enum Database {
    Sqlite(SqliteStore),
    Postgres(PgStore),
}

impl Store {
    /// Opens the database; the embedded one is made if it does not exist.
    pub(crate) async fn open(config: &Config) -> Result<Self, StartError> {
        let store = match &config.database {
            None => {
                make_folder(&config.data)?;
                let file = config.data.join(FILE);
                let path = file.to_str().ok_or_else(|| StartError::FolderName(config.data.clone()))?;
                Self::sqlite(path, file.display().to_string()).await
            }
            Some(url) => Self::at(url).await,
        };
        store.map(|store| Self { thins: config.thin, ..store })
    }

    /// Where things are kept, without a password.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Rings when there is a new job.
    pub(crate) fn bell(&self) -> Arc<dyn JobBell> {
        match &self.database {
            Database::Sqlite(store) => store.bell(),
            Database::Postgres(store) => store.bell(),
        }
    }

    /// Forgets what is kept no longer, and sees to it that there is room for the months to come. What fails keeps nothing else from
    /// being done; of several errors one is given, and the others are logged.
    pub(crate) async fn tidy(&self, now: Timestamp) -> Result<Forgotten, StoreError> {
        let forgotten = self.retention.retain(&RetentionPolicy::default(), now).await;
        let room = match &self.database {
            Database::Postgres(store) => store.add_months_ahead().await,
            Database::Sqlite(_) => Ok(()),
        };
        let thinned = match self.thins {
            true => self.corpus.thin(&Thinning::default(), now).await.map(|thinned| {
                tracing::info!(?thinned, "old observations are thinned");
            }),
            false => Ok(()),
        };
        let mut failed: Vec<StoreError> = room.err().into_iter().chain(thinned.err()).collect();
        let forgotten = forgotten.unwrap_or_else(|why| {
            failed.push(why);
            Forgotten::default()
        });
        // What may be mended in a moment is tried again in a moment.
        failed.sort_by_key(|why| matches!(why, StoreError::Unavailable(_)));
        let Some(first) = failed.pop() else { return Ok(forgotten) };
        for other in failed {
            tracing::error!(error = &other as &dyn std::error::Error, "the store could not be tidied");
        }
        Err(first)
    }

    /// Waits until the connections are closed.
    pub(crate) async fn close(&self) {
        match &self.database {
            Database::Sqlite(store) => store.close().await,
            Database::Postgres(store) => store.close().await,
        }
    }

    async fn at(url: &SecretString) -> Result<Self, StartError> {
        let url = url.expose_secret();
        if let Some(rest) = url.strip_prefix("sqlite:") {
            return Self::sqlite(url, rest.trim_start_matches("//").to_owned()).await;
        }
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StartError::DatabaseUrl);
        }
        let place = url.parse().map_or_else(|_| "the PostgreSQL database".to_owned(), |options| postgres(&options));
        let failed = |error| StartError::Store { place: place.clone(), source: error };
        let store = PgStore::connect(url).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        Ok(Self::of(Arc::new(store.clone()), Database::Postgres(store), place))
    }

    async fn sqlite(location: &str, place: String) -> Result<Self, StartError> {
        let failed = |error| StartError::Store { place: place.clone(), source: error };
        let store = SqliteStore::open(location).await.map_err(failed)?;
        store.migrate().await.map_err(failed)?;
        Ok(Self::of(Arc::new(store.clone()), Database::Sqlite(store), place))
    }

    fn of<S>(ports: Arc<S>, database: Database, place: String) -> Self
    where
        S: AccountStore + RefreshTokens + AccountData + AuditLog + SignInStore + Retention,
        S: CorpusStore + CreatorStore + JobStore + HostHealth + ImportStore + AudienceStore,
        S: ReportStore + AdviceLedger + 'static,
    {
        Self {
            accounts: Arc::<S>::clone(&ports),
            refresh_tokens: Arc::<S>::clone(&ports),
            account_data: Arc::<S>::clone(&ports),
            audit: Arc::<S>::clone(&ports),
            sign_ins: Arc::<S>::clone(&ports),
            creators: Arc::<S>::clone(&ports),
            corpus: Arc::<S>::clone(&ports),
            jobs: Arc::<S>::clone(&ports),
            imports: Arc::<S>::clone(&ports),
            audiences: Arc::<S>::clone(&ports),
            reports: Arc::<S>::clone(&ports),
            ledger: Arc::<S>::clone(&ports),
            hosts: Arc::<S>::clone(&ports),
            retention: ports,
            thins: false,
            database,
            place,
        }
    }
}

/// Which database it is, without the password.
pub(crate) fn postgres(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    format!("PostgreSQL, database {database} on {}:{}", options.get_host(), options.get_port())
}

/// Makes the data folder, which nobody else on the machine may read.
pub(crate) fn make_folder(folder: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|source: io::Error| StartError::Folder { folder: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use compass_core::{
        SourceKind,
        ports::{MockCorpusStore, MockRetention, VideoPage},
        samples::World,
    };
    use jiff::ToSpan as _;

    use super::*;

    #[tokio::test]
    async fn what_is_kept_no_longer_is_forgotten_even_where_an_account_cannot_be_thinned() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), thin: true, ..Config::default() };
        let mut store = Store::open(&config).await.unwrap();
        let (mut corpus, mut retention) = (MockCorpusStore::new(), MockRetention::new());
        corpus.expect_thin().times(1).returning(|_, _| Err(StoreError::Corrupt("a page is damaged".to_owned())));
        retention.expect_retain().times(1).returning(|_, _| Ok(Forgotten::default()));
        (store.corpus, store.retention) = (Arc::new(corpus), Arc::new(retention));
        let tidied = store.tidy("2026-05-01T12:00:00Z".parse().unwrap()).await;
        assert!(matches!(&tidied, Err(StoreError::Corrupt(_))), "{tidied:?}");
        store.close().await;
    }

    #[tokio::test]
    async fn old_observations_are_thinned_only_where_that_is_configured() {
        let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        for (thin, kept) in [(false, 4), (true, 2)] {
            let folder = tempfile::tempdir().unwrap();
            let config = Config { data: folder.path().to_owned(), thin, ..Config::default() };
            let store = Store::open(&config).await.unwrap();
            let world = World::standard();
            let creator = &world.creators()[0];
            for (day, hour) in [(0, 0), (0, 1), (200, 0), (200, 1)] {
                let at = noon + (24 * day + hour).hours();
                store.creators.record(&creator.snapshot(at, 3, SourceKind::Sample)).await.unwrap();
            }
            let now = noon + (24 * 320).hours();
            store.tidy(now).await.unwrap();
            let id = creator.snapshot(noon, 3, SourceKind::Sample).creator();
            let history = store.creators.history(id, Timestamp::MIN, Timestamp::MAX).await.unwrap();
            assert_eq!(history.len(), kept, "thin = {thin}");
            assert!(!store.creators.videos(id, now, VideoPage::first(9)).await.unwrap().is_empty());
            store.close().await;
        }
    }
}
