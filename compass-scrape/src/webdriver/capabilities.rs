//! What is asked of the browser: an ordinary Chromium that denies pages what a reader does not need.
//!
//! Nothing here hides that it is automated.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{BuildError, Settings, browser::OPEN, reach};

/// The options of Chromium that the source sets for every browser.
const ARGUMENTS: [&str; 12] = [
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
    // A proxy would look names up by itself, and reach whom the browser must not.
    "--no-proxy-server",
    // Without it a page sends datagrams to any address, past the rules for names.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
];

/// Capabilities that are the source's own.
const OWN: [&str; 6] =
    ["acceptInsecureCerts", "goog:loggingPrefs", "pageLoadStrategy", "proxy", "timeouts", "unhandledPromptBehavior"];

/// Options of Chromium that are the source's own, or would take away what keeps a page in.
const OWN_ARGUMENTS: [&str; 14] = [
    "allow-file-access",
    "disable-web-security",
    "headless",
    "host-",
    "ignore-certificate-errors",
    "load-extension",
    "no-proxy-server",
    "no-sandbox",
    "proxy-",
    "remote-debugging",
    "use-fake-ui",
    "user-data-dir",
    "webrtc-ip-handling-policy",
    "winhttp-proxy-resolver",
];

/// Checks that the capabilities of the caller leave the source's own alone.
pub(super) fn checked(given: Map<String, Value>) -> Result<Map<String, Value>, BuildError> {
    let refused = |name: String| Err(BuildError::Capability(name));
    for (name, value) in &given {
        if OWN.contains(&name.as_str()) {
            return refused(name.clone());
        }
        if name != "goog:chromeOptions" {
            continue;
        }
        let Value::Object(options) = value else { return refused(name.clone()) };
        for (option, value) in options {
            match (option.as_str(), value) {
                ("binary", Value::String(_)) => {}
                ("args", Value::Array(arguments)) => {
                    for argument in arguments {
                        let switch = argument.as_str().map(|text| text.trim_start_matches('-')).unwrap_or_default();
                        if switch.is_empty() || OWN_ARGUMENTS.iter().any(|own| switch.starts_with(own)) {
                            return refused(format!("{name}.args: {argument}"));
                        }
                    }
                }
                _ => return refused(format!("{name}.{option}")),
            }
        }
    }
    Ok(given)
}

/// The WebDriver capabilities for these settings; `folder` keeps the profile of a browser of our own.
pub(super) fn of(settings: &Settings, folder: Option<&Path>) -> Map<String, Value> {
    let mut given = settings.capabilities.clone();
    let mut options = match given.remove("goog:chromeOptions") {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    };
    let mut arguments: Vec<Value> = match options.remove("args") {
        Some(Value::Array(arguments)) => arguments,
        _ => Vec::new(),
    };
    // Of an option that is given twice the last one counts, so the source's own follow.
    arguments.extend(ARGUMENTS.map(Value::from));
    if settings.headless {
        arguments.push("--headless=new".into());
    }
    if settings.no_sandbox {
        arguments.push("--no-sandbox".into());
    }
    if let Some(folder) = folder {
        arguments.push(format!("--user-data-dir={}", folder.join("profile").display()).into());
    }
    let rules = reach::resolver_rules(&settings.base, &settings.asset_hosts);
    arguments.push(format!("--host-resolver-rules={rules}").into());
    options.insert("args".to_owned(), arguments.into());
    // ChromeDriver would let pages open windows.
    options.insert("excludeSwitches".to_owned(), json!(["disable-popup-blocking"]));
    // 1 allows, 2 denies.
    let denied = [
        "automatic_downloads",
        "clipboard",
        "geolocation",
        "idle_detection",
        "local_fonts",
        "media_stream_camera",
        "media_stream_mic",
        "midi_sysex",
        "notifications",
        "payment_handler",
        "popups",
        "sensors",
        "serial_guard",
        "usb_guard",
        "window_placement",
    ];
    let denied: Map<String, Value> = denied.into_iter().map(|what| (what.to_owned(), 2.into())).collect();
    options.insert(
        "prefs".to_owned(),
        json!({
            // 3 is all of them.
            "download_restrictions": 3,
            "download.prompt_for_download": false,
            "credentials_enable_service": false,
            "profile.default_content_setting_values": denied,
        }),
    );
    let mut logs = json!({});
    if settings.network_log {
        logs["performance"] = "ALL".into();
        options.insert("perfLoggingPrefs".to_owned(), json!({"enableNetwork": true, "enablePage": false}));
    }
    let own = json!({
        "pageLoadStrategy": "eager",
        // Starting takes as long as it takes; the settings' own limits follow once the browser is open.
        "timeouts": {"pageLoad": millis(OPEN), "script": millis(settings.script), "implicit": 0},
        "unhandledPromptBehavior": "dismiss",
        "goog:loggingPrefs": logs,
        "goog:chromeOptions": options,
    });
    let Value::Object(own) = own else { unreachable!("the literal above is an object") };
    let mut wanted = Map::from_iter([("browserName".to_owned(), Value::from("chrome"))]);
    wanted.extend(given);
    wanted.extend(own);
    wanted
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: Value) -> Result<Map<String, Value>, BuildError> {
        checked(value.as_object().unwrap().clone())
    }

    #[test]
    fn capabilities_for_a_grid_are_taken() {
        let wanted = json!({
            "browserName": "chrome", "platformName": "linux", "se:name": "compass",
            "goog:chromeOptions": {"binary": "/opt/chrome", "args": ["--disable-extensions"]},
        });
        assert_eq!(Value::Object(given(wanted.clone()).unwrap()), wanted);
    }

    #[test]
    fn what_keeps_pages_in_cannot_be_taken_away() {
        for (wanted, named) in [
            (json!({"proxy": {"proxyType": "system"}}), "proxy"),
            (json!({"unhandledPromptBehavior": "accept"}), "unhandledPromptBehavior"),
            (json!({"timeouts": {"pageLoad": 1}}), "timeouts"),
            (json!({"goog:chromeOptions": {"prefs": {}}}), "goog:chromeOptions.prefs"),
            (json!({"goog:chromeOptions": "x"}), "goog:chromeOptions"),
            (
                json!({"goog:chromeOptions": {"args": ["--host-resolver-rules=MAP * 10.0.0.1"]}}),
                r#"goog:chromeOptions.args: "--host-resolver-rules=MAP * 10.0.0.1""#,
            ),
            (
                json!({"goog:chromeOptions": {"args": ["proxy-server=x"]}}),
                r#"goog:chromeOptions.args: "proxy-server=x""#,
            ),
        ] {
            assert_eq!(given(wanted), Err(BuildError::Capability(named.to_owned())));
        }
    }
}
