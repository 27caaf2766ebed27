//! The handles under which the stand-in shows everything but a good page.

use compass_core::Handle;

/// Something that a visitor can meet instead of a good page, each under its own handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trouble {
    /// Status 10221: no such account. Handles that nobody has are answered in the same way.
    NotFound,
    /// Status 10222: the account is private.
    Private,
    /// A captcha lies over the page and no list of posts comes.
    Captcha,
    /// The list of posts fails and the grid says "Something went wrong".
    GridError,
    /// The list of posts is answered with nothing.
    EmptyList,
    /// The list of posts repeats itself and always promises more.
    EndlessList,
    /// The second part of the list of posts never comes.
    StalledList,
    /// The page is the small shell that comes when the site does not trust the browser.
    DowngradeShell,
    /// The page is the firewall's "please wait".
    Waf,
    /// The page is empty.
    EmptyPage,
    /// The page is a sign-in.
    Login,
    /// The page leads to another site.
    Elsewhere,
    /// Status 429 with `Retry-After`.
    RateLimited,
    /// The page has 100 MB.
    HugePage,
    /// The page never comes.
    SlowPage,
    /// A good page that opens a dialog.
    Dialog,
    /// A good page whose texts try to be markup.
    HostileText,
}

impl Trouble {
    /// Every trouble.
    pub const ALL: [Self; 17] = [
        Self::NotFound,
        Self::Private,
        Self::Captcha,
        Self::GridError,
        Self::EmptyList,
        Self::EndlessList,
        Self::StalledList,
        Self::DowngradeShell,
        Self::Waf,
        Self::EmptyPage,
        Self::Login,
        Self::Elsewhere,
        Self::RateLimited,
        Self::HugePage,
        Self::SlowPage,
        Self::Dialog,
        Self::HostileText,
    ];

    /// The handle under which the stand-in shows it.
    ///
    /// # Panics
    /// Never: a test makes every handle.
    #[must_use]
    pub fn handle(self) -> Handle {
        Handle::parse(self.name()).expect("the names below are valid handles")
    }

    /// The trouble that goes by a handle.
    #[must_use]
    pub fn of(handle: &Handle) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == handle.as_str())
    }

    fn name(self) -> &'static str {
        match self {
            Self::NotFound => "trouble.notfound",
            Self::Private => "trouble.private",
            Self::Captcha => "trouble.captcha",
            Self::GridError => "trouble.griderror",
            Self::EmptyList => "trouble.emptylist",
            Self::EndlessList => "trouble.endlesslist",
            Self::StalledList => "trouble.stalledlist",
            Self::DowngradeShell => "trouble.downgrade",
            Self::Waf => "trouble.waf",
            Self::EmptyPage => "trouble.emptypage",
            Self::Login => "trouble.login",
            Self::Elsewhere => "trouble.elsewhere",
            Self::RateLimited => "trouble.ratelimited",
            Self::HugePage => "trouble.huge",
            Self::SlowPage => "trouble.slow",
            Self::Dialog => "trouble.dialog",
            Self::HostileText => "trouble.hostiletext",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_is_found_by_its_handle() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::of(&trouble.handle()), Some(trouble));
        }
    }
}
