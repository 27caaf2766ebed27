//! The stand-in's JSON, in TikTok's shapes: what is said of an account, and of everything that is not one.

pub(super) mod posts;
pub(super) mod scopes;
pub(super) mod sigi;

use compass_core::{Count, CreatorId};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Fault, Layout,
    figures::{abbreviated, overflowed, rounded, value},
    pages::FILLER,
    view::View,
};

/// What a list of posts answers when a captcha is due.
pub(super) const CAPTCHA_IS_DUE: &str =
    r#"{"code":"10000","type":"verify","subtype":"slide","fp":"verify_0","region":"sg","detail":""}"#;

/// The account's opaque id, which its lists of posts are asked with.
pub(super) fn sec_uid(id: CreatorId) -> String {
    format!("MS4wLjABAAAA{:0>64}", id.get())
}

/// An answer that holds nothing but a status.
pub(super) fn status(status: i64, message: &str) -> Value {
    json!({"statusCode": status, "status_code": status, "status_msg": message})
}

/// `webapp.user-detail` of an account that is there.
pub(super) fn user_detail(view: &View) -> Value {
    let truth = &view.truth;
    let mut info = json!({"user": user(view), "stats": stats(view), "itemList": []});
    if view.layout == Layout::Universal2026 {
        info["statsV2"] = exact_stats(view);
    }
    let private = truth.profile.profile.private || view.has(&Fault::PrivateStatus);
    let mut detail = json!({
        "userInfo": info,
        "shareMeta": share_meta(view),
        "statusCode": if private { 10222 } else { 0 },
        "statusMsg": "",
        "needFix": true,
    });
    if view.has(&Fault::UnknownLayout) {
        // The account has moved to a place of which nobody knows.
        let account = detail["userInfo"].take();
        detail["creatorInfo"] = json!({"account": account["user"], "figures": account["stats"]});
    }
    detail
}

/// `webapp.user-detail` of an account that is not there.
pub(super) fn no_user(status: i64) -> Value {
    let share_meta = json!({"title": "", "desc": ""});
    json!({"userInfo": {}, "shareMeta": share_meta, "statusCode": status, "statusMsg": "", "needFix": true})
}

/// `webapp.user-detail` with a user of whom nothing is said.
pub(super) fn empty_user() -> Value {
    let nobody = json!({"user": {}, "stats": {}, "shareMeta": {}});
    json!({"userInfo": nobody, "statusCode": 0, "statusMsg": "", "needFix": true})
}

/// The user object.
pub(super) fn user(view: &View) -> Value {
    let profile = &view.truth.profile.profile;
    let picture = format!("{}/cover/{}.svg", view.assets, profile.id);
    let bio =
        if view.faults.iter().any(|fault| matches!(fault, Fault::HugeText(_))) { FILLER } else { profile.bio.as_str() };
    let mut user = json!({
        "id": profile.id.to_string(),
        "shortId": "",
        "uniqueId": profile.handle.as_str(),
        "nickname": profile.nickname.as_str(),
        "avatarLarger": picture,
        "avatarMedium": picture,
        "avatarThumb": picture,
        "signature": bio,
        "createTime": profile.created_at.map_or(0, Timestamp::as_second),
        "verified": profile.verified,
        "secUid": sec_uid(profile.id),
        "ftc": false,
        "relation": 0,
        "openFavorite": false,
        "commentSetting": 0,
        "commerceUserInfo": {"commerceUser": false},
        "duetSetting": 0,
        "stitchSetting": 0,
        "privateAccount": profile.private,
        "secret": profile.private,
        "isADVirtual": false,
        "roomId": if view.has(&Fault::LiveCard) { "7300000000000000001" } else { "" },
        "uniqueIdModifyTime": 0,
        "ttSeller": false,
        "downloadSetting": 0,
        "profileTab": {"showMusicTab": false, "showQuestionTab": false, "showPlayListTab": false},
        "followingVisibility": 1,
        "recommendReason": "",
        "nowInvitationCardUrl": "",
        "nickNameModifyTime": 0,
        "isEmbedBanned": false,
        "profileEmbedPermission": 1,
    });
    if view.layout != Layout::Universal2026 {
        user["region"] = "US".into();
    }
    if view.layout != Layout::Sigi2023 {
        user["language"] = profile.language.as_deref().unwrap_or("").into();
        user["canExpPlaylist"] = true.into();
        user["eventList"] = json!([]);
        user["suggestAccountBind"] = false.into();
        user["isOrganization"] = 0.into();
    }
    user
}

/// The user object as it stands in a post.
pub(super) fn author(view: &View) -> Value {
    const KEPT: [&str; 19] = [
        "id",
        "uniqueId",
        "nickname",
        "avatarLarger",
        "avatarMedium",
        "avatarThumb",
        "signature",
        "verified",
        "secUid",
        "ftc",
        "relation",
        "openFavorite",
        "commentSetting",
        "duetSetting",
        "stitchSetting",
        "privateAccount",
        "secret",
        "isADVirtual",
        "roomId",
    ];
    only(user(view), &KEPT)
}

/// An object with nothing but these keys.
pub(super) fn only(mut object: Value, keys: &[&str]) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|key, _| keys.contains(&key.as_str()));
    }
    object
}

/// The rounded counters.
pub(super) fn stats(view: &View) -> Value {
    let mut stats = counters(view, |n| rounded(n).into());
    if view.has(&Fault::OverflowedLikes)
        && let Some(likes) = view.truth.profile.counts.likes
    {
        let wrapped = overflowed(value(likes));
        stats["heart"] = wrapped.into();
        stats["heartCount"] = wrapped.into();
    }
    stats
}

/// The exact counters, as strings.
fn exact_stats(view: &View) -> Value {
    counters(view, |n| n.to_string().into())
}

fn counters(view: &View, number: fn(u64) -> Value) -> Value {
    let counts = view.truth.profile.counts;
    // A list without an end needs an account with room for it.
    let videos = if view.has(&Fault::NeverEnds) { Count::exact(1_000_000).ok() } else { counts.videos };
    let zeros = view.has(&Fault::Zeros);
    let mut stats = json!({"diggCount": number(0)});
    if view.layout != Layout::Sigi2023 {
        stats["friendCount"] = number(0);
    }
    for (name, count) in [
        ("followerCount", counts.followers),
        ("followingCount", counts.following),
        ("heart", counts.likes),
        ("heartCount", counts.likes),
        ("videoCount", videos),
    ] {
        if let Some(count) = count {
            stats[name] = number(if zeros { 0 } else { value(count) });
        }
    }
    stats
}

/// How the account is described when its page is shared.
fn share_meta(view: &View) -> Value {
    let nickname = view.truth.profile.profile.nickname.as_str();
    let counts = view.truth.profile.counts;
    let short = |count: Option<Count>| {
        let text = abbreviated(count.map_or(0, value), '.').to_lowercase();
        // Here, and only here, a rounded number always has a digit after the point.
        match text.strip_suffix(['k', 'm', 'b']) {
            Some(whole) if !whole.contains('.') => format!("{whole}.0{}", &text[whole.len()..]),
            _ => text,
        }
    };
    let described = format!(
        "@{} {} Followers, {} Following, {} Likes - Watch awesome short videos created by {nickname}",
        view.truth.handle(),
        short(counts.followers),
        short(counts.following),
        short(counts.likes),
    );
    json!({"title": format!("{nickname} on TikTok"), "desc": described})
}
