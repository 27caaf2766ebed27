//! A report that was shown to somebody, and the advice that came of it: what is held against what happened.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{CreatorId, Handle, UserId, account::uuid_id};

uuid_id!(
    /// A kept report's identity.
    ReportId
);
uuid_id!(
    /// A piece of advice's identity.
    AdviceId
);

/// A report as it was made. The same inputs give the same report, so one of each is kept.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct KeptReport {
    /// Its id.
    pub id: ReportId,
    /// The account that it is on.
    pub handle: Handle,
    /// The account's lasting id; `None` if nothing that it was made of tells it.
    pub creator: Option<CreatorId>,
    /// The other accounts whose observations went into it, where it compares with them by name. What was learnt of creators in general
    /// ([`Corpus`](crate::analytics::Corpus)) is no account's: its figures are in `input_hash`, and who wants to make the report again
    /// keeps that corpus.
    pub compared: BTreeSet<CreatorId>,
    /// Whose private exports went into it; `None` if it was made of what anybody can see.
    pub private_to: Option<UserId>,
    /// The moment that it speaks of.
    pub as_of: Timestamp,
    /// When it was made: before the first of what it was made of was read.
    pub made_at: Timestamp,
    /// The version of the engine that made it.
    pub engine: String,
    /// SHA-256 of everything that it was made of.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::import::hexadecimal"))]
    pub input_hash: [u8; 32],
    /// The report, in the JSON form of its day: a later program may not know it as a type.
    pub report: Value,
    /// Since when what its accounts showed is no longer complete, so that it cannot be made again; `None` while it is.
    pub inputs_thinned_at: Option<Timestamp>,
}

impl KeptReport {
    /// The accounts whose observations went into it, ascending.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<CreatorId> {
        self.compared.iter().copied().chain(self.creator).collect()
    }
}

/// What somebody was advised to do, and what was expected to come of it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Advice {
    /// Its id.
    pub id: AdviceId,
    /// Who was advised.
    pub user: UserId,
    /// The report that it was taken from.
    pub report: ReportId,
    /// When it was given.
    pub given_at: Timestamp,
    /// The stable name of this kind of advice.
    pub kind: String,
    /// What was said, with its evidence.
    pub said: Value,
    /// What was expected: the metric and its interval.
    pub expected: Value,
    /// When it can be told whether that came.
    pub due_at: Timestamp,
    /// What came; `None` until it is known.
    pub outcome: Option<Outcome>,
}

/// What came of a piece of advice.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Outcome {
    /// When it was looked at.
    pub settled_at: Timestamp,
    /// What was found.
    pub found: Value,
}
