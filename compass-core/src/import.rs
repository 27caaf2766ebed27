//! A file that somebody brought, and the audience that it tells of.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Handle, OwnData, Refusal, SourceKind, UserId, account::uuid_id, analytics::AudienceShares};

uuid_id!(
    /// An import's identity.
    ImportId
);

/// A file that was read into the store.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Who brought it; `None` for the service's operator.
    pub user: Option<UserId>,
    /// The account that it is of. An export tells no numeric id.
    pub handle: Handle,
    /// What kind of file it is.
    pub source: SourceKind,
    /// SHA-256 of its bytes, and of what was said of it.
    #[cfg_attr(feature = "serde", serde(serialize_with = "hexadecimal"))]
    pub digest: [u8; 32],
    /// When it was read.
    pub imported_at: Timestamp,
    /// How many of its items were accepted.
    pub accepted: u64,
    /// How many were not: at least as many as `refusals` has.
    pub refused: u64,
    /// What was not accepted and why, as far as the importer keeps it.
    pub refusals: Vec<Refusal>,
    /// The figures of the own account in it, as private as the import; `None` if it has none.
    pub own: Option<OwnData>,
}

/// An audience as an imported file shows it. It is as private as its import.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AudienceObservation {
    /// The file.
    pub import: ImportId,
    /// When it was so, UTC.
    pub observed_at: Timestamp,
    /// The shares.
    pub shares: AudienceShares,
}

/// An audience, and when it was imported: of two of one moment the one that came later counts.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedAudience {
    /// When the file was taken, UTC.
    pub imported_at: Timestamp,
    /// The audience.
    pub told: AudienceObservation,
}

#[cfg(feature = "serde")]
pub(crate) fn hexadecimal<S: serde::Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    struct Digits<'b>(&'b [u8; 32]);

    impl fmt::Display for Digits<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }

    serializer.collect_str(&Digits(bytes))
}
