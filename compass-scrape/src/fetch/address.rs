//! Whether an address is still where the content was asked for.

use compass_core::ports::SourceError;
use url::Url;

/// What it means that the site sent its visitor to this address; `None` if it is another page of the same site.
pub(crate) fn leads_away(url: &Url, base: &Url) -> Option<SourceError> {
    let anonymous = url.username().is_empty() && url.password().is_none();
    if url.origin() != base.origin() || !anonymous {
        let host = url.host_str().unwrap_or(url.scheme());
        return Some(SourceError::LayoutChanged {
            path: "address".to_owned(),
            detail: format!("the page led away to {}://{host}", url.scheme()),
        });
    }
    match url.path().trim_end_matches('/') {
        "/login" => Some(SourceError::LoginRequired),
        path if path.starts_with("/login/") => Some(SourceError::LoginRequired),
        path if path.ends_with("/notfound") => Some(SourceError::RegionBlocked),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_same_site_are_followed() {
        let base = Url::parse("https://www.tiktok.com").unwrap();
        let met = |address: &str| leads_away(&base.join(address).unwrap(), &base).map(|error| error.code());
        for same in ["/@ada", "?lang=en", "https://www.tiktok.com:443/@ada", "/loginhelp", "/@login"] {
            assert_eq!(met(same), None, "{same}");
        }
        for login in ["/login", "/login/", "/login?redirect_url=%2F", "/login/phone"] {
            assert_eq!(met(login), Some("login_required"), "{login}");
        }
        assert_eq!(met("/hk/notfound"), Some("region_blocked"));
        let elsewhere = [
            "http://www.tiktok.com/@ada",
            "https://www.tiktok.com:8443/",
            "//evil.example/@ada",
            "https://www.tiktok.com@evil.example/",
            "https://user:secret@www.tiktok.com/@ada",
            "https://www.tiktok.com.evil.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ];
        for address in elsewhere {
            assert_eq!(met(address), Some("layout_changed"), "{address}");
        }
    }
}
