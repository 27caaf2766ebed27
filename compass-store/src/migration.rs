//! Brings a database to the schema this program knows.

use compass_core::ports::StoreError;
use sqlx::migrate::{Migrate, Migrator};

use crate::error::migration_error;

/// Our own ledger: a host's migrations are listed in `_sqlx_migrations`.
const LEDGER: &str = "_compass_migrations";

/// Runs what the database does not have yet. The caller sees to it that only one does so at a time.
pub(crate) async fn run(mut migrations: Migrator, connection: &mut impl Migrate) -> Result<(), StoreError> {
    let newest = migrations.iter().map(|migration| migration.version).max().unwrap_or_default();
    migrations.dangerous_set_table_name(LEDGER);
    migrations.run_direct(None, connection, false).await.map_err(|error| migration_error(error, newest))
}
