//! The settings of manners: setters that cannot fail, and a `build` that can.

use std::{collections::HashSet, sync::Arc, time::Duration};

use compass_core::ports::{Clock, Random, SystemClock, SystemRandom};

use super::{Kept, Manners};
use crate::fetch::{self, USER_AGENT};

/// Builds [`Manners`].
#[derive(Clone, Debug)]
#[must_use]
pub struct MannersBuilder {
    pause: Duration,
    user_agent: String,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    own_sites: Vec<String>,
}

impl Default for MannersBuilder {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(1),
            user_agent: USER_AGENT.to_owned(),
            random: Arc::new(SystemRandom),
            clock: Arc::new(SystemClock),
            own_sites: Vec::new(),
        }
    }
}

impl MannersBuilder {
    /// The least time from one page load to the next of a site, of all sources together. By default a second. Each time it
    /// is drawn out by up to half.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Who asks for robots.txt, and for pages where no browser does; make one with [`user_agent`](crate::user_agent). By
    /// default the product and its version alone, such as `CreatorCompass/0.1.0`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// What draws the pauses out. By default the system's randomness.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// The clock by which a robots.txt grows old. By default the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Does not ask this site for its robots.txt, because whoever runs this runs the site as well and lets it be read: a
    /// stand-in, a staging site. Scheme, host and port; it holds for that site alone.
    pub fn ignore_robots_txt_of_own_site(mut self, site: impl Into<String>) -> Self {
        self.own_sites.push(site.into());
        self
    }

    /// Checks the settings. No site is asked yet.
    ///
    /// # Errors
    /// [`BuildError`] for a user agent or an address that cannot be used.
    pub fn build(self) -> Result<Manners, BuildError> {
        if !fetch::is_user_agent(&self.user_agent) {
            return Err(BuildError::UserAgent(self.user_agent));
        }
        let own = |site: String| fetch::site(&site).map(|url| url.origin()).ok_or(BuildError::OwnSite(site));
        let own_sites: HashSet<_> = self.own_sites.into_iter().map(own).collect::<Result<_, _>>()?;
        let (pause, random, clock) = (self.pause, self.random, self.clock);
        let kept = Kept { pause, random, clock, user_agent: self.user_agent, own_sites, sites: Default::default() };
        Ok(Manners(Arc::new(kept)))
    }
}

/// Why manners cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The user agent.
    #[error("{0:?} is not a user agent; give visible ASCII, like CreatorCompass/1.0 (+https://example.com/contact)")]
    UserAgent(String),
    /// A site of one's own.
    #[error("{0:?} is not the address of a site; give scheme, host and port alone, like http://127.0.0.1:8100")]
    OwnSite(String),
}
