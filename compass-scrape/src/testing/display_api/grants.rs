//! The codes and tokens that the stand-in API has given out.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::ApiAccount;

/// What was given out, and what of it still counts.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: BTreeMap<String, Consent>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Access>,
    /// Everything ever given out.
    issued: Vec<String>,
}

/// A creator's yes, until it is exchanged.
#[derive(Clone, Debug)]
pub(super) struct Consent {
    pub(super) open_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: String,
}

/// What a token opens.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) open_id: String,
    pub(super) scopes: Vec<String>,
    expires_at: Timestamp,
}

/// A pair of tokens.
pub(super) struct Issued {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Grants {
    /// A one-time code for a creator's yes.
    pub(super) fn code(&mut self, consent: Consent) -> String {
        let code = self.secret("code");
        self.codes.insert(code.clone(), consent);
        code
    }

    /// The yes behind a code, once.
    pub(super) fn spend_code(&mut self, code: &str) -> Option<Consent> {
        self.codes.remove(code)
    }

    /// A new pair of tokens for an account.
    pub(super) fn issue(
        &mut self,
        account: &ApiAccount,
        scopes: Vec<String>,
        now: Timestamp,
        access_life: Duration,
        refresh_life: Duration,
    ) -> Issued {
        let refresh = self.secret("rft");
        let opens = Access { open_id: account.open_id.clone(), scopes, expires_at: now + refresh_life };
        self.refresh.insert(refresh.clone(), opens.clone());
        Issued { access: self.access(&opens, now + access_life), refresh }
    }

    /// What a refresh token renews; `None` if it is spent, void, too old or was never given.
    pub(super) fn renewable(&self, refresh: &str, now: Timestamp) -> Option<Access> {
        self.refresh.get(refresh).filter(|access| access.expires_at > now).cloned()
    }

    /// Another access token, and another refresh token in the place of this one if it rotates.
    pub(super) fn renew(&mut self, refresh: &str, opens: &Access, access_until: Timestamp, rotates: bool) -> Issued {
        let access = self.access(opens, access_until);
        if !rotates {
            return Issued { access, refresh: refresh.to_owned() };
        }
        self.refresh.remove(refresh);
        let next = self.secret("rft");
        self.refresh.insert(next.clone(), opens.clone());
        Issued { access, refresh: next }
    }

    /// What an access token opens; `None` if it is void, too old or was never given.
    pub(super) fn opened_by(&self, access: &str, now: Timestamp) -> Option<&Access> {
        self.access.get(access).filter(|access| access.expires_at > now)
    }

    /// Voids every token of an account.
    pub(super) fn withdraw(&mut self, open_id: &str) {
        self.access.retain(|_, access| access.open_id != open_id);
        self.refresh.retain(|_, access| access.open_id != open_id);
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        self.issued.clone()
    }

    fn access(&mut self, opens: &Access, until: Timestamp) -> String {
        let token = self.secret("act");
        self.access.insert(token.clone(), Access { expires_at: until, ..opens.clone() });
        token
    }

    fn secret(&mut self, kind: &str) -> String {
        let secret = format!("{kind}.canary-{:04}!Example", self.issued.len());
        self.issued.push(secret.clone());
        secret
    }
}
