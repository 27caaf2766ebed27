//! Whether the database answers, and whether its clock goes as ours does.

use std::{fs::OpenOptions, io, path::Path};

use compass_core::ports::{Clock as _, StoreError, SystemClock};
use compass_store::{
    PgStore, SchemaVersion, SqliteStore,
    sqlx::{
        self,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

use super::{Finding, can_hold, told};
use crate::{Config, store};

/// Clocks that are further apart make sessions and jobs end too early or too late.
const APART: SignedDuration = SignedDuration::from_secs(5);

/// The database, and the clock if there is another to hold it against.
pub(super) async fn look(config: &Config) -> (Finding, Option<Finding>) {
    let Some(url) = &config.database else {
        return (file(&config.data.join(store::FILE), true).await, None);
    };
    let url = url.expose_secret();
    if url.starts_with("sqlite:") {
        return match url.parse::<SqliteConnectOptions>() {
            Ok(options) => (file(options.get_filename(), false).await, None),
            Err(error) => (broken(&told(&error)), None),
        };
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) if url.starts_with("postgres") => server(url, &store::postgres(&options)).await,
        _ => (broken("its address is of no known kind"), None),
    }
}

fn broken(found: &str) -> Finding {
    let mend = "say --database sqlite://FILE or --database postgres://USER:PASSWORD@HOST/DATABASE, or leave it out for a \
                file in the data folder";
    Finding::broken("database", found, mend)
}

/// A file of SQLite. Its folder is made by the service where it is the data folder.
async fn file(file: &Path, makes_folder: bool) -> Finding {
    let place = file.display();
    if !file.exists() {
        let folder = file.parent().unwrap_or(Path::new(""));
        return match can_hold(folder, makes_folder) {
            Ok(()) => Finding::good("database", format!("{place} is not there yet: serve makes it")),
            Err(error) => Finding::broken(
                "database",
                format!("cannot make {place}: {error}"),
                "make its folder, and let whoever runs the service write there, or choose another with --data FOLDER",
            ),
        };
    }
    match checked(file).await {
        Ok((said, schema)) if said == "ok" => match can_be_written(file) {
            Ok(()) => of_schema(&format!("SQLite, {place}, which is sound"), schema),
            Err(error) => Finding::broken(
                "database",
                format!("cannot write {place} or beside it: {error}"),
                "let whoever runs the service write the file and its folder, and ask again as that user",
            ),
        },
        Ok((said, _)) => Finding::broken(
            "database",
            format!("{place} is damaged: {said}"),
            "keep a copy, then read what is left with `sqlite3 FILE .recover`, or take your last backup",
        ),
        Err(error) => Finding::broken(
            "database",
            format!("cannot use {place}: {}", told(&error)),
            "see that it is a database, and that whoever runs the service may read and write it and its folder",
        ),
    }
}

/// Whether this user may write a file and make others beside it; nothing is written.
fn can_be_written(file: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(file)?;
    can_hold(file.parent().unwrap_or(Path::new("")), false)
}

/// By a connection of its own, which neither locks the file nor changes how it is kept.
async fn checked(file: &Path) -> Result<(String, Result<SchemaVersion, StoreError>), sqlx::Error> {
    let only_reads = SqliteConnectOptions::new().filename(file).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(only_reads).await?;
    let said = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&pool).await;
    let schema = SqliteStore::from_pools(pool.clone(), pool.clone()).schema_version().await;
    pool.close().await;
    Ok((said?, schema))
}

/// A database that can be used, unless this program refuses its schema.
fn of_schema(found: &str, schema: Result<SchemaVersion, StoreError>) -> Finding {
    let refused = |why: &str| {
        let mend = "serve it with the program that served it last, or a newer one, or say another with --database";
        Finding::broken("database", format!("{found}: {why}"), mend)
    };
    match schema {
        Ok(SchemaVersion { found: None, .. }) => Finding::good("database", format!("{found}; serve makes its tables")),
        Ok(SchemaVersion { found: Some(is), known, .. }) if is < known => {
            Finding::good("database", format!("{found}; serve brings it from schema {is} to schema {known}"))
        }
        Ok(_) => Finding::good("database", found),
        Err(StoreError::Conflict(why)) => refused(&why),
        Err(other) => refused(&format!("its schema cannot be read: {}", told(&other))),
    }
}

async fn server(url: &str, place: &str) -> (Finding, Option<Finding>) {
    match asked(url).await {
        Ok(Server { version, theirs, apart, lacking, schema }) => {
            let found = format!("{place}, version {version}");
            let finding = match lacking {
                None => of_schema(&found, schema),
                Some(Lacking { what, mend }) => Finding::broken("database", format!("{found}: {what}"), mend),
            };
            (finding, Some(clock(theirs, apart)))
        }
        Err(error) => {
            let mend = "see that the server runs, that this machine may reach it, and that the user, the password and the \
                        database of --database exist";
            (Finding::broken("database", format!("cannot use {place}: {}", told(&error)), mend), None)
        }
    }
}

fn clock(theirs: Timestamp, apart: SignedDuration) -> Finding {
    if apart.abs() <= APART {
        let found = format!("{theirs:.0}, within {} s of the database's", apart.abs().as_secs() + 1);
        return Finding::good("clock", found);
    }
    let way = if apart.is_positive() { "ahead of" } else { "behind" };
    let found = format!("{} s {way} the database's clock, which says {theirs:.0}", apart.abs().as_secs());
    Finding::broken("clock", found, "set both by a time server, such as with systemd-timesyncd or chrony")
}

/// What a server says of itself and of what we may do there.
struct Server {
    version: String,
    theirs: Timestamp,
    /// How far our clock is ahead of it.
    apart: SignedDuration,
    /// Why our tables cannot be made or changed there: months to come have tables of their own. `None` if they can.
    lacking: Option<Lacking>,
    schema: Result<SchemaVersion, StoreError>,
}

struct Lacking {
    what: String,
    mend: String,
}

impl Lacking {
    fn owned(user: &str, owner: &str) -> Self {
        Self {
            what: format!("the tables of the service are the user {owner}'s, and {user} may not change them"),
            mend: format!("use the user {owner}, or let a superuser say: GRANT {owner} TO {user}"),
        }
    }

    fn of(user: &str, schema: Option<String>) -> Self {
        match schema {
            Some(schema) => Self {
                what: format!("the user {user} may make no tables in the schema {schema}"),
                mend: format!("let a superuser say: GRANT CREATE ON SCHEMA {schema} TO {user}"),
            },
            None => Self {
                what: format!("the user {user} has no schema to make tables in"),
                mend: format!("let a superuser say: CREATE SCHEMA AUTHORIZATION {user}"),
            },
        }
    }
}

async fn asked(url: &str) -> Result<Server, StoreError> {
    let store = PgStore::connect(url).await?;
    // From version 15 on, a new user may make nothing in the schema "public".
    let said = sqlx::query_as::<_, (String, i64, String, Option<String>, bool, Option<String>)>(
        "SELECT current_setting('server_version'), (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint, \
         quote_ident(current_user), quote_ident(current_schema()), \
         coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), \
         (SELECT min(quote_ident(pg_get_userbyid(t.relowner))) FROM pg_class t \
          WHERE t.oid IN (to_regclass('_compass_migrations'), to_regclass('compass_creators')) \
          AND NOT pg_has_role(t.relowner, 'USAGE'))",
    );
    let said = said.fetch_one(store.pool()).await;
    let ours = SystemClock.now();
    let migrated = store.schema_version().await;
    store.close().await;
    let (version, micros, user, schema, may_make, owner) =
        said.map_err(|error| StoreError::Unavailable(error.into()))?;
    let theirs = Timestamp::from_microsecond(micros).map_err(|error| StoreError::Unavailable(error.into()))?;
    let lacking = match owner {
        Some(owner) => Some(Lacking::owned(&user, &owner)),
        None => (!may_make).then(|| Lacking::of(&user, schema)),
    };
    Ok(Server { version, theirs, apart: ours.duration_since(theirs), lacking, schema: migrated })
}
