//! What collections leave in metrics and traces.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use compass_core::{
    Handle, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource},
    samples::World,
    testing::FixedClock,
};
use compass_scrape::{
    manners::Manners,
    page::PageSource,
    replay::ReplaySource,
    testing::{DirectSource, StandIn, Trouble},
};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt as _, registry::LookupSpan};

use crate::{
    raw_server::{RawServer, Reply},
    truth::NOON,
};

/// Runs something with a recorder of its own; gives each metric with its labels, and of a histogram how many values.
fn measured(doing: impl Future<Output = ()>) -> BTreeMap<String, f64> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || runtime.block_on(doing));
    let all = snapshotter.snapshot().into_vec();
    all.into_iter()
        .map(|(key, _, _, value)| {
            let labels: Vec<String> =
                key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let value = match value {
                DebugValue::Counter(count) => count as f64,
                DebugValue::Gauge(level) => level.into_inner(),
                DebugValue::Histogram(values) => values.len() as f64,
            };
            (format!("{}{{{}}}", key.key().name(), labels.join(",")), value)
        })
        .collect()
}

async fn collect(source: &dyn ProfileSource, handle: &Handle) {
    let request = CollectRequest { handle: handle.clone(), max_videos: 5, since: None, observed_at: NOON };
    let _outcome = source.collect(&request, &NoProgress).await;
}

fn steady() -> Handle {
    World::standard().creators()[0].handle().clone()
}

#[test]
fn every_collection_is_counted_with_its_outcome_and_timed_and_no_label_names_an_account() {
    let all = measured(async {
        let clock = Arc::new(FixedClock::new(NOON));
        let site = StandIn::start(World::standard(), Arc::<FixedClock>::clone(&clock)).await.unwrap();
        let manners = Manners::builder().pause(Duration::ZERO).build().unwrap();
        let page = PageSource::builder().base_url(site.base_url()).manners(manners).build().unwrap();
        collect(&page, &steady()).await;
        collect(&page, &steady()).await;
        collect(&page, &Trouble::Captcha.handle()).await;
        collect(&page, &Trouble::Elsewhere.handle()).await;
        let direct = DirectSource::new(World::standard(), clock);
        collect(&direct, &steady()).await;
        collect(&ReplaySource::new("/nowhere/at/all"), &steady()).await;
    });
    let expected = [
        ("compass_collection_seconds{source=page}", 4.0),
        ("compass_collection_seconds{source=replay}", 1.0),
        ("compass_collection_seconds{source=sample}", 1.0),
        ("compass_collections_total{source=page,outcome=captcha_required}", 1.0),
        ("compass_collections_total{source=page,outcome=layout_changed}", 1.0),
        ("compass_collections_total{source=page,outcome=ok}", 2.0),
        ("compass_collections_total{source=replay,outcome=network}", 1.0),
        ("compass_collections_total{source=sample,outcome=ok}", 1.0),
        ("compass_pages_total{source=page}", 4.0),
        ("compass_refusals_total{source=page,reason=not_given}", 2.0),
    ];
    assert_eq!(all, expected.map(|(name, value)| (name.to_owned(), value)).into());
}

#[test]
fn collection_that_nobody_waits_for_is_given_up() {
    let all = measured(async {
        let server = RawServer::start(|_| Reply::Hang(Vec::new())).await;
        let source = PageSource::builder().base_url(server.base_url()).build().unwrap();
        let handle = steady();
        tokio::select! {
            () = collect(&source, &handle) => {}
            () = async { while server.asked().is_empty() { tokio::task::yield_now().await } } => {}
        }
    });
    assert_eq!(all.get("compass_collections_total{source=page,outcome=given_up}"), Some(&1.0), "{all:?}");
}

/// Keeps of every span its name, that of its parent, and its fields as they are when it closes.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        values.record(context.span(id).unwrap().extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if !span.metadata().target().starts_with("compass_scrape") {
            return;
        }
        let parent = span.parent().map_or("", |parent| parent.name());
        let extensions = span.extensions();
        let fields = &extensions.get::<Fields>().unwrap().0;
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.0.lock().unwrap().push(format!("{parent}/{} {}", span.name(), fields.join(" ")));
    }
}

#[tokio::test]
async fn collection_is_a_span_with_its_outcome_and_each_page_one_below_it() {
    let site = StandIn::start(World::standard(), Arc::new(FixedClock::new(NOON))).await.unwrap();
    let source = PageSource::builder().base_url(site.base_url()).build().unwrap();
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    collect(&source, &Trouble::Waf.handle()).await;
    let host = site.base_url().trim_start_matches("http://");
    assert_eq!(source.kind(), SourceKind::Page);
    assert_eq!(
        *spans.0.lock().unwrap(),
        [
            format!("collect/robots site={host}"),
            "collect/page source=page what=profile".to_owned(),
            format!("/collect handle={} outcome=waf_challenge source=page", Trouble::Waf.handle()),
        ]
    );
}
