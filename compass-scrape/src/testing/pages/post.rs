//! The page of one post, for desktops and for telephones.

use compass_core::{Count, Handle, VideoObservation};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Document, document, escape, universal_data};
use crate::testing::{
    Language,
    figures::{abbreviated, value},
    json::posts,
    view::View,
    words::Words,
};

/// The page of a post that is there.
pub(in crate::testing) fn post(view: &View, post: &VideoObservation) -> String {
    let words = view.words();
    let figure = |name: &str, what: &str, count: Option<Count>| {
        let shown = abbreviated(count.map_or(0, value), words.decimal);
        format!(r#"<div><strong data-e2e="{name}">{shown}</strong> {what}</div>"#)
    };
    let figures = [
        figure("like-count", "likes", post.counts.likes),
        figure("comment-count", "comments", post.counts.comments),
        figure("undefined-count", "saves", post.counts.saves),
        figure("share-count", "shares", post.counts.shares),
    ]
    .concat();
    let profile = &view.truth.profile.profile;
    let body = format!(
        r#"<div id="app"><main class="post"><img alt="" src="{picture}"><p><a href="/@{handle}"><span data-e2e="browse-username">{handle}</span></a> · <span data-e2e="browser-nickname">{nickname}</span></p><div data-e2e="browse-video-desc"><span data-e2e="new-desc-span">{caption}</span></div><h3>{figures}</h3></main></div>{data}"#,
        picture = posts::cover(view, post.video.id),
        handle = profile.handle,
        nickname = escape(profile.nickname.as_str()),
        caption = escape(post.video.caption.as_str()),
        data = subject(view, "webapp.video-detail", posts::detail(view, post)),
    );
    document(&Document { language: words.code, title: "TikTok - Make Your Day", body: &body, ..Document::default() })
}

/// The page of a post that is not there.
pub(in crate::testing) fn no_post(now: Timestamp) -> String {
    let words = Words::of(Language::English);
    let data = universal_data(words, None, now, Some(("webapp.video-detail", posts::no_post())));
    let body = format!(r#"<div id="app"><main><p>{}</p></main></div>{data}"#, words.no_video);
    document(&Document { title: "TikTok - Make Your Day", body: &body, ..Document::default() })
}

/// The page of a post as telephones get it.
pub(in crate::testing) fn mobile_post(view: &View, post: &VideoObservation) -> String {
    let scopes = [("webapp.reflow.video.detail", posts::mobile_detail(view, post))];
    mobile(view, &format!("<p>{}</p>", escape(post.video.caption.as_str())), scopes.into())
}

/// The page of an account as telephones get it: without the account's data.
pub(in crate::testing) fn mobile_profile(view: &View) -> String {
    mobile(view, "", Vec::new())
}

fn mobile(view: &View, content: &str, mut scopes: Vec<(&str, Value)>) -> String {
    let compact = json!({"short": {"4digit": "0K", "7digit": "0M", "10digit": "0B"}});
    scopes.push(("numberformatter.config", json!({"name": view.words().code, "format": {"compact": compact}})));
    scopes.push(("webapp.reflow.global.shareUser", json!({"statusCode": 0, "statusMsg": ""})));
    let data = scopes.into_iter().fold(
        crate::testing::json::scopes::universal(view.words(), Some(view.truth.handle()), view.now),
        |mut all, (scope, value)| {
            all[scope] = value;
            all
        },
    );
    let data = super::data("__UNIVERSAL_DATA_FOR_REHYDRATION__", &json!({"__DEFAULT_SCOPE__": data}));
    let nickname = escape(view.truth.profile.profile.nickname.as_str());
    let body = format!(
        r#"<div id="app"><main><h1>{nickname}</h1>{content}<div data-e2e="launch-popup"><p>Open this in the app</p><button data-e2e="launch-popup-confirm">Open</button> <button data-e2e="launch-popup-close">Not now</button></div></main></div>{data}"#
    );
    let note = "The page for telephones.";
    document(&Document { language: view.words().code, title: "TikTok", body: &body, note, ..Document::default() })
}

fn subject(view: &View, scope: &str, value: Value) -> String {
    let about: &Handle = view.truth.handle();
    universal_data(view.words(), Some(about), view.now, Some((scope, value)))
}
