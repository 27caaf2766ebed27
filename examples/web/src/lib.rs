//! The reference service: every crate assembled, with pages.
//!
//! [`app`] puts it together as a [`Config`] says; the binary `compass` is a few commands over it.

pub mod cli;
mod config;
mod error;
mod language;
mod operations;
mod pages;
mod provider;
mod router;
mod seed;
mod serve;
mod settling;
mod sources;
mod state;
mod store;
mod token_key;
mod without_samples;
mod words;
mod worker;

use std::{sync::Arc, time::Duration};

use axum::Extension;
use compass_auth::OpenIdPorts;
use compass_core::{
    app::{RefreshWorker, Scheduler},
    ports::{Clock, CreatorStore, Random, SystemClock, SystemRandom},
};
use compass_http::{KeptCorpus, KeptReports, LearntCorpus, Limits, Manners, Narration, Ports};
use compass_scrape::studio::StudioReader;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use config::{Config, ConfigError};
pub use error::StartError;
pub use language::{ChatModel, Embeddings};
pub use provider::{Google, Oidc};
pub use state::{AppState, Site};

use operations::Operations;
use provider::SignIn;
use serve::Bounds;
use sources::Sources;
use store::Store;
use without_samples::WithoutSamples;
use worker::WatchedJobs;

/// Told to stop, everything together ends within so long; the runtime then gives what still computes two seconds.
const STOPPING: Duration = Duration::from_secs(26);
/// How long an answer that was cut off may still use the database when the service ends.
const CLOSING: Duration = Duration::from_secs(5);
/// So many bytes of answers about creators are kept.
const KEPT: u64 = 64 << 20;
/// What another process recorded is told after so long.
const NEWS_FROM_ELSEWHERE: Duration = Duration::from_secs(5);
/// Creators are compared with everybody as they were up to so long ago.
const CORPUS: Duration = Duration::from_secs(10 * 60);
/// The most posts of one look at an account.
const MAX_VIDEOS: u32 = 100;

/// The service, ready to serve: it listens already, and nobody is answered yet.
#[derive(Debug)]
pub struct App {
    listener: TcpListener,
    operations: Option<Operations>,
    bounds: Bounds,
    manners: Manners,
    kept: KeptReports,
    corpus: KeptCorpus,
    narration: Option<Narration>,
    state: AppState,
    store: Store,
    sources: Sources,
    jobs: Arc<WatchedJobs>,
    scheduled: bool,
    seeded: bool,
}

/// Puts the service together: takes the port, opens and migrates the database, gives an empty one the sample creators'
/// history, starts the sources.
///
/// # Errors
/// [`StartError`] says which part failed and how to mend it.
pub async fn app(config: &Config) -> Result<App, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let taken = |source| StartError::Listen { address: config.listen.clone(), source };
    let listener = TcpListener::bind(&config.listen).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let operations = match &config.metrics {
        Some(address) => Some(Operations::start(address).await?),
        None => None,
    };
    let tokens = token_key::access_tokens(config, &random)?;
    let kept = KeptReports::new(KEPT, NEWS_FROM_ELSEWHERE);
    let mut store = Store::open(config).await?;
    store.creators = kept.watch(store.creators);
    let open_id =
        OpenIdPorts { sign_ins: Arc::clone(&store.sign_ins), clock: Arc::clone(&clock), random: Arc::clone(&random) };
    let SignIn { identity, site: reached_at, public_url } = SignIn::new(config, address, open_id)?;
    let sources = Sources::start(config, &clock, None).await?;
    let seeded = !config.live && {
        let failed = |source| StartError::Store { place: store.place().to_owned(), source };
        seed::seed(&*store.creators, clock.now()).await.map_err(failed)?
    };
    let jobs = Arc::new(WatchedJobs::new(Arc::clone(&store.jobs)));
    let site =
        Site { development_sign_in: identity.is_development(), stand_in: !config.live, public_url: public_url.clone() };
    let ports = Ports {
        accounts: Arc::clone(&store.accounts),
        refresh_tokens: Arc::clone(&store.refresh_tokens),
        account_data: Arc::clone(&store.account_data),
        audit: Arc::clone(&store.audit),
        creators: Arc::clone(&store.creators),
        corpus: Arc::clone(&store.corpus),
        jobs: Arc::<WatchedJobs>::clone(&jobs),
        imports: Arc::clone(&store.imports),
        audiences: Arc::clone(&store.audiences),
        reports: Arc::clone(&store.reports),
        ledger: Arc::clone(&store.ledger),
        exports: Arc::new(StudioReader::default()),
        identity,
        tokens: Arc::new(tokens),
        clock,
        random,
        site: reached_at,
    };
    if public_url.starts_with("https:") && config.trusted_proxies.0.is_empty() {
        tracing::warn!(
            "{public_url} is reached through a proxy, and trusted_proxies names none: all people count as one client, with \
             one client's limits"
        );
    }
    let mut manners = Manners::at(&ports.site)
        .behind(config.trusted_proxies.0.iter().copied())
        .shared_with(config.allowed_origins.0.iter().map(String::as_str))?;
    if config.limits {
        manners = manners.limited(Limits::default());
    }
    let bounds = Bounds {
        connections_per_address: config.connections_per_address,
        proxies: config.trusted_proxies.0.iter().copied().collect(),
        ..Bounds::default()
    };
    let scheduled = config.is_scheduled();
    let corpus = language::corpus(config, CORPUS)?;
    let narration = language::narration(config)?;
    Ok(App {
        listener,
        operations,
        bounds,
        manners,
        kept,
        corpus,
        narration,
        state: AppState {
            ports,
            corpus: LearntCorpus::default(),
            computations: compass_http::Computations::default(),
            files: compass_http::Files::default(),
            site,
        },
        store,
        sources,
        jobs,
        scheduled,
        seeded,
    })
}

impl App {
    /// What its handlers can ask for, and where it is reached: the real port, where any was asked for.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Where things are kept, without a password.
    #[must_use]
    pub fn place(&self) -> &str {
        self.store.place()
    }

    /// The sources, for people.
    #[must_use]
    pub fn sources(&self) -> &str {
        &self.sources.described
    }

    /// Where metrics and signs of life are asked for, if anywhere.
    #[must_use]
    pub fn operations(&self) -> Option<std::net::SocketAddr> {
        self.operations.as_ref().and_then(|operations| operations.address().ok())
    }

    /// Whether the sample creators' history was made at this start.
    #[must_use]
    pub fn seeded(&self) -> bool {
        self.seeded
    }

    /// Answers and refreshes until `stop`; then ends what is under way, the browser and the database, within 30 seconds.
    pub async fn serve(self, stop: CancellationToken) {
        let scheduler = self.scheduled.then(|| Scheduler {
            accounts: Arc::clone(&self.store.accounts),
            creators: Arc::clone(&self.store.creators),
            jobs: Arc::<WatchedJobs>::clone(&self.jobs),
            clock: Arc::clone(&self.state.ports.clock),
            random: Arc::clone(&self.state.ports.random),
        });
        let worker = RefreshWorker {
            creators: Arc::clone(&self.store.creators),
            jobs: Arc::<WatchedJobs>::clone(&self.jobs),
            hosts: Arc::clone(&self.store.hosts),
            sources: self.sources.list.clone(),
            clock: Arc::clone(&self.state.ports.clock),
            max_videos: MAX_VIDEOS,
            scheduler: scheduler.clone(),
        };
        let clock = Arc::clone(&self.state.ports.clock);
        let corpus = self.state.corpus.clone();
        let settled_with = corpus.clone();
        let teachers: Arc<dyn CreatorStore> = match self.state.site.stand_in {
            true => Arc::clone(&self.store.creators),
            false => Arc::new(WithoutSamples(Arc::clone(&self.store.creators))),
        };
        let ended = CancellationToken::new();
        let operations =
            self.operations.map(|it| tokio::spawn(it.serve(self.state.clone(), stop.clone(), ended.clone())));
        let mut router = router::router(self.state, &self.manners, self.corpus, stop.clone())
            .layer(Extension(self.kept))
            .layer(Extension(corpus.clone()));
        if let Some(narration) = self.narration {
            router = router.layer(Extension(narration));
        }
        let working = worker::work(worker, self.jobs, self.store.bell(), worker::GRACE, stop.clone());
        let sweeping = worker::sweep(scheduler, stop.clone());
        let learning = worker::learn(corpus, teachers, Arc::clone(&clock), stop.clone());
        let tidying = worker::tidy(&self.store, Arc::clone(&clock), stop.clone());
        let settling = settling::settle(
            Arc::clone(&self.store.ledger),
            Arc::clone(&self.store.reports),
            Arc::clone(&self.store.creators),
            clock,
            settled_with,
            stop.clone(),
        );
        let serving = serve::serve(self.listener, router, self.bounds, stop.clone());
        // Tasks of their own: none waits for another, and none for a connection.
        let mut background = JoinSet::new();
        background.spawn(working);
        background.spawn(sweeping);
        background.spawn(learning);
        background.spawn(settling);
        let all = async {
            tokio::join!(serving, tidying, background.join_all());
            self.sources.close().await;
            if tokio::time::timeout(CLOSING, self.store.close()).await.is_err() {
                tracing::warn!("the database is still in use and is left to itself");
            }
        };
        if !ends_in_time(all, &stop, STOPPING).await {
            tracing::warn!("what has not ended by now is left to itself");
        }
        ended.cancel();
        if let Some(operations) = operations {
            // It has nothing of its own to lose.
            let _ = operations.await;
        }
    }
}

/// Works to the end, but no longer than for so long after `stop`; whether it came to its end.
async fn ends_in_time(work: impl Future<Output = ()>, stop: &CancellationToken, time: Duration) -> bool {
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(time).await;
    };
    tokio::select! {
        () = work => true,
        () = late => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_that_ends_has_one_deadline_together() {
        let stop = CancellationToken::new();
        let stages = |seconds: [u64; 3]| {
            let stop = stop.clone();
            async move {
                stop.cancelled().await;
                for seconds in seconds {
                    sleep(Duration::from_secs(seconds)).await;
                }
            }
        };
        let begun = Instant::now();
        let told = async {
            sleep(Duration::from_secs(3_600)).await;
            stop.cancel();
        };
        let (in_time, late, ()) = tokio::join!(
            ends_in_time(stages([11, 5, 5]), &stop, STOPPING),
            ends_in_time(stages([15, 10, 5]), &stop, STOPPING),
            told
        );
        assert!(in_time && !late, "it is not the stages that are bounded, but their sum");
        assert_eq!(begun.elapsed(), Duration::from_secs(3_600) + STOPPING);
    }
}
