//! The stand-in's pages.

use compass_core::{Snapshot, VideoObservation, samples::SampleCreator};
use serde_json::{Value, json};

use super::{
    figures::abbreviated,
    json::{cover, value},
};

/// The element that a captcha comes in, and the words on it.
pub(super) const CAPTCHA: &str = r#"<div id="captcha-verify-container-main-page" class="captcha-verify-container"><p>Drag the slider to fit the puzzle</p><button>Verify</button></div>"#;
/// What the list of posts answers when a captcha is due.
pub(super) const CAPTCHA_ANSWER: &str =
    r#"{"code":"10000","type":"verify","subtype":"slide","fp":"verify_0","region":"sg","detail":""}"#;
/// A dialog that holds the page up.
pub(super) const DIALOG: &str = "<script>alert('Allow cookies?')</script>";
/// The page that comes when the site does not trust the browser.
pub(super) const DOWNGRADE_SHELL: &str = r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title data-rh="true"></title><script data-source="downgrade-mssdk-preload"></script></head><body><div id="app"></div></body></html>"#;
/// The firewall's page.
pub(super) const FIREWALL: &str = r#"<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>Please wait...<p id="cs" class="e30"></p><p id="wci" class="_wafchallengeid"></p><p id="rci" class="waforiginalreid"></p><p id="rs" class="x"></p></body></html>"#;

const STYLE: &str = include_str!("assets/site.css");
const PROFILE_SCRIPT: &str = include_str!("assets/profile.js");

/// A list of whom the stand-in knows.
pub(super) fn index(creators: &[SampleCreator]) -> String {
    let links: String =
        creators.iter().map(|creator| format!(r#"<li><a href="/@{0}">@{0}</a></li>"#, creator.handle())).collect();
    page("Stand-in TikTok", &format!("<main><h1>Stand-in TikTok</h1><p>Sample creators:</p><ul>{links}</ul></main>"))
}

/// A profile page; `extra` is markup that lies over it.
pub(super) fn profile(account: Option<&Snapshot>, detail: &Value, extra: &str) -> String {
    let data = rehydration("webapp.user-detail", detail);
    let Some(account) = account else {
        let body = format!("{data}<main><p>Couldn't find this account</p></main>");
        return page("Couldn't find this account | TikTok", &body);
    };
    let profile = &account.profile.profile;
    let header = header(account);
    let (grid, script) = if profile.private {
        ("<main><p>This account is private</p></main>".to_owned(), String::new())
    } else {
        let list = r#"<div id="user-post-item-list" data-e2e="user-post-item-list" mode="compact"></div>"#;
        (format!("<main>{list}<div id=\"more\"></div></main>"), format!("<script>{PROFILE_SCRIPT}</script>"))
    };
    let title = format!("{} (@{}) | TikTok", profile.nickname, profile.handle);
    let body = format!(
        r#"{data}<div data-e2e="user-page" id="main-content-others_homepage">{header}{grid}</div>{extra}{script}"#
    );
    page(&title, &body)
}

/// The page of one post.
pub(super) fn video(post: Option<&VideoObservation>, detail: &Value) -> String {
    let data = rehydration("webapp.video-detail", detail);
    let Some(post) = post else {
        return page("TikTok", &format!("{data}<main><p>Video currently unavailable</p></main>"));
    };
    let figure = |name: &str, count| format!(r#"<strong data-e2e="{name}">{}</strong> "#, abbreviated(value(count)));
    let figures = [
        figure("like-count", post.counts.likes),
        figure("comment-count", post.counts.comments),
        figure("undefined-count", post.counts.saves),
        figure("share-count", post.counts.shares),
    ]
    .concat();
    let caption = escape(post.video.caption.as_str());
    let picture = cover(post);
    let body = format!(
        r#"{data}<main class="post"><img alt="" src="{picture}"><div data-e2e="browse-video-desc"><span data-e2e="new-desc-span">{caption}</span></div><p>{figures}</p></main>"#
    );
    page("TikTok", &body)
}

/// The page that asks for a sign-in.
pub(super) fn login() -> String {
    page("Log in | TikTok", "<main><h1>Log in to TikTok</h1></main>")
}

/// A picture in a colour that goes with its name.
pub(super) fn picture(name: &str) -> String {
    let hue = name.bytes().fold(7_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 12"><rect width="9" height="12" fill="hsl({hue} 45% 45%)"/><path d="M0 12 9 5v7z" fill="hsl({hue} 45% 30%)"/></svg>"##
    )
}

fn header(account: &Snapshot) -> String {
    let profile = &account.profile.profile;
    let counts = account.profile.counts;
    let figure = |title: &str, name: &str, count| {
        let shown = abbreviated(value(count));
        format!(
            r#"<div><strong title="{title}" data-e2e="{name}-count">{shown}</strong> <span data-e2e="{name}">{title}</span></div>"#
        )
    };
    let figures = [
        figure("Following", "following", counts.following),
        figure("Followers", "followers", counts.followers),
        figure("Likes", "likes", counts.likes),
    ]
    .concat();
    let (nickname, handle) = (escape(profile.nickname.as_str()), &profile.handle);
    let bio = if profile.bio.is_empty() { "No bio yet.".into() } else { escape(profile.bio.as_str()) };
    format!(
        r#"<header><div data-e2e="user-avatar"><img alt="" src="/cover/{id}.svg"></div><div><h1 data-e2e="user-title">{nickname}</h1><h2 data-e2e="user-subtitle">{handle}</h2><h3>{figures}</h3><h2 data-e2e="user-bio">{bio}</h2></div></header>"#,
        id = profile.id,
    )
}

fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        r#"<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head><body>{body}</body></html>"#
    )
}

/// The embedded JSON. Every slash is escaped, so that no text in it can end the script.
fn rehydration(scope: &str, detail: &Value) -> String {
    let mut scopes = json!({
        "webapp.app-context": {"language": "en", "region": "US", "botType": "others", "appId": 1988},
        "webapp.biz-context": {"isMobile": false, "isBot": false, "domains": {"captcha": "verify.example"}},
        "webapp.i18n-translation": {"Webapp": {
            "server_error_title": "Something went wrong",
            "refresh": "Refresh",
            "This account is private": "This account is private",
            "Couldn't find this account": "Couldn't find this account",
            "common_login_panel_title": "Log in to TikTok",
            "profile_no_content_title": "No content",
        }},
        "seo.abtest": {},
    });
    scopes[scope] = detail.clone();
    let text = json!({"__DEFAULT_SCOPE__": scopes}).to_string().replace('/', "\\u002F").replace("<!--", "\\u003C!--");
    format!(r#"<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{text}</script>"#)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
