//! Everything that is kept of one person.

use crate::{Advice, AudienceObservation, AuditEvent, Import, Job, JobEvent, KeptReport, RefreshToken, Session, User};

/// Everything that is kept of one person, for that person. Hashes of secrets are not in its JSON form.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AccountExport {
    /// The person and the preferences.
    pub user: User,
    /// The browsers, ended ones too while they are kept; in the order in which they signed in.
    pub sessions: Vec<Session>,
    /// The tokens that renew sessions, in the order of their issue.
    pub refresh_tokens: Vec<RefreshToken>,
    /// The refreshes that the person asked for, in the order of asking.
    pub jobs: Vec<ExportedJob>,
    /// The files that the person brought, in the order of their coming.
    pub imports: Vec<Import>,
    /// The audiences that these tell of.
    pub audiences: Vec<AudienceObservation>,
    /// The reports with these files in them, in the order of their making.
    pub reports: Vec<KeptReport>,
    /// What the person was advised, in the order of the advice.
    pub advice: Vec<Advice>,
    /// What the person did, and what was done to the person, in order.
    pub audit: Vec<AuditEvent>,
}

/// A refresh with its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ExportedJob {
    /// The refresh.
    pub job: Job,
    /// Its steps, in order.
    pub events: Vec<JobEvent>,
}
