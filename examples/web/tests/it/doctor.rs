//! What `compass doctor` finds, and what it says of it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Output};

use compass_store::sqlx::{
    self, AssertSqlSafe, ConnectOptions as _, Connection as _,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use serde_json::Value;

use crate::process::{compass, folder, stderr, stdout, write};

/// What is found with these flags, with no program to be found.
fn look(folder: &Path, flags: &[&str]) -> Output {
    let output = compass(folder).arg("doctor").args(flags).env("PATH", folder).output();
    output.expect("the binary runs")
}

#[test]
fn a_new_service_is_healthy_and_nothing_is_made() {
    let here = folder();
    let output = look(here.path(), &["--format", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said: Value = serde_json::from_str(&stdout(&output)).expect("one object");
    assert_eq!((&said["schema"], &said["healthy"]), (&Value::from("compass.doctor/1"), &Value::from(true)));
    let healths: Vec<_> =
        said["findings"].as_array().expect("a list").iter().map(|it| (&it["what"], &it["health"])).collect();
    let text = |what: &str, health: &str| (Value::from(what), Value::from(health));
    let expected =
        [text("database", "good"), text("keys", "good"), text("sign-in", "doubtful"), text("driver", "doubtful")];
    assert_eq!(healths, expected.iter().map(|(what, health)| (what, health)).collect::<Vec<_>>());
    assert_eq!(fs::read_dir(here.path()).expect("it is there").count(), 0);
}

#[test]
fn a_browser_is_opened_where_there_is_one() {
    let here = folder();
    let output = compass(here.path()).args(["doctor", "--format", "json"]).output().expect("the binary runs");
    assert!(output.status.success(), "{}", stdout(&output));
    let said: Value = serde_json::from_str(&stdout(&output)).expect("one object");
    let browser = said["findings"].as_array().expect("a list").iter().find(|it| it["what"] == "browser");
    assert_eq!(browser.expect("a driver was found")["health"], "good", "{said}");
}

#[test]
fn what_is_broken_is_told_with_how_to_mend_it() {
    let here = folder();
    let damaged =
        write(here.path(), "damaged.db", "no database at all, but long enough for a look at its header ".repeat(99));
    let flags = ["--database", &format!("sqlite://{}", damaged.display()), "--live"];
    let output = look(here.path(), &flags);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    let broken: Vec<_> = said.lines().filter(|line| line.starts_with("broken")).collect();
    assert!(broken.len() == 2 && broken[0].contains("database") && broken[1].contains("driver"), "{said}");
    assert!(said.contains("damaged.db") && said.contains("install chromium"), "{said}");
}

#[test]
fn a_folder_that_is_not_there_or_takes_no_file_is_broken() {
    let here = folder();
    let output = look(here.path(), &["--database", "sqlite:///no/such/folder/compass.db"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("cannot make /no/such/folder/compass.db"), "{}", stdout(&output));
    // A file, where the data folder was to be made.
    let data = write(here.path(), "file", "").join("data");
    let output = look(here.path(), &["--data", data.to_str().expect("it is Unicode")]);
    let broken = stdout(&output).lines().filter(|line| line.starts_with("broken")).count();
    assert_eq!((output.status.code(), broken), (Some(1), 2), "{}", stdout(&output));
}

#[tokio::test]
async fn a_database_is_looked_at_and_left_as_it_is() {
    let here = folder();
    let file = here.path().join("other.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Delete);
    let mut connection = options.connect().await.expect("the folder is writable");
    sqlx::query("CREATE TABLE kept (it INTEGER)").execute(&mut connection).await.expect("it is SQL");
    connection.close().await.expect("it closes");
    let before = fs::read(&file).expect("it is there");
    let output = look(here.path(), &["--database", &format!("sqlite://{}", file.display())]);
    assert!(output.status.success(), "{}", stdout(&output));
    assert_eq!(fs::read(&file).expect("it is there"), before);
    assert_eq!(fs::read_dir(here.path()).expect("it is there").count(), 1, "nothing lies beside it");
}

/// As a newer program leaves it.
const NEWER: &str =
    "UPDATE _compass_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _compass_migrations)";
/// As an older one does: its tables are not looked at.
const OLDER: &str = "DELETE FROM _compass_migrations WHERE version = (SELECT MAX(version) FROM _compass_migrations)";

#[tokio::test]
async fn a_schema_that_the_program_refuses_is_broken_and_an_older_one_is_not() {
    let here = folder();
    let file = format!("sqlite://{}", here.path().join("compass.db").display());
    let server = compass_store::testing::postgres().await;
    assert!(stdout(&look(here.path(), &["--database", &server])).contains("serve makes its tables"));
    for database in [&file, &server] {
        let flags = ["--database", database.as_str()];
        let change = async |sql: &'static str| {
            if database.starts_with("sqlite") {
                let options: SqliteConnectOptions = database.parse().expect("it is an address");
                let mut connection = options.connect().await.expect("it is there");
                sqlx::query(sql).execute(&mut connection).await.expect("it is SQL");
                connection.close().await.expect("it closes");
            } else {
                let options: PgConnectOptions = database.parse().expect("it is an address");
                let mut connection = options.connect().await.expect("the server runs");
                sqlx::query(sql).execute(&mut connection).await.expect("it is SQL");
                connection.close().await.expect("it closes");
            }
        };
        let migrated = compass(here.path()).arg("migrate").args(flags).output().expect("the binary runs");
        assert!(migrated.status.success(), "{}", stderr(&migrated));
        let same = look(here.path(), &flags);
        assert!(same.status.success() && !stdout(&same).contains("schema"), "{}", stdout(&same));
        change(OLDER).await;
        let older = look(here.path(), &flags);
        assert!(older.status.success() && stdout(&older).contains("serve brings it from schema"), "{}", stdout(&older));
        change(NEWER).await;
        let newer = look(here.path(), &flags);
        assert_eq!(newer.status.code(), Some(1));
        let said = stdout(&newer);
        assert!(said.contains("the database has schema 9999") && said.contains("or a newer one"), "{said}");
        let refused = compass(here.path()).arg("migrate").args(flags).output().expect("the binary runs");
        assert!(stderr(&refused).contains("the database has schema 9999"), "{}", stderr(&refused));
    }
}

#[tokio::test]
async fn a_server_that_answers_is_told_with_its_version_and_its_clock() {
    let here = folder();
    let database = compass_store::testing::postgres().await;
    let output = look(here.path(), &["--database", &database]);
    let said = stdout(&output);
    assert!(output.status.success(), "{said}{}", stderr(&output));
    let good = |what: &str, found: &str| {
        said.lines().any(|line| line.starts_with("ok") && line.contains(what) && line.contains(found))
    };
    assert!(good("database", "PostgreSQL, database ") && good("clock", "of the database's"), "{said}");
}

#[tokio::test]
async fn a_user_who_may_make_no_tables_is_told_what_to_grant() {
    let here = folder();
    let database = compass_store::testing::postgres().await;
    let options: PgConnectOptions = database.parse().expect("it is an address");
    let user = format!("{}_user", options.get_database().expect("it names a database"));
    let mut connection = options.connect().await.expect("the server runs");
    // As PostgreSQL has it from version 15 on.
    for sql in [format!("CREATE ROLE {user} LOGIN"), "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned()] {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect("a superuser may");
    }
    let flags = ["--database", options.username(&user).to_url_lossy().as_str()].map(str::to_owned);
    let flags = flags.each_ref().map(String::as_str);
    let output = look(here.path(), &flags);
    let grant = format!("GRANT CREATE ON SCHEMA public TO {user}");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains(&grant), "{}", stdout(&output));
    sqlx::query(AssertSqlSafe(grant)).execute(&mut connection).await.expect("a superuser may");
    assert!(look(here.path(), &flags).status.success(), "{}", stdout(&look(here.path(), &flags)));

    // Tables that another user made, as a backup may.
    sqlx::raw_sql("CREATE TABLE _compass_migrations ()").execute(&mut connection).await.expect("a superuser may");
    let output = look(here.path(), &flags);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("the tables of the service are the user"), "{}", stdout(&output));
    sqlx::raw_sql("DROP TABLE _compass_migrations").execute(&mut connection).await.expect("a superuser may");
    // The server may be one that stays.
    let gone = format!("DROP OWNED BY {user}; DROP ROLE {user}");
    sqlx::raw_sql(AssertSqlSafe(gone)).execute(&mut connection).await.expect("a superuser may");
    connection.close().await.expect("it closes");
}

#[test]
fn a_server_that_does_not_answer_is_told_without_its_password() {
    let here = folder();
    let output = look(here.path(), &["--database", "postgres://me:sesame@127.0.0.1:1/compass"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output) + &stderr(&output);
    assert!(
        said.contains("127.0.0.1:1") && said.contains("see that the server runs") && !said.contains("sesame"),
        "{said}"
    );
}

#[test]
fn a_secret_that_others_can_read_is_doubtful_and_a_short_one_broken() {
    let here = folder();
    let data = here.path().join("compass-data");
    fs::create_dir(&data).expect("the folder is writable");
    let file = write(&data, "token-secret", "s".repeat(64));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let output = look(here.path(), &[]);
    assert!(output.status.success() && stdout(&output).contains("chmod 600"), "{}", stdout(&output));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    assert!(!stdout(&look(here.path(), &[])).contains("chmod 600"));
    write(&data, "token-secret", "sesame");
    let output = look(here.path(), &[]);
    assert!(output.status.code() == Some(1) && !stdout(&output).contains("sesame"), "{}", stdout(&output));
}
