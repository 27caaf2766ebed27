//! What to tell people of a refresh that did not work: the words for each code that a job's failure can have.

/// What happened, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) what: &'static str,
    pub(super) next: &'static str,
}

impl Advice {
    /// The words for the code of a failure.
    pub(super) fn on(code: &str) -> Self {
        known(code).unwrap_or(Self { what: "The refresh did not work.", next: "Try again later." })
    }
}

/// The words for each outcome that a source, a worker or this service gives a job.
fn known(code: &str) -> Option<Advice> {
    let (what, next) = match code {
        "not_found" => (
            "TikTok has no account of this name.",
            "Check the spelling. If the account was renamed, enter its new name.",
        ),
        "private" => ("The account is private.", "Only public accounts can be read. Make it public, then refresh."),
        "login_required" => (
            "TikTok asked for a sign-in before it showed the page.",
            "The service never signs in to TikTok. Try again later.",
        ),
        "audience_controlled" => (
            "The account hides itself from visitors who are not signed in.",
            "Its audience controls have to allow signed-out visitors.",
        ),
        "region_blocked" => (
            "TikTok does not show this page in the region where the service runs.",
            "Whoever runs the service can use a browser in another region.",
        ),
        "captcha_required" => (
            "TikTok asked for a captcha.",
            "The service does not solve captchas. It waits; try again in a quarter of an hour.",
        ),
        "waf_challenge" | "shell_page" | "empty_response" => {
            ("TikTok sent a page without content.", "This usually passes. Try again in a quarter of an hour.")
        }
        "grid_unavailable" => (
            "TikTok showed the profile but not its posts.",
            "What the profile itself showed is kept. Try again in a quarter of an hour for the posts.",
        ),
        "pagination_loop" => (
            "TikTok's list of posts began again before its end.",
            "Nothing of this look was kept, since posts would be missing. Try again in a quarter of an hour.",
        ),
        "video_unavailable" => ("A post is not available.", "It may have been removed. Try again later."),
        "rate_limited" => ("TikTok limits how often it is asked.", "Try again later; nothing is lost."),
        "layout_changed" => (
            "TikTok's page has a form that this version does not know.",
            "Tell whoever runs the service: it needs an update.",
        ),
        "suspect_value" => (
            "TikTok showed figures that cannot be true, so they were not kept.",
            "The account may have been removed. Look at it on TikTok.",
        ),
        "network" => ("TikTok could not be reached.", "Check the network connection, then try again."),
        "driver" => (
            "The browser that reads the page did not work.",
            "Whoever runs the service should check that Chromium and ChromeDriver are installed.",
        ),
        "not_kept" => (
            "The figures contradict what is kept of the account, so they were not kept.",
            "Nothing that was observed before is lost. If it stays, tell whoever runs the service.",
        ),
        "interrupted" => ("The service was stopped during the refresh.", "It goes on by itself."),
        "abandoned" => (
            "The refresh was begun again and again, and never came to its end.",
            "Try again; if it stays, tell whoever runs the service.",
        ),
        _ => return None,
    };
    Some(Advice { what, next })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use compass_core::{Handle, ports::SourceError};

    use super::*;
    use crate::worker::INTERRUPTED;

    /// Codes that may share their words: for people they are the same.
    const NO_CONTENT: [&str; 3] = ["empty_response", "shell_page", "waf_challenge"];

    fn outcomes_of_sources() -> [SourceError; 17] {
        let text = || "x".to_owned();
        [
            SourceError::NotFound(Handle::parse("ada").unwrap()),
            SourceError::Private,
            SourceError::LoginRequired,
            SourceError::AudienceControlled,
            SourceError::RegionBlocked,
            SourceError::CaptchaRequired,
            SourceError::WafChallenge,
            SourceError::ShellPage { detail: text() },
            SourceError::EmptyResponse,
            SourceError::GridUnavailable { expected: 9, got: 0, header: None },
            SourceError::PaginationLoop { got: 9 },
            SourceError::VideoUnavailable { status: 10_204, message: text() },
            SourceError::RateLimited { retry_after: None },
            SourceError::LayoutChanged { path: text(), detail: text() },
            SourceError::SuspectValue { field: text(), why: text() },
            SourceError::Network { detail: text(), source: None },
            SourceError::Driver { detail: text(), source: None },
        ]
    }

    #[test]
    fn every_code_has_words_of_its_own() {
        let sources = outcomes_of_sources();
        let of_the_job = ["not_kept", "abandoned", INTERRUPTED];
        let mut said: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for code in sources.iter().map(SourceError::code).chain(of_the_job) {
            let advice = known(code).unwrap_or_else(|| panic!("there are no words for {code}"));
            said.entry(advice.what).or_default().push(code);
        }
        for (what, mut codes) in said {
            codes.sort_unstable();
            assert!(codes.len() == 1 || codes == NO_CONTENT, "{codes:?} are all called {what:?}");
        }
        assert_eq!(known("of tomorrow"), None);
        assert!(!Advice::on("of tomorrow").what.is_empty());
    }

    #[test]
    fn only_what_is_kept_is_said_to_be_kept() {
        let next = Advice::on("pagination_loop").next;
        assert!(next.contains("Nothing of this look was kept"), "{next}");
    }
}
