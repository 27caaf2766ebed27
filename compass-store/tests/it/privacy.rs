//! What people may ask: everything that is kept of them is given, and erased, whatever table it is in.
//!
//! Nothing here knows the tables: they are read from the databases, so that a new one is not forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use async_trait::async_trait;
use compass_core::{
    Failure, Handle, Interests, KeptReport, Outcome, Preferences, ReportId, SourceKind, TargetAudience, UserId, Zone,
    ports::{Claim, CreatorStore, JobEnd, JobStore, Rotation},
    samples::World,
    testing::scenarios::whole::{WholeStore, advice, noon, report, session_id, token, user_id, wish, with_everything},
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, AssertSqlSafe},
};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stores;

/// Columns with something of a person that the export does not give, and why.
const LEFT_OUT: [(&str, &str, &str); 5] = [
    ("compass_sessions", "token_hash", "whoever has it can tell whether a guessed secret is right"),
    ("compass_refresh_tokens", "token_hash", "as of sessions"),
    ("compass_refresh_tokens", "next_hash", "it is the hash of another token"),
    ("compass_imports", "creator_id", "the import names its account by the handle that it had"),
    ("compass_report_accounts", "creator_id", "the report names its account and those that it is compared with"),
];

/// The databases' own account of their tables.
#[async_trait]
trait Catalogue: WholeStore {
    /// Table and column.
    async fn columns(&self) -> Vec<(String, String)>;

    /// Table and column, and which table's column it refers to.
    async fn references(&self) -> Vec<(String, String, String, String)>;

    /// The rows that a condition picks, as objects. Bytes are hexadecimal.
    async fn rows(&self, table: &str, columns: &[String], condition: &str) -> Vec<Value>;

    /// The id in the words of the database.
    fn literal(&self, id: Uuid) -> String;
}

#[async_trait]
impl Catalogue for SqliteStore {
    async fn columns(&self) -> Vec<(String, String)> {
        let text = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c \
                    WHERE m.type = 'table' AND m.name LIKE 'compass\\_%' ESCAPE '\\'";
        sqlx::query_as(text).fetch_all(self.reader()).await.unwrap()
    }

    async fn references(&self) -> Vec<(String, String, String, String)> {
        let text = "SELECT m.name, f.\"from\", f.\"table\", f.\"to\" \
                    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
        sqlx::query_as(text).fetch_all(self.reader()).await.unwrap()
    }

    async fn rows(&self, table: &str, columns: &[String], condition: &str) -> Vec<Value> {
        let mut fields = Vec::new();
        for column in columns {
            fields.push(format!("'{column}', CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE {column} END"));
        }
        let text = format!("SELECT json_object({}) FROM {table} WHERE {condition}", fields.join(", "));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(self.reader()).await.unwrap();
        rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
    }

    fn literal(&self, id: Uuid) -> String {
        format!("x'{}'", id.simple())
    }
}

#[async_trait]
impl Catalogue for PgStore {
    async fn columns(&self) -> Vec<(String, String)> {
        let text = "SELECT table_name::text, column_name::text FROM information_schema.columns \
                    WHERE table_schema = current_schema() AND table_name LIKE 'compass\\_%'";
        sqlx::query_as(text).fetch_all(self.pool()).await.unwrap()
    }

    async fn references(&self) -> Vec<(String, String, String, String)> {
        let text = "SELECT k.conrelid::regclass::text, a.attname::text, k.confrelid::regclass::text, t.attname::text \
                    FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (here, there) \
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.here \
                    JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = pair.there WHERE k.contype = 'f'";
        sqlx::query_as(text).fetch_all(self.pool()).await.unwrap()
    }

    async fn rows(&self, table: &str, _: &[String], condition: &str) -> Vec<Value> {
        let text = format!("SELECT to_jsonb(r) FROM {table} r WHERE {condition}");
        sqlx::query_scalar(AssertSqlSafe(text)).fetch_all(self.pool()).await.unwrap()
    }

    fn literal(&self, id: Uuid) -> String {
        format!("'{id}'::uuid")
    }
}

/// The tables by name: their columns, and how they refer to others.
#[derive(Default)]
struct Schema {
    tables: BTreeMap<String, Vec<String>>,
    references: Vec<(String, String, String, String)>,
}

impl Schema {
    async fn of(store: &dyn Catalogue) -> Self {
        let mut schema = Self { references: store.references().await, ..Self::default() };
        for (table, column) in store.columns().await {
            schema.tables.entry(table).or_default().push(column);
        }
        schema
    }

    /// A column that names a person without a reference would be found by neither walk.
    fn assert_people_are_referred_to(&self) {
        for (table, column) in self.tables.iter().flat_map(|(table, all)| all.iter().map(move |column| (table, column)))
        {
            let is_named = ["actor", "subject", "requested_by"].contains(&column.as_str())
                || column.contains("user") && column.ends_with("id");
            let is_referred_to = self.references.iter().any(|(from, by, ..)| from == table && by == column);
            assert!(!is_named || is_referred_to || table == "compass_users", "{table}.{column} refers to nobody");
        }
    }

    /// The tables with rows of people: that of the users, and those that refer to it, directly or through another.
    fn of_people(&self) -> BTreeSet<&str> {
        let mut tables = BTreeSet::from(["compass_users"]);
        loop {
            let before = tables.len();
            for (table, _, to, _) in &self.references {
                if tables.contains(to.as_str()) {
                    tables.insert(table);
                }
            }
            if tables.len() == before {
                return tables;
            }
        }
    }

    /// The condition that picks a person's rows of such a table.
    fn whose(&self, table: &str, person: &str) -> String {
        if table == "compass_users" {
            return format!("id = {person}");
        }
        let people = self.of_people();
        let mut ways = Vec::new();
        for (from, column, to, key) in &self.references {
            if from == table && people.contains(to.as_str()) {
                ways.push(format!("{column} IN (SELECT {key} FROM {to} WHERE {})", self.whose(to, person)));
            }
        }
        ways.join(" OR ")
    }
}

/// Lets a person leave something in every column of every table that is of people.
async fn leave_traces(store: &dyn WholeStore, n: u8) -> UserId {
    let mut seen = World::standard().creators()[0].snapshot(noon(), 1, SourceKind::Sample);
    seen.profile.profile.handle = Handle::parse("ada").unwrap();
    CreatorStore::record(store, &seen).await.unwrap();
    let user = with_everything(store, n).await;
    let preferences = Preferences {
        handle: Some(Handle::parse("ada").unwrap()),
        target: TargetAudience { interests: Interests::parse(["bread"]).unwrap(), ..TargetAudience::default() },
        zone: Some(Zone::parse("Europe/Berlin").unwrap()),
    };
    store.change_preferences(user, &preferences.into()).await.unwrap();
    let outcome = Outcome { settled_at: noon() + 80.hours(), found: json!({"value": 0.056_25}) };
    store.settle(advice(n).id, &outcome).await.unwrap();
    let of_what_was_thinned = KeptReport {
        id: ReportId(Uuid::from_bytes([n + 50; 16])),
        input_hash: [n + 50; 32],
        inputs_thinned_at: Some(noon() + 90.hours()),
        ..report(n)
    };
    store.keep(&of_what_was_thinned).await.unwrap();
    // A thief ends the session and has its tokens revoked.
    store.rotate([n + 150; 32], &token(n, n + 151, noon() + 2.hours())).await.unwrap();
    let stolen = store.rotate([n + 100; 32], &token(n, n + 152, noon() + 3.hours())).await.unwrap();
    assert!(matches!(stolen, Rotation::Reused(session) if session.id == session_id(n)));
    let job = JobStore::find(store, wish(n).id).await.unwrap().unwrap();
    let failure = Failure { code: "not_found".to_owned(), detail: "There is no such account".to_owned() };
    store
        .finish(&Claim { attempt: job.attempts, job }, &JobEnd::Failed { failure }, noon() + 1.minute())
        .await
        .unwrap();
    user
}

/// Where the export has what each table keeps of a person.
const SECTIONS: [(&str, &str); 11] = [
    ("compass_users", "user"),
    ("compass_sessions", "sessions"),
    ("compass_refresh_tokens", "refresh_tokens"),
    ("compass_jobs", "jobs"),
    ("compass_job_events", "jobs"),
    ("compass_imports", "imports"),
    ("compass_audience_shares", "audiences"),
    ("compass_reports", "reports"),
    ("compass_report_accounts", "reports"),
    ("compass_advice", "advice"),
    ("compass_audit_log", "audit"),
];

/// A value that stands in so many columns stands in as many fields of the export.
async fn export_gives_every_column_of_a_person(store: &dyn Catalogue) {
    leave_traces(store, 2).await;
    let user = leave_traces(store, 7).await;
    let export = serde_json::to_value(store.export(user).await.unwrap().unwrap()).unwrap();
    let schema = Schema::of(store).await;
    schema.assert_people_are_referred_to();
    let mut kept: BTreeMap<&str, Places> = BTreeMap::new();
    for table in schema.of_people() {
        let section = SECTIONS.iter().find(|(of, _)| *of == table).map(|(_, section)| *section);
        let section = section.unwrap_or_else(|| panic!("{table} may have something of a person: export it"));
        let columns = &schema.tables[table];
        let rows = store.rows(table, columns, &schema.whose(table, &store.literal(user.0))).await;
        assert!(!rows.is_empty(), "{table} may have something of a person: let `leave_traces` leave it");
        for column in columns {
            let values: Vec<&Value> = rows.iter().map(|row| &row[column]).filter(|value| !value.is_null()).collect();
            assert!(!values.is_empty(), "{table}.{column} is empty: let `leave_traces` leave something there");
            if !LEFT_OUT.iter().any(|(of, left_out, _)| (*of, *left_out) == (table, column)) {
                let places = kept.entry(section).or_default();
                values.iter().for_each(|value| places.add(&format!("{table}.{column}"), &as_json(value)));
            }
        }
    }
    for (section, kept) in kept {
        let mut told = Places::default();
        told.add(section, &export[section]);
        for (value, columns) in kept.0 {
            let fields = told.0.remove(&value).unwrap_or_default();
            // An id stands in each row that belongs to it, and once in the export.
            let enough = if Uuid::parse_str(&value).is_ok() { 1 } else { columns.len() };
            assert!(fields.len() >= enough, "{value} is in {columns:?}, but in the export only in {fields:?}");
        }
    }
    let text = export.to_string();
    for secret in [[107; 32], [157; 32], [158; 32]] {
        assert!(!text.contains(&hexadecimal(&secret)), "a hash of a token is in the export");
    }
}

/// In which columns, or fields, each value stands.
#[derive(Default)]
struct Places(BTreeMap<String, BTreeSet<String>>);

impl Places {
    fn add(&mut self, place: &str, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(place, item)),
            Value::Object(fields) => fields.iter().for_each(|(name, field)| {
                self.0.entry(canonical(&json!(name))).or_default().insert(format!("{place}, as a name"));
                self.add(&format!("{place}.{name}"), field);
            }),
            Value::Null => {}
            leaf if leaf == "" => {}
            leaf => _ = self.0.entry(canonical(leaf)).or_default().insert(place.to_owned()),
        }
    }
}

async fn nothing_of_an_erased_person_is_in_any_table(store: &dyn Catalogue) {
    let other = leave_traces(store, 2).await;
    let user = leave_traces(store, 7).await;
    let of_other = store.export(other).await.unwrap();
    let traces =
        [user.0.simple().to_string(), "person7@example.com".into(), "subject-of-7".into(), "Person No 7".into()];
    let before = dump(store).await;
    for trace in &traces {
        assert!(before.contains(&trace.to_lowercase()), "{trace} is looked for in vain even before");
    }
    assert!(store.erase(user).await.unwrap());
    for line in dump(store).await.lines() {
        for trace in &traces {
            let is_there = [line, &line.replace('-', "")].iter().any(|line| line.contains(&trace.to_lowercase()));
            assert!(!is_there, "{trace} is still there: {line}");
        }
    }
    assert_eq!(store.export(other).await.unwrap(), of_other);
    assert_eq!(store.export(user_id(7)).await.unwrap(), None);
}

/// Every value of every table, one a line.
async fn dump(store: &dyn Catalogue) -> String {
    let schema = Schema::of(store).await;
    let mut text = String::new();
    for (table, columns) in &schema.tables {
        for row in store.rows(table, columns, "1 = 1").await {
            for (column, value) in row.as_object().unwrap() {
                let mut places = Places::default();
                places.add("", &as_json(value));
                for value in places.0.keys() {
                    let _ = writeln!(text, "{table}.{column} {value}");
                }
            }
        }
    }
    text
}

/// SQLite keeps JSON as text.
fn as_json(value: &Value) -> Value {
    let nested = value.as_str().filter(|text| text.starts_with(['{', '[']));
    nested.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}

/// A value in one form for both databases and JSON: moments as microseconds, ids and bytes as bare digits, in lower case.
fn canonical(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    if let Ok(id) = Uuid::parse_str(text) {
        return id.simple().to_string();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return moment.as_microsecond().to_string();
    }
    text.trim_start_matches("\\x").to_lowercase()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[tokio::test]
async fn export_gives_every_column_of_a_person_in_sqlite() {
    export_gives_every_column_of_a_person(&*stores::sqlite_file().await).await;
}

#[tokio::test]
async fn export_gives_every_column_of_a_person_in_postgres() {
    export_gives_every_column_of_a_person(&*stores::postgres().await).await;
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_in_any_table_of_sqlite() {
    nothing_of_an_erased_person_is_in_any_table(&*stores::sqlite_file().await).await;
}

#[tokio::test]
async fn nothing_of_an_erased_person_is_in_any_table_of_postgres() {
    nothing_of_an_erased_person_is_in_any_table(&*stores::postgres().await).await;
}
