//! Who asks, by its address: that of the connection, or what a proxy that is believed says.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};
use ipnet::IpNet;

/// The client's address; `None` if the host does not tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    pub(crate) fn ip(self) -> Option<IpAddr> {
        self.0
    }

    /// Who counts as one with it.
    pub(crate) fn household(self) -> Option<IpAddr> {
        self.0.map(network)
    }
}

/// Notes for what follows who asks. `unreadable` is of all requests: a proxy that cannot be read is told once.
pub(super) fn note(request: &mut Request, proxies: &[IpNet], unreadable: &Once) -> ClientAddress {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let client = ClientAddress(peer.map(|peer| client(peer, request.headers(), proxies, unreadable)));
    request.extensions_mut().insert(client);
    client
}

/// Who asks: the last address in `X-Forwarded-For` that no believed proxy has, if one such proxy asks. What stands before it
/// was written by whoever that is.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet], unreadable: &Once) -> IpAddr {
    let is_believed = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    while is_believed(client) {
        // A hop that cannot be read hides who came before it.
        let Some(hop) = hops.next().map(str::trim).filter(|hop| !hop.is_empty()) else { break };
        let Some(before) = address_of(hop) else {
            unreadable.call_once(|| {
                tracing::warn!(
                    "the proxy {client}, which is one of trusted_proxies, writes in X-Forwarded-For what is no address: all who come \
                     through it count as one client, with one client's limits"
                );
            });
            break;
        };
        client = before.to_canonical();
    }
    client
}

/// The address of a hop, which some proxies write with a port: `203.0.113.9:50123`, `[2001:db8::7]:443`.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
}

/// A household has one address of version 4, or 2^64 of version 6: they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        told(peer, forwarded, proxies).0
    }

    /// Who asks, and whether a hop could not be read.
    fn told(peer: &str, forwarded: &[&str], proxies: &[&str]) -> (String, bool) {
        let unreadable = Once::new();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
        let client = client(peer.parse().unwrap(), &headers, &proxies, &unreadable);
        (client.to_string(), unreadable.is_completed())
    }

    #[test]
    fn what_a_stranger_says_of_itself_counts_for_nothing() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_believed_proxy_names_the_client_and_nobody_before_it() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for (forwarded, client) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
            (&["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            (&["1.2.3.4", "198.51.100.1 , 2001:db8::7"], "198.51.100.1"),
            (&["1.2.3.4, rubbish"], "10.0.0.1"),
            (&["1.2.3.4, rubbish, 10.0.0.2"], "10.0.0.2"),
            (&["::ffff:198.51.100.1"], "198.51.100.1"),
            (&["1.2.3.4, 198.51.100.1:50123"], "198.51.100.1"),
            (&["1.2.3.4, [2001:db9::7]:443, 10.9.9.9:80"], "2001:db9::7"),
            (&["1.2.3.4, [2001:db9::7]"], "2001:db9::7"),
            (&["[::ffff:198.51.100.1]:7"], "198.51.100.1"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", forwarded, &proxies), client, "{forwarded:?}");
        }
    }

    #[test]
    fn hop_that_a_believed_proxy_writes_and_nobody_can_read_is_noticed() {
        let proxies = ["10.0.0.0/8"];
        for (forwarded, is_noticed) in [
            (&["1.2.3.4, unknown"][..], true),
            (&["198.51.100.1:http"], true),
            (&["[198.51.100.1"], true),
            (&["rubbish, 198.51.100.1:50123"], false),
            (&[""], false),
            (&[], false),
        ] {
            assert_eq!(told("10.0.0.1", forwarded, &proxies).1, is_noticed, "{forwarded:?}");
        }
        assert!(!told("203.0.113.9", &["rubbish"], &proxies).1, "a stranger may write what it likes");
    }

    #[test]
    fn the_addresses_of_one_household_count_as_one() {
        let one = |text: &str| network(text.parse().unwrap());
        assert_eq!(one("2001:db8:1:2:3:4:5:6"), one("2001:db8:1:2:ffff::1"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_ne!(one("192.0.2.1"), one("192.0.2.2"));
    }
}
