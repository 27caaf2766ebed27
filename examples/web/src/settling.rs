//! Advice that is due is held against what was observed since.

use std::{sync::Arc, time::Duration};

use compass_core::{
    analytics::ReportOptions,
    app::settle_due,
    ports::{AdviceLedger, Clock, CreatorStore, ReportStore},
};
use compass_http::LearntCorpus;
use tokio_util::sync::CancellationToken;

use crate::worker::apart;

/// How often due advice is looked for.
const EVERY: Duration = Duration::from_secs(3_600);
/// How long a store that failed is left alone.
const STORE_AWAY: Duration = Duration::from_secs(60);
/// So many pieces are settled at a time.
const AT_A_TIME: u32 = 1_000;

/// Settles advice at the start and then hourly, until `stop`.
pub(crate) async fn settle(
    ledger: Arc<dyn AdviceLedger>,
    reports: Arc<dyn ReportStore>,
    creators: Arc<dyn CreatorStore>,
    clock: Arc<dyn Clock>,
    corpus: LearntCorpus,
    stop: CancellationToken,
) {
    loop {
        let options = ReportOptions { corpus: corpus.at(clock.now()), ..ReportOptions::default() };
        let (ledger, reports, creators) = (Arc::clone(&ledger), Arc::clone(&reports), Arc::clone(&creators));
        let now = clock.now();
        let settle = async move { settle_due(&*ledger, &*reports, &*creators, now, &options, AT_A_TIME).await };
        let Some(settled) = apart(settle, &stop).await else { return };
        let pause = match settled {
            Ok(settled) => {
                for (id, damaged) in &settled.damaged {
                    tracing::error!(advice = %id, "advice {id} cannot be scored: {damaged}");
                }
                for unread in &settled.unread {
                    tracing::error!("advice waits for data that cannot be read: {unread}");
                }
                if settled.settled > 0 {
                    let (scored, waiting) = (settled.settled, settled.waiting);
                    tracing::info!(scored, waiting, "{scored} pieces of advice are scored");
                }
                EVERY
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed while advice was scored");
                STORE_AWAY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use compass_core::{
        Advice, AdviceId, KeptReport, ReportId, Snapshot, UserId, Video, VideoObservation, Zone,
        analytics::Interval,
        app,
        ports::{MockAdviceLedger, MockCreatorStore, MockReportStore, StoreError},
        recommend::{self, About, Prediction},
        testing::{
            FixedClock, MemoryStore,
            planted::{Growth, Plan, PlantedCreator},
        },
    };
    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;

    /// A piece that was due half a year ago, on an account that nobody looked at.
    fn due() -> Advice {
        let given_at = "2025-09-01T00:00:00Z".parse().unwrap();
        let expected = json!({
            "about": "followers", "value": 10.0, "lo": 9.0, "hi": 11.0, "level": 0.8, "due": "2025-10-01T00:00:00Z",
        });
        let [advice, user, report] =
            [1, 2, 3].map(|n: u8| serde_json::from_value(json!(format!("{:032x}", n))).unwrap());
        Advice {
            id: AdviceId(advice),
            user: UserId(user),
            report: ReportId(report),
            given_at,
            kind: "outlook".to_owned(),
            said: json!({}),
            expected,
            due_at: "2025-10-01T00:00:00Z".parse().unwrap(),
            outcome: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn advice_that_is_due_is_scored_hour_by_hour_even_after_the_store_failed() {
        let stop = CancellationToken::new();
        let (asked, scored) = (AtomicUsize::new(0), Arc::new(Mutex::new(Vec::new())));
        let mut ledger = MockAdviceLedger::new();
        ledger.expect_due().returning(move |_, _| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Err(StoreError::Unavailable("away".into())),
            1 => Ok(vec![due()]),
            _ => Ok(Vec::new()),
        });
        let (seen, stops) = (Arc::clone(&scored), stop.clone());
        ledger.expect_settle().returning(move |id, outcome| {
            seen.lock().unwrap().push((id, outcome.found["came"].clone()));
            stops.cancel();
            Ok(())
        });
        let mut reports = MockReportStore::new();
        reports.expect_find().returning(|_| Ok(None));
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let (creators, corpus) = (Arc::new(MockCreatorStore::new()), LearntCorpus::default());
        let settling = settle(Arc::new(ledger), Arc::new(reports), creators, clock, corpus, stop);
        tokio::time::timeout(EVERY, settling).await.expect("it ends when it is told to");
        assert_eq!(*scored.lock().unwrap(), [(due().id, json!("cannot_tell"))]);
    }

    #[tokio::test]
    async fn who_scores_advice_holds_up_no_other_task() {
        let (go_on, told) = mpsc::channel();
        let stop = CancellationToken::new();
        let mut ledger = MockAdviceLedger::new();
        let ended = stop.clone();
        ledger.expect_due().returning(move |_, _| {
            // It computes for long: until another task of the same thread has had its turn.
            told.recv_timeout(Duration::from_secs(30)).expect("others go on meanwhile");
            ended.cancel();
            Ok(Vec::new())
        });
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let (reports, creators) = (Arc::new(MockReportStore::new()), Arc::new(MockCreatorStore::new()));
        let settling = settle(Arc::new(ledger), reports, creators, clock, LearntCorpus::default(), stop);
        let other = async move { go_on.send(()).unwrap() };
        tokio::join!(settling, other);
    }

    /// A store that knows a dozen creators whose views come in far more slowly than is built in.
    async fn slow_views() -> (MemoryStore, PlantedCreator) {
        let growth = Some(Growth { tau: 25.0, ..Growth::USUAL });
        let looks = vec![12.0, 6.0, 0.0];
        let plan = Plan { posts: 120, posts_per_week: 14.0, growth, looks, ..Plan::default() };
        let store = MemoryStore::default();
        for creator in (0..12).map(|seed| plan.creator(seed)) {
            for profile in creator.looks() {
                let seen = |look: &VideoObservation| look.observed_at == profile.observed_at;
                let videos = creator.videos().into_iter().filter(seen).collect();
                let look = Snapshot { profile, videos, refused: Vec::new(), block: None, disagreements: Vec::new() };
                CreatorStore::record(&store, &look).await.unwrap();
            }
        }
        (store, plan.creator(3))
    }

    /// What came of advice on an account by what was learnt, as the service scores it.
    async fn scored(store: &MemoryStore, of: &PlantedCreator, advice: Advice, corpus: LearntCorpus) -> Value {
        let stop = CancellationToken::new();
        let mut ledger = MockAdviceLedger::new();
        ledger.expect_due().returning(move |_, _| Ok(vec![advice.clone()]));
        let found = Arc::new(Mutex::new(Value::Null));
        let (tells, stops) = (Arc::clone(&found), stop.clone());
        ledger.expect_settle().returning(move |_, outcome| {
            *tells.lock().unwrap() = outcome.found.clone();
            stops.cancel();
            Ok(())
        });
        let profile = of.profile();
        let kept = KeptReport {
            id: ReportId(Default::default()),
            handle: profile.handle,
            creator: Some(profile.id),
            compared: Default::default(),
            private_to: None,
            as_of: of.plan.as_of,
            made_at: of.plan.as_of,
            engine: "0".to_owned(),
            input_hash: [1; 32],
            report: json!({}),
            inputs_thinned_at: None,
        };
        let mut reports = MockReportStore::new();
        reports.expect_find().returning(move |_| Ok(Some(kept.clone())));
        let clock = Arc::new(FixedClock::new(of.plan.as_of));
        settle(Arc::new(ledger), Arc::new(reports), Arc::new(store.clone()), clock, corpus, stop).await;
        let found = found.lock().unwrap().clone();
        assert!(found["value"].is_number(), "it can be told: {found}");
        found
    }

    #[tokio::test]
    async fn advice_is_scored_by_what_the_service_has_learnt() {
        let (store, creator) = slow_views().await;
        let now = creator.plan.as_of;
        let given_at = now - SignedDuration::from_hours(40 * 24);
        let about = About::Hours { first_hour: 18, zone: Zone::utc() };
        let due_at = now - SignedDuration::from_hours(24);
        let expected =
            Prediction { about, value: 0.3, interval: Interval { lo: 0.1, hi: 0.5, level: 0.8 }, due: due_at };
        let advice = Advice { given_at, expected: expected.to_value(), due_at, ..due() };
        let learnt = LearntCorpus::default();
        learnt.learn(&store, now).await.unwrap();
        let subject = app::subject(&store, &creator.profile().handle, now).await.unwrap().unwrap();
        let mut found = Vec::new();
        for corpus in [learnt, LearntCorpus::default()] {
            let report = subject.report(now, &ReportOptions { corpus: corpus.at(now), ..ReportOptions::default() });
            let posts: Vec<Video> = subject.videos.iter().map(|look| look.video.clone()).collect();
            let by_hand = recommend::settle(&expected, given_at, &report, &posts).to_value();
            let scored = scored(&store, &creator, advice.clone(), corpus).await;
            assert_eq!(scored, by_hand);
            found.push(scored);
        }
        assert_ne!(found[0]["value"], found[1]["value"], "posts of different ages are compared by another growth");
    }
}
