//! What to tell people of a refresh that did not work: the words for each code that a job's failure can have.

use compass_core::Failure;

/// What happened, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) what: &'static str,
    pub(super) next: &'static str,
}

impl Advice {
    /// The words for a failure.
    pub(super) fn on(failure: &Failure) -> Self {
        Self { what: known(&failure.code).unwrap_or("The refresh did not work."), next: failure.next_step() }
    }
}

/// The words for each outcome that a source, a worker or this service gives a job.
fn known(code: &str) -> Option<&'static str> {
    Some(match code {
        "not_found" => "TikTok has no account of this name.",
        "private" => "The account is private.",
        "login_required" => "TikTok asked for a sign-in before it showed the page.",
        "audience_controlled" => "The account hides itself from visitors who are not signed in.",
        "region_blocked" => "TikTok does not show this page in the region where the service runs.",
        "captcha_required" => "TikTok asked for a captcha.",
        "waf_challenge" | "shell_page" | "empty_response" => "TikTok sent a page without content.",
        "forbidden" => "TikTok refused to answer the service.",
        "grid_unavailable" => "TikTok showed the profile but not its posts.",
        "partial_list" => "TikTok's list of posts ended before its end.",
        "pagination_loop" => "TikTok's list of posts began again before its end.",
        "video_unavailable" => "A post is not available.",
        "rate_limited" => "TikTok limits how often it is asked.",
        "parameter_block" => "TikTok was asked too often.",
        "robots_disallowed" => "TikTok asks programs not to read this page.",
        "host_paused" => "TikTok is left alone for a while, since it told the service to stop.",
        "layout_changed" => "TikTok's page has a form that this version does not know.",
        "suspect_value" => "TikTok showed figures that cannot be true, so they were not kept.",
        "network" => "TikTok could not be reached.",
        "driver" => "The browser that reads the page did not work.",
        "not_connected" => "The account is not connected to TikTok's official API.",
        "access_revoked" => "TikTok no longer lets the service read this account.",
        "scope_missing" => "Its creator did not allow what has to be read.",
        "unknown_identity" => "The official API does not tell which account this is.",
        "application_refused" => "TikTok's official API refuses this service.",
        "store" => "The service could not read or keep what it knows.",
        "not_kept" => "The figures contradict what is kept of the account, so they were not kept.",
        "interrupted" => "The service was stopped during the refresh.",
        "abandoned" => "The refresh was begun again and again, and never came to its end.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use compass_core::{ports::SourceError, testing::outcomes};

    use super::*;
    use crate::worker::INTERRUPTED;

    /// Codes that may share their words: for people they are the same.
    const NO_CONTENT: [&str; 3] = ["empty_response", "shell_page", "waf_challenge"];

    #[test]
    fn every_code_has_words_of_its_own() {
        let sources = outcomes();
        let of_the_job = ["not_kept", "abandoned", INTERRUPTED];
        let mut said: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for code in sources.iter().map(SourceError::code).chain(of_the_job) {
            let what = known(code).unwrap_or_else(|| panic!("there are no words for {code}"));
            said.entry(what).or_default().push(code);
        }
        for (what, mut codes) in said {
            codes.sort_unstable();
            assert!(codes.len() == 1 || codes == NO_CONTENT, "{codes:?} are all called {what:?}");
        }
        assert_eq!(known("of tomorrow"), None);
        let of_tomorrow = Failure { code: "of tomorrow".to_owned(), detail: String::new() };
        assert!(!Advice::on(&of_tomorrow).what.is_empty());
    }
}
