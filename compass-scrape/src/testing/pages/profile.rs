//! A profile page in each layout.

use compass_core::{Count, VideoKind, VideoObservation};
use serde_json::json;

use super::{Document, FILLER, data, document, escape, extras, universal_data};
use crate::testing::{
    Fault, Layout, Trouble,
    figures::{abbreviated, value},
    json::{self as account, posts::cover, scopes, sec_uid, sigi},
    view::View,
};

const SCRIPT: &str = include_str!("../assets/profile.js");

/// The page of an account with its grid, which a script fills.
pub(in crate::testing) fn profile(view: &View) -> String {
    let cards = match view.layout {
        Layout::Sigi2023 => view.posts().take(sigi::IN_THE_PAGE).map(|post| card(view, post)).collect(),
        _ => String::new(),
    };
    let id = if view.layout == Layout::Universal2026 { r#" id="user-post-item-list""# } else { "" };
    let nodes = if view.faults.iter().any(|fault| matches!(fault, Fault::Nodes(_))) { FILLER } else { "" };
    let grid = format!(
        r#"{tabs}{banner}<div{id} data-e2e="user-post-item-list" mode="compact">{cards}</div><div id="more"></div>{nodes}"#,
        tabs = tabs(view),
        banner = extras::banner(view),
    );
    let script = format!("{}<script>{SCRIPT}</script>", settings(view));
    frame(view, &grid, &script)
}

/// The page of a private account: its header, and a message instead of the grid.
pub(in crate::testing) fn private(view: &View) -> String {
    frame(view, &format!("<main><p>{}</p></main>", escape(view.words().private)), "")
}

fn frame(view: &View, content: &str, script: &str) -> String {
    let profile = &view.truth.profile.profile;
    let about = Some(&profile.handle);
    let data = match view.layout {
        Layout::Sigi2023 => {
            let context = json!({"__DEFAULT_SCOPE__": scopes::context(view.words(), view.now)});
            let context = data("__UNIVERSAL_DATA_FOR_REHYDRATION__", &context);
            format!("{}{context}", data("SIGI_STATE", &sigi::state(view)))
        }
        _ => {
            let subject = ("webapp.user-detail", account::user_detail(view));
            universal_data(view.words(), about, view.now, Some(subject))
        }
    };
    let header = header(view);
    let body = format!(
        r#"{first}{top}<div id="app"><div data-e2e="user-page" id="main-content-others_homepage">{header}{content}</div></div>{over}{data}{script}"#,
        first = extras::first(view),
        top = top(view),
        over = extras::over(view),
    );
    // Good pages load scripts with such names, too: a name says nothing.
    let head = format!(r#"<script async src="{}/static/secsdk-captcha-ttp.js"></script>"#, view.assets);
    let title = format!("{} (@{}) | TikTok", profile.nickname, profile.handle);
    let note = Trouble::of(&profile.handle).map_or("", Trouble::shows);
    document(&Document { language: view.words().code, title: &title, head: &head, body: &body, note })
}

/// What a script needs to know to fill the grid.
fn settings(view: &View) -> String {
    let words = view.words();
    let profile = &view.truth.profile.profile;
    let list = (view.layout == Layout::Sigi2023).then(|| sigi::state(view)["ItemList"]["user-post"].take());
    let list = list.unwrap_or_else(|| json!({"cursor": "0", "hasMore": true}));
    data(
        "stand-in",
        &json!({
            "handle": profile.handle.as_str(),
            "secUid": sec_uid(profile.id),
            "cursor": list["cursor"],
            "hasMore": list["hasMore"],
            "ids": view.layout == Layout::Universal2026,
            "views": !view.has(&Fault::HiddenViews),
            "decimal": words.decimal,
            "pinned": words.pinned,
            "cover": words.cover,
            "error": [words.server_error, words.server_error_more, words.refresh],
        }),
    )
}

/// A card as it stands in a page of 2023; later ones are made by the page's script.
fn card(view: &View, post: &VideoObservation) -> String {
    let words = view.words();
    let (handle, id) = (view.truth.handle(), post.video.id);
    let nickname = view.truth.profile.profile.nickname.as_str();
    let kind = if post.video.kind == VideoKind::Photo { "photo" } else { "video" };
    let alt = words.cover.replace("{videoAuthor}", nickname).replace("{musicAuthor}", nickname);
    let alt = alt.replace("{musicName}", "original sound").replace("{videoText}", post.video.caption.as_str());
    let alt = escape(&alt);
    let views = match post.counts.views {
        Some(views) if !view.has(&Fault::HiddenViews) => {
            format!(r#"<strong data-e2e="video-views">{}</strong>"#, abbreviated(value(views), words.decimal))
        }
        _ => String::new(),
    };
    let badge = match post.pinned {
        true => format!(r#"<div data-e2e="video-card-badge">{}</div>"#, words.pinned),
        false => String::new(),
    };
    format!(
        r#"<div><div data-e2e="user-post-item"><a href="/@{handle}/{kind}/{id}"><img alt="{alt}" loading="lazy" src="{src}">{views}{badge}</a></div><div data-e2e="user-post-item-desc"><a title="{alt}" href="/@{handle}/{kind}/{id}">{caption}</a></div></div>"#,
        src = cover(view, id),
        caption = escape(post.video.caption.as_str()),
    )
}

fn header(view: &View) -> String {
    let words = view.words();
    let profile = &view.truth.profile.profile;
    let counts = view.truth.profile.counts;
    let figure = |title: &str, name: &str, count: Option<Count>| {
        let count = if view.has(&Fault::Zeros) { 0 } else { count.map_or(0, value) };
        let shown = abbreviated(count, words.decimal);
        format!(
            r#"<div><strong title="{title}" data-e2e="{name}-count">{shown}</strong> <span data-e2e="{name}">{title}</span></div>"#
        )
    };
    let figures = [
        figure(words.following, "following", counts.following),
        figure(words.followers, "followers", counts.followers),
        figure(words.likes, "likes", counts.likes),
    ]
    .concat();
    let (nickname, handle) = (escape(profile.nickname.as_str()), &profile.handle);
    let titles = match view.layout {
        Layout::Sigi2023 => {
            format!(r#"<h2 data-e2e="user-title">{handle}</h2><h1 data-e2e="user-subtitle">{nickname}</h1>"#)
        }
        Layout::Universal2025 => {
            format!(r#"<h1 data-e2e="user-title">{handle}</h1><h2 data-e2e="user-subtitle">{nickname}</h2>"#)
        }
        Layout::Universal2026 => {
            format!(r#"<h1 data-e2e="user-title">{nickname}</h1><h2 data-e2e="user-subtitle">{handle}</h2>"#)
        }
    };
    // Pages without a visitor who is signed in have lost these buttons.
    let buttons = match view.layout {
        Layout::Universal2026 => "",
        _ => {
            r#"<p><button type="button" data-e2e="follow-button">Follow</button> <button type="button" data-e2e="share-btn">Share</button></p>"#
        }
    };
    let bio = if profile.bio.is_empty() { words.no_bio.to_owned() } else { escape(profile.bio.as_str()) };
    format!(
        r#"<header><div data-e2e="user-avatar"><img alt="" src="{assets}/cover/{id}.svg"></div><div>{titles}{buttons}<h3>{figures}</h3><h2 data-e2e="user-bio">{bio}</h2></div><div data-e2e="user-more"></div></header>"#,
        assets = view.assets,
        id = profile.id,
    )
}

fn top(view: &View) -> &'static str {
    match view.layout {
        Layout::Universal2026 => "",
        _ => {
            r#"<nav><a data-e2e="tiktok-logo" href="/">TikTok</a> <a data-e2e="nav-foryou" href="/">For You</a> <button type="button" data-e2e="top-login-button">Log in</button></nav>"#
        }
    }
}

fn tabs(view: &View) -> &'static str {
    match view.layout {
        Layout::Sigi2023 => {
            r#"<div class="tabs"><p data-e2e="videos-tab">Videos</p><p data-e2e="liked-tab">Liked</p></div>"#
        }
        Layout::Universal2025 => {
            r#"<div class="tabs"><p data-e2e="videos-tab">Videos</p><p data-e2e="repost-tab">Reposts</p><p data-e2e="liked-tab">Liked</p></div>"#
        }
        Layout::Universal2026 => "",
    }
}
