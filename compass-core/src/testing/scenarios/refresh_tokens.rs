//! What every store of refresh tokens does.

use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan as _};

use super::{
    suite::suite,
    whole::{WholeStore, noon, person, session, session_id, token},
};
use crate::{
    RefreshToken, Session, SessionId,
    ports::{Rotation, StoreError},
};

/// Presents a token of the first person for the one with the next hash.
async fn rotate(store: &dyn WholeStore, presented: u8, next: u8, at: Timestamp) -> Rotation {
    store.rotate([presented; 32], &token(1, next, at)).await.unwrap()
}

/// The first person with the token 1.
async fn issued(store: &dyn WholeStore) {
    person(store, 1).await;
    store.issue(&token(1, 1, noon())).await.unwrap();
}

fn reused(at: Timestamp) -> Rotation {
    Rotation::Reused(Session { ended_at: Some(at), ..session(1) })
}

suite! {
    ($)
    /// Runs every scenario of [`RefreshTokens`](crate::ports::RefreshTokens) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    refresh_tokens_suite in refresh_tokens over WholeStore {
        async fn each_token_is_replaced_by_the_next(store) {
            issued(store).await;
            let at = |hours: i64| noon() + hours.hours();
            for (n, hours) in (1..=7).zip(1..) {
                assert_eq!(rotate(store, n, n + 1, at(hours)).await, Rotation::Rotated(session(1)));
            }
            let chain = store.of_session(session_id(1)).await.unwrap();
            let used = RefreshToken { used_at: Some(at(1)), next: Some([2; 32]), ..token(1, 1, noon()) };
            assert_eq!((chain.len(), &chain[0], &chain[7]), (8, &used, &token(1, 8, at(7))));
        }

        async fn of_twenty_rotations_at_once_one_succeeds_and_nobody_is_signed_out(store) {
            issued(store).await;
            let at = noon() + 1.hour();
            let all = join_all((2..22).map(|next| rotate(store, 1, next, at))).await;
            let rotated = all.iter().filter(|rotation| **rotation == Rotation::Rotated(session(1))).count();
            let at_once = all.iter().filter(|rotation| **rotation == Rotation::AtOnce(session(1))).count();
            assert_eq!((rotated, at_once), (1, 19));
            let chain = store.of_session(session_id(1)).await.unwrap();
            assert_eq!(chain.iter().filter(|token| token.used_at.is_none()).count(), 1, "one is good");
            assert!(store.session([1; 32], at).await.unwrap().is_some());
        }

        async fn token_that_was_used_long_ago_ends_the_session(store) {
            issued(store).await;
            rotate(store, 1, 2, noon() + 1.hour()).await;
            rotate(store, 2, 3, noon() + 2.hours()).await;
            let at = noon() + 3.hours();
            assert_eq!(rotate(store, 1, 4, at).await, reused(at));
            assert_eq!(rotate(store, 3, 5, at).await, Rotation::Void, "the thief's own is void too");
            assert_eq!(store.session([1; 32], at).await.unwrap(), None);
            let chain = store.of_session(session_id(1)).await.unwrap();
            assert_eq!(chain.iter().map(|token| token.revoked_at).collect::<Vec<_>>(), [Some(at); 3]);
        }

        async fn token_whose_successor_is_in_use_ends_the_session_at_once(store) {
            issued(store).await;
            rotate(store, 1, 2, noon() + 1.second()).await;
            rotate(store, 2, 3, noon() + 2.seconds()).await;
            let at = noon() + 3.seconds();
            assert_eq!(rotate(store, 1, 4, at).await, reused(at));
        }

        async fn client_that_lost_the_answer_may_ask_again(store) {
            issued(store).await;
            rotate(store, 1, 2, noon() + 1.hour()).await;
            let at = noon() + 1.hour() + 10.seconds();
            assert_eq!(rotate(store, 1, 3, at - 1.microsecond()).await, Rotation::AtOnce(session(1)));
            assert_eq!(rotate(store, 1, 3, at).await, Rotation::Rotated(session(1)));
            assert_eq!(rotate(store, 3, 4, noon() + 2.hours()).await, Rotation::Rotated(session(1)));
            let at = noon() + 3.hours();
            assert_eq!(rotate(store, 2, 5, at).await, reused(at), "whoever has the lost one is somebody else");
        }

        async fn unknown_and_expired_tokens_are_void(store) {
            issued(store).await;
            assert_eq!(rotate(store, 9, 2, noon()).await, Rotation::Void);
            assert_eq!(rotate(store, 1, 2, noon() + 240.hours()).await, Rotation::Void);
            assert_eq!(rotate(store, 1, 2, noon() + 240.hours() - 1.microsecond()).await, Rotation::Rotated(session(1)));
        }

        async fn no_token_outlives_its_session(store) {
            issued(store).await;
            let endless = RefreshToken { expires_at: noon() + 9_999.hours(), ..token(1, 2, noon()) };
            store.rotate([1; 32], &endless).await.unwrap();
            assert_eq!(rotate(store, 2, 3, noon() + 240.hours()).await, Rotation::Void);
        }

        async fn tokens_of_an_ended_session_are_void(store) {
            issued(store).await;
            store.end_session(session_id(1), noon()).await.unwrap();
            assert_eq!(rotate(store, 1, 2, noon() + 1.second()).await, Rotation::Void);
        }

        async fn other_sessions_go_on_when_one_is_stolen(store) {
            issued(store).await;
            person(store, 2).await;
            store.issue(&token(2, 50, noon())).await.unwrap();
            rotate(store, 1, 2, noon() + 1.hour()).await;
            rotate(store, 2, 3, noon() + 2.hours()).await;
            rotate(store, 1, 4, noon() + 3.hours()).await;
            let other = store.rotate([50; 32], &token(2, 51, noon() + 4.hours())).await.unwrap();
            assert_eq!(other, Rotation::Rotated(session(2)));
        }

        async fn successor_is_of_the_session_of_the_token_that_was_presented(store) {
            issued(store).await;
            person(store, 2).await;
            store.rotate([1; 32], &token(2, 2, noon() + 1.hour())).await.unwrap();
            assert_eq!(store.of_session(session_id(2)).await.unwrap(), []);
            assert_eq!(store.of_session(session_id(1)).await.unwrap().len(), 2);
        }

        async fn token_tells_its_session_for_as_long_as_that_is_open(store) {
            issued(store).await;
            person(store, 2).await;
            rotate(store, 1, 2, noon() + 1.hour()).await;
            let of = async |hash: u8, hours: i64| store.session_of([hash; 32], noon() + hours.hours()).await.unwrap();
            assert_eq!(of(1, 2).await, Some(session(1)), "a used one, too");
            assert_eq!(of(2, 2).await, Some(session(1)));
            assert_eq!(of(9, 2).await, None);
            assert_eq!(of(2, 240).await, None, "the session has expired");
            assert_eq!(rotate(store, 2, 3, noon() + 3.hours()).await, Rotation::Rotated(session(1)), "nothing was changed");
            store.end_session(session_id(1), noon() + 4.hours()).await.unwrap();
            assert_eq!(of(3, 5).await, None);
        }

        async fn session_has_one_chain_and_a_hash_is_taken_once(store) {
            issued(store).await;
            let second_chain = store.issue(&token(1, 2, noon())).await;
            assert!(matches!(second_chain, Err(StoreError::Conflict(_))), "{second_chain:?}");
            let same_hash = store.rotate([1; 32], &token(1, 1, noon())).await;
            assert!(matches!(same_hash, Err(StoreError::Conflict(_))), "{same_hash:?}");
            assert_eq!(rotate(store, 1, 2, noon()).await, Rotation::Rotated(session(1)), "nothing was changed");
            let nobody = RefreshToken { session: SessionId(uuid::Uuid::from_u128(9)), ..token(1, 3, noon()) };
            let nobody = store.issue(&nobody).await;
            assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
        }
    }
}
