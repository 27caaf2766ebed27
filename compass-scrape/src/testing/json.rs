//! The stand-in's JSON, in TikTok's shapes: the account, the post, the list of posts.

use compass_core::{Count, CreatorId, Snapshot, VideoKind, VideoObservation};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::figures::{abbreviated, rounded};

/// The account's opaque id, which its lists of posts are asked with.
pub(super) fn sec_uid(id: CreatorId) -> String {
    format!("MS4wLjABAAAA{:0>64}", id.get())
}

/// `webapp.user-detail` of an account that is there.
pub(super) fn user_detail(snapshot: &Snapshot, status: i64) -> Value {
    let counts = snapshot.profile.counts;
    let (followers, following) = (counts.followers, counts.following);
    let stats = |number: fn(Option<Count>) -> Value| {
        json!({
            "followerCount": number(followers),
            "followingCount": number(following),
            "heart": number(counts.likes),
            "heartCount": number(counts.likes),
            "videoCount": number(counts.videos),
            "diggCount": number(None),
            "friendCount": number(None),
        })
    };
    let nickname = snapshot.profile.profile.nickname.as_str();
    let described = format!(
        "@{} {} Followers, {} Following, {} Likes - Watch awesome short videos created by {nickname}",
        snapshot.handle(),
        abbreviated(value(followers)).to_lowercase(),
        abbreviated(value(following)).to_lowercase(),
        abbreviated(value(counts.likes)).to_lowercase(),
    );
    json!({
        "userInfo": {"user": user(snapshot), "stats": stats(shown), "statsV2": stats(exact), "itemList": []},
        "shareMeta": {"title": format!("{nickname} on TikTok"), "desc": described},
        "statusCode": status,
        "statusMsg": "",
        "needFix": true,
    })
}

/// `webapp.user-detail` of an account that is not there.
pub(super) fn no_user(status: i64) -> Value {
    let share_meta = json!({"title": "", "desc": ""});
    json!({"userInfo": {}, "shareMeta": share_meta, "statusCode": status, "statusMsg": "", "needFix": true})
}

/// An envelope of `/api/post/item_list/`.
pub(super) fn item_list(items: Vec<Value>, cursor: Timestamp, more: bool, now: Timestamp) -> Value {
    json!({
        "cursor": cursor.as_millisecond().to_string(),
        "extra": {"fatal_item_ids": [], "logid": "", "now": now.as_millisecond()},
        "hasMore": more,
        "itemList": items,
        "log_pb": {"impr_id": ""},
        "statusCode": 0,
        "status_code": 0,
        "status_msg": "",
    })
}

/// An envelope that holds nothing but a status.
pub(super) fn status(status: i64, message: &str) -> Value {
    json!({"statusCode": status, "status_code": status, "status_msg": message})
}

/// The item struct of a post as it stands in a list.
pub(super) fn item(snapshot: &Snapshot, post: &VideoObservation) -> Value {
    let video = &post.video;
    let caption = video.caption.as_str();
    let counts = post.counts;
    let mut item = json!({
        "id": video.id.to_string(),
        "createTime": video.created_at.as_second(),
        "desc": caption,
        "author": user(snapshot),
        // The list withholds the author's counters.
        "authorStats": {"followerCount": 0, "followingCount": 0, "heartCount": 0, "videoCount": 0, "diggCount": 0},
        "stats": {
            "playCount": shown(counts.views),
            "diggCount": shown(counts.likes),
            "commentCount": shown(counts.comments),
            "shareCount": shown(counts.shares),
            "collectCount": shown(counts.saves),
        },
        // Only the saves are exact here.
        "statsV2": {
            "playCount": rounded_text(counts.views),
            "diggCount": rounded_text(counts.likes),
            "commentCount": rounded_text(counts.comments),
            "shareCount": rounded_text(counts.shares),
            "collectCount": exact(counts.saves),
            "repostCount": "0",
        },
        "video": {
            "id": video.id.to_string(),
            "duration": video.duration.unwrap_or(0),
            "height": 1024,
            "width": 576,
            "ratio": "540p",
            "cover": cover(post),
        },
        "music": music(snapshot, post),
        "textLanguage": video.language.as_deref().unwrap_or("un"),
        "privateItem": false,
        "secret": false,
        "forFriend": false,
    });
    let hashtags = hashtags(caption);
    if !hashtags.is_empty() {
        item["challenges"] =
            hashtags.iter().map(|tag| json!({"id": tag.id(), "title": tag.name, "desc": ""})).collect();
        item["textExtra"] = hashtags.iter().map(Hashtag::text_extra).collect();
        item["contents"] = json!([{"desc": caption, "textExtra": item["textExtra"]}]);
    }
    if video.kind == VideoKind::Photo {
        let image = json!({"imageURL": {"urlList": [cover(post)]}, "imageWidth": 576, "imageHeight": 1024});
        item["imagePost"] = json!({"cover": image, "images": [image], "shareCover": image, "title": ""});
    }
    if post.pinned {
        item["isPinnedItem"] = true.into();
    }
    item
}

/// `webapp.video-detail` of a post that is there.
pub(super) fn video_detail(snapshot: &Snapshot, post: &VideoObservation) -> Value {
    let mut item = item(snapshot, post);
    // On these pages the saves are a string inside the numbers.
    item["stats"]["collectCount"] = rounded_text(post.counts.saves).into();
    item["diversificationLabels"] = json!(["Lifestyle"]);
    json!({"itemInfo": {"itemStruct": item}, "shareMeta": {"title": "", "desc": ""}, "statusCode": 0, "statusMsg": ""})
}

/// `webapp.video-detail` of a post that is not there.
pub(super) fn no_video() -> Value {
    json!({"itemInfo": {}, "statusCode": 10204, "statusMsg": "item doesn't exist"})
}

/// Where a post's picture is.
pub(super) fn cover(post: &VideoObservation) -> String {
    format!("/cover/{}.svg", post.video.id)
}

fn user(snapshot: &Snapshot) -> Value {
    let profile = &snapshot.profile.profile;
    json!({
        "id": profile.id.to_string(),
        "shortId": "",
        "uniqueId": profile.handle.as_str(),
        "nickname": profile.nickname.as_str(),
        "avatarLarger": format!("/cover/{}.svg", profile.id),
        "avatarMedium": format!("/cover/{}.svg", profile.id),
        "avatarThumb": format!("/cover/{}.svg", profile.id),
        "signature": profile.bio.as_str(),
        "createTime": profile.created_at.map_or(0, Timestamp::as_second),
        "verified": profile.verified,
        "secUid": sec_uid(profile.id),
        "ftc": false,
        "relation": 0,
        "openFavorite": false,
        "privateAccount": profile.private,
        "secret": profile.private,
        "isADVirtual": false,
        "roomId": "",
        "ttSeller": false,
        "language": profile.language.as_deref().unwrap_or(""),
    })
}

fn music(snapshot: &Snapshot, post: &VideoObservation) -> Value {
    json!({
        "id": post.video.sound.as_deref().unwrap_or(""),
        "title": "original sound",
        "authorName": snapshot.profile.profile.nickname.as_str(),
        "original": true,
        "duration": post.video.duration.unwrap_or(0),
    })
}

/// The samples know every counter to the unit.
pub(super) fn value(count: Option<Count>) -> u64 {
    count.map_or(0, Count::midpoint)
}

fn shown(count: Option<Count>) -> Value {
    rounded(value(count)).into()
}

fn exact(count: Option<Count>) -> Value {
    value(count).to_string().into()
}

fn rounded_text(count: Option<Count>) -> String {
    rounded(value(count)).to_string()
}

/// A hashtag of a caption with its place in UTF-16 units.
struct Hashtag {
    name: String,
    start: usize,
    end: usize,
}

impl Hashtag {
    fn id(&self) -> String {
        let sum = self.name.bytes().fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000_007);
        (70_000_000_000 + sum).to_string()
    }

    fn text_extra(&self) -> Value {
        json!({
            "awemeId": "", "start": self.start, "end": self.end, "hashtagName": self.name,
            "isCommerce": false, "subType": 0, "type": 1,
        })
    }
}

fn hashtags(caption: &str) -> Vec<Hashtag> {
    let utf16 = |text: &str| text.encode_utf16().count();
    caption
        .match_indices('#')
        .map(|(at, _)| {
            let rest = &caption[at + 1..];
            let name = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
            let start = utf16(&caption[..at]);
            Hashtag { name: name.to_lowercase(), start, end: start + 1 + utf16(name) }
        })
        .filter(|tag| !tag.name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_are_placed_in_utf16_units() {
        let tags = hashtags("First light 🌅 #morning #Light");
        let places: Vec<_> = tags.iter().map(|tag| (tag.name.as_str(), tag.start, tag.end)).collect();
        assert_eq!(places, [("morning", 15, 23), ("light", 24, 30)]);
    }
}
