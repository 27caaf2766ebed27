//! Sign-in and access tokens: adapters for the core's `IdentityProvider` and `AccessTokens`.

mod access_tokens;
mod development;

pub use access_tokens::{JwtAccessTokens, TokenKey, TokenSetupError};
pub use development::{DevelopmentSignIn, NotLoopback};
