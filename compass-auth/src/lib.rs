//! Sign-in and access tokens: adapters for the core's `IdentityProvider` and `AccessTokens`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod access_tokens;
mod crypto;
mod development;
mod openid;
#[cfg(feature = "testing")]
pub mod testing;

pub use access_tokens::{JwtAccessTokens, TokenKey, TokenSetupError};
pub use development::{DevelopmentSignIn, NotLoopback};
pub use openid::{
    AccountRefusal, AnswerError, OpenIdBuilder, OpenIdConnect, OpenIdPorts, OpenIdSetupError, ProviderError,
    SigningAlgorithm, UnknownAlgorithm,
};
