//! The stand-in's posts in TikTok's shapes: in a list, on a page of their own, and as they were in 2023.

use compass_core::{Count, Video, VideoCounts, VideoId, VideoKind, VideoObservation};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::{author, only, sec_uid, stats};
use crate::testing::{
    Fault,
    figures::{rounded, value},
    marks,
    site::ListQuery,
    view::View,
};

/// An answer of `/api/post/item_list/`: pinned posts first, then from the newest to the oldest.
pub(in crate::testing) fn list(view: &View, query: &ListQuery) -> Value {
    let cursor = if view.has(&Fault::RepeatsItself) { 0 } else { query.cursor };
    let is_gap = view.has(&Fault::Gap) && view.time == 2;
    if view.has(&Fault::NoPosts) || view.has(&Fault::Zeros) || view.truth.profile.profile.private || is_gap {
        return envelope(None, &query.cursor.to_string(), is_gap, view.now);
    }
    let older;
    let after: Vec<_> = if view.has(&Fault::NeverEnds) && cursor != 0 {
        older = ever_older(view, cursor, query.count);
        older.iter().collect()
    } else {
        let is_after = |post: &&VideoObservation| !post.pinned && post.video.created_at.as_millisecond() < cursor;
        view.posts().filter(|post| cursor == 0 || is_after(post)).collect()
    };
    let part = &after[..query.count.min(after.len())];
    let more = after.len() > part.len() || view.has(&Fault::RepeatsItself) || view.has(&Fault::NeverEnds);
    let mut items: Vec<_> = part.iter().map(|post| item(view, post)).collect();
    if view.has(&Fault::ImpossiblePost)
        && cursor == 0
        && let Some(item) = items.iter_mut().find(|item| item["isPinnedItem"] != true)
    {
        item["stats"]["diggCount"] = 900_000.into();
        item["statsV2"]["diggCount"] = "900000".into();
    }
    if view.has(&Fault::LiveCard) && cursor == 0 {
        items.insert(0, live_card(view));
    }
    let next = end_of(part.iter().copied(), view.now).as_millisecond().to_string();
    envelope(Some(items), &next, more, view.now)
}

/// Where a part of the list ends: at its oldest post that is not pinned.
pub(in crate::testing) fn end_of<'a>(
    part: impl DoubleEndedIterator<Item = &'a VideoObservation>,
    now: Timestamp,
) -> Timestamp {
    part.rev().find(|post| !post.pinned).map_or(now, |post| post.video.created_at)
}

/// The item struct of a post as it stands in a list.
pub(in crate::testing) fn item(view: &View, post: &VideoObservation) -> Value {
    let video = &post.video;
    let caption = video.caption.as_str();
    let cover = cover(view, video.id);
    let mut item = json!({
        "id": video.id.to_string(),
        "createTime": video.created_at.as_second(),
        "desc": caption,
        "author": author(view),
        // The list withholds the author's counters.
        "authorStats": {
            "followerCount": 0, "followingCount": 0, "heart": 0, "heartCount": 0, "videoCount": 0, "diggCount": 0,
            "friendCount": 0,
        },
        "video": {
            "id": video.id.to_string(),
            "duration": video.duration.unwrap_or(0),
            "height": 1024,
            "width": 576,
            "ratio": "540p",
            "cover": cover,
            "originCover": cover,
        },
        "music": music(view, video),
        "CategoryType": 0,
        "collected": false,
        "digged": false,
        "duetDisplay": 0,
        "forFriend": false,
        "isAd": false,
        "itemCommentStatus": 0,
        "item_control": {"can_repost": true},
        "officalItem": false,
        "originalItem": false,
        "privateItem": false,
        "secret": false,
        "shareEnabled": true,
        "stitchDisplay": 0,
        "textLanguage": video.language.as_deref().unwrap_or("un"),
        "textTranslatable": true,
    });
    if !view.has(&Fault::WithheldFigures) {
        let counts = post.counts;
        item["stats"] = counters(counts, |_, n| rounded(n).into());
        // Only the saves are exact here.
        item["statsV2"] =
            counters(counts, |name, n| if name == "collectCount" { n } else { rounded(n) }.to_string().into());
        item["statsV2"]["repostCount"] = "0".into();
    }
    let extra = marks::text_extra(caption);
    if !extra.is_empty() {
        item["textExtra"] = extra.into();
    }
    let challenges = marks::challenges(caption);
    if !challenges.is_empty() {
        item["challenges"] = challenges.into();
    }
    if !caption.is_empty() {
        item["contents"] = json!([{"desc": caption}]);
        if let Some(extra) = item.get("textExtra").cloned() {
            item["contents"][0]["textExtra"] = extra;
        }
    }
    if video.kind == VideoKind::Photo {
        let image = json!({"imageURL": {"urlList": [cover]}, "imageWidth": 576, "imageHeight": 1024});
        item["imagePost"] = json!({"cover": image, "images": [image], "shareCover": image, "title": ""});
        item["video"]["height"] = 0.into();
        item["video"]["width"] = 0.into();
    }
    if post.pinned {
        item["isPinnedItem"] = true.into();
    }
    item
}

/// The item struct as it was in 2023: the time is a string, the author is the handle with the rest beside it, there are
/// no saves and no second table.
pub(in crate::testing) fn item_of_2023(view: &View, post: &VideoObservation) -> Value {
    let profile = &view.truth.profile.profile;
    let mut item = item(view, post);
    item["createTime"] = post.video.created_at.as_second().to_string().into();
    item["author"] = profile.handle.as_str().into();
    item["nickname"] = profile.nickname.as_str().into();
    item["authorId"] = profile.id.to_string().into();
    item["authorSecId"] = sec_uid(profile.id).into();
    item["authorPrivate"] = false.into();
    item["authorStats"] = stats(view);
    item["locationCreated"] = "US".into();
    const LATER: [&str; 7] =
        ["statsV2", "contents", "textLanguage", "textTranslatable", "CategoryType", "collected", "item_control"];
    if let Some(fields) = item.as_object_mut() {
        fields.retain(|key, _| !LATER.contains(&key.as_str()));
    }
    if let Some(stats) = item.get_mut("stats").and_then(Value::as_object_mut) {
        stats.remove("collectCount");
    }
    item
}

/// `webapp.video-detail` of a post that is there.
pub(in crate::testing) fn detail(view: &View, post: &VideoObservation) -> Value {
    let mut item = item(view, post);
    // On these pages the time is a string, and so are the saves among the numbers.
    item["createTime"] = post.video.created_at.as_second().to_string().into();
    if let (Some(saves), Some(stats)) = (post.counts.saves, item.get_mut("stats")) {
        stats["collectCount"] = value(saves).to_string().into();
    }
    item["authorStats"] = stats(view);
    item["diversificationLabels"] = json!(["Lifestyle"]);
    item["locationCreated"] = "US".into();
    let share_meta = json!({"title": "", "desc": ""});
    json!({"itemInfo": {"itemStruct": item}, "shareMeta": share_meta, "statusCode": 0, "statusMsg": ""})
}

/// `webapp.reflow.video.detail` of a post, as telephones get it.
pub(in crate::testing) fn mobile_detail(view: &View, post: &VideoObservation) -> Value {
    const ITEM: [&str; 10] = [
        "id",
        "desc",
        "createTime",
        "video",
        "music",
        "challenges",
        "stats",
        "textExtra",
        "imagePost",
        "locationCreated",
    ];
    const AUTHOR: [&str; 11] = [
        "id",
        "uniqueId",
        "nickname",
        "avatarLarger",
        "avatarMedium",
        "avatarThumb",
        "signature",
        "verified",
        "secUid",
        "relation",
        "isADVirtual",
    ];
    let mut item = only(detail(view, post)["itemInfo"]["itemStruct"].take(), &ITEM);
    if let (Some(saves), Some(stats)) = (post.counts.saves, item.get_mut("stats")) {
        stats["collectCount"] = rounded(value(saves)).into();
    }
    item["video"] = only(item["video"].take(), &["id", "duration", "height", "width", "cover", "originCover"]);
    item["music"] = only(item["music"].take(), &["id", "title", "authorName", "duration"]);
    // The counters stand among what is said of the author.
    item["author"] = only(author(view), &AUTHOR);
    let counted = only(stats(view), &["followerCount", "followingCount", "heartCount", "videoCount"]);
    if let (Some(author), Value::Object(counted)) = (item["author"].as_object_mut(), counted) {
        author.extend(counted);
    }
    let (info, share_meta) = (json!({"itemStruct": item}), json!({"title": "", "desc": ""}));
    json!({"statusCode": 0, "statusMessage": "", "itemInfo": info, "shareMeta": share_meta})
}

/// `webapp.video-detail` of a post that is not there.
pub(in crate::testing) fn no_post() -> Value {
    json!({"statusCode": 10204, "statusMsg": "item doesn't exist"})
}

/// Where a post's picture is.
pub(in crate::testing) fn cover(view: &View, id: VideoId) -> String {
    format!("{}/cover/{id}.svg", view.assets)
}

fn envelope(items: Option<Vec<Value>>, cursor: &str, more: bool, now: Timestamp) -> Value {
    let mut envelope = json!({
        "cursor": cursor,
        "extra": {"fatal_item_ids": [], "logid": "", "now": now.as_millisecond()},
        "hasMore": more,
        "log_pb": {"impr_id": ""},
        "statusCode": 0,
        "status_code": 0,
        "status_msg": "",
    });
    // An empty list is one that is not there.
    if let Some(items) = items {
        envelope["itemList"] = items.into();
    }
    envelope
}

/// A counter that is withheld is not there.
fn counters(counts: VideoCounts, number: impl Fn(&str, u64) -> Value) -> Value {
    let all = [
        ("playCount", counts.views),
        ("diggCount", counts.likes),
        ("commentCount", counts.comments),
        ("shareCount", counts.shares),
        ("collectCount", counts.saves),
    ];
    let known = all.into_iter().filter_map(|(name, count): (_, Option<Count>)| Some((name, value(count?))));
    known.map(|(name, n)| (name.to_owned(), number(name, n))).collect()
}

fn music(view: &View, video: &Video) -> Value {
    json!({
        "id": video.sound.as_deref().unwrap_or(""),
        "title": "original sound",
        "authorName": view.truth.profile.profile.nickname.as_str(),
        "original": true,
        "duration": video.duration.unwrap_or(0),
    })
}

/// The card of a live broadcast, which stands in the list as a post does.
fn live_card(view: &View) -> Value {
    json!({
        "id": "7300000000000000002",
        "createTime": view.now.as_second(),
        "desc": "LIVE now",
        "author": author(view),
        "liveRoomInfo": {"roomId": "7300000000000000001", "status": 2},
        "music": {"id": "", "title": "", "authorName": ""},
        "video": {"duration": 0, "cover": format!("{}/cover/live.svg", view.assets)},
        "stats": {"playCount": 0, "diggCount": 0, "commentCount": 0, "shareCount": 0, "collectCount": 0},
    })
}

/// Posts before a moment, one an hour, with the figures of the oldest one that is there.
fn ever_older(view: &View, cursor: i64, count: usize) -> Vec<VideoObservation> {
    let Some((oldest, end)) = view.truth.videos.last().zip(Timestamp::from_millisecond(cursor).ok()) else {
        return Vec::new();
    };
    (1..)
        .take(count)
        .map_while(|hours: i64| {
            let at = end - hours.hours();
            let second = u64::try_from(at.as_second() - 6).ok()?;
            let id = VideoId::parse(&((second << 32) | u64::from(u32::MAX)).to_string()).ok()?;
            let mut post = oldest.clone();
            post.pinned = false;
            post.video.id = id;
            post.video.created_at = at;
            Some(post)
        })
        .collect()
}
