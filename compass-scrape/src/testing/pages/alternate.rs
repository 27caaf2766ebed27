//! What comes instead of a profile: shells, walls, messages.

use compass_core::Handle;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Document, data, document, escape, universal_data};
use crate::testing::{
    Language, Layout, Trouble,
    json::{self as account, scopes},
    view::View,
    words::Words,
};

/// The cookie of a browser that the firewall has let pass.
pub(in crate::testing) const WAF_PASSED: &str = "stand_in_passed=1";

/// A page that says that nobody has that handle.
pub(in crate::testing) fn not_found(handle: &Handle, now: Timestamp) -> String {
    let words = Words::of(Language::English);
    let data = universal_data(words, Some(handle), now, Some(("webapp.user-detail", account::no_user(10221))));
    message(words, &[words.not_found], &data, "No such account.")
}

/// A page whose data is a status and no user.
pub(in crate::testing) fn status(view: &View, status: i64) -> String {
    let words = view.words();
    let text = match status {
        10202 | 10221 | 100_002 => words.not_found,
        8 | 10101 | 10102 => words.log_in,
        10222 => words.private,
        _ => words.server_error,
    };
    let data = match view.layout {
        Layout::Sigi2023 => {
            let page = json!({"uniqueId": view.truth.handle().as_str(), "statusCode": status});
            data("SIGI_STATE", &json!({"UserPage": page, "UserModule": {"users": {}, "stats": {}}}))
        }
        _ => user_detail(view, account::no_user(status)),
    };
    message(words, &[text], &data, &format!("Status {status} and no user."))
}

/// A page whose data has a user of whom nothing is said.
pub(in crate::testing) fn no_user(view: &View) -> String {
    message(view.words(), &[], &user_detail(view, account::empty_user()), note(view))
}

/// The creator has turned on audience controls.
pub(in crate::testing) fn audience_controls(view: &View) -> String {
    let words = view.words();
    message(words, &[words.log_in, words.audience], &user_detail(view, account::no_user(209_002)), note(view))
}

/// The account is not available here.
pub(in crate::testing) fn geo_blocked(view: &View) -> String {
    let words = view.words();
    message(words, &[words.geo_title, words.geo], &without_subject(view), note(view))
}

/// A page with every scope but the account's, and nothing to see.
pub(in crate::testing) fn generic_shell(view: &View) -> String {
    message(view.words(), &[], &without_subject(view), note(view))
}

/// A page that asks the visitors of a region to sign in.
pub(in crate::testing) fn login_wall(view: &View) -> String {
    let words = view.words();
    let mut scopes = scopes::universal(words, Some(view.truth.handle()), view.now);
    scopes["webapp.app-context"]["region"] = "BR".into();
    let data = data("__UNIVERSAL_DATA_FOR_REHYDRATION__", &json!({"__DEFAULT_SCOPE__": scopes}));
    message(words, &[words.log_in], &data, note(view))
}

/// `/login`
pub(in crate::testing) fn login(throttled: bool) -> String {
    let words = Words::of(Language::English);
    let more = if throttled { "<p>Maximum number of attempts reached. Try again later.</p>" } else { "" };
    let body = format!(
        r#"<div id="app"><main><h1>{}</h1>{more}<button type="button">Use phone / email / username</button></main></div>"#,
        words.log_in
    );
    let head = r#"<link rel="canonical" href="https://www.tiktok.com/login">"#;
    let note = if throttled { "The sign-in, after too many attempts." } else { "The sign-in." };
    document(&Document { title: "Log in | TikTok", head, body: &body, note, ..Document::default() })
}

/// `/hk/notfound`
pub(in crate::testing) fn country_exit() -> String {
    let words = Words::of(Language::English);
    let body = format!(r#"<div id="app"><main><p>{}</p></main></div>"#, words.not_available);
    let head = r#"<link rel="canonical" href="https://www.tiktok.com/hk/notfound">"#;
    let note = "Where visitors of a country without the site end up.";
    document(&Document { head, body: &body, note, ..Document::default() })
}

/// The page of a country where the site is forbidden.
pub(in crate::testing) fn country_ban() -> String {
    let body = r#"<div id="app"><main><h1>Sorry, TikTok isn't available right now</h1><p>A law that bans it has been enacted here.</p></main></div>"#;
    let note = "What visitors of a country that bans the site see.";
    document(&Document { body, note, ..Document::default() })
}

/// The firewall's page. A browser that may pass gets a cookie for the page and loads it anew.
pub(in crate::testing) fn firewall(passes: bool) -> String {
    let script = if passes {
        format!(
            "<script>setTimeout(() => {{ document.cookie = `{WAF_PASSED}; max-age=10; path=${{location.pathname}}`; location.reload(); }}, 500)</script>"
        )
    } else {
        String::new()
    };
    let note = if passes { "The firewall, which a browser passes by itself." } else { "The firewall." };
    let body = format!(
        r#"Please wait...<p id="cs" class="e30"></p><p id="wci" class="_wafchallengeid"></p><p id="rci" class="waforiginalreid"></p><p id="rs" class="x"></p>{script}"#
    );
    document(&Document { title: "", body: &body, note, ..Document::default() })
}

/// A page that never stays.
pub(in crate::testing) fn reloading() -> String {
    let body = "<p>One moment</p><script>location.replace(`${location.pathname}?again=${Date.now()}`)</script>";
    document(&Document { body, note: "A page that loads itself anew for ever.", ..Document::default() })
}

/// The page that comes when the site does not trust the browser.
pub(in crate::testing) fn downgrade_shell(view: &View) -> String {
    let head = r#"<script id="slardar-config" type="application/json">{}</script><script data-source="downgrade-mssdk-preload"></script>"#;
    let body = r#"<div id="app"></div>"#;
    let page = document(&Document { title: "", head, body, note: note(view), ..Document::default() });
    page.replacen("<title>", r#"<title data-rh="true">"#, 1)
}

/// The application's frame.
pub(in crate::testing) fn app_shell(view: &View) -> String {
    let head = r#"<script id="gfdatav1" type="application/json">{"env": "prod"}</script><script id="api-domains" type="application/json">{}</script>"#;
    let body = r#"<div id="app"><div class="spinner"></div></div>"#;
    document(&Document { head, body, note: note(view), ..Document::default() })
}

/// A page that says these things and has this data.
fn message(words: &Words, texts: &[&str], data: &str, note: &str) -> String {
    let texts: String = texts.iter().map(|text| format!("<p>{}</p>", escape(text))).collect();
    let body = format!(r#"<div id="app"><main>{texts}</main></div>{data}"#);
    document(&Document { language: words.code, body: &body, note, ..Document::default() })
}

fn user_detail(view: &View, detail: Value) -> String {
    universal_data(view.words(), Some(view.truth.handle()), view.now, Some(("webapp.user-detail", detail)))
}

fn without_subject(view: &View) -> String {
    universal_data(view.words(), Some(view.truth.handle()), view.now, None)
}

fn note(view: &View) -> &'static str {
    Trouble::of(view.truth.handle()).map_or("", Trouble::shows)
}
