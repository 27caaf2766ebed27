//! Brings a database to the schema this program knows.

use compass_core::ports::StoreError;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use crate::error::migration_error;

/// Our own ledger: a host's migrations are listed in `_sqlx_migrations`.
pub(crate) const LEDGER: &str = "_compass_migrations";

/// Which schema a database has, beside the one that this program brings it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaVersion {
    /// The number of its newest migration; `None` where our tables are not there yet.
    pub found: Option<i64>,
    /// The number of the newest one that this program knows.
    pub known: i64,
}

/// Runs what the database does not have yet. The caller sees to it that only one does so at a time.
pub(crate) async fn run(mut migrations: Migrator, connection: &mut impl Migrate) -> Result<(), StoreError> {
    let newest = newest(&migrations);
    migrations.dangerous_set_table_name(LEDGER);
    migrations.run_direct(None, connection, false).await.map_err(|error| migration_error(error, newest))
}

/// Reads the ledger of this name, if there is one; fails where [`run`] would refuse the database. Nothing is written.
pub(crate) async fn look(
    migrations: &Migrator,
    connection: &mut impl Migrate,
    ledger: Option<&str>,
) -> Result<SchemaVersion, StoreError> {
    let known = newest(migrations);
    let found = match ledger {
        Some(ledger) => applied(migrations, connection, ledger).await.map_err(|error| migration_error(error, known))?,
        None => None,
    };
    Ok(SchemaVersion { found, known })
}

async fn applied(
    migrations: &Migrator,
    connection: &mut impl Migrate,
    ledger: &str,
) -> Result<Option<i64>, MigrateError> {
    if let Some(version) = connection.dirty_version(ledger).await? {
        return Err(MigrateError::Dirty(version));
    }
    let applied = connection.list_applied_migrations(ledger).await?;
    for done in &applied {
        let ours = migrations.iter().find(|ours| ours.version == done.version);
        let ours = ours.ok_or(MigrateError::VersionMissing(done.version))?;
        if ours.checksum != done.checksum {
            return Err(MigrateError::VersionMismatch(done.version));
        }
    }
    Ok(applied.iter().map(|done| done.version).max())
}

fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or_default()
}
