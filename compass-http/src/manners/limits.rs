//! How often one address or one person may ask.

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::http::Extensions;
use compass_core::UserId;
use governor::{Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, state::keyed::HashMapStateStore};
use tokio::time::Instant;

use super::ClientAddress;
use crate::problem::{Problem, ProblemKind};

/// Clients share this many counters, so memory is bounded however many there are. Two that share one by chance share its
/// rate, too.
const COUNTERS: u64 = 1 << 16;

const MANY: &str = "there were very many requests from your address";

/// So many times in so long a time: all at once at first, then evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    times: NonZeroU32,
    within: Duration,
}

impl Rate {
    /// `None` for no times, or no time.
    #[must_use]
    pub const fn new(times: u32, within: Duration) -> Option<Self> {
        match NonZeroU32::new(times) {
            Some(times) if within.as_nanos() / times.get() as u128 > 0 => Some(Self { times, within }),
            _ => None,
        }
    }

    const fn usual(times: u32, seconds: u64) -> Self {
        Self::new(times, Duration::from_secs(seconds)).expect("neither is 0")
    }

    fn quota(self) -> Quota {
        let each = self.within / self.times.get();
        Quota::with_period(each).expect("a rate has time for each").allow_burst(self.times)
    }
}

/// How often one address, or one person, may ask.
///
/// The default suits people and small programs: 1,200 requests a minute from an address and as many of a person, 30 steps of a
/// sign-in a minute from an address, and of a person in an hour 120 new looks, 120 renewals by refresh token (a program that always runs
/// makes 6) and 10 exports of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests from one address; of version 6, from one /64 network.
    pub requests_per_address: Rate,
    /// Steps of a sign-in from one address.
    pub sign_ins_per_address: Rate,
    /// Requests of one signed-in person.
    pub requests_per_user: Rate,
    /// Looks at accounts that one person asks for.
    pub looks_per_user: Rate,
    /// Renewals of one person's sessions by refresh token: each is kept for as long as its session is open.
    pub renewals_per_user: Rate,
    /// Exports of everything that is kept of one person: each is read whole, and is on record.
    pub exports_per_user: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_address: Rate::usual(1_200, 60),
            sign_ins_per_address: Rate::usual(30, 60),
            requests_per_user: Rate::usual(1_200, 60),
            looks_per_user: Rate::usual(120, 3_600),
            renewals_per_user: Rate::usual(120, 3_600),
            exports_per_user: Rate::usual(10, 3_600),
        }
    }
}

/// Counts who asked how often. [`Manners`](super::Manners) puts it into each request's extensions, where a host's own handlers
/// find it, too.
#[derive(Clone, Debug)]
pub struct Limiters(Arc<Each>);

#[derive(Debug)]
struct Each {
    requests_per_address: Counted,
    sign_ins_per_address: Counted,
    requests_per_user: Counted,
    looks_per_user: Counted,
    renewals_per_user: Counted,
    exports_per_user: Counted,
}

impl Limiters {
    pub(super) fn new(limits: Limits) -> Self {
        Self(Arc::new(Each {
            requests_per_address: Counted::new(limits.requests_per_address),
            sign_ins_per_address: Counted::new(limits.sign_ins_per_address),
            requests_per_user: Counted::new(limits.requests_per_user),
            looks_per_user: Counted::new(limits.looks_per_user),
            renewals_per_user: Counted::new(limits.renewals_per_user),
            exports_per_user: Counted::new(limits.exports_per_user),
        }))
    }

    /// Counts a look at an account that somebody asks for.
    ///
    /// # Errors
    /// A [`Problem`] (429) that says when to ask again.
    pub fn look(&self, user: UserId) -> Result<(), Problem> {
        self.0.looks_per_user.count(&user).map_err(|wait| too_often(wait, "you asked for many looks at accounts"))
    }

    /// Counts a request of an address.
    pub(super) fn request(&self, address: ClientAddress) -> Result<(), Problem> {
        self.0.requests_per_address.count(&address.household()).map_err(|wait| too_often(wait, MANY))
    }

    /// Counts a step of a sign-in, where the host counts.
    pub(crate) fn sign_in(extensions: &Extensions) -> Result<(), Problem> {
        let (Some(limiters), Some(address)) = (extensions.get::<Self>(), extensions.get::<ClientAddress>()) else {
            return Ok(());
        };
        let often = |wait| too_often(wait, "there were many sign-ins from your address");
        limiters.0.sign_ins_per_address.count(&address.household()).map_err(often)
    }

    /// Counts a request for so many more, where the host counts: it is more work than others.
    pub(crate) fn more_requests(extensions: &Extensions, more: usize) -> Result<(), Problem> {
        let (Some(limiters), Some(address)) = (extensions.get::<Self>(), extensions.get::<ClientAddress>()) else {
            return Ok(());
        };
        let counted = limiters.0.requests_per_address.count_times(&address.household(), more);
        counted.map_err(|wait| too_often(wait, MANY))
    }

    /// Counts a renewal by refresh token, where the host counts.
    pub(crate) fn renewal(extensions: &Extensions, user: UserId) -> Result<(), Problem> {
        let Some(limiters) = extensions.get::<Self>() else { return Ok(()) };
        let often = |wait| {
            let why = "your programs renewed their tokens very often, and this refresh token stays good; use each access token for its ten \
                minutes";
            too_often(wait, why)
        };
        limiters.0.renewals_per_user.count(&user).map_err(often)
    }

    /// Counts an export of everything that is kept of a person, where the host counts.
    pub(crate) fn export(extensions: &Extensions, user: UserId) -> Result<(), Problem> {
        let Some(limiters) = extensions.get::<Self>() else { return Ok(()) };
        limiters.0.exports_per_user.count(&user).map_err(|wait| too_often(wait, "you asked for many exports"))
    }

    pub(crate) fn user(&self, user: UserId) -> Result<(), Problem> {
        self.0.requests_per_user.count(&user).map_err(|wait| too_often(wait, "you asked very often"))
    }
}

fn too_often(wait: Duration, why: &str) -> Problem {
    Problem::new(ProblemKind::TooOften).with_detail(format!("{why}; wait before the next")).with_retry_after(wait)
}

struct Counted {
    limiter: RateLimiter<u64, HashMapStateStore<u64>, SinceStart, NoOpMiddleware<Duration>>,
    /// Nobody can choose with whom to share a counter.
    hasher: RandomState,
    /// So many fit in at once.
    most: NonZeroU32,
}

impl Counted {
    fn new(rate: Rate) -> Self {
        let clock = SinceStart(Instant::now());
        let limiter = RateLimiter::new(rate.quota(), HashMapStateStore::default(), clock);
        Self { limiter, hasher: RandomState::new(), most: rate.times }
    }

    /// Otherwise how long to wait.
    fn count(&self, who: &impl Hash) -> Result<(), Duration> {
        let now = self.limiter.clock().now();
        self.limiter.check_key(&self.counter(who)).map_err(|not_until| not_until.wait_time_from(now))
    }

    /// The same for several at once. After one that was counted already there is never more room than for the others.
    fn count_times(&self, who: &impl Hash, times: usize) -> Result<(), Duration> {
        let most = self.most.get() - 1;
        let times = u32::try_from(times).unwrap_or(u32::MAX).min(most);
        let Some(times) = NonZeroU32::new(times) else { return Ok(()) };
        let now = self.limiter.clock().now();
        let counted = self.limiter.check_key_n(&self.counter(who), times);
        counted.expect("it is no more than fits").map_err(|not_until| not_until.wait_time_from(now))
    }

    fn counter(&self, who: &impl Hash) -> u64 {
        self.hasher.hash_one(who) % COUNTERS
    }
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counted").field("counters", &self.limiter.len()).finish_non_exhaustive()
    }
}

/// The runtime's clock, which a test can stop.
#[derive(Clone, Copy, Debug)]
struct SinceStart(Instant);

impl Clock for SinceStart {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_used_up_comes_back_evenly() {
        let counted = Counted::new(Rate::usual(4, 60));
        for _ in 0..4 {
            assert_eq!(counted.count(&"ada"), Ok(()));
        }
        assert_eq!(counted.count(&"ada"), Err(Duration::from_secs(15)));
        assert_eq!(counted.count(&"bob"), Ok(()), "each has its own");
        tokio::time::advance(Duration::from_secs(15)).await;
        assert_eq!(counted.count(&"ada"), Ok(()));
        assert_eq!(counted.count(&"ada"), Err(Duration::from_secs(15)));
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_however_many_ask() {
        let counted = Counted::new(Rate::usual(1, 60));
        let refused = (0..300_000_u32).filter(|who| counted.count(who).is_err()).count();
        assert!(counted.limiter.len() as u64 <= COUNTERS);
        assert!(refused > 200_000, "who shares a counter shares its rate");
    }

    #[test]
    fn a_rate_is_of_something() {
        assert!(Rate::new(0, Duration::from_secs(1)).is_none());
        assert!(Rate::new(1, Duration::ZERO).is_none());
        assert!(Rate::new(2, Duration::from_nanos(1)).is_none());
        assert!(Rate::new(1, Duration::from_nanos(1)).is_some());
    }
}
