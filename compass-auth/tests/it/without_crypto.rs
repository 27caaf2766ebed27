//! A build without cryptography says so when it is set up, not at somebody's first sign-in.

use std::sync::Arc;

use compass_auth::{JwtAccessTokens, OpenIdConnect, OpenIdPorts, OpenIdSetupError, TokenKey, TokenSetupError};
use compass_core::{
    ports::SystemClock,
    testing::{MemoryStore, SeededRandom},
};

#[test]
fn a_build_that_cannot_sign_is_refused_at_set_up() {
    let key = TokenKey { id: "k".to_owned(), secret: vec![1; 32].into() };
    let refused = JwtAccessTokens::new("https://compass.example", key, Vec::new(), Arc::new(SeededRandom::new(1)));
    assert!(matches!(refused, Err(TokenSetupError::NoCrypto)), "{refused:?}");
}

#[test]
fn a_build_that_cannot_check_id_tokens_is_refused_at_set_up() {
    let ports = OpenIdPorts {
        sign_ins: Arc::new(MemoryStore::default()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SeededRandom::new(1)),
    };
    let refused = OpenIdConnect::google("id", "secret".into()).build(ports);
    assert!(matches!(refused, Err(OpenIdSetupError::NoCrypto)), "{refused:?}");
}
