//! How browsers see the service: its public address, its cookies, and where a sign-in leads.

use std::{sync::Arc, time::Duration};

use axum::http::{Uri, uri::Scheme};
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::this_machine::is_this_machine;

/// How long a browser may take to sign in.
const SIGN_IN_PATIENCE: Duration = Duration::from_secs(600);

/// How browsers reach the service.
///
/// The public address decides on the cookies: over https they are `Secure` and carry the `__Host-` prefix, so that no
/// other host or path can set them; on the developer's own machine plain http has neither. And it decides on the names
/// under which the service answers: a site on this machine refuses requests that name another host.
///
/// ```
/// use compass_http::Site;
/// let site = Site::at("https://compass.example")?.with_pages("/welcome", "/home");
/// assert!(Site::at("http://compass.example").is_err(), "cookies would travel in the clear");
/// # let _ = site;
/// # Ok::<(), compass_http::SiteError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    // Every request has a copy.
    origin: Arc<str>,
    secure: bool,
    on_this_machine: bool,
    onboarding: Arc<str>,
    dashboard: Arc<str>,
}

impl Site {
    /// A service on this machine alone, over plain http, at whatever address it listens on.
    #[must_use]
    pub fn loopback() -> Self {
        Self {
            origin: "".into(),
            secure: false,
            on_this_machine: true,
            onboarding: "/onboarding".into(),
            dashboard: "/dashboard".into(),
        }
    }

    /// A service at a public address such as `https://compass.example`. An identity provider sends browsers back there.
    ///
    /// # Errors
    /// [`SiteError`] unless it is scheme, host and at most a port; plain http only for `localhost` and loopback
    /// addresses.
    pub fn at(public_url: &str) -> Result<Self, SiteError> {
        let refused = |why| SiteError { url: public_url.to_owned(), why };
        let uri: Uri = public_url.parse().map_err(|_| refused("it is not a URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(refused("it needs a scheme and a host"));
        };
        if authority.as_str().contains('@') || uri.path() != "/" || uri.query().is_some() {
            return Err(refused("it may have only a scheme, a host and a port"));
        }
        let secure = *scheme == Scheme::HTTPS;
        let on_this_machine = is_this_machine(authority.host());
        if !(secure || (*scheme == Scheme::HTTP && on_this_machine)) {
            return Err(refused(
                "it has to be https, or plain http on this machine: cookies would travel in the clear",
            ));
        }
        Ok(Self { origin: format!("{scheme}://{authority}").into(), secure, on_this_machine, ..Self::loopback() })
    }

    /// Where a sign-in leads that did not start from another page: `onboarding` for people who have not named an account
    /// yet, `dashboard` for the others. They are `/onboarding` and `/dashboard` unless said otherwise.
    #[must_use]
    pub fn with_pages(mut self, onboarding: &str, dashboard: &str) -> Self {
        self.onboarding = onboarding.into();
        self.dashboard = dashboard.into();
        self
    }

    /// The name of the cookie that holds the browser's session secret.
    #[must_use]
    pub fn session_cookie(&self) -> &'static str {
        if self.secure { "__Host-compass_session" } else { "compass_session" }
    }

    /// Whether browsers come over https.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether browsers on other machines have no business here.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        self.on_this_machine
    }

    pub(crate) fn landing(&self, has_handle: bool) -> &str {
        if has_handle { &self.dashboard } else { &self.onboarding }
    }

    /// A path of this service as a whole URL, where the public address is known.
    pub(crate) fn url_of(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) fn session(&self, secret: &str, lasts: Duration) -> Cookie<'static> {
        self.cookie(self.session_cookie(), secret, lasts)
    }

    /// The cookie of a sign-in under way. It is sent along on the way back from another site, which `Strict` would not.
    pub(crate) fn transaction(&self, secret: &str) -> Cookie<'static> {
        self.cookie(self.transaction_cookie(), secret, SIGN_IN_PATIENCE)
    }

    pub(crate) fn transaction_cookie(&self) -> &'static str {
        if self.secure { "__Host-compass_sign_in" } else { "compass_sign_in" }
    }

    /// The cookie that remembers the page from which a sign-in began.
    pub(crate) fn return_to(&self, page: &LocalPath) -> Cookie<'static> {
        self.cookie(self.return_to_cookie(), &page.0, SIGN_IN_PATIENCE)
    }

    pub(crate) fn return_to_cookie(&self) -> &'static str {
        if self.secure { "__Host-compass_return_to" } else { "compass_return_to" }
    }

    /// A cookie that makes the browser forget the one of that name.
    pub(crate) fn forget(&self, name: &'static str) -> Cookie<'static> {
        self.cookie(name, "", Duration::ZERO)
    }

    fn cookie(&self, name: &'static str, value: &str, lasts: Duration) -> Cookie<'static> {
        let mut cookie = Cookie::new(name, value.to_owned());
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_secure(self.secure);
        cookie.set_max_age(lasts.try_into().ok());
        cookie
    }
}

/// Why an address cannot be the public one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} cannot be the public address: {why}")]
pub struct SiteError {
    url: String,
    why: &'static str,
}

/// A path on this very service, with a query perhaps: what may follow a sign-in.
///
/// Whatever a URL parser could read as another host is refused, and so is what a cookie cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    const LONGEST: usize = 1_024;

    pub(crate) fn parse(text: &str) -> Option<Self> {
        // RFC 3986, section 3.3 and 3.4. Browsers also read '\' as '/' and skip tabs and line ends: they are not in it.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?%".contains(c);
        let absolute = text.starts_with('/') && !text.starts_with("//");
        let accepted = absolute && text.len() <= Self::LONGEST && text.chars().all(allowed);
        accepted.then(|| Self(text.replace(';', "%3B").replace(',', "%2C")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{LocalPath, Site};

    #[test]
    fn only_pages_of_this_service_may_follow_a_sign_in() {
        for good in ["/", "/dashboard", "/analytics/ada?window=90&zone=Europe/Berlin", "/a%20b", "/a//b", "/@ada"] {
            assert_eq!(LocalPath::parse(good).as_ref().map(LocalPath::as_str), Some(good));
        }
        let long = format!("/{}", "a".repeat(LocalPath::LONGEST));
        let bad = [
            "",
            "dashboard",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\r\nSet-Cookie: a=b",
            "/\0",
            " /",
            "/ ",
            "/é",
            "/\u{202e}",
            "/\"",
            "/<script>",
            "/#fragment",
            "?a",
            "@evil.example",
            long.as_str(),
        ];
        for bad in bad {
            assert_eq!(LocalPath::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_page_fits_into_a_cookie() {
        assert_eq!(LocalPath::parse("/a;b,c").unwrap().as_str(), "/a%3Bb%2Cc");
    }

    #[test]
    fn the_public_address_is_an_origin() {
        for good in ["https://compass.example", "https://compass.example/", "http://localhost:8000", "http://[::1]:80"]
        {
            assert!(Site::at(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "compass.example",
            "/x",
            "ftp://compass.example",
            "http://compass.example",
            "http://192.168.1.7:8000",
            "https://u:p@compass.example",
            "https://compass.example/app",
            "https://compass.example/?a",
        ] {
            assert!(Site::at(bad).is_err(), "{bad}");
        }
        assert_eq!(Site::at("https://compass.example/").unwrap().url_of("/x"), "https://compass.example/x");
    }
}
