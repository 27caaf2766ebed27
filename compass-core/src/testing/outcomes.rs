//! One of each outcome that a source can have, for whoever has to have an answer to all of them.

use crate::{
    Failure, Handle,
    ports::{SourceError, StoreError},
};

/// One [`SourceError`] of each kind.
#[must_use]
pub fn outcomes() -> Vec<SourceError> {
    let text = || "x".to_owned();
    let handle = || Handle::parse("ada").expect("a valid handle");
    let cause = Failure { code: "captcha_required".to_owned(), detail: "TikTok asks for a captcha".to_owned() };
    vec![
        SourceError::NotFound(handle()),
        SourceError::Private,
        SourceError::LoginRequired,
        SourceError::AudienceControlled,
        SourceError::RegionBlocked,
        SourceError::CaptchaRequired,
        SourceError::WafChallenge,
        SourceError::ShellPage { detail: text() },
        SourceError::EmptyResponse,
        SourceError::GridUnavailable { expected: 9, got: 0, header: None },
        SourceError::PartialList { got: 35, wanted: 100, why: text() },
        SourceError::PaginationLoop { got: 9 },
        SourceError::VideoUnavailable { status: 10_204, message: text() },
        SourceError::RateLimited { retry_after: None },
        SourceError::ParameterBlock,
        SourceError::Forbidden { status: 403 },
        SourceError::RobotsDisallowed { host: text(), path: "/".to_owned(), why: text() },
        SourceError::HostPaused { host: text(), until: jiff::Timestamp::UNIX_EPOCH, cause },
        SourceError::LayoutChanged { path: text(), detail: text() },
        SourceError::SuspectValue { field: text(), why: text() },
        SourceError::Network { detail: text(), source: None },
        SourceError::Driver { detail: text(), source: None },
        SourceError::NotConnected(handle()),
        SourceError::AccessRevoked { handle: handle(), detail: text() },
        SourceError::ScopeMissing { scope: text() },
        SourceError::UnknownIdentity(handle()),
        SourceError::ApplicationRefused { detail: text() },
        SourceError::Store(StoreError::Conflict(text())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of a kind among the outcomes: a kind that has none does not compile.
    fn place(error: &SourceError) -> usize {
        match error {
            SourceError::NotFound(_) => 0,
            SourceError::Private => 1,
            SourceError::LoginRequired => 2,
            SourceError::AudienceControlled => 3,
            SourceError::RegionBlocked => 4,
            SourceError::CaptchaRequired => 5,
            SourceError::WafChallenge => 6,
            SourceError::ShellPage { .. } => 7,
            SourceError::EmptyResponse => 8,
            SourceError::GridUnavailable { .. } => 9,
            SourceError::PartialList { .. } => 10,
            SourceError::PaginationLoop { .. } => 11,
            SourceError::VideoUnavailable { .. } => 12,
            SourceError::RateLimited { .. } => 13,
            SourceError::ParameterBlock => 14,
            SourceError::Forbidden { .. } => 15,
            SourceError::RobotsDisallowed { .. } => 16,
            SourceError::HostPaused { .. } => 17,
            SourceError::LayoutChanged { .. } => 18,
            SourceError::SuspectValue { .. } => 19,
            SourceError::Network { .. } => 20,
            SourceError::Driver { .. } => 21,
            SourceError::NotConnected(_) => 22,
            SourceError::AccessRevoked { .. } => 23,
            SourceError::ScopeMissing { .. } => 24,
            SourceError::UnknownIdentity(_) => 25,
            SourceError::ApplicationRefused { .. } => 26,
            SourceError::Store(_) => 27,
        }
    }

    #[test]
    fn every_outcome_is_there_once() {
        let places: Vec<usize> = outcomes().iter().map(place).collect();
        assert_eq!(places, (0..28).collect::<Vec<_>>());
    }
}
