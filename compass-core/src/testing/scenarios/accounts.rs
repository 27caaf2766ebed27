//! What every account store does.

use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use super::suite::suite;
use crate::{
    Client, Country, Handle, Hours, Identity, Interests, Language, Preferences, PreferencesChange, Session, SessionId,
    TargetAudience, Text, UserId, WantedAges, WantedGenders, Zone,
    ports::{AccountStore, StoreError},
};

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a constant")
}

fn identity(subject: &str) -> Identity {
    Identity {
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        email: Some("same@example.com".to_owned()),
        name: None,
    }
}

fn user_id(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn session(n: u8, user: UserId) -> Session {
    Session {
        id: SessionId(Uuid::from_u128(u128::from(n) + 1_000)),
        user,
        token_hash: [n; 32],
        opened_at: noon(),
        expires_at: noon() + 1.hour(),
        last_seen_at: noon(),
        ended_at: None,
        client: Client::default(),
    }
}

fn client() -> Client {
    Client {
        ip: Some("2001:db8::7".parse().expect("a constant")),
        user_agent: Some(Text::parse("Browser/1 (ü)").expect("a constant")),
    }
}

suite! {
    ($)
    /// Runs every scenario of [`AccountStore`](crate::ports::AccountStore) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    account_store_suite in accounts over AccountStore {
        async fn accounts_that_people_name_are_given_once_in_order(store) {
            assert_eq!(store.tracked(None, 10).await.unwrap(), []);
            for (person, handle) in [(1, Some("b_d")), (2, Some("b.d")), (3, Some("bad")), (4, Some("b.d")), (5, None)] {
                let user = store.sign_in(&identity(&person.to_string()), user_id(person), noon()).await.unwrap();
                let handle = handle.map(|name| Handle::parse(name).unwrap());
                store.change_preferences(user.id, &Preferences { handle, ..Preferences::default() }.into()).await.unwrap();
            }
            let handles = ["b.d", "b_d", "bad"].map(|name| Handle::parse(name).unwrap());
            assert_eq!(store.tracked(None, 10).await.unwrap(), handles);
            assert_eq!(store.tracked(None, 2).await.unwrap(), handles[..2]);
            assert_eq!(store.tracked(Some(handles[0].clone()), 10).await.unwrap(), handles[1..]);
            assert_eq!(store.tracked(Some(handles[2].clone()), 10).await.unwrap(), []);
        }

        async fn first_sign_in_makes_a_user(store) {
            let user = store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            assert_eq!((user.id, user.created_at), (user_id(1), noon()));
            assert_eq!(user.preferences, Preferences::default());
            assert_eq!(store.find(user_id(1)).await.unwrap(), Some(user));
            assert_eq!(store.find(user_id(2)).await.unwrap(), None);
        }

        async fn everybody_is_given_once_in_the_order_of_ids(store) {
            assert_eq!(store.users(None, 10).await.unwrap(), []);
            let mut everybody = Vec::new();
            for n in [3, 0x0100, u128::MAX, 1] {
                everybody.push(store.sign_in(&identity(&n.to_string()), user_id(n), noon()).await.unwrap());
            }
            everybody.sort_by_key(|user| user.id);
            assert_eq!(store.users(None, 10).await.unwrap(), everybody);
            assert_eq!(store.users(None, 2).await.unwrap(), everybody[..2]);
            assert_eq!(store.users(Some(everybody[1].id), 1).await.unwrap(), everybody[2..3]);
            assert_eq!(store.users(Some(everybody[3].id), 10).await.unwrap(), []);
        }

        async fn later_sign_in_finds_the_same_user_and_its_new_name(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let renamed = Identity { name: Some("New name".to_owned()), email: None, ..identity("a") };
            let user = store.sign_in(&renamed, user_id(2), noon() + 1.hour()).await.unwrap();
            assert_eq!((user.id, user.created_at), (user_id(1), noon()));
            assert_eq!(store.find(user_id(1)).await.unwrap().unwrap().identity, renamed);
        }

        async fn same_address_does_not_make_the_same_person(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let other = store.sign_in(&identity("b"), user_id(2), noon()).await.unwrap();
            assert_eq!(other.id, user_id(2));
        }

        async fn twenty_first_sign_ins_at_once_make_one_user(store) {
            let who = identity("a");
            let users = join_all((1..=20).map(|n| store.sign_in(&who, user_id(n), noon()))).await;
            let mut ids: Vec<UserId> = users.into_iter().map(|user| user.unwrap().id).collect();
            ids.dedup();
            assert_eq!(ids.len(), 1);
        }

        async fn preferences_read_back_as_they_were(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let preferences = Preferences {
                handle: Some(Handle::parse("sample.steady").unwrap()),
                target: TargetAudience {
                    countries: vec![Country::parse("de").unwrap(), Country::parse("GB").unwrap()],
                    languages: vec![Language::parse("EN").unwrap()],
                    interests: Interests::parse(["bread 🍞"]).unwrap(),
                    genders: WantedGenders::parse([("female", 60), ("male", 40)]).unwrap(),
                    ages: WantedAges::parse([("18-24", 100)]).unwrap(),
                    active_hours: Hours::parse([7, 18]).unwrap(),
                },
                zone: Some(Zone::parse("Europe/Berlin").unwrap()),
            };
            let change = preferences.clone().into();
            assert_eq!(store.change_preferences(user_id(1), &change).await.unwrap(), preferences);
            assert_eq!(store.find(user_id(1)).await.unwrap().unwrap().preferences, preferences);
            let again = store.sign_in(&identity("a"), user_id(9), noon()).await.unwrap();
            assert_eq!(again.preferences, preferences);
        }

        async fn nul_in_a_name_is_refused(store) {
            let forged = Identity { name: Some("a\0b".to_owned()), ..identity("a") };
            let refused = store.sign_in(&forged, user_id(1), noon()).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
        }

        async fn changes_of_preferences_at_once_undo_nothing_of_each_other(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            for round in 0..10 {
                let handle = Handle::parse(&format!("account.{round}")).unwrap();
                let zone = Zone::parse(["Europe/Berlin", "Asia/Tokyo"][round % 2]).unwrap();
                let interests = Interests::parse([format!("interest {round}").as_str()]).unwrap();
                let target = TargetAudience { interests, ..TargetAudience::default() };
                let changes = [
                    PreferencesChange { handle: Some(Some(handle.clone())), ..PreferencesChange::default() },
                    PreferencesChange { zone: Some(Some(zone.clone())), ..PreferencesChange::default() },
                    PreferencesChange { target: Some(target.clone()), ..PreferencesChange::default() },
                    PreferencesChange::default(),
                ];
                for changed in join_all(changes.iter().map(|change| store.change_preferences(user_id(1), change))).await {
                    changed.unwrap();
                }
                let kept = store.find(user_id(1)).await.unwrap().unwrap().preferences;
                assert_eq!(kept, Preferences { handle: Some(handle), target, zone: Some(zone) });
            }
        }

        async fn preferences_of_nobody_are_not_kept(store) {
            let refused = store.change_preferences(user_id(1), &PreferencesChange::default()).await;
            assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        }

        async fn session_is_found_by_its_secret_and_its_id(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let opened = session(1, user_id(1));
            store.open_session(&opened).await.unwrap();
            assert_eq!(store.session([1; 32], noon()).await.unwrap(), Some(opened.clone()));
            assert_eq!(store.session_by_id(opened.id, noon()).await.unwrap(), Some(opened));
            assert_eq!(store.session([2; 32], noon()).await.unwrap(), None);
        }

        async fn session_ends_when_it_expires(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let opened = session(1, user_id(1));
            store.open_session(&opened).await.unwrap();
            let last_moment = opened.expires_at - 1.microseconds();
            assert!(store.session([1; 32], last_moment).await.unwrap().is_some());
            assert_eq!(store.session([1; 32], opened.expires_at).await.unwrap(), None);
            assert_eq!(store.session_by_id(opened.id, opened.expires_at).await.unwrap(), None);
        }

        async fn ended_session_is_gone_and_others_stay(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            store.open_session(&session(1, user_id(1))).await.unwrap();
            store.open_session(&session(2, user_id(1))).await.unwrap();
            let ended = session(1, user_id(1)).id;
            store.end_session(ended, noon()).await.unwrap();
            store.end_session(ended, noon()).await.unwrap();
            assert_eq!(store.session([1; 32], noon()).await.unwrap(), None);
            assert_eq!(store.session_by_id(ended, noon()).await.unwrap(), None);
            assert!(store.session([2; 32], noon()).await.unwrap().is_some());
        }

        async fn sessions_are_listed_by_when_they_were_seen(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            store.sign_in(&identity("b"), user_id(2), noon()).await.unwrap();
            for n in 1..=3 {
                store.open_session(&session(n, user_id(1))).await.unwrap();
            }
            store.open_session(&session(4, user_id(2))).await.unwrap();
            let seen = session(1, user_id(1)).id;
            store.session_seen(seen, &client(), noon() + 1.minute()).await.unwrap();
            store.end_session(session(2, user_id(1)).id, noon()).await.unwrap();
            let listed = store.sessions(user_id(1), noon() + 2.minutes()).await.unwrap();
            let first = Session { last_seen_at: noon() + 1.minute(), client: client(), ..session(1, user_id(1)) };
            assert_eq!(listed, [first, session(3, user_id(1))]);
            assert_eq!(store.sessions(user_id(1), noon() + 1.hour()).await.unwrap(), []);
        }

        async fn earlier_sight_does_not_replace_a_later_one(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            store.open_session(&session(1, user_id(1))).await.unwrap();
            let id = session(1, user_id(1)).id;
            store.session_seen(id, &client(), noon() + 2.minutes()).await.unwrap();
            store.session_seen(id, &Client::default(), noon() + 1.minute()).await.unwrap();
            let seen = store.session_by_id(id, noon()).await.unwrap().unwrap();
            assert_eq!((seen.last_seen_at, seen.client), (noon() + 2.minutes(), client()));
        }

        async fn session_that_is_over_is_not_seen(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            let ended = session(1, user_id(1)).id;
            store.open_session(&session(1, user_id(1))).await.unwrap();
            store.end_session(ended, noon()).await.unwrap();
            store.session_seen(ended, &client(), noon() + 1.minute()).await.unwrap();
            store.session_seen(SessionId(Uuid::from_u128(9)), &client(), noon()).await.unwrap();
            assert_eq!(store.session_by_id(ended, noon() + 1.minute()).await.unwrap(), None);
        }

        async fn all_sessions_of_a_user_end_and_nobody_else_s(store) {
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            store.sign_in(&identity("b"), user_id(2), noon()).await.unwrap();
            for (n, user) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
                store.open_session(&session(n, user_id(user))).await.unwrap();
            }
            store.end_session(session(1, user_id(1)).id, noon()).await.unwrap();
            assert_eq!(store.end_sessions(user_id(1), noon()).await.unwrap(), 2);
            assert_eq!(store.end_sessions(user_id(1), noon()).await.unwrap(), 0);
            assert_eq!(store.sessions(user_id(1), noon()).await.unwrap(), []);
            assert!(store.session([4; 32], noon()).await.unwrap().is_some());
        }

        async fn session_needs_a_user_and_a_secret_of_its_own(store) {
            let orphan = store.open_session(&session(1, user_id(1))).await;
            assert!(matches!(orphan, Err(StoreError::NotFound)), "{orphan:?}");
            store.sign_in(&identity("a"), user_id(1), noon()).await.unwrap();
            store.open_session(&session(1, user_id(1))).await.unwrap();
            let same_secret = Session { id: SessionId(Uuid::from_u128(7)), ..session(1, user_id(1)) };
            let refused = store.open_session(&same_secret).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        }
    }
}
