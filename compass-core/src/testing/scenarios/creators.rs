//! What every creator store does.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::suite::suite;
use crate::{
    AccountLook, Count, CreatorId, Handle, PostLook, ProfileCounts, Snapshot, SourceKind, Text, VideoCounts,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
    samples::World,
};

const ALL: VideoPage = VideoPage { after: None, limit: 1_000 };

const EVERYTHING: Recently =
    Recently { until: Timestamp::MAX, at_least: Timestamp::MAX, min_age: SignedDuration::MIN, posts: u32::MAX };

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a constant")
}

/// A sample creator as it is some days after [`noon`].
fn look(handle: &str, days: i64) -> Snapshot {
    let handle = Handle::parse(handle).expect("a constant");
    let at = noon() + (24 * days).hours();
    World::standard().find(&handle).expect("a sample").snapshot(at, 12, SourceKind::Sample)
}

fn newest_first(snapshot: &Snapshot) -> Vec<crate::VideoObservation> {
    let mut videos = snapshot.videos.clone();
    videos.sort_by_key(|v| std::cmp::Reverse((v.video.created_at, v.video.id)));
    videos
}

suite! {
    ($)
    /// Runs every scenario of [`CreatorStore`](crate::ports::CreatorStore) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    creator_store_suite in creators over CreatorStore {
        async fn unknown_handle_is_absent(store) {
            let nobody = Handle::parse("nobody.here").unwrap();
            assert_eq!(store.find(&nobody).await.unwrap(), None);
            assert_eq!(store.latest(CreatorId::parse("1").unwrap(), noon()).await.unwrap(), None);
            assert_eq!(store.videos(CreatorId::parse("1").unwrap(), noon(), ALL).await.unwrap(), []);
            assert_eq!(store.list().await.unwrap(), []);
        }

        async fn living_store_answers_a_ping(store) {
            store.ping().await.unwrap();
        }

        async fn snapshot_reads_back_as_it_was(store) {
            let seen = look("sample.steady", 0);
            let recorded = store.record(&seen).await.unwrap();
            assert_eq!(recorded, Recorded { profiles: 1, videos: 12 });
            assert_eq!(store.find(seen.handle()).await.unwrap(), Some(seen.profile.profile.clone()));
            assert_eq!(store.latest(seen.creator(), noon()).await.unwrap(), Some(seen.profile.clone()));
            assert_eq!(store.videos(seen.creator(), noon(), ALL).await.unwrap(), newest_first(&seen));
            let one = &seen.videos[3];
            assert_eq!(store.video_history(seen.creator(), one.video.id).await.unwrap(), std::slice::from_ref(one));
            let other = look("sample.quiet", 0).creator();
            assert_eq!(store.video_history(other, one.video.id).await.unwrap(), []);
        }

        async fn recording_twice_adds_nothing(store) {
            let seen = look("sample.steady", 0);
            store.record(&seen).await.unwrap();
            assert_eq!(store.record(&seen).await.unwrap(), Recorded { profiles: 0, videos: 0 });
            assert_eq!(store.history(seen.creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap().len(), 1);
        }

        async fn same_snapshot_from_many_at_once_is_kept_once(store) {
            let seen = look("sample.steady", 0);
            let recorded = join_all((0..8).map(|_| store.record(&seen))).await;
            let profiles: u64 = recorded.iter().map(|r| r.as_ref().unwrap().profiles).sum();
            let videos: u64 = recorded.iter().map(|r| r.as_ref().unwrap().videos).sum();
            assert_eq!((profiles, videos), (1, 12));
        }

        async fn kept_observation_is_never_overwritten(store) {
            let seen = look("sample.steady", 0);
            store.record(&seen).await.unwrap();
            let mut forged = seen.clone();
            forged.profile.counts.followers = Some(Count::exact(1).unwrap());
            forged.videos[0].counts.views = Some(Count::exact(1).unwrap());
            store.record(&forged).await.unwrap();
            assert_eq!(store.latest(seen.creator(), noon()).await.unwrap(), Some(seen.profile.clone()));
            assert_eq!(store.videos(seen.creator(), noon(), ALL).await.unwrap(), newest_first(&seen));
        }

        async fn past_day_shows_what_was_known_then(store) {
            let (monday, friday) = (look("sample.steady", 0), look("sample.steady", 4));
            store.record(&friday).await.unwrap();
            store.record(&monday).await.unwrap();
            let tuesday = noon() + 24.hours();
            assert_eq!(store.latest(monday.creator(), tuesday).await.unwrap(), Some(monday.profile.clone()));
            assert_eq!(store.videos(monday.creator(), tuesday, ALL).await.unwrap(), newest_first(&monday));
            let before = noon() - 1.microseconds();
            assert_eq!(store.latest(monday.creator(), before).await.unwrap(), None);
            assert_eq!(store.latest(monday.creator(), noon()).await.unwrap(), Some(monday.profile.clone()));
        }

        async fn newest_observation_of_each_post_is_given(store) {
            let (monday, friday) = (look("sample.steady", 0), look("sample.steady", 4));
            store.record(&monday).await.unwrap();
            store.record(&friday).await.unwrap();
            let now = store.videos(friday.creator(), Timestamp::MAX, ALL).await.unwrap();
            let both = monday.videos.iter().filter(|m| friday.videos.iter().any(|f| f.video.id == m.video.id)).count();
            assert!(both > 0, "the two looks share posts");
            assert_eq!(now.len(), monday.videos.len() + friday.videos.len() - both);
            for video in &friday.videos {
                assert!(now.contains(video), "the newest look at {} is missing", video.video.id);
            }
        }

        async fn observations_of_the_posts_are_inclusive_and_oldest_first(store) {
            for day in [3, 0, 2, 1] {
                store.record(&look("sample.rising", day)).await.unwrap();
            }
            store.record(&look("sample.steady", 2)).await.unwrap();
            let (from, to) = (noon() + 24.hours(), noon() + 48.hours());
            let mut expected = [look("sample.rising", 1).videos, look("sample.rising", 2).videos].concat();
            expected.sort_by_key(|o| (o.observed_at, o.video.id));
            let creator = look("sample.rising", 0).creator();
            assert_eq!(store.video_observations(creator, from, to).await.unwrap(), expected);
            assert_eq!(store.video_observations(creator, to + 1.hours(), to + 2.hours()).await.unwrap(), []);
        }

        async fn history_is_inclusive_and_oldest_first(store) {
            for day in [3, 0, 2, 1] {
                store.record(&look("sample.rising", day)).await.unwrap();
            }
            let creator = look("sample.rising", 0).creator();
            let (from, to) = (noon() + 24.hours(), noon() + 48.hours());
            let days: Vec<Timestamp> =
                store.history(creator, from, to).await.unwrap().iter().map(|o| o.observed_at).collect();
            assert_eq!(days, [from, to]);
        }

        async fn recent_looks_are_the_counters_of_history_and_posts(store) {
            for day in [3, 0, 2, 1] {
                store.record(&look("sample.rising", day)).await.unwrap();
            }
            store.record(&look("sample.steady", 2)).await.unwrap();
            let (creator, mut given) = (look("sample.rising", 0).creator(), 0);
            for (until, at_least) in [(-1, -1), (0, 0), (49, 48), (49, 49), (80, 79), (5_000, 4_999)] {
                let (until, at_least) = (noon() + until.hours(), noon() + at_least.hours());
                let history = store.history(creator, Timestamp::MIN, until).await.unwrap();
                let as_of = history.last().map_or(at_least, |newest| newest.observed_at.max(at_least));
                let videos = store.videos(creator, as_of, ALL).await.unwrap();
                for (posts, hours) in [(5, 48), (5, 0), (1, 48), (1_000, 72), (1_000, -1), (0, 0), (9, i64::MAX / 3_600)] {
                    let min_age = SignedDuration::from_hours(hours);
                    let recently = Recently { until, at_least, min_age, posts };
                    let looks = store.recent(look("sample.rising", 0).handle(), recently).await.unwrap();
                    let old = videos.iter().filter(|v| v.observed_at.duration_since(v.video.created_at) >= min_age);
                    let expected: Vec<PostLook> = old.take(posts as usize).map(PostLook::from).collect();
                    assert_eq!(looks.posts, expected, "{recently:?}");
                    assert_eq!(looks.account, history.iter().map(AccountLook::from).collect::<Vec<_>>(), "{recently:?}");
                    given += expected.len();
                }
            }
            assert!(given > 50, "{given} posts");
        }

        async fn recent_looks_are_of_whoever_has_the_handle_now(store) {
            let first = look("sample.quiet", 0);
            let mut second = look("sample.fresh", 1);
            second.profile.profile.handle = first.handle().clone();
            store.record(&first).await.unwrap();
            store.record(&second).await.unwrap();
            let looks = store.recent(first.handle(), EVERYTHING).await.unwrap();
            assert_eq!(looks.account, [AccountLook::from(&second.profile)]);
            assert_eq!(looks.posts, newest_first(&second).iter().map(PostLook::from).collect::<Vec<_>>());
            let nobody = store.recent(look("sample.fresh", 1).handle(), EVERYTHING).await.unwrap();
            assert_eq!(nobody, RecentLooks::default());
        }

        async fn recent_look_at_a_post_says_when_it_was_posted_as_that_look_did(store) {
            let mut page = look("sample.steady", 0);
            page.profile.source = SourceKind::Page;
            page.videos.iter_mut().for_each(|v| v.source = SourceKind::Page);
            // What another source says at the same moment counts, and so it is now the newest of the posts.
            let mut browser = page.clone();
            browser.profile.source = SourceKind::WebDriver;
            browser.videos.truncate(1);
            browser.videos[0].source = SourceKind::WebDriver;
            browser.videos[0].video.created_at = noon() - 1.minutes();
            browser.videos[0].counts = VideoCounts::default();
            store.record(&browser).await.unwrap();
            store.record(&page).await.unwrap();
            let looks = store.recent(page.handle(), EVERYTHING).await.unwrap();
            let videos = store.videos(page.creator(), noon(), ALL).await.unwrap();
            assert_eq!(looks.posts[0], PostLook::from(&browser.videos[0]));
            assert_eq!(looks.posts, videos.iter().map(PostLook::from).collect::<Vec<_>>());
            assert_eq!(looks.posts.len(), page.videos.len());
            assert_eq!(looks.account, [&page.profile, &browser.profile].map(AccountLook::from));
        }

        async fn recent_looks_are_those_that_were_known_then(store) {
            let seen = look("sample.steady", 0);
            store.record(&seen).await.unwrap();
            let before = store.known_at(noon() - 1.hours());
            assert_eq!(before.recent(seen.handle(), EVERYTHING).await.unwrap(), RecentLooks::default());
            let since = store.known_at(Timestamp::MAX).recent(seen.handle(), EVERYTHING).await.unwrap();
            assert_eq!((since.account.len(), since.posts.len()), (1, seen.videos.len()));
        }

        async fn pages_give_every_post_once(store) {
            let seen = look("sample.spiky", 0);
            store.record(&seen).await.unwrap();
            let mut pages = Vec::new();
            let mut page = VideoPage::first(5);
            loop {
                let videos = store.videos(seen.creator(), noon(), page).await.unwrap();
                let Some(last) = videos.last() else { break };
                page.after = Some((last.video.created_at, last.video.id));
                pages.extend(videos);
            }
            assert_eq!(pages, newest_first(&seen));
        }

        async fn renamed_account_keeps_its_history(store) {
            let before = look("sample.quiet", 0);
            let mut after = look("sample.quiet", 1);
            after.profile.profile.handle = Handle::parse("estuary.birds").unwrap();
            store.record(&before).await.unwrap();
            store.record(&after).await.unwrap();
            assert_eq!(store.find(before.handle()).await.unwrap(), None);
            assert_eq!(store.find(after.handle()).await.unwrap(), Some(after.profile.profile.clone()));
            let history = store.history(before.creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap();
            assert_eq!(history, [before.profile, after.profile]);
        }

        async fn handle_belongs_to_the_account_seen_with_it_last(store) {
            let first = look("sample.quiet", 0);
            let mut second = look("sample.fresh", 1);
            second.profile.profile.handle = first.handle().clone();
            store.record(&second).await.unwrap();
            store.record(&first).await.unwrap();
            let holder = store.find(first.handle()).await.unwrap().unwrap();
            assert_eq!(holder.id, second.creator());
            assert_eq!(store.latest(first.creator(), noon()).await.unwrap(), Some(first.profile));
        }

        async fn late_news_of_the_past_does_not_change_the_profile(store) {
            let now = look("sample.steady", 5);
            let mut past = look("sample.steady", 0);
            past.profile.profile.nickname = Text::parse("An older name").unwrap();
            store.record(&now).await.unwrap();
            store.record(&past).await.unwrap();
            let profile = store.find(now.handle()).await.unwrap().unwrap();
            assert_eq!(profile.nickname, now.profile.profile.nickname);
        }

        async fn ranges_and_missing_and_largest_counts_survive(store) {
            let mut seen = look("sample.steady", 0);
            let largest = Count::exact(Count::MAX).unwrap();
            let range = Count::range(98_350, 98_449).unwrap();
            seen.profile.counts = ProfileCounts { followers: Some(largest), likes: Some(range), ..ProfileCounts::default() };
            seen.videos[0].counts = VideoCounts { views: Some(range), likes: Some(largest), ..VideoCounts::default() };
            seen.videos[1].counts = VideoCounts::default();
            store.record(&seen).await.unwrap();
            assert_eq!(store.latest(seen.creator(), noon()).await.unwrap(), Some(seen.profile.clone()));
            assert_eq!(store.videos(seen.creator(), noon(), ALL).await.unwrap(), newest_first(&seen));
        }

        async fn any_text_survives(store) {
            let mut seen = look("sample.steady", 0);
            let text = "\u{202e}'; DROP TABLE compass_creators; -- <script>alert(1)</script> {{x}} 👩‍👩‍👧 \u{FFFD}\n\t\"\\%_";
            seen.profile.profile.bio = Text::parse(text).unwrap();
            seen.videos[0].video.caption = Text::parse(text).unwrap();
            seen.videos[0].video.hashtags = vec![text.to_owned()];
            store.record(&seen).await.unwrap();
            assert_eq!(store.latest(seen.creator(), noon()).await.unwrap(), Some(seen.profile.clone()));
            assert_eq!(store.videos(seen.creator(), noon(), ALL).await.unwrap(), newest_first(&seen));
        }

        async fn later_source_counts_of_two_looks_at_one_moment(store) {
            let mut page = look("sample.steady", 0);
            page.profile.source = SourceKind::Page;
            page.profile.counts.followers = Some(Count::range(48_000, 49_000).unwrap());
            page.videos.iter_mut().for_each(|v| v.source = SourceKind::Page);
            page.videos[0].counts = VideoCounts::default();
            let mut browser = look("sample.steady", 0);
            browser.profile.source = SourceKind::WebDriver;
            browser.videos.iter_mut().for_each(|v| v.source = SourceKind::WebDriver);
            store.record(&browser).await.unwrap();
            store.record(&page).await.unwrap();
            let creator = browser.creator();
            assert_eq!(store.latest(creator, noon()).await.unwrap(), Some(browser.profile.clone()));
            assert_eq!(store.videos(creator, noon(), ALL).await.unwrap(), newest_first(&browser));
            let history = store.history(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
            assert_eq!(history, [page.profile, browser.profile]);
        }

        async fn post_of_another_account_is_a_conflict_and_nothing_is_kept(store) {
            let mine = look("sample.steady", 0);
            let mut theirs = look("sample.rising", 0);
            theirs.videos.push(mine.videos[0].clone());
            store.record(&mine).await.unwrap();
            let refused = store.record(&theirs).await;
            assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
            assert_eq!(store.latest(theirs.creator(), noon()).await.unwrap(), None);
        }

        async fn nul_is_refused_and_nothing_is_kept(store) {
            let mut seen = look("sample.steady", 0);
            seen.videos[3].video.hashtags = vec!["a\0b".to_owned()];
            let refused = store.record(&seen).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
            assert_eq!(store.latest(seen.creator(), noon()).await.unwrap(), None);
        }

        async fn list_has_an_account_whose_handle_moved(store) {
            let first = look("sample.quiet", 0);
            let mut second = look("sample.fresh", 1);
            second.profile.profile.handle = first.handle().clone();
            store.record(&first).await.unwrap();
            store.record(&second).await.unwrap();
            let ids: Vec<CreatorId> = store.list().await.unwrap().iter().map(|p| p.id).collect();
            assert_eq!(ids, [first.creator(), second.creator()]);
        }

        async fn list_is_in_the_order_of_handles(store) {
            for handle in ["sample.steady", "sample.fresh", "sample.quiet"] {
                store.record(&look(handle, 0)).await.unwrap();
            }
            let handles: Vec<String> =
                store.list().await.unwrap().iter().map(|p| p.handle.as_str().to_owned()).collect();
            assert_eq!(handles, ["sample.fresh", "sample.quiet", "sample.steady"]);
        }
    }
}
