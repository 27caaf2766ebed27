//! `SIGI_STATE`, in which a page of 2023 keeps the account and its first posts.

use serde_json::{Map, Value, json};

use super::{posts, sec_uid, stats, user};
use crate::testing::view::View;

/// This many posts are in the page.
pub(in crate::testing) const IN_THE_PAGE: usize = 30;

/// The whole state.
pub(in crate::testing) fn state(view: &View) -> Value {
    let profile = &view.truth.profile.profile;
    let handle = profile.handle.as_str();
    let mut user = user(view);
    user["extraInfo"] = json!({"statusCode": 0});
    let mut stats = stats(view);
    stats["needFix"] = true.into();

    let shown: Vec<_> = if profile.private { Vec::new() } else { view.posts().take(IN_THE_PAGE).collect() };
    let ids: Vec<_> = shown.iter().map(|post| post.video.id.to_string()).collect();
    let items: Map<_, _> =
        shown.iter().map(|post| (post.video.id.to_string(), posts::item_of_2023(view, post))).collect();
    let cursor = posts::end_of(shown.iter().copied(), view.now).as_millisecond().to_string();
    let more = view.posts().count() > shown.len();
    let status = if profile.private { 10222 } else { 0 };
    json!({
        "AppContext": {"appContext": {"language": view.words().code, "region": "US", "botType": "others"}},
        "BizContext": {"bizContext": {"isMobile": false, "isBot": false}},
        "SEO": {"canonical": format!("https://www.tiktok.com/@{handle}")},
        "SharingMeta": {"value": {"og:title": format!("{} (@{handle}) Official | TikTok", profile.nickname)}},
        "ItemList": {"user-post": {
            "list": ids, "browserList": ids, "loading": false, "statusCode": 0, "hasMore": more, "cursor": cursor,
            "preloadList": [],
        }},
        "ItemModule": items,
        "UserModule": {"users": {handle: user}, "stats": {handle: stats}},
        "UserPage": {
            "uniqueId": handle, "statusCode": status, "secUid": sec_uid(profile.id), "profileState": "initial",
        },
    })
}
