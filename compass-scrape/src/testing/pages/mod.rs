//! The stand-in's pages: their frame, and the list of everything that there is to see.

mod alternate;
mod extras;
mod post;
mod profile;

pub(super) use alternate::{
    WAF_PASSED, app_shell, audience_controls, country_ban, country_exit, downgrade_shell, firewall, generic_shell,
    geo_blocked, login, login_wall, no_user, not_found, reloading, status,
};
pub(super) use extras::WORKER;
pub(super) use post::{mobile_post, mobile_profile, no_post, post};
pub(super) use profile::{private, profile};

use compass_core::Handle;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Layout, Scene, Trouble, json::scopes, words::Words};

/// Stands in a page where its filler goes.
pub(super) const FILLER: &str = "~filler~";

const STYLE: &str = include_str!("../assets/site.css");

/// `/`: every account and what it shows.
pub(super) fn index(scene: &Scene, now: Timestamp) -> String {
    let row = |account: &super::Account| {
        let handle = account.handle_at(now);
        let shows = match (Trouble::of(handle), account.layout) {
            (Some(trouble), _) => trouble.shows(),
            (None, Layout::Sigi2023) => "A profile page as in 2023.",
            (None, Layout::Universal2025) => "A profile page as in 2025.",
            (None, Layout::Universal2026) => "A profile page.",
        };
        format!(r#"<tr><td><a href="/@{handle}">@{handle}</a></td><td>{}</td></tr>"#, escape(shows))
    };
    let rows: String = scene.accounts.iter().map(row).collect();
    let body = format!(
        "<main><h1>Stand-in TikTok</h1><p>It serves made-up accounts in TikTok's shapes, for trials and tests.</p>\
         <table><tr><th>Account</th><th>What it shows</th></tr>{rows}</table></main>"
    );
    document(&Document { title: "Stand-in TikTok", body: &body, ..Document::default() })
}

/// A picture in a colour that goes with its name.
pub(super) fn picture(name: &str) -> String {
    let hue = name.bytes().fold(7_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 12"><rect width="9" height="12" fill="hsl({hue} 45% 45%)"/><path d="M0 12 9 5v7z" fill="hsl({hue} 45% 30%)"/></svg>"##
    )
}

/// What differs from page to page.
#[derive(Clone, Copy, Debug)]
struct Document<'a> {
    language: &'a str,
    title: &'a str,
    head: &'a str,
    body: &'a str,
    /// What the stand-in shows here, for people: it is drawn by the style and is no text of the page.
    note: &'a str,
}

impl Default for Document<'_> {
    fn default() -> Self {
        Self { language: "en", title: "TikTok", head: "", body: "", note: "" }
    }
}

fn document(page: &Document<'_>) -> String {
    let Document { language, title, head, body, note } = page;
    let (title, note) = (escape(title), escape(note));
    format!(
        r#"<!DOCTYPE html><html lang="{language}" dir="ltr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><link rel="icon" href="data:,"><style>{STYLE}</style>{head}</head><body data-stand-in="{note}">{body}</body></html>"#
    )
}

/// The page's data: the scopes that every page has and the one that is its subject.
fn universal_data(words: &Words, about: Option<&Handle>, now: Timestamp, subject: Option<(&str, Value)>) -> String {
    let mut scopes = scopes::universal(words, about, now);
    if let Some((scope, value)) = subject {
        scopes[scope] = value;
    }
    data("__UNIVERSAL_DATA_FOR_REHYDRATION__", &json!({"__DEFAULT_SCOPE__": scopes}))
}

/// A script of JSON. Every slash is escaped, so that no text in it can end the script.
fn data(id: &str, value: &Value) -> String {
    let text = value.to_string().replace('/', "\\u002F").replace("<!--", "\\u003C!--");
    format!(r#"<script id="{id}" type="application/json">{text}</script>"#)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
