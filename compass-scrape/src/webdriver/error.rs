//! The driver's and the browser's faults as outcomes of the port.

use std::error::Error;

use compass_core::ports::SourceError;
use fantoccini::error::{CmdError, ErrorStatus, NewSessionError};

/// A fault of the browser that has no cause but what is said.
pub(super) fn driver_error(detail: String) -> SourceError {
    SourceError::Driver { detail, source: None }
}

/// A fault of the browser with its cause.
pub(super) fn driver_failure(detail: impl Into<String>, source: impl Error + Send + Sync + 'static) -> SourceError {
    SourceError::Driver { detail: detail.into(), source: Some(Box::new(source)) }
}

/// What a failed command means: a slow page and a fault of the network leave the browser usable, all else does not.
pub(super) fn command_failure(what: &str, error: CmdError) -> SourceError {
    if let CmdError::Standard(standard) = &error {
        match standard.error {
            ErrorStatus::Timeout | ErrorStatus::ScriptTimeout => {
                let detail = format!("{what}: the page took longer than the browser waits");
                return SourceError::Network { detail, source: Some(Box::new(error)) };
            }
            ErrorStatus::UnknownError => {
                if let Some(code) = network_code(&standard.message) {
                    let detail = format!("{what}: the browser says {code}");
                    return SourceError::Network { detail, source: Some(Box::new(error)) };
                }
            }
            _ => {}
        }
    }
    driver_failure(format!("{what} failed; the next attempt starts a new browser"), error)
}

/// What it means that the browser could not be started.
pub(super) fn session_failure(error: NewSessionError) -> SourceError {
    let detail = match &error {
        NewSessionError::BadWebdriverUrl(_) => "the WebDriver URL is not a URL".to_owned(),
        NewSessionError::Failed(_) | NewSessionError::FailedC(_) | NewSessionError::Lost(_) => {
            "no WebDriver answers; start one, or install chromium-driver so that the service starts its own".to_owned()
        }
        NewSessionError::SessionNotCreated(refusal) => not_started(&refusal.message),
        NewSessionError::UnexpectedError(CmdError::Standard(refusal)) => not_started(&refusal.message),
        // What fantoccini makes of a driver's "unknown error".
        NewSessionError::NotW3C(answer) if answer["message"].is_string() => {
            not_started(answer["message"].as_str().unwrap_or_default())
        }
        _ => "what answers at its address is no WebDriver; check host, port and path, such as http://grid:4444/wd/hub"
            .to_owned(),
    };
    driver_failure(detail, error)
}

/// What to do about a browser that the driver could not start, by what the driver says.
fn not_started(said: &str) -> String {
    let advice = if said.contains("only supports Chrome version") {
        "install chromium and chromium-driver in the same version"
    } else if said.contains("cannot find Chrome binary") || said.contains("no chrome binary") {
        "install chromium"
    } else {
        "chromium and chromium-driver must be installed in the same version, and inside a container the browser's \
         sandbox may have to be switched off"
    };
    format!("the driver could not start a browser: {}; {advice}", shortened(said))
}

/// The first line of what somebody else's program says, for people.
pub(super) fn shortened(said: &str) -> String {
    const MOST: usize = 300;
    said.lines().next().unwrap_or_default().trim().trim_end_matches('.').chars().take(MOST).collect()
}

/// Chromium's name for a network fault in an error message: `net::ERR_CONNECTION_REFUSED`.
fn network_code(message: &str) -> Option<&str> {
    let code = &message[message.find("net::ERR_")?..];
    Some(code.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '_')).next().unwrap_or(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_fault_is_named_as_chromium_names_it() {
        let message = "unknown error: net::ERR_CONNECTION_REFUSED\n  (Session info: chrome=1)";
        assert_eq!(network_code(message), Some("net::ERR_CONNECTION_REFUSED"));
        assert_eq!(network_code("unknown error: tab crashed"), None);
    }
}
