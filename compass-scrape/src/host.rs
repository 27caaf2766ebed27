//! The name by which a site is left alone.

use url::Url;

/// The host of an address, with its port where that is not the scheme's own; `None` for an address without a host.
pub(crate) fn host(address: &Url) -> Option<String> {
    let host = address.host_str()?;
    Some(address.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_with_a_port_of_its_own_only() {
        let of = |address| host(&Url::parse(address).unwrap());
        assert_eq!(of("https://WWW.TikTok.com:443/@ada").as_deref(), Some("www.tiktok.com"));
        assert_eq!(of("http://127.0.0.1:4711/").as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(of("data:,x"), None);
    }
}
