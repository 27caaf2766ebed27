//! What people may ask of what is kept of them.

use std::{sync::Arc, time::Duration};

use compass_core::{
    UserId,
    app::session_of,
    ports::{AccountStore as _, MockAccountData, MockAuditLog, StoreError},
};
use uuid::Uuid;

use super::{bench, client};

#[tokio::test]
async fn export_has_the_sessions_and_the_record_with_the_export_itself() {
    let bench = bench();
    let signed_in = bench.sign_in("a").await;
    bench.clock.advance(Duration::from_secs(60));
    let export = bench.accounts.export(signed_in.user.id, &client()).await.unwrap().unwrap();
    assert_eq!((export.user.id, export.sessions.len()), (signed_in.user.id, 1));
    let actions: Vec<_> = export.audit.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["session_opened", "account_exported"]);
    assert_eq!(bench.accounts.export(UserId(Uuid::from_u128(9)), &client()).await.unwrap(), None);
}

#[tokio::test]
async fn erased_person_is_signed_out_at_once_and_twice_is_harmless() {
    let bench = bench();
    let (signed_in, other) = (bench.sign_in("a").await, bench.sign_in("b").await);
    let program = bench.accounts.open_for_program(signed_in.user.id, &client()).await.unwrap();
    bench.accounts.erase(signed_in.user.id, &client()).await.unwrap();
    bench.accounts.erase(signed_in.user.id, &client()).await.unwrap();
    assert_eq!(session_of(&*bench.store, &*bench.clock, &signed_in.token).await.unwrap(), None);
    bench.accounts.renew(&program.token, &client()).await.unwrap_err();
    assert_eq!(bench.store.find(signed_in.user.id).await.unwrap(), None);
    assert!(session_of(&*bench.store, &*bench.clock, &other.token).await.unwrap().is_some());
    assert_ne!(bench.sign_in("a").await.user.id, signed_in.user.id, "somebody new");
}

#[tokio::test]
async fn what_cannot_be_put_on_record_is_not_done() {
    let mut bench = bench();
    let user = bench.sign_in("a").await.user.id;
    let mut audit = MockAuditLog::new();
    audit.expect_append().returning(|_| Err(StoreError::Unavailable("down".into())));
    bench.accounts.audit = Arc::new(audit);
    bench.accounts.data = Arc::new(MockAccountData::new());
    assert!(matches!(bench.accounts.erase(user, &client()).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(bench.accounts.export(user, &client()).await, Err(StoreError::Unavailable(_))));
    assert!(bench.store.find(user).await.unwrap().is_some());
}
