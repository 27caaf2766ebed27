//! What a source met instead of an account's figures: each outcome with a name, what to do next, and when to ask again.

use std::{error::Error, time::Duration};

use jiff::Timestamp;

use super::StoreError;
use crate::{Failure, Handle, ProfileObservation, Refusal};

/// What a source met instead of an account's figures. Each is a thing to do, not a zero.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No such account, or it was banned.
    #[error("there is no account @{0}; check the spelling, or the account was renamed or removed")]
    NotFound(Handle),
    /// The account is private.
    #[error("the account is private: only its followers see its posts")]
    Private,
    /// The page wants a sign-in.
    #[error("TikTok asks for a sign-in to show this page")]
    LoginRequired,
    /// The account hides itself from visitors below an age.
    #[error("the account's audience controls hide it from signed-out visitors")]
    AudienceControlled,
    /// The account or the service is not available in this region.
    #[error("the page is not available in this region")]
    RegionBlocked,
    /// A puzzle for people.
    #[error("TikTok asks for a captcha; the service does not solve them and waits")]
    CaptchaRequired,
    /// The firewall's "please wait" page.
    #[error("TikTok's firewall page came instead of the content")]
    WafChallenge,
    /// A page without data.
    #[error("the page is a shell without data ({detail})")]
    ShellPage {
        /// Which kind of shell, and what it lacks.
        detail: String,
    },
    /// An answer without content.
    #[error("the answer was empty")]
    EmptyResponse,
    /// The header was read, the posts were not: a sign of a block, not of an empty account.
    #[error("the header says {expected} videos, the grid shows {got}: TikTok withheld the posts")]
    GridUnavailable {
        /// Posts that the header states.
        expected: u64,
        /// Posts that the grid showed.
        got: u64,
        /// What the header did say, worth keeping.
        header: Option<Box<ProfileObservation>>,
    },
    /// The list of posts ended before its end. What it gave is kept: this outcome is a [`Refusal`] of the snapshot.
    #[error("the list of posts stopped after {got} of {wanted}: {why}")]
    PartialList {
        /// Posts that were read.
        got: u64,
        /// Posts that were wanted and said to be there.
        wanted: u64,
        /// Why no more came.
        why: String,
    },
    /// The list gave the same posts again and again.
    #[error("the list of posts repeats itself after {got} posts")]
    PaginationLoop {
        /// Posts read before it repeated.
        got: u64,
    },
    /// The post does not exist, or is not shown here.
    #[error("the video is not available (status {status}: {message})")]
    VideoUnavailable {
        /// TikTok's status code.
        status: i64,
        /// TikTok's words.
        message: String,
    },
    /// Too many requests.
    #[error("TikTok limits the rate of requests")]
    RateLimited {
        /// How long it asks to wait, if it says.
        retry_after: Option<Duration>,
    },
    /// "Invalid parameter" for a request that was good before: what too quick a repetition is answered with.
    #[error("TikTok calls the request invalid (status 10201), as it does when it is asked too often")]
    ParameterBlock,
    /// The site answers this visitor with a refusal.
    #[error("the site refuses to answer (HTTP status {status})")]
    Forbidden {
        /// The HTTP status.
        status: u16,
    },
    /// The site asks programs not to load the page.
    #[error("robots.txt of {host} asks programs not to load {path}: {why}")]
    RobotsDisallowed {
        /// The host whose file it is.
        host: String,
        /// What was to be loaded, from the slash on.
        path: String,
        /// The rule that says so.
        why: String,
    },
    /// The host is left alone for a while: an earlier visit, perhaps another worker's, was told to stop.
    #[error("{host} is left alone until {until}: {}", cause.detail)]
    HostPaused {
        /// The host.
        host: String,
        /// Nobody asks it before.
        until: Timestamp,
        /// What the earlier visit met.
        cause: Failure,
    },
    /// The data came in a form that is not known.
    #[error("the data has an unknown form: {path}: {detail}")]
    LayoutChanged {
        /// Where in the data, as a JSON path or a selector.
        path: String,
        /// What was expected there.
        detail: String,
    },
    /// A value that cannot be true, such as zeros for an account that had followers.
    #[error("{field} cannot be true: {why}")]
    SuspectValue {
        /// Which value.
        field: String,
        /// Why it cannot be true.
        why: String,
    },
    /// The network or the site failed.
    #[error("the site could not be reached: {detail}")]
    Network {
        /// What happened.
        detail: String,
        /// The cause.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The creator has not connected the account, so the official API does not show it.
    #[error("@{0} is not connected to TikTok's official API; its creator can connect it, and other sources can look")]
    NotConnected(Handle),
    /// TikTok no longer accepts what the creator allowed.
    #[error("TikTok no longer lets us read @{handle} ({detail}); its creator has to connect the account again")]
    AccessRevoked {
        /// The account.
        handle: Handle,
        /// What TikTok says of it.
        detail: String,
    },
    /// The creator, or TikTok, did not allow a part without which nothing can be read.
    #[error("{scope} is not allowed; its creator has to connect the account again and allow it")]
    ScopeMissing {
        /// The permission in TikTok's words, such as `user.info.profile`.
        scope: String,
    },
    /// The official API gives no numeric id, and nothing else has told it yet.
    #[error("nothing tells the numeric id of @{0}, which the official API does not give; look at its public page once")]
    UnknownIdentity(Handle),
    /// TikTok does not accept this application.
    #[error("TikTok refuses this application: {detail}; check its client key, its client secret and its redirect URI")]
    ApplicationRefused {
        /// What TikTok says.
        detail: String,
    },
    /// What is kept of the creator, such as tokens, could not be read or kept.
    #[error("what is kept of the creator could not be read or kept")]
    Store(#[source] StoreError),
    /// The browser or its driver failed.
    #[error("the browser failed: {detail}")]
    Driver {
        /// What happened, and what to do.
        detail: String,
        /// The cause.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAdvice {
    /// Not by itself: somebody has to change something first.
    Never,
    /// Soon, with the ordinary back-off.
    Soon,
    /// Not before this long.
    After(Duration),
    /// Not before this moment, and this was no attempt: nobody was asked.
    At(Timestamp),
}

impl SourceError {
    /// The stable name of the outcome, as in JSON, in the store and in metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "not_found",
            Self::Private => "private",
            Self::LoginRequired => "login_required",
            Self::AudienceControlled => "audience_controlled",
            Self::RegionBlocked => "region_blocked",
            Self::CaptchaRequired => "captcha_required",
            Self::WafChallenge => "waf_challenge",
            Self::ShellPage { .. } => "shell_page",
            Self::EmptyResponse => "empty_response",
            Self::GridUnavailable { .. } => "grid_unavailable",
            Self::PartialList { .. } => "partial_list",
            Self::PaginationLoop { .. } => "pagination_loop",
            Self::VideoUnavailable { .. } => "video_unavailable",
            Self::RateLimited { .. } => "rate_limited",
            Self::ParameterBlock => "parameter_block",
            Self::Forbidden { .. } => "forbidden",
            Self::RobotsDisallowed { .. } => "robots_disallowed",
            Self::HostPaused { .. } => "host_paused",
            Self::LayoutChanged { .. } => "layout_changed",
            Self::SuspectValue { .. } => "suspect_value",
            Self::Network { .. } => "network",
            Self::NotConnected(_) => "not_connected",
            Self::AccessRevoked { .. } => "access_revoked",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::UnknownIdentity(_) => "unknown_identity",
            Self::ApplicationRefused { .. } => "application_refused",
            Self::Store(_) => "store",
            Self::Driver { .. } => "driver",
        }
    }

    /// Whether asking again for this account can help, and when.
    #[must_use]
    pub fn retry(&self) -> RetryAdvice {
        const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
        match self {
            Self::NotFound(_)
            | Self::Private
            | Self::LoginRequired
            | Self::AudienceControlled
            | Self::RegionBlocked
            | Self::VideoUnavailable { .. }
            | Self::LayoutChanged { .. }
            | Self::RobotsDisallowed { .. }
            | Self::NotConnected(_)
            | Self::AccessRevoked { .. }
            | Self::ScopeMissing { .. }
            | Self::UnknownIdentity(_)
            | Self::ApplicationRefused { .. }
            | Self::SuspectValue { .. } => RetryAdvice::Never,
            Self::CaptchaRequired
            | Self::WafChallenge
            | Self::EmptyResponse
            | Self::ShellPage { .. }
            | Self::Forbidden { .. }
            | Self::GridUnavailable { .. }
            | Self::PartialList { .. }
            | Self::PaginationLoop { .. } => RetryAdvice::After(QUARTER_HOUR),
            Self::HostPaused { until, .. } => RetryAdvice::At(*until),
            Self::ParameterBlock => RetryAdvice::After(8 * QUARTER_HOUR),
            Self::RateLimited { retry_after } => {
                RetryAdvice::After(retry_after.unwrap_or(QUARTER_HOUR).clamp(Duration::from_secs(1), 96 * QUARTER_HOUR))
            }
            Self::Network { .. } | Self::Driver { .. } | Self::Store(_) => RetryAdvice::Soon,
        }
    }

    /// What the creator or the operator does now: one or two whole sentences.
    ///
    /// ```
    /// use compass_core::ports::SourceError;
    /// assert_eq!(SourceError::Private.next_step(), "Only public accounts can be read. Make it public, then refresh.");
    /// ```
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        self.failure().next_step()
    }

    /// Whether it says nothing of the account, so that the next source may still show it.
    #[must_use]
    pub fn is_of_the_source(&self) -> bool {
        matches!(
            self,
            Self::Network { .. }
                | Self::Driver { .. }
                | Self::NotConnected(_)
                | Self::AccessRevoked { .. }
                | Self::ScopeMissing { .. }
                | Self::UnknownIdentity(_)
                | Self::ApplicationRefused { .. }
                | Self::Store(_)
                | Self::RobotsDisallowed { .. }
                | Self::HostPaused { .. }
                | Self::Forbidden { .. }
                | Self::ParameterBlock
        )
    }

    /// The outcome as the reason why a part of a snapshot is missing: of one item, or of the list as a whole.
    #[must_use]
    pub fn refusal(&self, item: Option<String>) -> Refusal {
        Refusal { item, reason: self.code().to_owned(), detail: self.to_string() }
    }

    /// The outcome in the words that a job keeps.
    #[must_use]
    pub fn failure(&self) -> Failure {
        Failure { code: self.code().to_owned(), detail: self.to_string() }
    }
}
