//! An OpenID provider on loopback for tests: a good one, until a test says what is wrong with it.

mod keys;
mod provider;
mod script;

pub use keys::SigningKey;
pub use provider::TestProvider;
pub use script::{Page, Script};
