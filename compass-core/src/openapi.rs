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
