//! Creators' tokens: which one to use, and one renewal at a time.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
    time::Duration,
};

use compass_core::{
    Handle,
    ports::{Clock, CreatorGrant, CreatorTokens, SourceError, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tracing::Instrument as _;

use super::{
    api::{Api, Purchase},
    outcome::Refused,
};
use crate::parse::display_api::ApiTokens;

/// A token that ends sooner than this is renewed first, so that it lasts for a whole collection.
const MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// How long another process gets to keep the tokens that it bought, look by look.
const TO_BE_KEPT: [Duration; 3] = [Duration::ZERO, Duration::from_millis(250), Duration::from_secs(1)];

/// Renewals of different creators rarely wait for each other, and there are no more locks than this.
const LOCKS: usize = 64;

/// Gives access tokens that work.
#[derive(Debug, Clone)]
pub(super) struct Tokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    api: Arc<Api>,
    kept: Arc<dyn CreatorTokens>,
    clock: Arc<dyn Clock>,
    /// Held during a renewal of one of its handles.
    renewals: [Mutex<HashMap<Handle, Unsaved>>; LOCKS],
}

/// Tokens that were bought and could not be kept: what they were bought with is worth nothing any more.
#[derive(Debug)]
struct Unsaved {
    bought_with: SecretString,
    grant: CreatorGrant,
}

impl Tokens {
    pub(super) fn new(api: Arc<Api>, kept: Arc<dyn CreatorTokens>, clock: Arc<dyn Clock>) -> Self {
        let renewals = std::array::from_fn(|_| Mutex::default());
        Self(Arc::new(Inner { api, kept, clock, renewals }))
    }

    /// The creator's grant with a token that will work for a while.
    pub(super) async fn current(&self, handle: &Handle) -> Result<CreatorGrant, SourceError> {
        let grant = self.0.find(handle).await?;
        if self.0.lasts(&grant) { Ok(grant) } else { self.renewed(grant).await }
    }

    /// The grant with another access token than the one that has gone bad.
    pub(super) async fn renewed(&self, stale: CreatorGrant) -> Result<CreatorGrant, SourceError> {
        let inner = Arc::clone(&self.0);
        // In a task of its own: whoever gives up waiting must not lose the tokens between TikTok and the keeper.
        let renewal = tokio::spawn(async move { inner.renew(&stale).await }.in_current_span());
        renewal.await.unwrap_or_else(|e| {
            let detail = "the renewal of the creator's tokens was cut short".to_owned();
            Err(SourceError::Network { detail, source: Some(Box::new(e)) })
        })
    }

    /// Forgets the creator's grant, and gives it back so that TikTok can be told.
    pub(super) async fn forget(&self, handle: &Handle) -> Result<Option<CreatorGrant>, SourceError> {
        let mut unsaved = self.0.renewals[lock_of(handle)].lock().await;
        let kept = self.0.kept.find(handle).await.map_err(SourceError::Store)?;
        let newest = unsaved.remove(handle).map(|unsaved| unsaved.grant).or(kept);
        self.0.kept.remove(handle).await.map_err(SourceError::Store)?;
        Ok(newest)
    }
}

impl Inner {
    async fn find(&self, handle: &Handle) -> Result<CreatorGrant, SourceError> {
        let kept = self.kept.find(handle).await.map_err(SourceError::Store)?;
        kept.ok_or_else(|| SourceError::NotConnected(handle.clone()))
    }

    fn lasts(&self, grant: &CreatorGrant) -> bool {
        grant.access_expires_at.duration_since(self.clock.now()) > MARGIN
    }

    async fn renew(&self, stale: &CreatorGrant) -> Result<CreatorGrant, SourceError> {
        let handle = &stale.handle;
        let mut unsaved = self.renewals[lock_of(handle)].lock().await;
        let mut kept = self.find(handle).await?;
        if let Some(Unsaved { bought_with, grant }) = unsaved.remove(handle)
            && same(&bought_with, &kept.refresh_token)
        {
            self.keep(&mut unsaved, bought_with, grant.clone()).await?;
            kept = grant;
        }
        // Somebody was quicker, here or in another process.
        if !same(&kept.access_token, &stale.access_token) && self.lasts(&kept) {
            return Ok(kept);
        }
        let now = self.clock.now();
        if kept.refresh_expires_at <= now {
            let detail = format!("the connection ended on {}", kept.refresh_expires_at.strftime("%F"));
            return Err(SourceError::AccessRevoked { handle: handle.clone(), detail });
        }
        let bought = match self.api.tokens(Purchase::Refresh(&kept.refresh_token), now).await {
            Ok(bought) => bought,
            Err(Refused::Outcome(error)) => return Err(error),
            Err(Refused::Grant(detail)) => {
                // Another process may have spent this refresh token a moment ago, and be about to keep what it got.
                for pause in TO_BE_KEPT {
                    tokio::time::sleep(pause).await;
                    let again = self.find(handle).await?;
                    if !same(&again.refresh_token, &kept.refresh_token) && self.lasts(&again) {
                        return Ok(again);
                    }
                }
                return Err(SourceError::AccessRevoked { handle: handle.clone(), detail });
            }
        };
        check_account(&kept.open_id, &bought.open_id)?;
        let bought_with = kept.refresh_token.clone();
        let grant = renewed(kept, bought, now);
        // Kept before it is used: the old refresh token is spent.
        self.keep(&mut unsaved, bought_with, grant.clone()).await?;
        tracing::debug!("the creator's tokens were renewed");
        Ok(grant)
    }

    async fn keep(
        &self,
        unsaved: &mut HashMap<Handle, Unsaved>,
        bought_with: SecretString,
        grant: CreatorGrant,
    ) -> Result<(), SourceError> {
        match self.kept.renew(&grant).await {
            Ok(()) => Ok(()),
            Err(StoreError::NotFound) => Err(SourceError::NotConnected(grant.handle)),
            Err(error) => {
                unsaved.insert(grant.handle.clone(), Unsaved { bought_with, grant });
                Err(SourceError::Store(error))
            }
        }
    }
}

/// Whether an answer is about the account that was connected.
pub(super) fn check_account(connected: &str, answered: &str) -> Result<(), SourceError> {
    if connected == answered || answered.is_empty() {
        return Ok(());
    }
    Err(SourceError::SuspectValue {
        field: "open_id".to_owned(),
        why: "TikTok answers for another account than the one that was connected".to_owned(),
    })
}

/// When something that lasts this long from now ends.
pub(super) fn end(now: Timestamp, lasting: Duration) -> Timestamp {
    now.checked_add(lasting).unwrap_or(Timestamp::MAX)
}

fn renewed(grant: CreatorGrant, bought: ApiTokens, now: Timestamp) -> CreatorGrant {
    CreatorGrant {
        scopes: if bought.scopes.is_empty() { grant.scopes } else { bought.scopes },
        access_token: bought.access_token,
        access_expires_at: end(now, bought.expires_in),
        refresh_token: bought.refresh_token.unwrap_or(grant.refresh_token),
        refresh_expires_at: bought.refresh_expires_in.map_or(grant.refresh_expires_at, |lasting| end(now, lasting)),
        ..grant
    }
}

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

fn lock_of(handle: &Handle) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(handle);
    usize::try_from(hash % LOCKS as u64).unwrap_or(0)
}
