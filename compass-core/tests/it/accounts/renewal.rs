//! How programs stay signed in.

use std::time::Duration;

use compass_core::{
    app::{Renewal, RenewalError, session_of},
    ports::{Clock as _, RefreshTokens as _},
};
use futures_util::future::join_all;
use serde_json::json;

use super::{Bench, bench, client, elsewhere};

const DAY: Duration = Duration::from_secs(86_400);

/// A person's program with its first token.
async fn program(bench: &Bench) -> Renewal {
    let user = bench.person("a").await.id;
    bench.accounts.open_for_program(user, &client()).await.unwrap()
}

async fn renewed(bench: &Bench, token: &str) -> Renewal {
    bench.accounts.renew(token, &elsewhere()).await.unwrap()
}

#[tokio::test]
async fn each_token_works_once_and_gives_the_next() {
    let bench = bench();
    let mut last = program(&bench).await;
    assert_eq!(last.token.len(), 64);
    for _ in 0..7 {
        bench.clock.advance(DAY);
        let next = renewed(&bench, &last.token).await;
        assert_eq!(next.session.id, last.session.id);
        assert_ne!(next.token, last.token);
        last = next;
    }
    let session = bench.accounts.sessions(last.session.user).await.unwrap().remove(0);
    assert_eq!((session.last_seen_at, session.client), (bench.clock.now(), elsewhere()));
}

#[tokio::test]
async fn no_token_is_kept_as_it_is_and_none_opens_the_session_as_a_cookie() {
    let bench = bench();
    let first = program(&bench).await;
    let kept = format!("{:?}", bench.store.of_session(first.session.id).await.unwrap()[0].hash);
    assert!(!kept.contains(&first.token));
    assert_eq!(session_of(&*bench.store, &*bench.clock, &first.token).await.unwrap(), None);
    assert!(!format!("{first:?}").contains(&first.token));
}

#[tokio::test]
async fn token_that_is_used_again_ends_the_session_and_is_on_record() {
    let bench = bench();
    let first = program(&bench).await;
    let second = renewed(&bench, &first.token).await;
    let third = renewed(&bench, &second.token).await;
    let stolen = bench.accounts.renew(&first.token, &elsewhere()).await;
    assert!(matches!(stolen, Err(RenewalError::Reused)), "{stolen:?}");
    let own = bench.accounts.renew(&third.token, &client()).await;
    assert!(matches!(own, Err(RenewalError::Void)), "both have to sign in again: {own:?}");
    let again = bench.accounts.renew(&first.token, &elsewhere()).await;
    assert!(matches!(again, Err(RenewalError::Void)), "{again:?}");
    assert_eq!(bench.accounts.sessions(first.session.user).await.unwrap(), []);
    let record = bench.record_of(first.session.user).await;
    let reuse: Vec<_> = record.iter().filter(|event| event.action == "refresh_token_reused").collect();
    assert_eq!(reuse.len(), 1);
    assert_eq!((reuse[0].actor, reuse[0].subject, reuse[0].ip), (None, Some(first.session.user), elsewhere().ip));
    assert_eq!(reuse[0].detail, json!({"session": first.session.id.0}));
}

#[tokio::test]
async fn program_that_lost_the_answer_may_ask_again_after_ten_seconds() {
    let bench = bench();
    let first = program(&bench).await;
    let lost = renewed(&bench, &first.token).await;
    let too_soon = bench.accounts.renew(&first.token, &client()).await;
    assert!(matches!(too_soon, Err(RenewalError::AtOnce(wait)) if wait == Duration::from_secs(10)), "{too_soon:?}");
    bench.clock.advance(Duration::from_secs(10));
    let second = renewed(&bench, &first.token).await;
    renewed(&bench, &second.token).await;
    let late = bench.accounts.renew(&lost.token, &client()).await;
    assert!(matches!(late, Err(RenewalError::Reused)), "{late:?}");
}

#[tokio::test]
async fn of_fifty_renewals_at_once_one_succeeds() {
    let bench = bench();
    let first = program(&bench).await;
    let client = client();
    let all = join_all((0..50).map(|_| bench.accounts.renew(&first.token, &client))).await;
    let at_once = all.iter().filter(|outcome| matches!(outcome, Err(RenewalError::AtOnce(_)))).count();
    let good: Vec<_> = all.into_iter().filter_map(Result::ok).collect();
    assert_eq!((good.len(), at_once), (1, 49));
    renewed(&bench, &good[0].token).await;
}

#[tokio::test]
async fn token_waits_two_weeks_and_the_session_ends_after_thirty_days() {
    let bench = bench();
    let first = program(&bench).await;
    assert_eq!(first.token_expires_at, bench.clock.now() + 14 * DAY);
    bench.clock.advance(14 * DAY);
    let late = bench.accounts.renew(&first.token, &client()).await;
    assert!(matches!(late, Err(RenewalError::Void)), "{late:?}");

    let mut last = program(&bench).await;
    for _ in 0..29 {
        bench.clock.advance(DAY);
        last = renewed(&bench, &last.token).await;
    }
    assert_eq!(last.token_expires_at, last.session.expires_at);
    bench.clock.advance(DAY);
    let over = bench.accounts.renew(&last.token, &client()).await;
    assert!(matches!(over, Err(RenewalError::Void)), "{over:?}");
}

#[tokio::test]
async fn of_more_than_a_hundred_sessions_the_one_in_use_the_longest_ago_ends() {
    let bench = bench();
    let first = program(&bench).await;
    bench.clock.advance(DAY);
    for _ in 1..100 {
        program(&bench).await;
    }
    let open = async || bench.accounts.sessions(first.session.user).await.unwrap();
    assert_eq!(open().await.len(), 100);
    bench.clock.advance(DAY);
    let first = renewed(&bench, &first.token).await;
    let last = program(&bench).await.session.id;
    let open = open().await;
    assert_eq!(open.len(), 100);
    assert!([first.session.id, last].iter().all(|id| open.iter().any(|session| session.id == *id)));
    renewed(&bench, &first.token).await;
}

#[tokio::test]
async fn session_that_was_ended_is_not_renewed() {
    let bench = bench();
    let first = program(&bench).await;
    assert!(bench.accounts.end_session(first.session.user, first.session.id, &client()).await.unwrap());
    let refused = bench.accounts.renew(&first.token, &client()).await;
    assert!(matches!(refused, Err(RenewalError::Void)), "{refused:?}");
    for guess in ["", "0", &"0".repeat(64), "é"] {
        let refused = bench.accounts.renew(guess, &client()).await;
        assert!(matches!(refused, Err(RenewalError::Void)), "{guess}: {refused:?}");
    }
}
