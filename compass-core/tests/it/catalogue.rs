//! The catalogue of metrics beside the reports that it describes.

use std::collections::BTreeSet;

use compass_core::{
    SourceKind,
    analytics::{Counter, CreatorReport, Metric, MetricId, ReportOptions, creator_report},
    samples::World,
};
use jiff::Timestamp;

/// The report of a sample whose look was changed by `edit`.
fn report(edit: impl FnOnce(&mut compass_core::Snapshot)) -> CreatorReport {
    let now: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    let world = World::standard();
    let creator = &world.creators()[0];
    let mut look = creator.snapshot(now, 30, SourceKind::Sample);
    edit(&mut look);
    creator_report(&creator.profile(), &[look.profile], &look.videos, now, &ReportOptions::default())
}

#[test]
fn a_report_has_each_metric_of_the_catalogue_and_no_other() {
    let told: BTreeSet<MetricId> = Metric::all().iter().map(|metric| metric.id).collect();
    assert_eq!(told.len(), Metric::all().len(), "an id stands twice");
    assert_eq!(report(|_| {}).metrics.into_keys().collect::<BTreeSet<_>>(), told);
}

#[test]
fn every_id_ends_in_its_version() {
    for &metric in Metric::all() {
        let (name, version) = metric.id.0.rsplit_once('@').unwrap();
        assert!(!name.is_empty() && version.parse::<u32>().is_ok_and(|v| v > 0), "{}", metric.id);
        assert_eq!(Metric::find(metric.id), Some(metric));
    }
    assert_eq!(Metric::find(MetricId("views.typical@0")), None);
}

#[test]
fn every_metric_has_a_name_of_its_own_and_sentences() {
    let names: BTreeSet<&str> = Metric::all().iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), Metric::all().len());
    for metric in Metric::all() {
        for text in [metric.meaning, metric.definition] {
            assert!(text.len() > 10 && text.ends_with('.'), "{}: {text:?}", metric.id);
        }
    }
}

#[test]
fn the_headlines_lead() {
    let leading: Vec<&str> = Metric::headlines().iter().map(|metric| metric.id.0).collect();
    assert_eq!(leading, ["views.typical@1", "er.views.median@1", "growth.followers.slope@1", "posting.per_week@1"]);
    assert_eq!([Metric::headlines(), Metric::others()].concat(), Metric::all());
}

#[test]
fn definitions_name_the_window_that_reports_have() {
    let ReportOptions { window, growth, .. } = ReportOptions::default();
    let days = |span: jiff::SignedDuration| span.as_hours() / 24;
    let definition = |id| Metric::find(id).unwrap().definition;
    let posts = format!("newest {} posts that are at least {} days old", window.posts, days(window.min_age));
    assert!(definition(MetricId::TYPICAL_VIEWS).contains(&posts));
    assert!(definition(MetricId::FOLLOWER_GROWTH).contains(&format!("last {} days", days(growth))));
}

/// A counter that a metric names is one without which it has no value, and there is no other.
#[test]
fn a_metric_has_no_value_exactly_if_a_counter_of_it_is_hidden() {
    let without = |hidden: Counter| {
        report(|look| match hidden {
            Counter::Followers => look.profile.counts.followers = None,
            _ => look.videos.iter_mut().for_each(|video| {
                let counts = &mut video.counts;
                let counter = match hidden {
                    Counter::Views => &mut counts.views,
                    Counter::Likes => &mut counts.likes,
                    Counter::Comments => &mut counts.comments,
                    Counter::Shares => &mut counts.shares,
                    _ => &mut counts.saves,
                };
                *counter = None;
            }),
        })
    };
    let whole = report(|_| {});
    let counters =
        [Counter::Views, Counter::Likes, Counter::Comments, Counter::Shares, Counter::Saves, Counter::Followers];
    for hidden in counters {
        let report = without(hidden);
        for metric in Metric::all() {
            let needs = metric.counters.contains(&hidden);
            let expected = whole.metrics[&metric.id].value.filter(|_| !needs);
            let name = hidden.name();
            assert_eq!(report.metrics[&metric.id].value, expected, "{} without {name}", metric.id);
            assert_eq!(metric.hidden_in(&report), if needs { vec![hidden] } else { vec![] }, "{} {name}", metric.id);
        }
    }
}
