//! The robots.txt of one site: fetched when it is needed, kept for a day.

use std::time::Duration;

use compass_core::ports::{Clock, ProgressSink, SourceError};
use jiff::Timestamp;
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, LOCATION},
};
use tokio::sync::Mutex;
use tracing::Instrument as _;
use url::Url;

use super::robots_txt::RobotsTxt;
use crate::{
    PRODUCT,
    fetch::{self, Limits},
};

/// A copy is used for so long (RFC 9309, section 2.4).
const FRESH: Duration = Duration::from_secs(24 * 3_600);
/// While the site fails to give the file, the last copy is used until it is so old (section 2.3.1.4).
const OLDEST: Duration = Duration::from_secs(30 * 24 * 3_600);
/// A site that failed to give the file is not asked again before this.
const AGAIN: Duration = Duration::from_secs(300);
/// A site that did not answer is not asked again before this.
const SOON: Duration = Duration::from_secs(60);
/// So many redirects are followed (section 2.3.1.2).
const MOST_REDIRECTS: usize = 5;
/// So much of a file is read (section 2.5).
const MOST_BYTES: usize = 500 * 1_024;
/// How long it may take, redirects and all.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the site lets programs load, as far as it is known.
#[derive(Debug)]
pub(super) struct Robots {
    site: Url,
    user_agent: String,
    known: Mutex<Known>,
}

/// What the site has answered.
#[derive(Debug, Default)]
struct Known {
    copy: Option<Copy>,
    /// Until then it wants to be asked nothing.
    limited: Option<Timestamp>,
}

#[derive(Debug)]
struct Copy {
    says: Says,
    fetched: Timestamp,
    /// Until then nobody asks again.
    good_until: Timestamp,
}

#[derive(Debug)]
enum Says {
    /// There is no file, so everything may be loaded.
    Nothing,
    Rules(RobotsTxt),
    /// The site answers, and cannot say: nothing may be loaded.
    Failed(String),
}

impl Robots {
    pub(super) fn new(site: Url, user_agent: String) -> Self {
        Self { site, user_agent, known: Mutex::default() }
    }

    /// Whether this page of the site may be loaded.
    ///
    /// # Errors
    /// [`SourceError::RobotsDisallowed`] if not. [`SourceError::Network`] if the site did not answer or cannot say, and
    /// [`SourceError::RateLimited`] if it wants to be left alone.
    pub(super) async fn allow(
        &self,
        page: &Url,
        clock: &dyn Clock,
        progress: &dyn ProgressSink,
    ) -> Result<(), SourceError> {
        // Held while the file is fetched, so that it is fetched once.
        let mut known = self.known.lock().await;
        let now = clock.now();
        // A longer wait than any can ask for comes of a clock that was ahead.
        if let Some(until) = known.limited.filter(|until| *until > now && *until <= now + FRESH) {
            return Err(SourceError::RateLimited { retry_after: Some(now.duration_until(until).unsigned_abs()) });
        }
        let Known { copy: known, limited } = &mut *known;
        if known.as_ref().is_none_or(|copy| now >= copy.good_until) {
            progress.may_open().await?;
            let fetching = self.fetch(now).instrument(tracing::info_span!("robots", site = %self.site.authority()));
            let fetched = fetching.await;
            let usable = known.as_mut().filter(|copy| copy.is_usable(now));
            match (fetched, usable) {
                (Ok(Says::Failed(_)) | Err(SourceError::Network { .. }), Some(old)) => old.good_until = now + AGAIN,
                (Ok(says), _) => {
                    let good_for = if matches!(says, Says::Failed(_)) { AGAIN } else { FRESH };
                    *known = Some(Copy { says, fetched: now, good_until: now + good_for });
                }
                // Whoever waits for the answer meanwhile need not wait for another one.
                (Err(SourceError::Network { detail, .. }), None) => {
                    *known = Some(Copy { says: Says::Failed(detail), fetched: now, good_until: now + SOON });
                }
                (Err(error), _) => {
                    if let SourceError::RateLimited { retry_after } = &error {
                        *limited = Some(now + retry_after.unwrap_or(AGAIN).min(FRESH));
                    }
                    return Err(error);
                }
            }
        }
        known.as_ref().expect("a copy is there, or was put there").says.allow(page)
    }

    async fn fetch(&self, now: Timestamp) -> Result<Says, SourceError> {
        let limits = Limits {
            user_agent: self.user_agent.clone(),
            connect: Duration::from_secs(10),
            answer: PATIENCE,
            bytes: MOST_BYTES,
        };
        let fetching = self.follow(&limits, now);
        tokio::time::timeout(PATIENCE, fetching).await.unwrap_or_else(|_| {
            Err(SourceError::Network { detail: "it did not answer in time".to_owned(), source: None })
        })
    }

    async fn follow(&self, limits: &Limits, now: Timestamp) -> Result<Says, SourceError> {
        let client = fetch::client(limits, &self.site).map_err(fetch::failure)?;
        let mut address = self.site.clone();
        address.set_path("/robots.txt");
        address.set_query(None);
        for _ in 0..=MOST_REDIRECTS {
            let asked = client.get(address.clone()).header(ACCEPT, "text/plain");
            let response = asked.send().await.map_err(fetch::failure)?;
            let status = response.status();
            if !status.is_redirection() {
                return read(response, now).await;
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let Some(next) = location.and_then(|location| address.join(location).ok()) else {
                return Ok(Says::Failed(format!("it came with status {} and no address", status.as_u16())));
            };
            if next.origin() != self.site.origin() {
                // Whoever controls the site's answers shall not choose whom this machine asks.
                let host = next.host_str().unwrap_or(next.scheme());
                return Ok(Says::Failed(format!("it was moved to {host}, and other hosts are not asked")));
            }
            address = next;
        }
        // Section 2.3.1.2: as if there were none.
        Ok(Says::Nothing)
    }
}

impl Copy {
    /// Whether it may be used while there is no newer one.
    fn is_usable(&self, now: Timestamp) -> bool {
        !matches!(self.says, Says::Failed(_)) && now < self.fetched + OLDEST
    }
}

impl Says {
    fn allow(&self, page: &Url) -> Result<(), SourceError> {
        let path = page.query().map_or_else(|| page.path().to_owned(), |query| format!("{}?{query}", page.path()));
        let why = match self {
            Self::Nothing => return Ok(()),
            Self::Rules(rules) => match rules.forbids(&path) {
                None => return Ok(()),
                Some(rule) => format!("its rule is \"{rule}\""),
            },
            // It passes, so it is no word of the site on this page.
            Self::Failed(why) => {
                let detail = format!("robots.txt cannot be read: {why}; until it can, nothing is loaded");
                return Err(SourceError::Network { detail, source: None });
            }
        };
        Err(SourceError::RobotsDisallowed { host: crate::host::host(page).unwrap_or_default(), path, why })
    }
}

/// What the answer means (section 2.3.1).
async fn read(response: Response, now: Timestamp) -> Result<Says, SourceError> {
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS {
        // The standard would allow everything; the site asks for less, not for more.
        return Err(SourceError::RateLimited { retry_after: fetch::retry_after(response.headers(), now) });
    }
    if status.is_client_error() {
        return Ok(Says::Nothing);
    }
    if !status.is_success() {
        return Ok(Says::Failed(format!("it came with status {}", status.as_u16())));
    }
    let (mut file, whole) = fetch::beginning(response, MOST_BYTES).await?;
    if !whole {
        // Half a rule could forbid more than the whole one.
        let end = file.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
        file.truncate(end);
    }
    Ok(Says::Rules(RobotsTxt::parse(&file, PRODUCT)))
}
