//! A stand-in for TikTok's official Display API, with its consent page, on loopback.
//!
//! What it knows is data ([`ApiWorld`]) that a test may change while it runs ([`StandInApi::change`]). The figures of its
//! accounts are those of sample creators at the clock's present moment. It enforces what TikTok enforces: scopes, fields,
//! cursors, the size of a page, the rate limit, the life of tokens and their rotation, the PKCE proof.

mod faults;
mod grants;
mod requests;
mod server;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use compass_core::{
    Handle,
    ports::{Clock, CreatorGrant},
    samples::World,
};
use tokio::{net::TcpListener, task::JoinHandle};

pub use faults::ApiFault;

use grants::Grants;

/// What the stand-in knows.
#[derive(Clone, Debug)]
pub struct ApiWorld {
    /// The one application that is registered.
    pub client_key: String,
    /// Its secret.
    pub client_secret: String,
    /// Its registered address for coming back.
    pub redirect_uri: String,
    /// The accounts.
    pub accounts: Vec<ApiAccount>,
    /// Whose browser opens the consent page.
    pub signed_in: Handle,
    /// Whether the one who is signed in says no.
    pub declines: bool,
    /// The most requests to one endpoint in a minute of the clock.
    pub requests_a_minute: usize,
    /// How long an access token works.
    pub access_life: Duration,
    /// How long a refresh token works.
    pub refresh_life: Duration,
    /// Whether each renewal gives another refresh token and spends the old one.
    pub rotates: bool,
    /// Whether ids, times and cursors are written as strings.
    pub numbers_as_strings: bool,
    /// What every endpoint does instead of answering.
    pub fault: Option<ApiFault>,
}

/// An account that the stand-in knows.
#[derive(Clone, Debug)]
pub struct ApiAccount {
    /// The sample creator whose figures it has.
    pub sample: Handle,
    /// Its present handle.
    pub username: Handle,
    /// Its name for the application.
    pub open_id: String,
    /// What its creator allows when asked.
    pub allows: Vec<String>,
}

impl ApiWorld {
    /// Every sample creator, each allowing everything; the first is signed in.
    ///
    /// # Panics
    /// Never: there are sample creators.
    #[must_use]
    pub fn of(samples: &World) -> Self {
        const SCOPES: [&str; 4] = ["user.info.basic", "user.info.profile", "user.info.stats", "video.list"];
        let account = |handle: &Handle| ApiAccount {
            sample: handle.clone(),
            username: handle.clone(),
            open_id: format!("-000open-{handle}"),
            allows: SCOPES.map(str::to_owned).to_vec(),
        };
        let accounts: Vec<_> = samples.creators().iter().map(|creator| account(creator.handle())).collect();
        Self {
            client_key: "awstandin".to_owned(),
            client_secret: "client-secret-of-the-stand-in".to_owned(),
            redirect_uri: "http://127.0.0.1:8080/connected".to_owned(),
            signed_in: accounts.first().expect("there are samples").username.clone(),
            accounts,
            declines: false,
            requests_a_minute: 600,
            access_life: Duration::from_secs(86_400),
            refresh_life: Duration::from_secs(31_536_000),
            rotates: true,
            numbers_as_strings: false,
            fault: None,
        }
    }

    /// The account with a handle.
    ///
    /// # Panics
    /// If there is none.
    pub fn account(&mut self, username: &Handle) -> &mut ApiAccount {
        self.accounts.iter_mut().find(|account| account.username == *username).expect("the account is in the world")
    }
}

/// The stand-in API on a free loopback port. It stops when it is dropped.
#[derive(Debug)]
pub struct StandInApi {
    base_url: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    samples: World,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    world: ApiWorld,
    grants: Grants,
    log: requests::Log,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StandInApi {
    /// Starts it.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(samples: World, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let world = ApiWorld::of(&samples);
        let state = Mutex::new(State { world, grants: Grants::default(), log: requests::Log::default() });
        let shared = Arc::new(Shared { samples, clock, state });
        let routes = server::routes(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the stand-in API stopped");
            }
        });
        Ok(Self { base_url, shared, serving })
    }

    /// Its address: scheme, host and port. The consent page is there, too.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What it knows now.
    #[must_use]
    pub fn world(&self) -> ApiWorld {
        self.shared.state().world.clone()
    }

    /// Changes what it knows.
    pub fn change(&self, change: impl FnOnce(&mut ApiWorld)) {
        change(&mut self.shared.state().world);
    }

    /// Makes every endpoint do this instead of answering; `None` mends it.
    pub fn fault(&self, fault: Option<ApiFault>) {
        self.change(|world| world.fault = fault);
    }

    /// A grant as if the creator had just connected, without a numeric id.
    ///
    /// # Panics
    /// If there is no such account.
    #[must_use]
    pub fn connected(&self, username: &Handle) -> CreatorGrant {
        let now = self.shared.clock.now();
        let State { world, grants, .. } = &mut *self.shared.state();
        let (access_life, refresh_life) = (world.access_life, world.refresh_life);
        let account = world.account(username);
        let issued = grants.issue(account, account.allows.clone(), now, access_life, refresh_life);
        CreatorGrant {
            handle: username.clone(),
            creator: None,
            open_id: account.open_id.clone(),
            scopes: account.allows.clone(),
            access_token: issued.access.into(),
            access_expires_at: now + access_life,
            refresh_token: issued.refresh.into(),
            refresh_expires_at: now + refresh_life,
        }
    }

    /// The creator withdraws what was allowed: every token of the account is void.
    pub fn withdraw(&self, open_id: &str) {
        self.shared.state().grants.withdraw(open_id);
    }

    /// The requests so far, oldest first, each as its path and, of a form, the `grant_type`.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.shared.state().log.asked()
    }

    /// Everything that must not be seen by anybody else: the application's secret, tokens and codes.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let state = self.shared.state();
        let mut secrets = state.grants.secrets();
        secrets.push(state.world.client_secret.clone());
        secrets
    }
}

impl Drop for StandInApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
