//! From a provider's answer to sessions, and their end.

use std::time::Duration;

use compass_core::{
    AuditEvent, SessionId,
    app::{SignInError, session_of, session_seen},
    ports::{AuditLog as _, IdentityError, MockIdentityProvider, StoreError},
};
use serde_json::json;
use uuid::Uuid;

use super::{Bench, answer, bench, client, elsewhere};

async fn is_signed_in(bench: &Bench, token: &str) -> bool {
    session_of(&*bench.store, &*bench.clock, token).await.unwrap().is_some()
}

#[tokio::test]
async fn browser_secret_finds_its_user_until_sign_out() {
    let bench = bench();
    let signed_in = bench.sign_in("a").await;
    assert_eq!(signed_in.token.len(), 64);
    let (user, session) = session_of(&*bench.store, &*bench.clock, &signed_in.token).await.unwrap().unwrap();
    assert_eq!((user.id, session.id), (signed_in.user.id, signed_in.session.id));
    assert_eq!(session.client, client());
    bench.accounts.sign_out(&session, &client()).await.unwrap();
    assert!(!is_signed_in(&bench, &signed_in.token).await);
}

#[tokio::test]
async fn every_sign_in_is_a_session_of_its_own() {
    let bench = bench();
    let (first, second) = (bench.sign_in("a").await, bench.sign_in("a").await);
    assert_eq!(first.user.id, second.user.id);
    assert_ne!(first.token, second.token);
    bench.accounts.sign_out(&first.session, &client()).await.unwrap();
    assert!(is_signed_in(&bench, &second.token).await);
}

#[tokio::test]
async fn session_is_over_after_thirty_days() {
    let bench = bench();
    let signed_in = bench.sign_in("a").await;
    bench.clock.advance(Duration::from_secs(30 * 86_400));
    assert!(!is_signed_in(&bench, &signed_in.token).await);
}

#[tokio::test]
async fn guessed_secret_finds_nobody() {
    let bench = bench();
    bench.sign_in("a").await;
    for guess in ["", "0", &"0".repeat(64), "\0", "é"] {
        assert!(!is_signed_in(&bench, guess).await, "{guess:?}");
    }
}

#[tokio::test]
async fn sign_in_and_sign_out_are_on_record_with_the_address() {
    let bench = bench();
    let signed_in = bench.sign_in("a").await;
    bench.clock.advance(Duration::from_secs(60));
    bench.accounts.sign_out(&signed_in.session, &elsewhere()).await.unwrap();
    let record = bench.record_of(signed_in.user.id).await;
    let told = |event: &AuditEvent| (event.action.clone(), event.actor, event.ip, event.detail.clone());
    let session = signed_in.session.id.0;
    let user = Some(signed_in.user.id);
    assert_eq!(
        record.iter().map(told).collect::<Vec<_>>(),
        [
            ("session_opened".to_owned(), user, client().ip, json!({"session": session, "for": "browser"})),
            ("session_ended".to_owned(), user, elsewhere().ip, json!({"session": session})),
        ]
    );
}

#[tokio::test]
async fn failed_sign_in_leaves_nobody_behind_and_is_on_record_if_it_was_begun() {
    let failures = [
        (IdentityError::Declined, Some("declined")),
        (IdentityError::NotAllowed("not listed".into()), Some("not_allowed")),
        (IdentityError::Invalid("bad".into()), Some("invalid")),
        (IdentityError::TransactionMismatch, None),
        (IdentityError::Unavailable("down".into()), None),
    ];
    for (failure, on_record) in failures {
        let mut bench = bench();
        let mut audit = compass_core::ports::MockAuditLog::new();
        audit.expect_append().times(usize::from(on_record.is_some())).returning(move |event| {
            assert_eq!((event.actor, event.action.as_str(), event.ip), (None, "sign_in_failed", client().ip));
            assert_eq!(Some(event.detail["why"].as_str().unwrap()), on_record);
            Ok(())
        });
        bench.accounts.audit = std::sync::Arc::new(audit);
        let mut provider = MockIdentityProvider::new();
        provider.expect_finish().return_once(move |_| Err(failure));
        let refused = bench.accounts.sign_in(&provider, &answer(), &client()).await;
        assert!(matches!(refused, Err(SignInError::Identity(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn nobody_is_signed_in_whose_sign_in_cannot_be_put_on_record() {
    let mut bench = bench();
    let mut audit = compass_core::ports::MockAuditLog::new();
    audit.expect_append().returning(|_| Err(StoreError::Unavailable("down".into())));
    bench.accounts.audit = std::sync::Arc::new(audit);
    let refused = bench.accounts.sign_in(&super::provider("a"), &answer(), &client()).await;
    assert!(matches!(refused, Err(SignInError::Store(StoreError::Unavailable(_)))), "{refused:?}");
}

#[tokio::test]
async fn a_person_sees_the_open_sessions_and_ends_one_or_all() {
    let bench = bench();
    let (old, other) = (bench.sign_in("a").await, bench.sign_in("b").await);
    bench.clock.advance(Duration::from_secs(60));
    let new = bench.sign_in("a").await;
    let user = new.user.id;
    let ids = async || bench.accounts.sessions(user).await.unwrap().iter().map(|s| s.id).collect::<Vec<_>>();
    assert_eq!(ids().await, [new.session.id, old.session.id]);
    assert!(!bench.accounts.end_session(user, other.session.id, &client()).await.unwrap(), "it is another's");
    assert!(!bench.accounts.end_session(user, SessionId(Uuid::nil()), &client()).await.unwrap());
    bench.clock.advance(Duration::from_secs(60));
    assert!(bench.accounts.end_session(user, old.session.id, &client()).await.unwrap());
    assert!(!bench.accounts.end_session(user, old.session.id, &client()).await.unwrap(), "it has ended");
    assert_eq!(ids().await, [new.session.id]);
    bench.clock.advance(Duration::from_secs(60));
    assert_eq!(bench.accounts.end_sessions(user, &client()).await.unwrap(), 1);
    assert!(!is_signed_in(&bench, &new.token).await);
    assert!(is_signed_in(&bench, &other.token).await);
    assert_eq!(
        bench.actions_of(user).await,
        ["session_opened", "session_opened", "session_ended", "all_sessions_ended"]
    );
    assert_eq!(bench.store.events_of(other.user.id, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn operator_ends_all_sessions_of_a_person_and_of_nobody_else() {
    let bench = bench();
    let (one, two, other) = (bench.sign_in("a").await, bench.sign_in("a").await, bench.sign_in("b").await);
    let program = bench.accounts.open_for_program(one.user.id, &client()).await.unwrap();
    assert_eq!(bench.accounts.session_to_renew(&program.token).await.unwrap(), Some(program.session.clone()));
    // Events of one moment are in no order.
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.accounts.sign_out_everywhere(one.user.id).await.unwrap(), 3);
    assert!(!is_signed_in(&bench, &one.token).await && !is_signed_in(&bench, &two.token).await);
    assert_eq!(bench.accounts.session_to_renew(&program.token).await.unwrap(), None);
    assert!(is_signed_in(&bench, &other.token).await);
    let last = bench.record_of(one.user.id).await.pop().unwrap();
    assert_eq!((last.action.as_str(), last.actor, last.subject), ("all_sessions_ended", None, Some(one.user.id)));
    assert_eq!((last.detail, last.ip), (json!({"sessions": 3, "by": "operator"}), None));
    assert_eq!(bench.accounts.sign_out_everywhere(one.user.id).await.unwrap(), 0);
    assert_eq!(bench.actions_of(one.user.id).await.len(), 4, "what was not done is not on record");
}

#[tokio::test]
async fn last_use_is_kept_to_five_minutes() {
    let bench = bench();
    let signed_in = bench.sign_in("a").await;
    let seen = async || {
        let now = &bench.accounts.sessions(signed_in.user.id).await.unwrap()[0];
        session_seen(&*bench.store, &*bench.clock, now, &elsewhere()).await.unwrap();
        let after = bench.accounts.sessions(signed_in.user.id).await.unwrap().remove(0);
        (after.last_seen_at.duration_since(after.opened_at).as_secs(), after.client)
    };
    bench.clock.advance(Duration::from_secs(299));
    assert_eq!(seen().await, (0, client()));
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(seen().await, (300, elsewhere()));
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let text = format!("{:?}", answer());
    assert!(!text.contains("code") && !text.contains("transaction"), "{text}");
}
