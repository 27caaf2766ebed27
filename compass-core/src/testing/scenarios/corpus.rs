//! What every store of the corpus does.

use futures_util::future::{Either, join_all};
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use super::{suite::suite, whole::report};
use crate::{
    Batch, BatchId, Count, CreatorId, Handle, KeptReport, Look, ProfileLook, ReportId, Snapshot, SourceKind, Thinning,
    VideoCounts,
    analytics::VideoTable,
    ports::{BatchPlace, CorpusStore, CreatorStore, Recorded, ReportStore, StoreError, VideoPage},
    samples::World,
    testing::MemoryStore,
};

/// What is recorded one by one is read in bulk, and the other way round.
pub trait Observations: CreatorStore + CorpusStore + ReportStore {}

impl<S: CreatorStore + CorpusStore + ReportStore> Observations for S {}

const ALL: VideoPage = VideoPage { after: None, limit: 1_000 };

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a constant")
}

/// So many days of a sample creator, up to [`noon`].
fn days(handle: &str, days: u32) -> Vec<Snapshot> {
    let handle = Handle::parse(handle).expect("a constant");
    World::standard().find(&handle).expect("a sample").history(noon(), days)
}

/// The snapshot as a batch that was recorded at a moment.
fn recorded_at(moment: Timestamp, snapshot: Snapshot) -> Batch {
    let mut batch = Batch::from_iter([snapshot]);
    batch.profiles.iter_mut().for_each(|look| look.recorded_at = Some(moment));
    batch.looks.iter_mut().for_each(|look| look.recorded_at = Some(moment));
    batch
}

/// A batch of two creators, and the snapshots that are in it.
fn two_creators() -> (Batch, Vec<Snapshot>) {
    let snapshots: Vec<Snapshot> = days("sample.steady", 4).into_iter().chain(days("sample.quiet", 3)).collect();
    (Batch::from_iter(snapshots.clone()), snapshots)
}

fn id(number: u128) -> BatchId {
    BatchId(Uuid::from_u128(number))
}

fn size(batch: &Batch) -> Recorded {
    Recorded { profiles: batch.profiles.len() as u64, videos: batch.looks.len() as u64 }
}

/// All that a store has, read so many at a time.
async fn all(store: &dyn CorpusStore, most: u32) -> Vec<Batch> {
    let (mut batches, mut place) = (Vec::new(), None);
    while let Some((batch, next)) = store.next_batch(place, most).await.unwrap() {
        assert!(batch.profiles.len() + batch.looks.len() <= most as usize, "more than was asked for");
        assert_ne!(place, Some(next), "no step forward");
        batches.push(batch);
        place = Some(next);
    }
    batches
}

/// What is told of each observation, in order, without the moment of recording.
fn told(batches: &[Batch]) -> (Vec<ProfileLook>, Vec<(CreatorId, crate::VideoObservation)>) {
    let profiles = batches.iter().flat_map(|batch| batch.profiles.clone());
    let profiles = profiles.map(|look| ProfileLook { recorded_at: None, ..look });
    (profiles.collect(), batches.iter().flat_map(|batch| batch.observations().unwrap()).collect())
}

/// Of two observations in one day of it, one is thinned at noon.
const OLD: Timestamp = Timestamp::constant(1_768_024_800, 0);

/// Records an account that was observed twice on an old day.
async fn to_be_thinned(store: &dyn Observations) -> CreatorId {
    let mut looks = days("sample.steady", 1);
    for hours in [0, 3] {
        let mut look = looks[0].clone();
        look.profile.observed_at = OLD + hours.hours();
        look.videos.clear();
        looks.push(look);
    }
    let creator = looks[0].creator();
    store.record_batch(id(1), &looks.into_iter().collect()).await.unwrap();
    creator
}

/// The n-th report, on one account and compared with another.
fn report_of(n: u8, on: Option<CreatorId>, beside: Option<CreatorId>, as_of: Timestamp) -> KeptReport {
    KeptReport {
        id: ReportId(Uuid::from_u128(n.into())),
        input_hash: [n; 32],
        private_to: None,
        creator: on,
        compared: beside.into_iter().collect(),
        as_of,
        ..report(1)
    }
}

suite! {
    ($)
    /// Runs every scenario of [`CorpusStore`](crate::ports::CorpusStore) on fresh stores that are a
    /// [`CreatorStore`](crate::ports::CreatorStore), too: `fresh` is an `async fn` that gives something that derefs to one.
    corpus_store_suite in corpus over Observations {
        async fn batch_reads_back_as_its_snapshots(store) {
            let (batch, snapshots) = two_creators();
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap(), size(&batch));
            let one_by_one = MemoryStore::default();
            for snapshot in &snapshots {
                one_by_one.record(snapshot).await.unwrap();
            }
            for creator in one_by_one.list().await.unwrap() {
                let (from, to) = (Timestamp::MIN, Timestamp::MAX);
                assert_eq!(CreatorStore::find(store, &creator.handle).await.unwrap(), Some(creator.clone()));
                assert_eq!(
                    store.history(creator.id, from, to).await.unwrap(),
                    one_by_one.history(creator.id, from, to).await.unwrap()
                );
                assert_eq!(
                    store.video_observations(creator.id, from, to).await.unwrap(),
                    one_by_one.video_observations(creator.id, from, to).await.unwrap()
                );
                let before = noon() - 30.hours();
                assert_eq!(
                    store.videos(creator.id, before, ALL).await.unwrap(),
                    one_by_one.videos(creator.id, before, ALL).await.unwrap()
                );
            }
        }

        async fn batch_that_is_sent_again_adds_nothing(store) {
            let (batch, _) = two_creators();
            let first = store.record_batch(id(1), &batch).await.unwrap();
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap(), first);
            let other_id = store.record_batch(id(2), &batch).await.unwrap();
            assert_eq!(other_id, Recorded { profiles: 0, videos: 0 });
        }

        async fn batch_adds_what_single_snapshots_have_not(store) {
            let (batch, snapshots) = two_creators();
            let mut there = Recorded::default();
            for snapshot in snapshots.iter().step_by(2) {
                let Recorded { profiles, videos } = store.record(snapshot).await.unwrap();
                there = Recorded { profiles: there.profiles + profiles, videos: there.videos + videos };
            }
            let Recorded { profiles, videos } = size(&batch);
            let rest = Recorded { profiles: profiles - there.profiles, videos: videos - there.videos };
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap(), rest);
        }

        async fn observation_that_stands_twice_in_a_batch_is_kept_once(store) {
            let (batch, _) = two_creators();
            let mut twice = batch.clone();
            twice.profiles.extend(batch.profiles.clone());
            twice.posts.extend(batch.posts.clone());
            let moved = batch.looks.iter().map(|look| Look { post: look.post + batch.posts.len() as u32, ..*look });
            twice.looks.extend(moved);
            assert_eq!(store.record_batch(id(1), &twice).await.unwrap(), size(&batch));
        }

        async fn of_two_looks_at_one_key_the_first_is_kept(store) {
            let [older, newer] = days("sample.steady", 2).try_into().unwrap();
            let mut batch = Batch::from_iter([newer, older]);
            let first = batch.looks[0];
            batch.looks.push(Look { counts: VideoCounts::default(), pinned: !first.pinned, ..first });
            let different = batch.looks.len() as u64 - 1;
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap().videos, different);
            let post = &batch.posts[first.post as usize];
            let seen = store.video_history(post.creator, post.video.id).await.unwrap();
            let kept = seen.iter().find(|look| look.observed_at == first.observed_at).unwrap();
            assert_eq!((kept.counts, kept.pinned), (first.counts, first.pinned));
        }

        async fn same_batch_from_many_at_once_is_kept_once(store) {
            let (batch, _) = two_creators();
            let recorded = join_all((0..6).map(|_| store.record_batch(id(1), &batch))).await;
            for recorded in recorded {
                assert_eq!(recorded.unwrap(), size(&batch));
            }
            assert_eq!(told(&all(store, 1_000).await).1.len(), batch.looks.len());
        }

        async fn batches_that_overlap_at_once_keep_each_observation_once(store) {
            let (batch, snapshots) = two_creators();
            let parts: Vec<Batch> = (0..6).map(|i| snapshots.iter().cycle().skip(i).take(4).cloned().collect()).collect();
            let recorded = join_all(parts.iter().enumerate().map(|(i, part)| store.record_batch(id(i as u128), part)));
            let recorded = recorded.await.into_iter().map(Result::unwrap);
            let videos: u64 = recorded.map(|recorded| recorded.videos).sum();
            assert_eq!(videos, batch.looks.len() as u64);
        }

        async fn batch_that_cannot_be_kept_leaves_nothing(store) {
            let (batch, _) = two_creators();
            let mut pointless = batch.clone();
            pointless.looks.last_mut().unwrap().post = batch.posts.len() as u32;
            let mut with_nul = batch.clone();
            with_nul.posts.last_mut().unwrap().video.hashtags.push("a\0b".to_owned());
            let mut of_nobody = batch.clone();
            of_nobody.profiles.clear();
            for bad in [pointless, with_nul, of_nobody] {
                let refused = store.record_batch(id(1), &bad).await;
                assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
            }
            let mut with_a_strangers = batch.clone();
            let (first, last) = (batch.posts[0].clone(), batch.posts.last().unwrap().creator);
            assert_ne!(first.creator, last);
            with_a_strangers.posts.push(crate::Post { creator: last, video: first.video });
            let refused = store.record_batch(id(1), &with_a_strangers).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.next_batch(None, 10).await.unwrap(), None);
            assert_eq!(store.list().await.unwrap(), []);
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap(), size(&batch));
        }

        async fn post_that_is_known_as_anothers_is_a_conflict(store) {
            let steady = days("sample.steady", 1);
            store.record_batch(id(1), &Batch::from_iter(steady.clone())).await.unwrap();
            let mut stolen = days("sample.quiet", 1);
            stolen[0].videos.push(steady[0].videos[0].clone());
            let refused = store.record_batch(id(2), &Batch::from_iter(stolen)).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.list().await.unwrap().len(), 1);
        }

        async fn posts_of_a_known_account_need_no_profile(store) {
            let history = days("sample.steady", 2);
            store.record(&history[0]).await.unwrap();
            let batch = Batch { profiles: Vec::new(), ..Batch::from_iter([history[1].clone()]) };
            assert_eq!(store.record_batch(id(1), &batch).await.unwrap(), size(&batch));
        }

        async fn empty_batch_and_empty_store_are_empty(store) {
            assert_eq!(store.record_batch(id(1), &Batch::default()).await.unwrap(), Recorded::default());
            assert_eq!(store.next_batch(None, 10).await.unwrap(), None);
            assert_eq!(store.corpus_table(noon()).await.unwrap().creators, []);
        }

        async fn what_is_read_in_parts_is_all_in_order(store) {
            let (batch, _) = two_creators();
            store.record_batch(id(1), &batch).await.unwrap();
            let (profiles, looks) = told(&all(store, 1_000).await);
            let place = |look: &ProfileLook| {
                let seen = &look.observation;
                (seen.profile.id, seen.observed_at, seen.source)
            };
            assert!(profiles.is_sorted_by_key(place) && profiles.len() == batch.profiles.len());
            assert!(looks.is_sorted_by_key(|(creator, o)| (*creator, o.video.id, o.observed_at, o.source)));
            assert_eq!(looks.len(), batch.looks.len());
            for most in [1, 7, 64] {
                assert_eq!(told(&all(store, most).await), (profiles.clone(), looks.clone()), "{most} at a time");
            }
            let past = BatchPlace::Look(looks.last().unwrap().0, looks.last().unwrap().1.video.id, Timestamp::MAX, SourceKind::WebDriver);
            assert_eq!(store.next_batch(Some(past), 10).await.unwrap(), None);
        }

        async fn what_is_read_and_recorded_elsewhere_is_the_same(store) {
            let (mut batch, _) = two_creators();
            batch.looks[0].recorded_at = Some(noon() + 3.microseconds());
            batch.looks[1].counts = VideoCounts { views: Some(Count::range(98_350, 98_449).unwrap()), ..Default::default() };
            let mut reworded = batch.posts[batch.looks[2].post as usize].clone();
            reworded.video.hashtags.push("reworded".to_owned());
            batch.looks[2].post = batch.posts.len() as u32;
            batch.posts.push(reworded);
            batch.profiles[0].recorded_at = Some(noon() + 7.microseconds());
            store.record_batch(id(1), &batch).await.unwrap();
            let elsewhere = MemoryStore::default();
            let read = all(store, 50).await;
            for (number, part) in (0..).zip(&read) {
                elsewhere.record_batch(id(number), part).await.unwrap();
            }
            assert_eq!(told(&all(&elsewhere, 50).await), told(&read));
            let kept = all(&elsewhere, 1_000).await.remove(0);
            assert_eq!(kept, all(store, 1_000).await.remove(0), "with the moments of recording");
            let recorded: Vec<_> = kept.looks.iter().map(|look| look.recorded_at.unwrap()).collect();
            assert!(recorded.contains(&(noon() + 3.microseconds())));
            assert_eq!(kept.profiles[0].recorded_at, Some(noon() + 7.microseconds()));
        }

        async fn old_observations_are_thinned_to_the_last_of_a_day_then_of_a_week(store) {
            let first = days("sample.steady", 1).remove(0);
            let at = |moment: &str, source| {
                let mut look = first.clone();
                let moment: Timestamp = moment.parse().unwrap();
                (look.profile.observed_at, look.profile.source) = (moment, source);
                for video in &mut look.videos {
                    (video.observed_at, video.source) = (moment, source);
                }
                look
            };
            let (page, browser) = (SourceKind::Page, SourceKind::WebDriver);
            // As of 1 May 2026, 12:00: exact from 31 January, daily from Monday, 28 April 2025.
            let kept = [
                ("2025-04-20T23:00:00Z", page),
                ("2025-04-27T23:59:59.999999Z", page),
                ("2025-04-28T09:00:00Z", page),
                ("2025-04-29T08:00:00Z", page),
                ("2026-01-30T03:00:00Z", browser),
                ("2026-01-30T21:00:00Z", page),
                ("2026-01-31T00:00:00Z", page),
                ("2026-01-31T03:00:00Z", page),
                ("2026-05-01T11:00:00Z", page),
            ];
            let gone = [
                ("2025-04-14T00:00:00Z", page),
                ("2025-04-21T00:00:00Z", page),
                ("2025-04-26T12:00:00Z", page),
                ("2025-04-28T00:00:00Z", page),
                ("2026-01-30T00:00:00Z", page),
                ("2026-01-30T18:00:00Z", page),
            ];
            let looks = kept.iter().chain(&gone).map(|(moment, source)| at(moment, *source));
            store.record_batch(id(1), &looks.collect()).await.unwrap();
            let posts = first.videos.len() as u64;
            let thinned = store.thin(&Thinning::default(), noon()).await.unwrap();
            assert_eq!(thinned, Recorded { profiles: gone.len() as u64, videos: gone.len() as u64 * posts });
            let history = store.history(first.creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap();
            let left: Vec<_> = history.iter().map(|look| (look.observed_at, look.source)).collect();
            assert_eq!(left, kept.map(|(moment, source)| (moment.parse().unwrap(), source)));
            let of_one = store.video_history(first.creator(), first.videos[0].video.id).await.unwrap();
            assert_eq!(of_one.iter().map(|look| (look.observed_at, look.source)).collect::<Vec<_>>(), left);
            assert_eq!(store.thin(&Thinning::default(), noon()).await.unwrap(), Recorded::default());
            assert!(CreatorStore::find(store, first.handle()).await.unwrap().is_some());
        }

        async fn reports_of_what_is_thinned_say_so(store) {
            let creator = to_be_thinned(store).await;
            let report = |n: u8, creator: Option<CreatorId>, as_of: Timestamp| report_of(n, creator, None, as_of);
            let beside = |n: u8, as_of: Timestamp| report_of(n, None, Some(creator), as_of);
            let old = OLD;
            let before = report(1, Some(creator), old - 1.second());
            let of_another = report(2, Some(CreatorId::parse("5").unwrap()), noon());
            let of_it = [report(3, Some(creator), old), report(4, Some(creator), noon()), beside(5, noon())];
            for report in [&before, &of_another].into_iter().chain(&of_it) {
                ReportStore::keep(store, report).await.unwrap();
            }
            assert_eq!(store.thin(&Thinning::default(), noon()).await.unwrap().profiles, 1);
            for whole in [before, of_another] {
                assert_eq!(ReportStore::find(store, whole.id).await.unwrap(), Some(whole));
            }
            for thinned in of_it {
                let found = ReportStore::find(store, thinned.id).await.unwrap().unwrap();
                assert_eq!(found, KeptReport { inputs_thinned_at: Some(noon()), ..thinned });
            }
            // They were made before and are kept only now.
            for late in [report(6, Some(creator), old), beside(7, noon())] {
                let kept = ReportStore::keep(store, &late).await.unwrap();
                assert!(kept.inputs_thinned_at.is_some(), "{kept:?}");
                assert_eq!(ReportStore::find(store, late.id).await.unwrap(), Some(kept));
            }
            let of_what_is_left = KeptReport { made_at: "2999-01-01T00:00:00Z".parse().unwrap(), ..beside(8, noon()) };
            let whole = [of_what_is_left, beside(9, old - 1.second()), report(10, None, noon())];
            for report in whole {
                assert_eq!(ReportStore::keep(store, &report).await.unwrap(), report);
            }
        }

        async fn reports_that_are_kept_while_their_inputs_are_thinned_say_so(store) {
            let creator = to_be_thinned(store).await;
            let reports: Vec<_> = (1..40).map(|n| report_of(n, None, Some(creator), noon())).collect();
            let keep = |report| async move { ReportStore::keep(store, report).await.map(drop) };
            let thin = async { store.thin(&Thinning::default(), noon()).await.map(drop) };
            let (before, after) = reports.split_at(20);
            let all = before.iter().map(|report| Either::Left(keep(report)));
            let all = all.chain([Either::Right(thin)]).chain(after.iter().map(|report| Either::Left(keep(report))));
            join_all(all).await.into_iter().collect::<Result<(), _>>().unwrap();
            for report in reports {
                let found = ReportStore::find(store, report.id).await.unwrap().unwrap();
                assert!(found.inputs_thinned_at.is_some(), "{found:?}");
            }
        }

        async fn what_was_recorded_later_was_not_known_before(store) {
            let [older, newer] = days("sample.steady", 2).try_into().unwrap();
            let month_later = noon() + 720.hours();
            store.record_batch(id(1), &recorded_at(noon(), newer.clone())).await.unwrap();
            store.record_batch(id(2), &recorded_at(month_later, older.clone())).await.unwrap();

            let (creator, post) = (older.creator(), older.videos[0].video.id);
            let at = older.profile.observed_at;
            let ever = (Timestamp::MIN, Timestamp::MAX);
            let then = store.known_at(month_later - 1.microseconds());
            assert_eq!(then.latest(creator, at).await.unwrap(), None);
            assert_eq!(then.latest(creator, noon()).await.unwrap(), Some(newer.profile.clone()));
            assert_eq!(then.history(creator, ever.0, ever.1).await.unwrap(), vec![newer.profile.clone()]);
            assert_eq!(then.videos(creator, at, ALL).await.unwrap(), []);
            assert_eq!(then.videos(creator, noon(), ALL).await.unwrap().len(), newer.videos.len());
            assert_eq!(then.video_observations(creator, ever.0, ever.1).await.unwrap().len(), newer.videos.len());
            assert!(then.video_history(creator, post).await.unwrap().iter().all(|look| look.observed_at > at));

            // Another source saw the same at the same moment, and was recorded last.
            let mut twin = newer.clone();
            twin.profile.source = SourceKind::WebDriver;
            twin.videos.iter_mut().for_each(|look| look.source = SourceKind::WebDriver);
            store.record_batch(id(3), &recorded_at(month_later, twin.clone())).await.unwrap();
            assert_eq!(then.videos(creator, noon(), ALL).await.unwrap().len(), newer.videos.len());
            assert_eq!(then.latest(creator, noon()).await.unwrap(), Some(newer.profile.clone()));
            assert_eq!(CreatorStore::latest(store, creator, noon()).await.unwrap(), Some(twin.profile.clone()));

            let now = store.known_at(month_later);
            assert_eq!(now.latest(creator, at).await.unwrap(), Some(older.profile.clone()));
            let history = now.history(creator, ever.0, ever.1).await.unwrap();
            assert_eq!(history, [older.profile, newer.profile, twin.profile]);
            assert_eq!(now.videos(creator, at, ALL).await.unwrap().len(), older.videos.len());
            assert_eq!(now.video_history(creator, post).await.unwrap()[0].observed_at, at);
        }

        async fn columns_are_those_of_the_newest_observations(store) {
            let (mut batch, _) = two_creators();
            let newest = batch.looks.len() - 1;
            let odd = [(98_350, 98_449), (5, 8), (0, Count::MAX), (Count::MAX - 1, Count::MAX), (7, 7)];
            let [views, likes, comments, shares, saves] = odd.map(|(lo, hi)| Some(Count::range(lo, hi).unwrap()));
            batch.looks[newest].counts = VideoCounts { views, likes, comments, shares, saves };
            // A second source at the same moment, whose name comes later.
            let later = Look { source: SourceKind::WebDriver, pinned: true, ..batch.looks[newest - 1] };
            batch.looks.push(later);
            store.record_batch(id(1), &batch).await.unwrap();
            for as_of in [noon(), noon() - 30.hours(), noon() - (24 * 400).hours()] {
                let corpus = store.corpus_table(as_of).await.unwrap();
                let (mut creators, mut table) = (Vec::new(), VideoTable::default());
                let mut known = store.list().await.unwrap();
                known.sort_by_key(|creator| creator.id);
                for creator in known {
                    let videos = store.videos(creator.id, as_of, ALL).await.unwrap();
                    if !videos.is_empty() {
                        creators.push(creator.id);
                        table.push_creator(&videos);
                    }
                }
                assert_eq!((corpus.creators, corpus.table), (creators, table), "as of {as_of}");
            }
        }
    }
}
