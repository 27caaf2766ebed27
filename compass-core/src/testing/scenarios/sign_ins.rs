//! What every store of sign-ins under way does.

use futures_util::future::join_all;
use jiff::ToSpan as _;

use super::{suite::suite, whole::noon};
use crate::{
    SignInTransaction,
    ports::{SignInStore, StoreError},
};

fn transaction(state: u8) -> SignInTransaction {
    SignInTransaction {
        state_hash: [state; 32],
        nonce: "nonce".to_owned(),
        verifier: "verifier".to_owned(),
        return_to: "/dashboard?handle=ada".to_owned(),
        begun_at: noon(),
        expires_at: noon() + 10.minutes(),
    }
}

suite! {
    ($)
    /// Runs every scenario of [`SignInStore`](crate::ports::SignInStore) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    sign_in_store_suite in sign_ins over SignInStore {
        async fn sign_in_is_given_once_as_it_was(store) {
            store.begin(&transaction(1)).await.unwrap();
            store.begin(&transaction(2)).await.unwrap();
            assert_eq!(store.take([1; 32], noon()).await.unwrap(), Some(transaction(1)));
            assert_eq!(store.take([1; 32], noon()).await.unwrap(), None);
            assert_eq!(store.take([2; 32], noon()).await.unwrap(), Some(transaction(2)));
            assert_eq!(store.take([3; 32], noon()).await.unwrap(), None);
        }

        async fn of_twenty_who_take_a_sign_in_at_once_one_gets_it(store) {
            store.begin(&transaction(1)).await.unwrap();
            let taken = join_all((0..20).map(|_| store.take([1; 32], noon()))).await;
            assert_eq!(taken.into_iter().filter_map(Result::unwrap).collect::<Vec<_>>(), [transaction(1)]);
        }

        async fn expired_sign_in_is_not_given(store) {
            store.begin(&transaction(1)).await.unwrap();
            assert_eq!(store.take([1; 32], noon() + 10.minutes()).await.unwrap(), None);
            let last_moment = noon() + 10.minutes() - 1.microsecond();
            assert!(store.take([1; 32], last_moment).await.unwrap().is_some());
        }

        async fn state_is_taken_once(store) {
            store.begin(&transaction(1)).await.unwrap();
            let refused = store.begin(&SignInTransaction { nonce: "other".to_owned(), ..transaction(1) }).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.take([1; 32], noon()).await.unwrap(), Some(transaction(1)));
        }

        async fn nul_in_a_sign_in_is_refused(store) {
            let refused = store.begin(&SignInTransaction { return_to: "/\0".to_owned(), ..transaction(1) }).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
        }
    }
}
