//! What every store of imports and audiences does.

use std::slice::from_ref;

use futures_util::future::join_all;
use jiff::{ToSpan as _, civil::Date};
use uuid::Uuid;

use super::{
    suite::suite,
    whole::{WholeStore, ada, audience, import, noon, person, report, user_id},
};
use crate::{
    AudienceObservation, Count, Handle, Import, ImportId, ImportedAudience, KeptReport, OwnData, OwnDay, Refusal,
    ReportId, SourceKind,
    analytics::{AudienceShares, AudienceSource, Dimension, Shares},
    app::{Brought, keep_export, visible_audiences},
    ports::{CreatorStore, ReportStore, StoreError},
    samples::World,
    testing::{FixedClock, SeededRandom},
};

/// Another import of the first person, later.
fn later() -> Import {
    Import { id: ImportId(Uuid::from_u128(77)), digest: [77; 32], imported_at: noon() + 1.hour(), ..import(1) }
}

/// As lists have it.
fn listed(import: Import) -> Import {
    Import { own: None, ..import }
}

/// Looks at a sample creator that goes by a handle, so many hours before noon.
async fn see(store: &dyn WholeStore, creator: usize, name: &str, hours: i64) {
    let mut look = World::standard().creators()[creator].snapshot(noon() - hours.hours(), 3, SourceKind::Sample);
    look.profile.profile.handle = Handle::parse(name).expect("a valid handle");
    CreatorStore::record(store, &look).await.unwrap();
}

suite! {
    ($)
    /// Runs every scenario of [`ImportStore`](crate::ports::ImportStore) and [`AudienceStore`](crate::ports::AudienceStore)
    /// on fresh stores: `fresh` is an `async fn` that gives something that derefs to the store.
    import_store_suite in imports over WholeStore {
        async fn imports_are_listed_newest_first(store) {
            person(store, 1).await;
            person(store, 2).await;
            for import in [import(1), later(), import(2)] {
                store.add(&import, &[]).await.unwrap();
            }
            assert_eq!(store.imports(user_id(1), 10).await.unwrap(), [listed(later()), listed(import(1))]);
            assert_eq!(store.imports(user_id(1), 1).await.unwrap(), [listed(later())]);
            assert_eq!(store.imports(user_id(3), 10).await.unwrap(), []);
        }

        async fn same_bytes_are_recognised_for_whoever_brought_them(store) {
            person(store, 1).await;
            person(store, 2).await;
            let of_operator = Import { id: ImportId(Uuid::from_u128(78)), user: None, ..import(1) };
            for import in [import(1), later(), of_operator.clone()] {
                store.add(&import, &[]).await.unwrap();
            }
            for again in [import(1), of_operator.clone()] {
                let refused = store.add(&Import { id: ImportId(Uuid::from_u128(79)), ..again }, &[]).await;
                assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            }
            assert_eq!(store.same(Some(user_id(1)), [1; 32]).await.unwrap(), Some(listed(import(1))));
            assert_eq!(store.same(Some(user_id(1)), [77; 32]).await.unwrap(), Some(listed(later())));
            assert_eq!(store.same(None, [1; 32]).await.unwrap(), Some(listed(of_operator)));
            assert_eq!(store.same(Some(user_id(2)), [1; 32]).await.unwrap(), None);
            assert_eq!(store.same(Some(user_id(1)), [2; 32]).await.unwrap(), None);
        }

        async fn of_twenty_same_files_at_once_one_is_kept(store) {
            person(store, 1).await;
            let (clock, random) = (FixedClock::new(noon()), SeededRandom::new(7));
            for user in [Some(user_id(1)), None] {
                let own = import(1).own.unwrap();
                let brought = Brought { digest: [5; 32], own, refused: Vec::new() };
                let all = (0..20).map(|_| keep_export(store, &clock, &random, user, brought.clone()));
                let kept: Vec<(Import, bool)> = join_all(all).await.into_iter().map(Result::unwrap).collect();
                let new: Vec<&Import> = kept.iter().filter(|(_, is_new)| *is_new).map(|(import, _)| import).collect();
                assert_eq!(new.len(), 1, "{kept:?}");
                assert!(kept.iter().all(|(import, _)| import.id == new[0].id), "{kept:?}");
                let own = new[0].own.clone();
                assert_eq!(own, user.map(|_| brought.own.clone()), "of the operator's, the audience alone is kept");
            }
            assert_eq!(store.imports(user_id(1), 50).await.unwrap().len(), 1);
        }

        async fn import_is_deleted_by_whoever_brought_it_with_its_audience(store) {
            person(store, 1).await;
            person(store, 2).await;
            let other = AudienceObservation { import: later().id, observed_at: noon() - 48.hours(), ..audience(1) };
            let elsewhere = KeptReport {
                id: ReportId(Uuid::from_u128(80)),
                handle: Handle::parse("steady").unwrap(),
                ..report(1)
            };
            let public = KeptReport { id: ReportId(Uuid::from_u128(81)), private_to: None, ..report(1) };
            store.add(&import(1), &[audience(1)]).await.unwrap();
            store.add(&later(), from_ref(&other)).await.unwrap();
            for report in [report(1), report(2), elsewhere.clone(), public.clone()] {
                store.keep(&report).await.unwrap();
            }
            assert!(!store.delete(Some(user_id(2)), import(1).id).await.unwrap(), "another's");
            assert_eq!(store.imports(user_id(1), 10).await.unwrap().len(), 2);

            assert!(store.delete(Some(user_id(1)), import(1).id).await.unwrap());
            assert!(!store.delete(Some(user_id(1)), import(1).id).await.unwrap(), "it is gone");
            assert_eq!(store.imports(user_id(1), 10).await.unwrap(), [listed(later())]);
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), Some(other));
            let exported = store.export(user_id(1)).await.unwrap().unwrap();
            assert_eq!((exported.imports, exported.audiences.len()), (vec![later()], 1));
            let mut marked = Vec::new();
            for id in [report(1).id, report(2).id, elsewhere.id, public.id] {
                let kept = ReportStore::find(store, id).await.unwrap().unwrap();
                marked.push(kept.inputs_thinned_at.is_some());
            }
            assert_eq!(marked, [true, false, false, false]);
            store.add(&import(1), &[audience(1)]).await.unwrap();
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), Some(audience(1)));
        }

        async fn import_of_the_operator_is_nobody_s_to_delete(store) {
            person(store, 1).await;
            store.add(&Import { user: None, ..import(1) }, &[audience(1)]).await.unwrap();
            assert!(!store.delete(Some(user_id(1)), import(1).id).await.unwrap());
            assert_eq!(store.audience(&ada(), None, noon()).await.unwrap(), Some(audience(1)));
            assert!(store.delete(None, import(1).id).await.unwrap(), "but the operator's");
            assert_eq!(store.audience(&ada(), None, noon()).await.unwrap(), None);
        }

        async fn everybody_s_private_reports_say_that_an_import_of_the_operator_is_gone(store) {
            for n in 1..=3 {
                person(store, n).await;
            }
            see(store, 0, "ada", 40).await;
            store.add(&Import { user: None, own: None, ..import(1) }, &[audience(1)]).await.unwrap();
            let creator = Some(World::standard().creators()[0].profile().id);
            let elsewhere = Handle::parse("steady").unwrap();
            let of_account = |n| KeptReport { creator, ..report(n) };
            let renamed = KeptReport { handle: elsewhere.clone(), ..of_account(2) };
            let compared_with = KeptReport { handle: elsewhere, compared: creator.into_iter().collect(), ..report(3) };
            let public = KeptReport { id: ReportId(Uuid::from_u128(81)), private_to: None, ..of_account(1) };
            for report in [&of_account(1), &renamed, &compared_with, &public] {
                store.keep(report).await.unwrap();
            }
            assert!(store.delete(None, import(1).id).await.unwrap());
            for (report, is_marked) in [(of_account(1), true), (renamed, true), (compared_with, false), (public, false)] {
                let kept = ReportStore::find(store, report.id).await.unwrap().unwrap();
                assert_eq!(kept.inputs_thinned_at.is_some(), is_marked, "{report:?}");
            }
        }

        async fn report_that_is_kept_after_an_import_of_its_account_is_gone_says_so(store) {
            person(store, 1).await;
            see(store, 0, "ada", 40).await;
            let creator = Some(World::standard().creators()[0].profile().id);
            for (n, user) in [(1, Some(user_id(1))), (2, None)] {
                let import = Import { user, ..import(n) };
                let late = KeptReport {
                    id: ReportId(Uuid::from_u128(n.into())),
                    creator,
                    input_hash: [n; 32],
                    private_to: Some(user_id(1)),
                    ..report(n)
                };
                let later = KeptReport {
                    id: ReportId(Uuid::from_u128(u128::from(n) + 80)),
                    input_hash: [n + 80; 32],
                    made_at: "2999-01-01T00:00:00Z".parse().unwrap(),
                    ..late.clone()
                };
                store.add(&import, &[AudienceObservation { import: import.id, ..audience(n) }]).await.unwrap();
                assert!(store.delete(user, import.id).await.unwrap());
                assert!(store.keep(&late).await.unwrap().inputs_thinned_at.is_some(), "it was made before");
                assert_eq!(store.keep(&later).await.unwrap(), later, "it was made of what is left");
            }
        }

        async fn import_stays_with_its_account_whatever_that_is_called(store) {
            person(store, 1).await;
            let seen = async |creator, name, hours| see(store, creator, name, hours).await;
            let figures = |name: &str| Some(OwnData::new(Handle::parse(name).unwrap()));
            let told = |import: &Import, hours: i64| AudienceObservation {
                import: import.id,
                observed_at: noon() - hours.hours(),
                ..audience(1)
            };
            let early = Import { own: figures("ada"), ..import(1) };
            store.add(&early, &[told(&early, 50)]).await.unwrap();
            let unseen = Import { user: None, handle: Handle::parse("nobody").unwrap(), ..later() };
            store.add(&unseen, &[told(&unseen, 9)]).await.unwrap();

            // The first to be seen with the handle is whose it is, and stays so when another takes the handle.
            seen(0, "ada", 40).await;
            seen(0, "ada.renamed", 30).await;
            seen(1, "ada", 20).await;
            let viewer = Some(user_id(1));
            let of = async |name: &str| {
                let name = Handle::parse(name).unwrap();
                let audience = store.audience(&name, viewer, noon()).await.unwrap().map(|told| told.import);
                (audience, store.own(user_id(1), &name).await.unwrap().len())
            };
            assert_eq!(of("ada").await, (None, 0), "the account that has the name now");
            assert_eq!(of("ada.renamed").await, (Some(early.id), 1));

            let second = Import { id: ImportId(Uuid::from_u128(90)), digest: [90; 32], ..early.clone() };
            store.add(&second, &[told(&second, 10)]).await.unwrap();
            assert_eq!(of("ada").await, (Some(second.id), 1));
            assert_eq!(of("ada.renamed").await, (Some(early.id), 1));
            assert_eq!(of("nobody").await, (Some(unseen.id), 0));
            let all = async |owner| {
                let all = store.audiences(owner, noon(), None, 10).await.unwrap();
                all.into_iter().map(|(name, audience)| (name.to_string(), audience.told.import)).collect::<Vec<_>>()
            };
            let named = |name: &str, import: &Import| (name.to_owned(), import.id);
            assert_eq!(all(viewer).await, [named("ada", &second), named("ada.renamed", &early)]);
            assert_eq!(all(None).await, [named("nobody", &unseen)]);

            // A name that nobody goes by is that of whom it was last, also when another takes it.
            let past = Import { id: ImportId(Uuid::from_u128(91)), digest: [91; 32], ..early.clone() };
            seen(3, "was", 40).await;
            seen(3, "is", 30).await;
            let past = Import { handle: Handle::parse("was").unwrap(), ..past };
            store.add(&past, &[told(&past, 8)]).await.unwrap();
            seen(2, "was", 20).await;
            assert_eq!((of("was").await, of("is").await), ((None, 0), (Some(past.id), 1)));
            assert!(store.delete(viewer, past.id).await.unwrap());

            // A name that was taken away tells of nobody until its account is seen again.
            seen(2, "ada.renamed", 5).await;
            assert_eq!(of("ada.renamed").await, (None, 0));
            assert_eq!(all(viewer).await, [named("ada", &second)]);
            assert_eq!(all(None).await, [named("nobody", &unseen)]);

            // A report of the account under its new name is made of what was brought under the former one.
            let creator = World::standard().creators()[0].profile().id;
            let renamed = KeptReport {
                handle: Handle::parse("ada.renamed").unwrap(),
                creator: Some(creator),
                private_to: viewer,
                ..report(1)
            };
            store.keep(&renamed).await.unwrap();
            assert!(store.delete(viewer, early.id).await.unwrap());
            let kept = ReportStore::find(store, renamed.id).await.unwrap().unwrap();
            assert!(kept.inputs_thinned_at.is_some());
        }

        async fn own_figures_of_an_account_are_their_owner_s_alone(store) {
            person(store, 1).await;
            person(store, 2).await;
            let figures = |days: i32| {
                let day = OwnDay { followers: Count::exact(5_000).ok(), ..OwnDay::default() };
                let first: Date = "2026-04-01".parse().unwrap();
                let days = (0..days).map(|n| (first.checked_add(n.days()).unwrap(), day));
                Some(OwnData { days: days.collect(), ..OwnData::new(ada()) })
            };
            let other = Handle::parse("steady").unwrap();
            let of_other = Import {
                id: ImportId(Uuid::from_u128(79)),
                handle: other.clone(),
                own: Some(OwnData::new(other.clone())),
                ..import(1)
            };
            let kept = [
                Import { own: figures(1), ..later() },
                Import { own: figures(2), ..import(1) },
                Import { id: ImportId(Uuid::from_u128(78)), own: None, ..import(1) },
                Import { own: figures(3), ..import(2) },
                of_other,
            ];
            for (digest, import) in (10..).zip(kept) {
                store.add(&Import { digest: [digest; 32], ..import }, &[]).await.unwrap();
            }
            let of = async |user, handle: &Handle| store.own(user_id(user), handle).await.unwrap();
            assert_eq!(of(1, &ada()).await, [figures(2), figures(1)].map(Option::unwrap), "the oldest import first");
            assert_eq!(of(2, &ada()).await, [figures(3).unwrap()]);
            assert_eq!(of(1, &other).await, [OwnData::new(other.clone())]);
            assert_eq!(of(3, &ada()).await, []);
        }

        async fn audience_reads_back_as_it_was(store) {
            person(store, 1).await;
            store.add(&import(1), &[audience(1)]).await.unwrap();
            let kept = store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap();
            assert_eq!(kept, Some(audience(1)));
            let rest = kept.unwrap().shares.dimensions[&Dimension::Gender].rest();
            assert_eq!(rest, 0.125, "what no group is told of: 1 - 0.625 - 0.25");
        }

        async fn audience_of_a_past_moment_is_that_of_then(store) {
            person(store, 1).await;
            let newer = AudienceObservation { observed_at: noon(), ..audience(1) };
            store.add(&import(1), &[audience(1), newer.clone()]).await.unwrap();
            let seen_by = audience(1).observed_at;
            let as_of = async |moment| store.audience(&ada(), Some(user_id(1)), moment).await.unwrap();
            assert_eq!(as_of(noon() + 1.hour()).await, Some(newer.clone()));
            assert_eq!(as_of(noon()).await, Some(newer));
            assert_eq!(as_of(noon() - 1.microsecond()).await, Some(audience(1)));
            assert_eq!(as_of(seen_by - 1.microsecond()).await, None);
        }

        async fn of_two_audiences_of_one_moment_the_one_imported_later_counts(store) {
            person(store, 1).await;
            let of_later = AudienceObservation { import: later().id, ..audience(1) };
            store.add(&later(), from_ref(&of_later)).await.unwrap();
            store.add(&import(1), &[audience(1)]).await.unwrap();
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), Some(of_later));
        }

        async fn audience_is_private_unless_the_operator_imported_it(store) {
            person(store, 1).await;
            person(store, 2).await;
            store.add(&import(1), &[audience(1)]).await.unwrap();
            assert_eq!(store.audience(&ada(), Some(user_id(2)), noon()).await.unwrap(), None);
            assert_eq!(store.audience(&ada(), None, noon()).await.unwrap(), None);
            let of_operator = Import { user: None, ..later() };
            let public = AudienceObservation { import: later().id, observed_at: noon() - 48.hours(), ..audience(1) };
            store.add(&of_operator, from_ref(&public)).await.unwrap();
            assert_eq!(store.audience(&ada(), Some(user_id(2)), noon()).await.unwrap(), Some(public.clone()));
            assert_eq!(store.audience(&ada(), None, noon()).await.unwrap(), Some(public));
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), Some(audience(1)));
            let other = Handle::parse("steady").unwrap();
            assert_eq!(store.audience(&other, Some(user_id(1)), noon()).await.unwrap(), None);
        }

        async fn audiences_of_all_accounts_are_those_that_each_has_page_by_page(store) {
            person(store, 1).await;
            person(store, 2).await;
            let of_account = |n: u8, name: &str, user: Option<u8>, hours: i64| {
                let id = ImportId(Uuid::from_u128(u128::from(n)));
                let (user, digest) = (user.map(user_id), [n; 32]);
                let import = Import { id, user, digest, handle: Handle::parse(name).unwrap(), ..import(1) };
                let told = AudienceObservation { import: id, observed_at: noon() - hours.hours(), ..audience(1) };
                (import, told)
            };
            let kept = [
                of_account(101, "a_b", None, 5),
                of_account(102, "a_b", Some(1), 4),
                of_account(103, "a_b", Some(2), 3),
                of_account(104, "ab", Some(2), 2),
                of_account(105, "aa", Some(1), 1),
                of_account(106, "zoe", None, 9),
                of_account(107, "zoe", None, 8),
            ];
            for (import, audience) in &kept {
                store.add(import, from_ref(audience)).await.unwrap();
            }
            let mut found = Vec::new();
            for owner in [None, Some(user_id(1)), Some(user_id(2))] {
                for as_of in [noon(), noon() - 4.hours()] {
                    let mut paged = Vec::new();
                    while let Some(next) = {
                        let after = paged.last().map(|(handle, _): &(Handle, ImportedAudience)| handle.clone());
                        let page = store.audiences(owner, as_of, after, 1).await.unwrap();
                        assert!(page.len() <= 1);
                        page.into_iter().next()
                    } {
                        paged.push(next);
                    }
                    assert_eq!(store.audiences(owner, as_of, None, 10).await.unwrap(), paged);
                    assert!(paged.iter().all(|(_, audience)| audience.imported_at == import(1).imported_at));
                    let imports = paged.iter().map(|(_, audience)| audience.told.import.0.as_u128()).collect::<Vec<_>>();
                    found.push(imports);
                }
                // Whoever sees both sees of each account what that account has alone.
                let viewer = owner.unwrap_or(user_id(3));
                let visible = visible_audiences(store, viewer, noon()).await.unwrap();
                for handle in ["a_b", "ab", "aa", "zoe", "nobody"].map(|name| Handle::parse(name).unwrap()) {
                    let alone = store.audience(&handle, Some(viewer), noon()).await.unwrap();
                    assert_eq!(visible.of(&handle), alone.as_ref(), "{handle}");
                }
            }
            // "_" comes before letters, whatever the server's language.
            let [operators, operators_then, first, first_then, second, second_then] = <[_; 6]>::try_from(found).unwrap();
            assert_eq!((operators, operators_then), (vec![101, 107], vec![101, 107]));
            assert_eq!((first, first_then), (vec![102, 105], vec![102]));
            assert_eq!((second, second_then), (vec![103, 104], vec![]));
        }

        async fn visible_audience_of_one_moment_is_the_one_imported_later(store) {
            person(store, 1).await;
            let of = |n: u8, user: Option<u8>, hours: i64| {
                let id = ImportId(Uuid::from_u128(u128::from(n)));
                let (user, imported_at) = (user.map(user_id), noon() + hours.hours());
                let import = Import { id, user, digest: [n; 32], imported_at, ..import(1) };
                (import, AudienceObservation { import: id, observed_at: noon(), ..audience(1) })
            };
            for ((import, audience), newest) in [(of(1, Some(1), 3), 1), (of(2, None, 2), 1), (of(3, None, 4), 3)] {
                store.add(&import, from_ref(&audience)).await.unwrap();
                let visible = visible_audiences(store, user_id(1), noon()).await.unwrap();
                let alone = store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap();
                assert_eq!(visible.of(&ada()), alone.as_ref());
                assert_eq!(alone.unwrap().import.0.as_u128(), newest);
            }
        }

        async fn dimension_of_which_no_group_is_told_is_kept(store) {
            person(store, 1).await;
            let untold = Shares::parse(Dimension::Age, []).unwrap();
            let dimensions = [(Dimension::Age, untold)].into();
            let shares = AudienceShares { source: AudienceSource::PartnerFile, dimensions };
            let vague = AudienceObservation { shares, ..audience(1) };
            let silent = AudienceObservation {
                observed_at: noon(),
                shares: AudienceShares::of_studio(),
                ..audience(1)
            };
            store.add(&import(1), &[vague.clone(), silent]).await.unwrap();
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), Some(vague));
        }

        async fn refused_import_leaves_nothing(store) {
            let nobody_s = store.add(&import(1), &[audience(1)]).await;
            assert!(matches!(nobody_s, Err(StoreError::NotFound)), "{nobody_s:?}");
            person(store, 1).await;
            let twice = store.add(&import(1), &[audience(1), audience(1)]).await;
            assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
            let detail = "a\0b".to_owned();
            let nul = Refusal { detail, ..import(1).refusals[0].clone() };
            let nul = store.add(&Import { refusals: vec![nul], ..import(1) }, &[audience(1)]).await;
            assert!(matches!(nul, Err(StoreError::Invalid(_))), "{nul:?}");
            assert_eq!(store.imports(user_id(1), 10).await.unwrap(), []);
            assert_eq!(store.audience(&ada(), Some(user_id(1)), noon()).await.unwrap(), None);
            store.add(&import(1), &[audience(1)]).await.unwrap();
            let same_id = store.add(&Import { accepted: 0, ..import(1) }, &[]).await;
            assert!(matches!(same_id, Err(StoreError::Conflict(_))), "{same_id:?}");
            assert_eq!(store.imports(user_id(1), 10).await.unwrap(), [listed(import(1))]);
        }
    }
}
