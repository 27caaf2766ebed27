//! What a store's creators teach.

use compass_core::{
    ProfileObservation, Snapshot,
    analytics::{Corpus, CorpusBuilder, GrowthSource, Peers, ReportOptions, Subject},
    app,
    ports::CreatorStore,
    testing::{
        MemoryStore,
        planted::{Growth, Plan},
    },
};
use jiff::ToSpan as _;

use crate::damaged_store::DamagedStore;

fn plan() -> Plan {
    Plan { posts: 20, growth: Some(Growth::USUAL), looks: vec![0.0, 5.0, 20.0], ..Plan::default() }
}

fn subjects(plan: &Plan) -> Vec<Subject> {
    let creator = |seed| {
        let creator = plan.creator(seed);
        Subject::new(creator.profile(), creator.looks(), creator.videos())
    };
    (0..40).map(creator).collect()
}

/// Everything that was seen of creators, one snapshot for each look at a profile.
async fn store_of(subjects: &[Subject]) -> MemoryStore {
    let store = MemoryStore::default();
    for Subject { history, videos, .. } in subjects {
        let newest = history.iter().map(|look| look.observed_at).max();
        for profile in history {
            // Posts were not always seen with the profile; they come with its newest look.
            let is_newest = Some(profile.observed_at) == newest;
            let videos = if is_newest { videos.clone() } else { Vec::new() };
            store.record(&snapshot(profile.clone(), videos)).await.unwrap();
        }
    }
    store
}

fn snapshot(profile: ProfileObservation, videos: Vec<compass_core::VideoObservation>) -> Snapshot {
    Snapshot { profile, videos, refused: Vec::new(), block: None, disagreements: Vec::new() }
}

#[test]
fn what_is_compared_is_what_the_report_says() {
    let plan = plan();
    let options = ReportOptions::default();
    for subject in subjects(&plan).iter().take(5) {
        let report = subject.report(plan.as_of, &options);
        let compared = subject.compared(plan.as_of, &options).unwrap();
        assert_eq!((Some(compared.id), compared.language), (report.id, report.language));
        assert_eq!(Some(compared.followers), report.counts.followers.map(|followers| followers.midpoint()));
        assert_eq!(compared.metrics.len(), Peers::compared().len());
        for (id, figure) in &compared.metrics {
            assert_eq!(figure, &report.metrics[id]);
        }
    }
}

#[tokio::test]
async fn a_store_teaches_what_its_creators_do() {
    let plan = plan();
    let subjects = subjects(&plan);
    let store = store_of(&subjects).await;
    let read = app::read_corpus(&store, plan.as_of).await.unwrap().corpus.finish();
    let known = Corpus::learn(&subjects, plan.as_of, &ReportOptions::default());
    assert_eq!(read.peers.len(), 40);
    assert_eq!((&read.growth, read.growth_coverage), (&known.growth, known.growth_coverage));
    let report = |corpus| subjects[7].report(plan.as_of, &ReportOptions { corpus, ..ReportOptions::default() });
    let (read, known) = (report(read.into()), report(known.into()));
    assert_eq!(read.benchmarks, known.benchmarks);
    assert!(read.benchmarks.iter().any(|standing| standing.percentile.value.is_some()));
    assert!(matches!(read.views_model, GrowthSource::Corpus { .. }), "{:?}", read.views_model);
}

#[tokio::test]
async fn creators_who_were_not_seen_for_long_are_nobodys_peers() {
    let plan = plan();
    let subjects = subjects(&plan);
    let store = store_of(&subjects).await;
    let newest = subjects.iter().filter_map(|subject| subject.newest(plan.as_of)).max().unwrap();
    let peers = async |days: i64| {
        let later = newest + (24 * days).hours();
        app::read_corpus(&store, later).await.unwrap().corpus.finish().peers.len()
    };
    assert_eq!((peers(90).await, peers(91).await), (40, 0));
}

#[tokio::test]
async fn a_creator_that_cannot_be_read_keeps_nobody_else_from_teaching() {
    let plan = plan();
    let subjects = subjects(&plan);
    let damaged = subjects[7].profile.as_ref().unwrap().id;
    let store = DamagedStore { store: store_of(&subjects).await, damaged };
    let read = app::read_corpus(&store, plan.as_of).await.unwrap();
    assert_eq!(read.unread.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [damaged]);
    assert_eq!(read.corpus.finish().peers.len(), 39);
}

#[test]
fn which_growth_is_learnt_does_not_depend_on_the_order_of_creators() {
    let plan = plan();
    let options = ReportOptions::default();
    let mut subjects = subjects(&plan);
    let mut learnt = |enough: usize| {
        subjects.reverse();
        let mut builder = CorpusBuilder::default().with_enough_pairs(enough);
        subjects.iter().for_each(|subject| builder.add(subject, plan.as_of, &options));
        let corpus = builder.finish();
        assert_eq!(corpus.peers.len(), 40, "all are compared");
        (corpus.growth, corpus.growth_coverage)
    };
    let few = [learnt(600), learnt(600)];
    assert_eq!(few[0], few[1]);
    assert_ne!(few[0], learnt(usize::MAX), "it was less than all");
}
