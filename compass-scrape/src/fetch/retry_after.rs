//! How long a site asks to wait.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Nobody is waited for longer than this.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// The wait that `Retry-After` asks for, in seconds or up to a date, at most a day; `None` if it asks for none that can be
/// understood.
///
/// A date is taken by the site's own clock where it tells it, else by ours (`now`). A date that has passed is no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds ask for more than the cap, too.
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = date(headers, DATE).unwrap_or_else(|| SystemTime::from(now));
    Some(until.duration_since(now).unwrap_or_default().min(LONGEST))
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    /// Asked at noon by our clock; `date` is the site's.
    fn wait(retry_after_value: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after_value).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        let noon = "2026-05-01T12:00:00Z".parse().unwrap();
        retry_after(&headers, noon).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_obeyed_up_to_a_day() {
        assert_eq!(wait("120", None), Some(120));
        assert_eq!(wait(" 0 ", None), Some(0));
        assert_eq!(wait("315360000", None), Some(86_400));
        assert_eq!(wait("99999999999999999999999999", None), Some(86_400));
    }

    #[test]
    fn date_is_taken_by_the_sites_clock_and_without_it_by_ours() {
        assert_eq!(wait("Fri, 01 May 2026 12:02:00 GMT", None), Some(120));
        assert_eq!(wait("Fri, 01 May 2026 13:02:00 GMT", Some("Fri, 01 May 2026 13:00:00 GMT")), Some(120));
        assert_eq!(wait("Fri, 01 May 2026 11:00:00 GMT", None), Some(0));
        assert_eq!(wait("Thu, 01 May 2036 12:00:00 GMT", None), Some(86_400));
        assert_eq!(wait("Friday, 01-May-26 12:02:00 GMT", None), Some(120));
    }

    #[test]
    fn what_is_neither_is_ignored() {
        for garbage in ["", "soon", "-5", "1.5", "120s", "Fri, 31 Feb 2026 12:00:00 GMT", "1e3"] {
            assert_eq!(wait(garbage, None), None, "{garbage}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }
}
