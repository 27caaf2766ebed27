//! The official source against the stand-in API.

mod collecting;
mod connecting;
mod faults;
mod fuzzed;
mod parsing;
mod secrets;
mod tokens;

use std::{sync::Arc, time::Duration};

use compass_core::{
    CreatorId, Handle, Snapshot, SourceKind,
    ports::{Clock as _, CollectRequest, CreatorGrant, CreatorTokens, NoProgress, ProfileSource as _, SourceError},
    samples::World,
    testing::{FixedClock, MemoryCreatorTokens},
};
use compass_scrape::{
    display_api::{Application, DisplayApiBuilder, DisplayApiSource},
    testing::display_api::StandInApi,
};

use jiff::Timestamp;

use crate::truth::NOON;

const STEADY: &str = "sample.steady";

/// The API, the clock that it and the source go by, and the keeper of tokens.
struct Setup {
    api: StandInApi,
    clock: Arc<FixedClock>,
    tokens: Arc<MemoryCreatorTokens>,
}

impl Setup {
    /// A stand-in at noon to which nobody is connected.
    async fn new() -> Self {
        let clock = Arc::new(FixedClock::new(NOON));
        let api = StandInApi::start(World::standard(), Arc::<FixedClock>::clone(&clock)).await.unwrap();
        Self { api, clock, tokens: Arc::default() }
    }

    /// A stand-in at noon to which one sample creator has connected, whose numeric id is known.
    async fn connected() -> Self {
        let setup = Self::new().await;
        setup.connect(STEADY).await;
        setup
    }

    async fn connect(&self, name: &str) -> CreatorGrant {
        let grant = CreatorGrant { creator: Some(id_of(name)), ..self.api.connected(&handle(name)) };
        self.tokens.save(&grant).await.unwrap();
        grant
    }

    fn builder(&self) -> DisplayApiBuilder {
        self.builder_over(Arc::<MemoryCreatorTokens>::clone(&self.tokens))
    }

    fn builder_over(&self, tokens: Arc<dyn CreatorTokens>) -> DisplayApiBuilder {
        let world = self.api.world();
        let application = Application {
            client_key: world.client_key,
            client_secret: world.client_secret.into(),
            redirect_uri: world.redirect_uri,
        };
        DisplayApiSource::builder(application, tokens)
            .base_url(self.api.base_url())
            .consent_url(self.api.base_url())
            .clock(Arc::<FixedClock>::clone(&self.clock))
            .answer_timeout(Duration::from_secs(20))
    }

    fn source(&self) -> DisplayApiSource {
        self.builder().build().unwrap()
    }

    async fn collect(&self, name: &str, max_videos: u32) -> Result<Snapshot, SourceError> {
        collect(&self.source(), name, max_videos).await
    }

    fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How often an endpoint was asked.
    fn asked(&self, endpoint: &str) -> usize {
        self.api.asked().iter().filter(|asked| *asked == endpoint).count()
    }
}

fn handle(name: &str) -> Handle {
    Handle::parse(name).unwrap()
}

fn id_of(name: &str) -> CreatorId {
    World::standard().find(&handle(name)).unwrap().profile().id
}

async fn collect(source: &DisplayApiSource, name: &str, max_videos: u32) -> Result<Snapshot, SourceError> {
    let request = CollectRequest { handle: handle(name), max_videos, since: None, observed_at: NOON };
    source.collect(&request, &NoProgress).await
}

/// What is true of a sample creator at noon, newest post first, as far as the API tells it.
fn truth(name: &str) -> Snapshot {
    let mut truth = World::standard().find(&handle(name)).unwrap().snapshot(NOON, u32::MAX, SourceKind::DisplayApi);
    let profile = &mut truth.profile.profile;
    (profile.language, profile.created_at) = (None, None);
    truth.videos.sort_by_key(|post| std::cmp::Reverse((post.video.created_at, post.video.id)));
    for post in &mut truth.videos {
        post.pinned = false;
        post.counts.saves = None;
        (post.video.language, post.video.sound) = (None, None);
    }
    truth
}

/// The reasons of a snapshot's refusals.
fn reasons(seen: &Snapshot) -> Vec<&str> {
    seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect()
}
