//! How a creator connects the account: TikTok's consent page, and the code that comes back from it.

use std::fmt;

use compass_core::ports::{CreatorGrant, Random, SourceError, new_secret};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{
    DisplayApiSource, SCOPES,
    api::Purchase,
    outcome::{CallError, Refused},
    tokens::{check_account, end},
};

/// Where to send the creator's browser, and what to remember until it comes back.
#[derive(Clone)]
pub struct ConnectStart {
    /// TikTok's consent page, with what is asked for.
    pub redirect: String,
    /// A secret that the same browser must bring back, in a cookie for example.
    pub transaction: SecretString,
}

impl fmt::Debug for ConnectStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectStart").finish_non_exhaustive()
    }
}

/// What the browser brought back from TikTok.
#[derive(Clone)]
pub struct ConnectAnswer {
    /// The one-time code; `None` if the creator, or TikTok, said no.
    pub code: Option<SecretString>,
    /// The state in the address.
    pub state: String,
    /// What the browser remembered: [`ConnectStart::transaction`].
    pub transaction: SecretString,
}

impl fmt::Debug for ConnectAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectAnswer").finish_non_exhaustive()
    }
}

/// Why an account was not connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The answer does not belong to a request that this browser began: begin again.
    #[error("this connection was not begun in this browser")]
    TransactionMismatch,
    /// The creator said no.
    #[error("the creator did not allow it")]
    Declined,
    /// TikTok does not accept the code: it is used, too old or another one's. Begin again.
    #[error("TikTok does not accept the code ({0}); begin again")]
    CodeRefused(String),
    /// TikTok could not be asked, or its answer does not do.
    #[error("TikTok gave no access")]
    Source(#[from] SourceError),
}

impl DisplayApiSource {
    /// Begins to connect an account: the address of TikTok's consent page, for every scope in [`SCOPES`].
    ///
    /// The creator may leave some out; `user.info.profile` is needed, the others are done without.
    #[must_use]
    pub fn authorize_url(&self, random: &dyn Random) -> ConnectStart {
        let (state, verifier) = (new_secret(random), new_secret(random));
        let mut address = self.consent.clone();
        address
            .query_pairs_mut()
            .append_pair("client_key", &self.api.application.client_key)
            .append_pair("scope", &SCOPES.join(","))
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &self.api.application.redirect_uri)
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        ConnectStart { redirect: Url::into(address), transaction: SecretString::from(format!("{state}.{verifier}")) }
    }

    /// Finishes connecting: buys tokens for the code and asks whose account it is.
    ///
    /// What comes back is for the host to look at and to keep: it may have to be the account that the signed-in user
    /// said, and a numeric id may be known for it ([`CreatorGrant::creator`]).
    ///
    /// # Errors
    /// [`ConnectError`]; nothing is kept then.
    pub async fn exchange(&self, answer: &ConnectAnswer) -> Result<CreatorGrant, ConnectError> {
        let (state, verifier) =
            answer.transaction.expose_secret().split_once('.').ok_or(ConnectError::TransactionMismatch)?;
        if state.is_empty() || !bool::from(state.as_bytes().ct_eq(answer.state.as_bytes())) {
            return Err(ConnectError::TransactionMismatch);
        }
        let code = answer.code.as_ref().ok_or(ConnectError::Declined)?;
        let now = self.clock.now();
        let purchase = Purchase::Code { code: code.expose_secret(), verifier };
        let bought = self.api.tokens(purchase, now).await.map_err(|refused| match refused {
            Refused::Grant(detail) => ConnectError::CodeRefused(detail),
            Refused::Outcome(error) => ConnectError::Source(error),
        })?;
        let Some((refresh_token, lasting)) = bought.refresh_token.zip(bought.refresh_expires_in) else {
            let detail = "there is no refresh token, or it does not say how long it lasts".to_owned();
            return Err(SourceError::LayoutChanged { path: "/v2/oauth/token/".to_owned(), detail }.into());
        };
        let asked = self.user(&bought.access_token, &bought.scopes).await;
        let user = asked.map_err(|error| match error {
            CallError::TokenInvalid(detail) => ConnectError::CodeRefused(detail),
            CallError::Outcome(error) => ConnectError::Source(error),
        })?;
        check_account(&bought.open_id, &user.open_id)?;
        Ok(CreatorGrant {
            creator: self.known_id(&user.handle).await?,
            handle: user.handle,
            open_id: bought.open_id,
            scopes: bought.scopes,
            access_token: bought.access_token,
            access_expires_at: end(now, bought.expires_in),
            refresh_token,
            refresh_expires_at: end(now, lasting),
        })
    }
}

/// The challenge of a verifier. TikTok writes the digest in hexadecimal digits, where RFC 7636 has base64url.
fn challenge(verifier: &str) -> String {
    Sha256::digest(verifier.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenge_is_the_digest_in_hexadecimal_digits() {
        // The verifier of RFC 7636, appendix B, whose digest is 13D31E96... there.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3"
        );
    }
}
