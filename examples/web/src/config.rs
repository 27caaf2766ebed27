//! What an operator may choose, and where each choice comes from: defaults < `compass.toml` < `COMPASS_*` < flags.

use std::{
    fmt::Display,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use figment::{
    Figment, Metadata, Profile, Provider, Source,
    providers::{Format as _, Toml},
    value::{Dict, Map, Tag, Value},
};
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    language::{ChatModel, Embeddings},
    provider::{Google, Oidc},
};

/// Every choice, made.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The sites whose pages may read answers, with commas between them: `https://app.example`.
    pub allowed_origins: Listed<String>,
    /// A page or an address at which the operators of sites that are read can reach whoever runs this; a part of the name
    /// under which robots.txt is asked for. None if `None`.
    pub contact: Option<String>,
    /// Where the service listens: `HOST:PORT`, port 0 for a free one.
    pub listen: String,
    /// The folder of the embedded database and of the generated secret.
    pub data: PathBuf,
    /// `sqlite://FILE` or `postgres://…`; a SQLite file in the data folder if `None`.
    #[serde(deserialize_with = "secret")]
    pub database: Option<SecretString>,
    /// Whether TikTok itself is read, not the stand-in with its sample creators.
    #[serde(deserialize_with = "yes_or_no")]
    pub live: bool,
    /// So many connections may one address have (of version 6, one /64 network), a trusted proxy as many as there are.
    #[serde(deserialize_with = "number")]
    pub connections_per_address: usize,
    /// Whether accounts are looked at again by the schedule; as `live` if `None`: the stand-in's accounts have no news that
    /// nobody asks for.
    #[serde(deserialize_with = "perhaps")]
    pub schedule: Option<bool>,
    /// Whether one address, and one person, may ask only so often.
    #[serde(deserialize_with = "yes_or_no")]
    pub limits: bool,
    /// Whether observations are thinned to one a day after 90 days, and to one a week after a year; what is thinned is gone.
    #[serde(deserialize_with = "yes_or_no")]
    pub thin: bool,
    /// Where metrics and signs of life are asked for, apart from the service: `HOST:PORT`; nowhere if `None`.
    pub metrics: Option<String>,
    /// The proxies that are believed when they say on whose behalf they ask, with commas between them: `10.0.0.0/8`.
    pub trusted_proxies: Listed<IpNet>,
    /// The folder of a static embedding model, in model2vec's format: creators are compared by what their texts mean, too.
    pub embedding_model: Option<PathBuf>,
    /// An endpoint that embeds texts instead; `embedding_model` counts where both are given.
    pub embeddings: Option<Embeddings>,
    /// An endpoint that puts words around insights; none if `None`.
    pub narrator: Option<ChatModel>,
    /// Where browsers reach the service, if not where it listens: `https://compass.example`. Only with an identity provider.
    pub public_url: Option<String>,
    /// Google as the identity provider; with none at all there is the development sign-in.
    pub google: Option<Google>,
    /// Another identity provider.
    pub oidc: Option<Oidc>,
    /// A WebDriver or Selenium Grid that already runs; ChromeDriver is started where needed if `None`.
    pub webdriver: Option<String>,
    /// Signs access tokens, at least 32 bytes; one is made and kept in the data folder if `None`.
    #[serde(deserialize_with = "secret")]
    pub token_secret: Option<SecretString>,
    /// Signed access tokens before `token_secret` was changed; needed for ten minutes, so that nobody has to ask for a new one.
    #[serde(deserialize_with = "secret")]
    pub retired_token_secret: Option<SecretString>,
    /// What is logged: a level, or `target=level` pairs.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people on a terminal, else JSON.
    #[default]
    Auto,
    /// Lines for people.
    Text,
    /// An object a line.
    Json,
}

impl LogFormat {
    /// Whether what goes to stderr is JSON.
    pub(crate) fn is_json(self) -> bool {
        match self {
            Self::Auto => !io::stderr().is_terminal(),
            Self::Text => false,
            Self::Json => true,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allowed_origins: Listed::default(),
            contact: None,
            listen: "127.0.0.1:8000".to_owned(),
            data: PathBuf::from("./compass-data"),
            database: None,
            live: false,
            connections_per_address: 128,
            schedule: None,
            limits: true,
            thin: false,
            metrics: None,
            trusted_proxies: Listed::default(),
            embedding_model: None,
            embeddings: None,
            narrator: None,
            public_url: None,
            google: None,
            oidc: None,
            webdriver: None,
            token_secret: None,
            retired_token_secret: None,
            log: "warn,compass=info".to_owned(),
            log_format: LogFormat::Auto,
        }
    }
}

/// The file that is read where none is named; it need not exist.
const FILE: &str = "compass.toml";
const PREFIX: &str = "COMPASS_";
pub(crate) const KEYS: [&str; 23] = [
    "allowed_origins",
    "connections_per_address",
    "contact",
    "data",
    "database",
    "embedding_model",
    "embeddings",
    "google",
    "limits",
    "listen",
    "live",
    "log",
    "log_format",
    "metrics",
    "narrator",
    "oidc",
    "public_url",
    "retired_token_secret",
    "schedule",
    "thin",
    "token_secret",
    "trusted_proxies",
    "webdriver",
];
/// The keys in tables. Variables and flags write table and key as one word: `COMPASS_GOOGLE_CLIENT_ID`.
pub(crate) const TABLES: [(&str, &[&str]); 4] = [
    ("embeddings", &["base_url", "dimensions", "key", "model"]),
    ("google", &["allowed", "client_id", "client_secret", "hosted_domain"]),
    ("narrator", &["base_url", "key", "model"]),
    ("oidc", &["algorithms", "allowed", "client_id", "client_secret", "issuer", "name", "select_account"]),
];

impl Config {
    /// Whether accounts are looked at again by the schedule.
    #[must_use]
    pub fn is_scheduled(&self) -> bool {
        self.schedule.unwrap_or(self.live)
    }

    /// Puts the sources together. `file` has to exist if it is named; `flags` are key and value.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that cannot be read, an unknown key, or a value that does not fit: it names the key
    /// and where it comes from, and never the value of a secret.
    pub fn load(file: Option<&Path>, flags: Vec<(&'static str, String)>) -> Result<Self, ConfigError> {
        if let Some(missing) = file.filter(|file| !file.is_file()) {
            return Err(ConfigError::NoFile(missing.to_owned()));
        }
        let file = Some(file.unwrap_or(Path::new(FILE))).filter(|file| file.is_file());
        let figment = file.map_or_else(Figment::new, |file| Figment::from(Toml::file_exact(file)));
        let figment = figment.merge(environment()).merge(command_line(flags));
        let given: Dict = figment.extract()?;
        if let Some((path, tag)) = unknown(&given) {
            let metadata = figment.get_metadata(tag);
            let known =
                TABLES.iter().find(|(table, _)| path.len() > 1 && path[0] == *table).map_or(&KEYS[..], |(_, k)| k);
            return Err(ConfigError::Unknown {
                key: written(metadata, &path),
                origin: origin(metadata),
                known: known.join(", "),
            });
        }
        let config: Self = figment.extract()?;
        config.is_consistent()?;
        Ok(config)
    }

    fn is_consistent(&self) -> Result<(), ConfigError> {
        match (&self.google, &self.oidc, &self.public_url) {
            (Some(_), Some(_), _) => Err(ConfigError::Contradiction("configure google or oidc, not both")),
            (None, None, Some(_)) => Err(ConfigError::Contradiction(
                "public_url is only of use with an identity provider: configure google or oidc as well, since the \
                 development sign-in is for this machine alone",
            )),
            _ => Ok(()),
        }
    }
}

/// The first key that means nothing, in its table.
fn unknown(given: &Dict) -> Option<(Vec<String>, Tag)> {
    for (key, value) in given {
        if !KEYS.contains(&key.as_str()) {
            return Some((vec![key.clone()], value.tag()));
        }
        let (Some((_, known)), Value::Dict(_, table)) = (TABLES.iter().find(|(table, _)| table == key), value) else {
            continue;
        };
        if let Some((odd, value)) = table.iter().find(|(odd, _)| !known.contains(&odd.as_str())) {
            return Some((vec![key.clone(), odd.clone()], value.tag()));
        }
    }
    None
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The named file does not exist.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    /// A key that means nothing.
    #[error("unknown key {key:?} in {origin}; the keys are {known}")]
    Unknown {
        /// The key as it was written.
        key: String,
        /// Where it was written.
        origin: String,
        /// The keys that there are, in that place.
        known: String,
    },
    /// Two choices that do not go together.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A log filter that cannot be read.
    #[error("log: {0:?} is neither a level such as info nor target=level pairs such as warn,compass_http=debug")]
    Log(String),
    /// A file that is not TOML, or a value that does not fit.
    #[error("{0}")]
    Value(String),
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Value(described(&error))
    }
}

fn described(error: &figment::Error) -> String {
    let metadata = error.metadata.as_ref();
    let key = if error.path.is_empty() { String::new() } else { written(metadata, &error.path) + ": " };
    format!("{}: {key}{}", origin(metadata), without_excerpt(&error.kind.to_string()))
}

/// A syntax error quotes the line, and a secret may be in it: only where it is and what is wrong are told.
fn without_excerpt(message: &str) -> String {
    match message.trim_end().split_once('\n') {
        Some((place, rest)) => format!("{place}: {}", rest.rsplit('\n').next().unwrap_or(rest)),
        None => message.to_owned(),
    }
}

fn origin(metadata: Option<&Metadata>) -> String {
    match metadata {
        Some(Metadata { source: Some(Source::File(path)), .. }) => path.display().to_string(),
        Some(metadata) => metadata.name.to_string(),
        None => "the configuration".to_owned(),
    }
}

/// A key as its source writes it.
fn written(metadata: Option<&Metadata>, path: &[String]) -> String {
    match metadata {
        Some(metadata) if metadata.source.is_none() => metadata.interpolate(&Profile::Default, path),
        _ => path.join("."),
    }
}

/// Texts by key, with a name for where they come from.
struct Given {
    metadata: Metadata,
    texts: Vec<(String, String)>,
}

impl Provider for Given {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut dict = Dict::new();
        for (key, text) in &self.texts {
            let in_table =
                TABLES.iter().find_map(|(table, _)| Some((*table, key.strip_prefix(table)?.strip_prefix('_')?)));
            let Some((table, key)) = in_table else {
                dict.insert(key.clone(), Value::from(text.as_str()));
                continue;
            };
            let entry = dict.entry(table.to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, entries) = entry {
                entries.insert(key.to_owned(), Value::from(text.as_str()));
            }
        }
        Ok(Map::from([(Profile::Default, dict)]))
    }
}

/// The variables as plain texts: figment's own reading would make a number of a secret of digits.
fn environment() -> Given {
    let texts = std::env::vars_os()
        .filter_map(|(name, text)| {
            let key = name.to_str()?.strip_prefix(PREFIX)?.to_lowercase();
            Some((key, text.to_string_lossy().into_owned()))
        })
        .filter(|(key, text)| !is_of_others(key, text))
        .collect();
    let written = |_: &Profile, path: &[&str]| format!("{PREFIX}{}", path.join("_").to_uppercase());
    Given { metadata: Metadata::named("the environment").interpolater(written), texts }
}

/// Whether a variable of our name space is none of the service's: what the tests read, and what Kubernetes tells every pod of a
/// service that is called `compass` or begins so.
fn is_of_others(key: &str, text: &str) -> bool {
    const OF_TESTS: [&str; 4] = ["captures", "python", "schemathesis_hooks", "update_pictures"];
    const SCHEMES: [&str; 3] = ["tcp://", "udp://", "sctp://"];
    let of_kubernetes = match key.split_once("port_") {
        Some((_, rest)) if rest.starts_with(|c: char| c.is_ascii_digit()) => true,
        _ if key.ends_with("port") && SCHEMES.iter().any(|scheme| text.starts_with(scheme)) => true,
        _ => key.ends_with("service_host") || key.contains("service_port"),
    };
    of_kubernetes || OF_TESTS.contains(&key) || key.starts_with("test_")
}

fn command_line(flags: Vec<(&'static str, String)>) -> Given {
    let written = |_: &Profile, path: &[&str]| format!("--{}", path.join("-").replace('_', "-"));
    let texts = flags.into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
    Given { metadata: Metadata::named("the command line").interpolater(written), texts }
}

/// Values with commas between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T>(pub Vec<T>);

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        let read = |item: &str| item.parse().map_err(|error| D::Error::custom(format!("{item:?}: {error}")));
        Ok(Self(items.map(read).collect::<Result<_, _>>()?))
    }
}

/// Reads a text that no message may show, not even when it is not a text.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    match <Value as Deserialize>::deserialize(deserializer)? {
        Value::String(_, text) => Ok(Some(text.into())),
        _ => Err(D::Error::custom("it has to be a text in quotes")),
    }
}

/// The same where there has to be one.
pub(crate) fn needed_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    secret(deserializer)?.ok_or_else(|| D::Error::custom("it has to be a text in quotes"))
}

/// Reads a number from 1, which a variable or a flag can only spell.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let value = <Value as Deserialize>::deserialize(deserializer)?;
    let number = match &value {
        // The numbers of a file have a sign.
        Value::Num(_, number) => number.to_i128().and_then(|number| number.try_into().ok()),
        Value::String(_, text) => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| *number > 0).ok_or_else(|| D::Error::custom("it has to be a whole number from 1"))
}

/// Reads a truth value that may be left out.
pub(crate) fn perhaps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    yes_or_no(deserializer).map(Some)
}

/// Reads a truth value, which a variable or a flag can only spell.
fn yes_or_no<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match <Value as Deserialize>::deserialize(deserializer)? {
        Value::Bool(_, truth) => Ok(truth),
        Value::String(_, text) if text == "true" => Ok(true),
        Value::String(_, text) if text == "false" => Ok(false),
        _ => Err(D::Error::custom("it has to be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    /// The identity providers, of which there is one.
    const PROVIDERS: [&str; 2] = ["google", "oidc"];

    /// The documented file with every line out of its comment, with one of the tables that cannot stand together.
    fn documented(provider: &str) -> String {
        let text = include_str!("../../../deploy/compass.example.toml");
        let mut left_out = false;
        let mut lines = Vec::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("# ")) {
            if line.starts_with('[') {
                left_out = PROVIDERS.iter().any(|other| *other != provider && line == format!("[{other}]"));
            }
            let is_key = line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
            if (is_key || line.starts_with('[')) && !left_out {
                lines.push(line);
            }
        }
        lines.join("\n")
    }

    #[test]
    fn the_documented_file_has_every_key_and_can_be_used_as_it_stands() {
        for provider in PROVIDERS {
            let text = documented(provider);
            let figment = Figment::from(Toml::string(&text));
            let config: Config = figment.extract().expect("each line is right as it stands");
            // A secret that everybody can read is none: those of the file are refused at the start.
            for secret in [&config.token_secret, &config.retired_token_secret] {
                let key = compass_auth::TokenKey::of(
                    secret.as_ref().expect("it is there").expose_secret().as_bytes().to_vec().into(),
                );
                let random = std::sync::Arc::new(compass_core::ports::SystemRandom);
                assert!(compass_auth::JwtAccessTokens::new("urn:compass:test", key, Vec::new(), random).is_err());
            }
            assert!(config.is_consistent().is_ok() && !config.live && config.limits);
            let given: Dict = figment.extract().expect("it is a table");
            assert_eq!(unknown(&given), None);
            let missing: Vec<_> = KEYS.iter().filter(|key| !given.contains_key(**key)).copied().collect();
            assert_eq!(missing, PROVIDERS.into_iter().filter(|other| *other != provider).collect::<Vec<_>>());
            for (table, keys) in TABLES.into_iter().filter(|(table, _)| !missing.contains(table)) {
                let Some(Value::Dict(_, entries)) = given.get(table) else { panic!("[{table}] is a table") };
                assert_eq!(entries.keys().map(String::as_str).collect::<Vec<_>>(), keys);
            }
            assert!(crate::language::narration(&config).expect("its endpoint is one").is_some());
            let endpoint = Config { embedding_model: None, ..config };
            assert!(crate::language::embedder(&endpoint).expect("its endpoint is one").is_some());
        }
    }

    #[test]
    fn the_defaults_that_the_documented_file_names_are_the_defaults() {
        let text = documented("google");
        let said: Dict = Figment::from(Toml::string(&text)).extract().expect("it is a table");
        let default = Config::default();
        let text = |key: &str| said[key].as_str().map(str::to_owned);
        assert_eq!(text("listen"), Some(default.listen));
        assert_eq!(text("data").map(PathBuf::from), Some(default.data));
        assert_eq!(text("log"), Some(default.log));
        assert_eq!(said["connections_per_address"].to_i128(), Some(default.connections_per_address as i128));
        for (key, truth) in [("limits", default.limits), ("thin", default.thin), ("live", default.live)] {
            assert_eq!(said[key].to_bool(), Some(truth), "{key}");
        }
    }
}
