//! A signed-in browser, and the chain of tokens with which it stays signed in.

use std::{fmt, net::IpAddr};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Text, UserId, account::uuid_id};

uuid_id!(
    /// One signed-in browser.
    SessionId
);

/// A signed-in browser, as the store keeps it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Session {
    /// Its id, which may be shown.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// SHA-256 of the secret that the browser holds; the secret itself is nowhere kept.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub token_hash: [u8; 32],
    /// When it began.
    pub opened_at: Timestamp,
    /// When it ends at the latest, however often its tokens are renewed.
    pub expires_at: Timestamp,
    /// When the browser was seen last.
    pub last_seen_at: Timestamp,
    /// When somebody ended it; `None` if nobody did.
    pub ended_at: Option<Timestamp>,
    /// From where the browser came last.
    pub client: Client,
}

impl Session {
    /// Whether it has neither ended nor expired.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.ended_at.is_none() && at < self.expires_at
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("user", &self.user).finish_non_exhaustive()
    }
}

/// From where a browser came. Personal: retention forgets it first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Client {
    /// Its address; `None` if it is not known, or forgotten.
    pub ip: Option<IpAddr>,
    /// What it says that it is; `None` if it is not known, or forgotten.
    pub user_agent: Option<Text>,
}

/// A token that renews a session once and is replaced by its successor. All tokens of a session are one family.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RefreshToken {
    /// SHA-256 of the secret that the client holds.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub hash: [u8; 32],
    /// The session that it renews.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it is too old.
    pub expires_at: Timestamp,
    /// When it was used last, and so replaced; `None` if it was not.
    pub used_at: Option<Timestamp>,
    /// The hash of the token in its place; `None` until it is used.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub next: Option<[u8; 32]>,
    /// When it was taken back; `None` if it was not.
    pub revoked_at: Option<Timestamp>,
}

impl RefreshToken {
    /// So long after a token was used it is only told that it was: two windows of one browser renew at once.
    pub const AT_ONCE: SignedDuration = SignedDuration::from_secs(10);

    /// What presenting it means, beside the session that it renews and the token that is in its place.
    ///
    /// ```
    /// # use compass_core::{Client, RefreshToken, RefreshUse, Session, SessionId, UserId};
    /// # use jiff::{Timestamp, ToSpan};
    /// # let noon: Timestamp = "2026-05-01T12:00:00Z".parse()?;
    /// # let (id, user) = (SessionId(Default::default()), UserId(Default::default()));
    /// # let session = Session { id, user, token_hash: [0; 32], opened_at: noon, expires_at: noon + 240.hours(),
    /// #     last_seen_at: noon, ended_at: None, client: Client::default() };
    /// let fresh = RefreshToken::new([1; 32], id, noon, noon + 240.hours());
    /// let next = RefreshToken::new([2; 32], id, noon, noon + 240.hours());
    /// let used = RefreshToken { used_at: Some(noon), next: Some(next.hash), ..fresh.clone() };
    /// let gone_on = RefreshToken { used_at: Some(noon + 1.hour()), next: Some([3; 32]), ..next.clone() };
    ///
    /// assert_eq!(fresh.use_of(&session, None, noon), RefreshUse::First);
    /// assert_eq!(used.use_of(&session, Some(&next), noon + 5.seconds()), RefreshUse::AtOnce);
    /// assert_eq!(used.use_of(&session, Some(&next), noon + 1.minute()), RefreshUse::AnswerLost);
    /// assert_eq!(used.use_of(&session, Some(&gone_on), noon + 1.minute()), RefreshUse::Stolen);
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn use_of(&self, session: &Session, next: Option<&Self>, at: Timestamp) -> RefreshUse {
        if !session.is_open(at) || self.expires_at <= at {
            return RefreshUse::Void;
        }
        let Some(used_at) = self.used_at.filter(|_| self.revoked_at.is_none()) else {
            return if self.revoked_at.is_some() { RefreshUse::Stolen } else { RefreshUse::First };
        };
        let next_is_untouched = next.is_some_and(|next| next.used_at.is_none() && next.revoked_at.is_none());
        match next_is_untouched {
            // A clock that was set back does not make a moment of a lost answer.
            true if (SignedDuration::ZERO..Self::AT_ONCE).contains(&at.duration_since(used_at)) => RefreshUse::AtOnce,
            true => RefreshUse::AnswerLost,
            false => RefreshUse::Stolen,
        }
    }

    /// A token that nobody has used.
    #[must_use]
    pub fn new(hash: [u8; 32], session: SessionId, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { hash, session, issued_at, expires_at, used_at: None, next: None, revoked_at: None }
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("session", &self.session).finish_non_exhaustive()
    }
}

/// What it means that somebody presents a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshUse {
    /// As it should be.
    First,
    /// It was used a moment ago and its successor is on its way.
    AtOnce,
    /// It was used, but its successor never was: the client did not get the answer.
    AnswerLost,
    /// Its successor is in use, or it was taken back: two hold the same secret.
    Stolen,
    /// It is too old, or its session is over.
    Void,
}
