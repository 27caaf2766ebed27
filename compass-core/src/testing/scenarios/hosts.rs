//! What everybody who keeps hosts that are left alone does.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::suite::suite;
use crate::{
    Block, Failure, HostBlocks, Visit,
    ports::{Entry, HostHealth, StoreError},
};

const HOST: &str = "www.tiktok.com";

/// So many minutes after noon.
fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a constant");
    noon + SignedDuration::from_mins(minutes)
}

fn captcha() -> Block {
    let cause = Failure { code: "captcha_required".to_owned(), detail: "TikTok asks for a captcha".to_owned() };
    Block { cause, least: Duration::ZERO }
}

async fn let_in(store: &dyn HostHealth, minutes: i64) -> Visit {
    match store.enter(HOST, at(minutes)).await.unwrap() {
        Entry::Go(visit) => visit,
        Entry::Paused(blocks) => panic!("{HOST} is paused {minutes} minutes after noon: {blocks:?}"),
    }
}

/// Until when the host is paused for who comes at that minute.
async fn kept_out(store: &dyn HostHealth, minutes: i64) -> Timestamp {
    match store.enter(HOST, at(minutes)).await.unwrap() {
        Entry::Paused(blocks) => blocks.until,
        Entry::Go(_) => panic!("{HOST} lets a visit in {minutes} minutes after noon"),
    }
}

suite! {
    ($)
    /// Runs every scenario of [`HostHealth`](crate::ports::HostHealth) on fresh stores:
    /// `fresh` is an `async fn` that gives something that derefs to the store.
    host_health_suite in hosts over HostHealth {
        async fn host_without_blocks_lets_everybody_in(store) {
            for _ in 0..3 {
                assert_eq!(let_in(store, 0).await, Visit { host: HOST.to_owned(), since: at(0) });
            }
            assert_eq!(store.find(HOST).await.unwrap(), None);
        }

        async fn block_keeps_everybody_out_for_a_quarter_of_an_hour(store) {
            let visit = let_in(store, 0).await;
            let row = store.blocked(&visit, &captcha(), at(1)).await.unwrap();
            let expected = HostBlocks {
                host: HOST.to_owned(),
                count: 1,
                since: at(1),
                last: at(1),
                until: at(16),
                cause: captcha().cause,
            };
            assert_eq!(row, expected);
            assert_eq!(store.find(HOST).await.unwrap().as_ref(), Some(&expected));
            assert_eq!(store.enter(HOST, at(15)).await.unwrap(), Entry::Paused(expected));
            let_in(store, 16).await;
        }

        async fn other_hosts_are_asked_as_before(store) {
            let visit = let_in(store, 0).await;
            store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            let elsewhere = store.enter("open.tiktokapis.com", at(1)).await.unwrap();
            assert!(matches!(elsewhere, Entry::Go(_)), "{elsewhere:?}");
            assert_eq!(store.find("open.tiktokapis.com").await.unwrap(), None);
        }

        async fn each_block_in_a_row_doubles_the_pause_up_to_a_day(store) {
            let mut now = 0;
            for (count, minutes) in (1..).zip([15, 30, 60, 120, 240, 480, 960, 1_440, 1_440]) {
                let visit = let_in(store, now).await;
                let row = store.blocked(&visit, &captcha(), at(now)).await.unwrap();
                assert_eq!((row.count, row.since, row.last, row.until), (count, at(0), at(now), at(now + minutes)));
                now += minutes;
            }
        }

        async fn pause_is_as_long_as_the_block_asks_for_up_to_a_day(store) {
            let visit = let_in(store, 0).await;
            let long = Block { least: Duration::from_secs(2 * 60 * 60), ..captcha() };
            assert_eq!(store.blocked(&visit, &long, at(0)).await.unwrap().until, at(120));
            let visit = let_in(store, 120).await;
            let for_ever = Block { least: Duration::MAX, ..captcha() };
            assert_eq!(store.blocked(&visit, &for_ever, at(120)).await.unwrap().until, at(120 + 1_440));
        }

        async fn pause_of_a_clock_that_was_ahead_is_forgotten(store) {
            let a_month = 30 * 1_440;
            let visit = let_in(store, a_month).await;
            store.blocked(&visit, &captcha(), at(a_month)).await.unwrap();
            let visit = let_in(store, 0).await;
            assert_eq!(store.find(HOST).await.unwrap(), None);
            let row = store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            assert_eq!((row.count, row.until), (1, at(15)));
        }

        async fn visits_that_were_under_way_meet_the_same_block(store) {
            let [first, second] = [let_in(store, 0).await, let_in(store, 1).await];
            store.blocked(&first, &captcha(), at(2)).await.unwrap();
            let waf = Failure { code: "waf_challenge".to_owned(), detail: "TikTok's firewall page came".to_owned() };
            let row = store.blocked(&second, &Block { cause: waf.clone(), ..captcha() }, at(3)).await.unwrap();
            assert_eq!((row.count, row.since, row.last, row.until, row.cause), (1, at(2), at(3), at(18), waf));
        }

        async fn shorter_pause_does_not_end_a_longer_one(store) {
            let [first, second] = [let_in(store, 0).await, let_in(store, 0).await];
            let long = Block { least: Duration::from_secs(2 * 60 * 60), ..captcha() };
            store.blocked(&first, &long, at(1)).await.unwrap();
            assert_eq!(store.blocked(&second, &captcha(), at(2)).await.unwrap().until, at(121));
        }

        async fn eight_at_once_meet_one_block(store) {
            let visits = join_all((0..8).map(|_| let_in(store, 0))).await;
            let block = captcha();
            let rows = join_all(visits.iter().map(|visit| store.blocked(visit, &block, at(1)))).await;
            assert!(rows.iter().all(|row| row.as_ref().is_ok_and(|row| row.count == 1)), "{rows:?}");
            assert_eq!(store.find(HOST).await.unwrap().unwrap().until, at(16));
        }

        async fn one_of_eight_is_let_in_when_the_pause_is_over(store) {
            let visit = let_in(store, 0).await;
            store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            let entries = join_all((0..8).map(|_| store.enter(HOST, at(15)))).await;
            let (mut let_in, mut kept_out) = (0, Vec::new());
            for entry in entries {
                match entry.unwrap() {
                    Entry::Go(_) => let_in += 1,
                    Entry::Paused(blocks) => kept_out.push((blocks.count, blocks.until, blocks.cause)),
                }
            }
            assert_eq!((let_in, kept_out), (1, vec![(1, at(21), captcha().cause); 7]));
        }

        async fn probe_without_news_makes_way_for_the_next(store) {
            let visit = let_in(store, 0).await;
            store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            let_in(store, 20).await;
            assert_eq!(kept_out(store, 25).await, at(26));
            let_in(store, 26).await;
        }

        async fn probe_that_asked_nobody_is_given_back(store) {
            let visit = let_in(store, 0).await;
            store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            let probe = let_in(store, 20).await;
            assert_eq!(kept_out(store, 21).await, at(26));
            store.left(&probe).await.unwrap();
            let next = let_in(store, 21).await;
            assert_eq!(kept_out(store, 22).await, at(27), "it is the next one's");
            store.left(&probe).await.unwrap();
            assert_eq!(kept_out(store, 22).await, at(27), "and can be given back but once");
            assert_eq!(store.blocked(&next, &captcha(), at(22)).await.unwrap().count, 2);
        }

        async fn visit_that_is_no_probe_has_nothing_to_give_back(store) {
            let [first, second] = [let_in(store, 0).await, let_in(store, 1).await];
            store.left(&first).await.unwrap();
            assert_eq!(store.find(HOST).await.unwrap(), None);
            store.blocked(&second, &captcha(), at(2)).await.unwrap();
            store.left(&first).await.unwrap();
            assert_eq!(kept_out(store, 3).await, at(17));
        }

        async fn good_probe_ends_the_row(store) {
            let visit = let_in(store, 0).await;
            store.blocked(&visit, &captcha(), at(0)).await.unwrap();
            let probe = let_in(store, 15).await;
            assert_eq!(kept_out(store, 16).await, at(21));
            store.passed(&probe).await.unwrap();
            assert_eq!(store.find(HOST).await.unwrap(), None);
            let visit = let_in(store, 16).await;
            assert_eq!(store.blocked(&visit, &captcha(), at(17)).await.unwrap().count, 1);
        }

        async fn good_visit_from_before_the_block_does_not_end_the_row(store) {
            let [good, bad] = [let_in(store, 0).await, let_in(store, 1).await];
            store.blocked(&bad, &captcha(), at(2)).await.unwrap();
            store.passed(&good).await.unwrap();
            assert_eq!(kept_out(store, 3).await, at(17));
        }

        async fn good_visit_to_a_host_without_blocks_is_harmless(store) {
            let visit = let_in(store, 0).await;
            store.passed(&visit).await.unwrap();
            assert_eq!(store.find(HOST).await.unwrap(), None);
        }

        async fn parts_of_a_microsecond_make_no_second_block(store) {
            let moment: Timestamp = "2026-05-01T12:00:00.0000009Z".parse().expect("a constant");
            let mut visits = Vec::new();
            for _ in 0..2 {
                match store.enter(HOST, moment).await.unwrap() {
                    Entry::Go(visit) => visits.push(visit),
                    Entry::Paused(blocks) => panic!("{blocks:?}"),
                }
            }
            for visit in &visits {
                assert_eq!(store.blocked(visit, &captcha(), moment).await.unwrap().count, 1);
            }
        }

        async fn text_with_a_nul_is_refused(store) {
            let visit = let_in(store, 0).await;
            let cause = Failure { code: "shell_page".to_owned(), detail: "a\0b".to_owned() };
            let refused = store.blocked(&visit, &Block { cause, ..captcha() }, at(0)).await;
            assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
            assert_eq!(store.find(HOST).await.unwrap(), None);
        }
    }
}
