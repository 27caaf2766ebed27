//! The stand-in on ports of this machine.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::Router;
use compass_core::ports::Clock;
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    Host, Request, Scene,
    log::Log,
    routes::{self, Hosts},
    site::Site,
};

/// A small TikTok on a free loopback port. It stops when it is dropped.
///
/// It shows a [`Scene`] as it is at the clock's present moment, in TikTok's shapes: profile pages with their embedded
/// JSON, grids that a script fills and that load more as they are scrolled, lists of posts, pages of posts. Its pictures
/// and scripts come from a second port, and a third one at another address is where nobody should ever go.
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// use std::sync::Arc;
///
/// use compass_core::{Handle, ports::SystemClock, samples::World};
/// use compass_scrape::testing::{Change, StandIn};
///
/// let stand_in = StandIn::start(World::standard(), Arc::new(SystemClock)).await?;
/// let steady = Handle::parse("sample.steady")?;
/// stand_in.scene(|scene| {
///     let account = scene.accounts.iter_mut().find(|account| account.handle == steady).expect("it is a sample");
///     account.changes.push((jiff::Timestamp::UNIX_EPOCH, Change::Private));
/// });
/// println!("{}/@{steady} is private now", stand_in.base_url());
/// assert_eq!(stand_in.requests(), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StandIn {
    base_url: String,
    asset_url: String,
    elsewhere_url: String,
    site: Site,
    log: Log,
    serving: JoinSet<()>,
}

impl StandIn {
    /// Starts it on a free port. Sample creators are a scene, too: with every [`Trouble`](super::Trouble) beside them.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(scene: impl Into<Scene>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Self::listen(scene, clock, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts it at an address.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn listen(scene: impl Into<Scene>, clock: Arc<dyn Clock>, address: SocketAddr) -> io::Result<Self> {
        let site = Site::new(scene.into(), clock);
        let log = Log::default();
        let main = TcpListener::bind(address).await?;
        let assets = TcpListener::bind((address.ip(), 0)).await?;
        // Only Linux has more than one loopback address without being told to; elsewhere nobody answers there.
        let elsewhere = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).await.ok();
        let at = |listener: &TcpListener| Ok::<_, io::Error>(format!("http://{}", reachable(listener.local_addr()?)));
        let base_url = at(&main)?;
        let asset_url = at(&assets)?;
        let elsewhere_url = elsewhere.as_ref().map_or(Ok("http://127.0.0.2:9".to_owned()), at)?;

        let hosts = Hosts { assets: assets.local_addr()?.port(), elsewhere: elsewhere_url.clone() };
        let mut serving = JoinSet::new();
        serving.spawn(serve(main, routes::site(site.clone(), hosts, log.clone())));
        serving.spawn(serve(assets, routes::assets(log.clone())));
        if let Some(elsewhere) = elsewhere {
            serving.spawn(serve(elsewhere, routes::elsewhere(log.clone())));
        }
        Ok(Self { base_url, asset_url, elsewhere_url, site, log, serving })
    }

    /// Its address: scheme, host and port.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where its pictures and scripts are: scheme, host and port.
    #[must_use]
    pub fn asset_url(&self) -> &str {
        &self.asset_url
    }

    /// A host that is neither of these, to which some pages try to lead: scheme, host and port.
    #[must_use]
    pub fn elsewhere_url(&self) -> &str {
        &self.elsewhere_url
    }

    /// Reads or changes what it shows. Every request from then on sees the change.
    pub fn scene<T>(&self, with: impl FnOnce(&mut Scene) -> T) -> T {
        with(&mut self.site.scene())
    }

    /// What it was asked, the oldest first; at most the latest 10,000 requests, to all of its hosts.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.log.all()
    }

    /// What one of its hosts was asked, the oldest first.
    #[must_use]
    pub fn requests_to(&self, host: Host) -> Vec<Request> {
        self.log.all().into_iter().filter(|request| request.host == host).collect()
    }

    /// Forgets what it was asked.
    pub fn forget_requests(&self) {
        self.log.clear();
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort_all();
    }
}

async fn serve(listener: TcpListener, routes: Router) {
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the stand-in site stopped");
    }
}

/// The address by which this machine reaches a listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        _ => address,
    }
}
