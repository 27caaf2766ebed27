//! What was done, by whom: the record that nobody edits.

use std::{fmt, net::IpAddr};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{UserId, account::uuid_id};

uuid_id!(
    /// An audit event's identity.
    AuditId
);

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditId,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it; `None` for the service itself, for nobody known, and for somebody who is erased.
    pub actor: Option<UserId>,
    /// The stable name of what was done: `session_ended`, `refresh_token_reused`...
    pub action: String,
    /// To whom it was done, where that is somebody else.
    pub subject: Option<UserId>,
    /// The rest. What it says of people is of the actor or the subject alone, since it goes with them.
    pub detail: Value,
    /// From where; `None` if it is not known, or forgotten.
    pub ip: Option<IpAddr>,
}
