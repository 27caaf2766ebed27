//! What is asked of the browser: an ordinary Chromium that denies pages what a reader does not need.
//!
//! Nothing here hides that it is automated.

use std::path::Path;

use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::{Settings, browser::OPEN};

/// The WebDriver capabilities for these settings; `folder` keeps the profile of a browser of our own.
pub(super) fn of(settings: &Settings, folder: Option<&Path>) -> Map<String, Value> {
    let mut arguments: Vec<String> = [
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--mute-audio",
        "--lang=en-US",
        "--window-size=1280,1600",
    ]
    .map(str::to_owned)
    .into();
    if settings.headless {
        arguments.push("--headless=new".to_owned());
    }
    if settings.no_sandbox {
        arguments.push("--no-sandbox".to_owned());
    }
    if let Some(folder) = folder {
        arguments.push(format!("--user-data-dir={}", folder.join("profile").display()));
    }
    if let Some(host) = loopback(&settings.base) {
        arguments.push(format!("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}"));
    }
    let mut options = json!({
        "args": arguments,
        "prefs": {
            "download_restrictions": 3,
            "profile.default_content_setting_values": {
                "geolocation": 2, "media_stream_camera": 2, "media_stream_mic": 2, "notifications": 2, "popups": 2,
            },
        },
    });
    let mut logs = json!({});
    if settings.network_log {
        logs["performance"] = "ALL".into();
        options["perfLoggingPrefs"] = json!({"enableNetwork": true, "enablePage": false});
    }
    let wanted = json!({
        "browserName": "chrome",
        "pageLoadStrategy": "eager",
        // Starting takes as long as it takes; the settings' own limits follow once the browser is open.
        "timeouts": {"pageLoad": millis(OPEN), "script": millis(settings.script), "implicit": 0},
        "unhandledPromptBehavior": "dismiss",
        "goog:loggingPrefs": logs,
        "goog:chromeOptions": options,
    });
    match wanted {
        Value::Object(wanted) => wanted,
        _ => unreachable!("the literal above is an object"),
    }
}

/// The base's host if it is this machine.
fn loopback(base: &Url) -> Option<String> {
    match base.host()? {
        Host::Ipv4(ip) => ip.is_loopback().then(|| ip.to_string()),
        Host::Ipv6(ip) => ip.is_loopback().then(|| format!("[{ip}]")),
        Host::Domain(name) => (name == "localhost").then(|| name.to_owned()),
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_base_on_this_machine_shuts_the_browser_in() {
        let of = |base: &str| loopback(&Url::parse(base).unwrap());
        assert_eq!(of("http://127.0.0.1:8080").as_deref(), Some("127.0.0.1"));
        assert_eq!(of("http://[::1]:8080").as_deref(), Some("[::1]"));
        assert_eq!(of("http://localhost").as_deref(), Some("localhost"));
        assert_eq!(of("https://www.tiktok.com"), None);
    }
}
