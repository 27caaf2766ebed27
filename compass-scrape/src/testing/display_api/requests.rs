//! The requests that the stand-in API has had, and how many it takes in a minute.

use std::time::Duration;

use jiff::Timestamp;

/// Every request, with its time.
#[derive(Debug, Default)]
pub(super) struct Log(Vec<(String, Timestamp)>);

impl Log {
    /// Notes a request; `false` if the endpoint had as many as it takes in the minute before.
    pub(super) fn admit(&mut self, endpoint: &str, now: Timestamp, most: usize) -> bool {
        let window = now - Duration::from_secs(60);
        let recent = self.0.iter().filter(|(asked, at)| asked == endpoint && *at > window).count();
        self.0.push((endpoint.to_owned(), now));
        recent < most
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.0.iter().map(|(asked, _)| asked.clone()).collect()
    }
}
