//! What an HTTP status means that comes instead of content, however the site is asked.

use std::time::Duration;

use compass_core::ports::SourceError;

/// The outcome of a status, with the wait that came with it; `None` for one that comes with content.
///
/// TikTok says in its data that there is no such account, with status 200. So a 404 says nothing of the account.
pub(crate) fn refusal(status: u16, retry_after: Option<Duration>) -> Option<SourceError> {
    Some(match status {
        200..=299 => return None,
        401 => SourceError::LoginRequired,
        403 => SourceError::Forbidden { status },
        429 => SourceError::RateLimited { retry_after },
        451 => SourceError::RegionBlocked,
        503 if retry_after.is_some() => SourceError::RateLimited { retry_after },
        404 | 408 | 410 | 425 | 500.. => {
            SourceError::Network { detail: format!("the site answered with HTTP status {status}"), source: None }
        }
        _ => SourceError::LayoutChanged {
            path: "status".to_owned(),
            detail: format!("HTTP status {status} is not expected"),
        },
    })
}

/// Whether a status alone says enough, whatever page comes with it.
pub(crate) fn says_enough(status: u16) -> bool {
    matches!(status, 429 | 500..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_an_outcome_of_its_own() {
        let wait = Some(Duration::from_secs(7));
        for (status, retry_after, code) in [
            (200, None, None),
            (204, wait, None),
            (304, None, Some("layout_changed")),
            (400, None, Some("layout_changed")),
            (401, None, Some("login_required")),
            (403, None, Some("forbidden")),
            (404, None, Some("network")),
            (410, None, Some("network")),
            (429, None, Some("rate_limited")),
            (451, None, Some("region_blocked")),
            (500, wait, Some("network")),
            (503, None, Some("network")),
            (503, wait, Some("rate_limited")),
        ] {
            let met = refusal(status, retry_after);
            assert_eq!(met.map(|error| error.code()), code, "{status}");
        }
    }

    #[test]
    fn refusal_names_its_status() {
        assert_eq!(refusal(403, None).unwrap().to_string(), "the site refuses to answer (HTTP status 403)");
        assert!(refusal(404, None).unwrap().to_string().ends_with("the site answered with HTTP status 404"));
    }
}
