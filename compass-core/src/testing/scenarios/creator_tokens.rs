//! What every keeper of creators' tokens does.

use jiff::{Timestamp, ToSpan as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::suite::suite;
use crate::{
    CreatorId, Handle,
    ports::{CreatorGrant, CreatorTokens, StoreError},
};

fn ada() -> Handle {
    Handle::parse("ada").expect("a constant")
}

/// A grant whose parts all tell which one it is.
fn grant(handle: &str, tokens: &str) -> CreatorGrant {
    let noon: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a constant");
    CreatorGrant {
        handle: Handle::parse(handle).expect("a constant"),
        creator: CreatorId::parse("7065499344158344198").ok(),
        open_id: format!("open-{tokens}"),
        scopes: vec!["user.info.basic".to_owned(), format!("scope.{tokens}")],
        access_token: SecretString::from(format!("act.{tokens}")),
        access_expires_at: noon + 24.hours(),
        refresh_token: SecretString::from(format!("rft.{tokens}")),
        refresh_expires_at: noon + 8_760.hours(),
    }
}

/// Two grants with the same parts, the secret ones too.
fn assert_same(kept: Option<CreatorGrant>, expected: &CreatorGrant) {
    let kept = kept.expect("there is a grant");
    assert_eq!(kept.handle, expected.handle);
    assert_eq!(kept.creator, expected.creator);
    assert_eq!(kept.open_id, expected.open_id);
    assert_eq!(kept.scopes, expected.scopes);
    assert_eq!(kept.access_token.expose_secret(), expected.access_token.expose_secret());
    assert_eq!(kept.access_expires_at, expected.access_expires_at);
    assert_eq!(kept.refresh_token.expose_secret(), expected.refresh_token.expose_secret());
    assert_eq!(kept.refresh_expires_at, expected.refresh_expires_at);
}

suite! {
    ($)
    /// Runs every scenario of [`CreatorTokens`](crate::ports::CreatorTokens) on fresh keepers:
    /// `fresh` is an `async fn` that gives something that derefs to the keeper.
    creator_tokens_suite in creator_tokens over CreatorTokens {
        async fn grant_reads_back_as_it_was(store) {
            store.save(&grant("ada", "1")).await.unwrap();
            assert_same(store.find(&ada()).await.unwrap(), &grant("ada", "1"));
            assert!(store.find(&Handle::parse("steady").unwrap()).await.unwrap().is_none());
        }

        async fn grant_without_a_numeric_id_and_scopes_reads_back_so(store) {
            let bare = CreatorGrant { creator: None, scopes: Vec::new(), ..grant("ada", "1") };
            store.save(&bare).await.unwrap();
            assert_same(store.find(&ada()).await.unwrap(), &bare);
        }

        async fn connecting_again_replaces_the_grant(store) {
            store.save(&grant("ada", "1")).await.unwrap();
            store.save(&grant("ada", "2")).await.unwrap();
            assert_same(store.find(&ada()).await.unwrap(), &grant("ada", "2"));
        }

        async fn renewed_tokens_replace_the_old_ones_of_this_handle_alone(store) {
            store.save(&grant("ada", "1")).await.unwrap();
            store.save(&grant("steady", "1")).await.unwrap();
            store.renew(&grant("ada", "2")).await.unwrap();
            assert_same(store.find(&ada()).await.unwrap(), &grant("ada", "2"));
            assert_same(store.find(&Handle::parse("steady").unwrap()).await.unwrap(), &grant("steady", "1"));
        }

        async fn who_has_disconnected_is_not_connected_by_a_renewal(store) {
            store.save(&grant("ada", "1")).await.unwrap();
            store.remove(&ada()).await.unwrap();
            let refused = store.renew(&grant("ada", "2")).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
            assert!(store.find(&ada()).await.unwrap().is_none());
        }

        async fn removing_twice_is_harmless_and_touches_nobody_else(store) {
            store.save(&grant("ada", "1")).await.unwrap();
            store.save(&grant("steady", "1")).await.unwrap();
            store.remove(&ada()).await.unwrap();
            store.remove(&ada()).await.unwrap();
            assert!(store.find(&ada()).await.unwrap().is_none());
            assert_same(store.find(&Handle::parse("steady").unwrap()).await.unwrap(), &grant("steady", "1"));
        }
    }
}
