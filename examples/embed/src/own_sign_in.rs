//! Compass for people whom the host knows already: no sign-in of ours, no session, no token.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::{Extension, Router, http::request::Parts};
use compass_core::{
    Identity, UserId,
    ports::{StoreError, new_uuid},
};
use compass_http::{HostSignIn, Ports, Problem, analytics, operations, router_of, tiktok};

/// The host's staff, by the key that each sends in `X-Api-Key`.
#[derive(Debug, Default)]
struct Staff(BTreeMap<String, UserId>);

#[async_trait]
impl HostSignIn for Staff {
    async fn caller(&self, head: &Parts) -> Result<Option<UserId>, Problem> {
        let key = head.headers.get("x-api-key").and_then(|key| key.to_str().ok());
        Ok(key.and_then(|key| self.0.get(key)).copied())
    }
}

/// The sections that make sense there, for these people and their keys.
pub(crate) async fn compass<S>(ports: Ports, staff: &[(&str, &str)]) -> Result<Router<S>, StoreError>
where
    S: Clone + Send + Sync + 'static,
{
    let mut keys = Staff::default();
    for (name, key) in staff {
        let who = Identity {
            issuer: "urn:example:host".to_owned(),
            subject: (*name).to_owned(),
            email: None,
            name: Some((*name).to_owned()),
        };
        let now = ports.clock.now();
        let user = ports.accounts.sign_in(&who, UserId(new_uuid(&*ports.random, now)), now).await?;
        keys.0.insert((*key).to_owned(), user.id);
    }
    let host: Arc<dyn HostSignIn> = Arc::new(keys);
    Ok(router_of([tiktok(), analytics(), operations()]).with_state(ports).layer(Extension(host)))
}
