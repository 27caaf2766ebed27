//! Small inputs of our own, in the shapes that TikTok gives.

use serde_json::{Value, json};

/// When the newest post was made: 2025-02-10 12:00:00 UTC.
const NEWEST: i64 = 1_739_188_800;
/// When the posts were looked at: 2025-02-13 12:00:00 UTC.
pub(crate) const SEEN: i64 = NEWEST + 3 * 86_400;

/// Posts of `ada`, one a day, the newest first: 9,000 views, then 8,000, ... 1,000, each with 5 % likes, 0.6 % comments
/// and 0.4 % shares: an engagement rate of 6 % each.
pub(crate) fn posts() -> Vec<Value> {
    (1..=9).rev().map(post).collect()
}

fn post(thousands: i64) -> Value {
    let created = NEWEST - (9 - thousands) * 86_400;
    json!({
        "id": ((created << 32) | thousands).to_string(),
        "desc": format!("post {thousands} #tea"),
        "createTime": created,
        "collectTime": SEEN,
        "author": {"id": "7065", "uniqueId": "ada", "nickname": "Ada"},
        "authorStats": {"followerCount": 2_000, "followingCount": 3, "heartCount": 2_250, "videoCount": 9},
        "stats": {
            "playCount": 1_000 * thousands, "diggCount": 50 * thousands, "commentCount": 6 * thousands,
            "shareCount": 4 * thousands, "collectCount": thousands
        },
    })
}

/// One value a line.
pub(crate) fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

/// A profile page of `ada` whose header says 9 posts, with these cards: number and views as they are shown.
pub(crate) fn profile_page(cards: &[(i64, &str)]) -> String {
    let data = json!({"__DEFAULT_SCOPE__": {
        "webapp.app-context": {"webIdCreatedTime": SEEN.to_string()},
        "webapp.user-detail": {"statusCode": 0, "userInfo": {
            "user": {"id": "7065", "uniqueId": "ada", "nickname": "Ada", "signature": "tea", "verified": true},
            "stats": {"followerCount": 38_500, "followingCount": 3, "heartCount": -2_147_483_648_i64, "videoCount": 9},
            "statsV2": {"followerCount": "38490", "followingCount": "3", "heartCount": "592999", "videoCount": "9"},
        }},
    }});
    let cards: String = cards
        .iter()
        .map(|(number, views)| {
            let id = ((NEWEST - (9 - number) * 86_400) << 32) | number;
            format!(
                "<div data-e2e=\"user-post-item\"><a href=\"https://www.tiktok.com/@ada/video/{id}\">\
                 <img alt=\"post {number} created by Ada with Ada’s sound\">\
                 <strong data-e2e=\"video-views\">{views}</strong></a></div>"
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html><html><body><h1 data-e2e=\"user-title\">ada</h1><h2 data-e2e=\"user-subtitle\">Ada</h2>{cards}\
         <script id=\"__UNIVERSAL_DATA_FOR_REHYDRATION__\" type=\"application/json\">{data}</script></body></html>"
    )
}

/// The application's frame, which only its own script could fill.
pub(crate) const SHELL: &str = "<!DOCTYPE html><html><head><script id=\"gfdatav1\" type=\"application/json\">{}</script></head>\
    <body><div id=\"app\"></div></body></html>";
