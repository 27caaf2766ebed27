//! How the values with a hand-written JSON form look to an OpenAPI document.

/// A public counter: exact, or a range when the source rounds; both bounds inclusive.
#[derive(Debug, utoipa::ToSchema, serde::Serialize)]
#[serde(untagged)]
pub enum Count {
    /// Known to the unit.
    Exact {
        /// The number.
        exact: u64,
    },
    /// Rounded by the source.
    Range {
        /// Lower bound.
        lo: u64,
        /// Upper bound.
        hi: u64,
    },
}

/// A figure: its value, its interval, its sample size and whether to trust it.
#[derive(Debug, utoipa::ToSchema, serde::Serialize)]
pub struct Estimate {
    /// The versioned name of the metric, such as `er.views.median@1`.
    pub id: String,
    /// The figure; null if there is not enough to say one.
    pub value: Option<f64>,
    /// Its interval; null with fewer than 3 data points or where none applies.
    pub interval: Option<crate::analytics::Interval>,
    /// Data points behind it: posts, or observations.
    pub n: u64,
    /// The moment that the figure speaks of, UTC.
    pub as_of: jiff::Timestamp,
    /// `ok`, `thin` (fewer than 8 data points), or why there is no value: `no_views`, `hidden`, `too_few`, `no_history`.
    pub quality: String,
    /// With `too_few`: how many data points are needed.
    pub needed: Option<u64>,
    /// What else to know of how the figure was made; absent if there is nothing.
    pub flags: Option<Vec<crate::analytics::Flag>>,
}

/// The name of an account: 2 to 24 letters, digits, underscores and dots, no dot last. An `@` before it is left out.
#[derive(Debug, utoipa::ToSchema)]
#[schema(pattern = "^@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]$")]
pub struct Handle(pub String);

/// The name of a zone in the IANA database, such as `Europe/Berlin`.
#[derive(Debug, utoipa::ToSchema)]
#[schema(format = "iana-time-zone")]
pub struct Zone(pub String);

/// A country, ISO 3166-1 alpha-2; upper case in answers.
#[derive(Debug, utoipa::ToSchema)]
#[schema(pattern = "^[A-Za-z]{2}$")]
pub struct Country(pub String);

/// A language, ISO 639-1; lower case in answers.
#[derive(Debug, utoipa::ToSchema)]
#[schema(pattern = "^[A-Za-z]{2}$")]
pub struct Language(pub String);

/// A topic in somebody's own words: 1 to 60 characters without control characters.
#[derive(Debug, utoipa::ToSchema)]
#[schema(pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,58}[^\s\x00-\x1f\x7f-\x9f])?$")]
pub struct Interest(pub String);

/// Wanted shares of genders in whole percent, 100 in all; none is no wish.
#[derive(Debug, utoipa::ToSchema, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedGenders {
    /// Percent.
    #[schema(maximum = 100)]
    pub female: Option<u8>,
    /// Percent.
    #[schema(maximum = 100)]
    pub male: Option<u8>,
    /// Percent.
    #[schema(maximum = 100)]
    pub other: Option<u8>,
}

/// Wanted shares of ages in whole percent, 100 in all; none is no wish.
#[derive(Debug, utoipa::ToSchema, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedAges {
    /// Percent.
    #[serde(rename = "13-17")]
    #[schema(maximum = 100)]
    pub from_13: Option<u8>,
    /// Percent.
    #[serde(rename = "18-24")]
    #[schema(maximum = 100)]
    pub from_18: Option<u8>,
    /// Percent.
    #[serde(rename = "25-34")]
    #[schema(maximum = 100)]
    pub from_25: Option<u8>,
    /// Percent.
    #[serde(rename = "35-44")]
    #[schema(maximum = 100)]
    pub from_35: Option<u8>,
    /// Percent.
    #[serde(rename = "45-54")]
    #[schema(maximum = 100)]
    pub from_45: Option<u8>,
    /// Percent.
    #[serde(rename = "55+")]
    #[schema(maximum = 100)]
    pub from_55: Option<u8>,
}

/// An hour of the day, 0 to 23.
#[derive(Debug, utoipa::ToSchema)]
#[schema(minimum = 0, maximum = 23)]
pub struct Hour(pub u8);
