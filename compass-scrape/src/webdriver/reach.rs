//! Whom the browser can reach: the site, and the hosts that its scripts and pictures come from. Nobody else.
//!
//! The browser itself keeps the rule, when it looks up whom a request goes to, and an address written in digits is looked
//! up like a name. So it holds for whatever a page can think of, in a driver of our own and in a grid.

use url::Url;

use super::BuildError;

/// Where tiktok.com has its scripts, pictures and APIs.
const TIKTOK: [&str; 14] = [
    "tiktok.com",
    "*.tiktok.com",
    "*.tiktokcdn.com",
    "*.tiktokcdn-us.com",
    "*.tiktokcdn-eu.com",
    "*.tiktokv.com",
    "*.tiktokv.us",
    "*.tiktokv.eu",
    "*.tiktokw.us",
    "*.tiktokw.eu",
    "*.ttwstatic.com",
    "*.muscdn.com",
    "*.ibytedtos.com",
    "*.byteoversea.com",
];

/// The asset hosts of a site for which none are named.
pub(super) fn default_assets(base: &Url) -> Vec<String> {
    let tiktok = base.host_str().is_some_and(|host| host == "tiktok.com" || host.ends_with(".tiktok.com"));
    if tiktok { TIKTOK.map(str::to_owned).into() } else { Vec::new() }
}

/// Checks that a pattern is a host's name, such a name with a port, or `*.` before the name of at least a second-level
/// domain.
pub(super) fn checked(pattern: String) -> Result<String, BuildError> {
    let (host, port) = pattern.split_once(':').map_or((pattern.as_str(), None), |(host, port)| (host, Some(port)));
    let name = host.strip_prefix("*.").unwrap_or(host);
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let exact = host == name;
    let enough =
        if exact { port.is_none_or(|port| port.parse::<u16>().is_ok()) } else { labels.len() > 1 && port.is_none() };
    if enough && labels.iter().all(is_label) { Ok(pattern) } else { Err(BuildError::AssetHost(pattern)) }
}

/// Chromium's `--host-resolver-rules`: the site at its one port, the asset hosts, and no other name or address.
pub(super) fn resolver_rules(base: &Url, assets: &[String]) -> String {
    let mut rules = Vec::new();
    if let (Some(host), Some(port)) = (base.host_str(), base.port_or_known_default()) {
        rules.push(format!("MAP {host}:{port} {host}:{port}"));
    }
    // Whom a rule names without a port is reached at every port of it.
    let (at_port, at_any): (Vec<_>, Vec<_>) = assets.iter().partition(|host| host.contains(':'));
    rules.extend(at_port.iter().map(|host| format!("MAP {host} {host}")));
    rules.push("MAP * ~NOTFOUND".to_owned());
    rules.extend(at_any.iter().map(|host| format!("EXCLUDE {host}")));
    rules.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(base: &str) -> String {
        let base = Url::parse(base).unwrap();
        resolver_rules(&base, &default_assets(&base))
    }

    #[test]
    fn site_is_reached_at_its_own_port_alone() {
        assert_eq!(rules("http://127.0.0.1:8080"), "MAP 127.0.0.1:8080 127.0.0.1:8080, MAP * ~NOTFOUND");
        assert_eq!(rules("http://[::1]:8080"), "MAP [::1]:8080 [::1]:8080, MAP * ~NOTFOUND");
        assert_eq!(rules("https://nottiktok.com"), "MAP nottiktok.com:443 nottiktok.com:443, MAP * ~NOTFOUND");
    }

    #[test]
    fn tiktok_comes_with_its_asset_hosts() {
        let rules = rules("https://www.tiktok.com");
        assert!(rules.starts_with("MAP www.tiktok.com:443 www.tiktok.com:443, MAP * ~NOTFOUND, EXCLUDE tiktok.com, "));
        assert!(rules.contains("EXCLUDE *.tiktokcdn.com"));
        for host in TIKTOK {
            assert!(checked(host.to_owned()).is_ok(), "{host}");
        }
    }

    #[test]
    fn pattern_that_opens_more_than_one_owner_is_refused() {
        for pattern in [
            "*",
            "*.",
            "*.com",
            "",
            "a,EXCLUDE *",
            "a b",
            "*.*.com",
            "WWW.tiktok.com",
            "a..b",
            "http://a.b",
            "*.a.b:80",
            "a:b",
        ] {
            assert!(checked(pattern.to_owned()).is_err(), "{pattern:?}");
        }
        for pattern in ["cdn.example", "*.cdn.example", "localhost", "10.0.0.7", "10.0.0.7:8080"] {
            assert!(checked(pattern.to_owned()).is_ok(), "{pattern:?}");
        }
    }
}
