//! Who has how many connections.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::{IpNet, Ipv6Net};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Of version 6, a household has 2^64 addresses: they count as one.
const HOUSEHOLD: u8 = 64;

/// The connections that there may be.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    all: Arc<Semaphore>,
    each: usize,
    /// They come on behalf of many.
    proxies: Arc<[IpNet]>,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that may be, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _permit: OwnedSemaphorePermit,
    /// Whose it is, where that is counted.
    counted: Option<(IpAddr, Seats)>,
}

impl Seats {
    pub(super) fn new(all: usize, each: usize, proxies: Arc<[IpNet]>) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, proxies, taken: Arc::default() }
    }

    /// Waits until there is room for anybody.
    pub(super) async fn free(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.all).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// The room for this peer; `None` if it has as many connections as one may have.
    pub(super) fn take(&self, peer: IpAddr, permit: OwnedSemaphorePermit) -> Option<Seat> {
        let peer = peer.to_canonical();
        if self.proxies.iter().any(|proxies| proxies.contains(&peer)) {
            return Some(Seat { _permit: permit, counted: None });
        }
        let household = household(peer);
        let mut taken = self.taken();
        let count = taken.entry(household).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Seat { _permit: permit, counted: Some((household, self.clone())) })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((household, seats)) = self.counted.take() else { return };
        let mut taken = seats.taken();
        if let Some(count) = taken.get_mut(&household) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&household);
            }
        }
    }
}

fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Net::new(v6, HOUSEHOLD).map_or(address, |net| IpAddr::V6(net.network())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sit(seats: &Seats, peer: &str) -> Option<Seat> {
        let permit = seats.free().await;
        seats.take(peer.parse().unwrap(), permit)
    }

    #[tokio::test]
    async fn an_address_has_so_many_connections_and_others_have_theirs() {
        let seats = Seats::new(9, 2, Arc::new([]));
        let first = sit(&seats, "192.0.2.1").await.unwrap();
        let _second = sit(&seats, "::ffff:192.0.2.1").await.unwrap();
        assert!(sit(&seats, "192.0.2.1").await.is_none());
        let _other = sit(&seats, "192.0.2.2").await.unwrap();
        drop(first);
        let _again = sit(&seats, "192.0.2.1").await.unwrap();
        assert!(sit(&seats, "192.0.2.1").await.is_none());
        assert_eq!(seats.all.available_permits(), 6, "whoever is refused takes no room");
    }

    #[tokio::test]
    async fn the_addresses_of_one_household_count_as_one() {
        let seats = Seats::new(9, 1, Arc::new([]));
        let _one = sit(&seats, "2001:db8:1:2:3:4:5:6").await.unwrap();
        assert!(sit(&seats, "2001:db8:1:2:ffff::1").await.is_none());
        assert!(sit(&seats, "2001:db8:1:3::1").await.is_some());
    }

    #[tokio::test]
    async fn a_trusted_proxy_comes_for_many() {
        let seats = Seats::new(9, 1, Arc::new(["10.0.0.0/8".parse().unwrap()]));
        let proxied = [sit(&seats, "10.0.0.1").await, sit(&seats, "10.0.0.1").await, sit(&seats, "10.0.0.1").await];
        assert!(proxied.iter().all(Option::is_some));
        let _stranger = sit(&seats, "192.0.2.1").await.unwrap();
        assert!(sit(&seats, "192.0.2.1").await.is_none());
    }

    #[tokio::test]
    async fn nobody_who_has_gone_is_remembered() {
        let seats = Seats::new(9, 2, Arc::new([]));
        drop([sit(&seats, "192.0.2.1").await, sit(&seats, "192.0.2.1").await]);
        assert!(seats.taken().is_empty());
    }
}
