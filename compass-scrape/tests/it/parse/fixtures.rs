//! Pages and answers written for these tests, in the shapes that the site uses.

/// The texts that every page carries, whatever happened to it.
const TRANSLATIONS: &str = r#"{"Webapp": {"This account is private": "Ce compte est privé", "err_user_private": "Ce compte est privé. Abonne-toi.",
    "Couldn't find this account": "Ce compte est introuvable", "server_error_title": "Une erreur est survenue", "refresh": "Actualiser",
    "accountAudienceControls_profile_loggedOut_desc": "Ce créateur a activé les contrôles d’audience.",
    "acct_geo_block_restriction_error_desc": "Ce compte n’est pas disponible dans ton pays.",
    "common_login_panel_title": "Connecte-toi à TikTok", "profile_page_pin": "Épinglé",
    "seo_user_video_cover": "{videoText} créée par {videoAuthor} avec {musicName} de {musicAuthor}"}}"#;

/// Of the time of the pages: 2026-04-18T13:33:52Z.
pub(crate) const WEB_ID_TIME: &str = "2026-04-18T13:33:52Z";

/// A page of today, with these scopes of data and this body.
pub(crate) fn page(scopes: &str, body: &str) -> String {
    format!(
        r#"<!DOCTYPE html><html><head><title>TikTok - Make Your Day</title>
<script src="https://example.invalid/captcha-ttp.js"></script>
<script nonce="n" id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{{"__DEFAULT_SCOPE__":{{
"webapp.app-context": {{"language": "fr", "botType": "others", "webIdCreatedTime": "1776519232"}},
"webapp.biz-context": {{"domains": {{"captcha": "www.tiktok.com"}}}},
"webapp.i18n-translation": {TRANSLATIONS}{comma}{scopes}}}}}</script></head><body><div id="app">{body}</div></body></html>"#,
        comma = if scopes.is_empty() { "" } else { ", " },
    )
}

/// The `webapp.user-detail` scope of Ada, with these tables of counters and this in her user object.
pub(crate) fn ada(stats: &str, user: &str) -> String {
    format!(
        r#""webapp.user-detail": {{"userInfo": {{"user": {{"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L",
"signature": "maths\ntea", "createTime": 1645112712, "verified": true, "privateAccount": false, "secret": false,
"language": "en"{user}}}, {stats}, "itemList": []}}, "statusCode": 0, "statusMsg": "", "needFix": true}}"#
    )
}

/// Counters in both tables.
pub(crate) const BOTH_TABLES: &str = r#""stats": {"followerCount": 38500, "followingCount": 24, "heart": 593000, "heartCount": 593000, "videoCount": 927},
"statsV2": {"followerCount": "38490", "followingCount": "24", "heart": "593024", "heartCount": "593024", "videoCount": "927"}"#;

/// Counters of before there was an exact table.
pub(crate) const ROUNDED_TABLE: &str = r#""stats": {"followerCount": 38500, "followingCount": 24, "heart": 593000, "heartCount": 593000, "videoCount": 927}"#;

/// The rendered header as it is today, with the display name as the title.
pub(crate) const HEADER: &str = r#"<div data-e2e="user-page"><h1 data-e2e="user-title">Ada L</h1><h2 data-e2e="user-subtitle">ada.l</h2>
<strong title="Abonnements" data-e2e="following-count">24</strong><strong data-e2e="followers-count">38.5K</strong>
<strong data-e2e="likes-count">593K</strong><h2 data-e2e="user-bio">Ce compte est privé</h2></div>"#;

/// A card of the grid; `views` and `badge` are left away where they are empty.
pub(crate) fn card(address: &str, alt: &str, views: &str, badge: &str) -> String {
    let part = |name: &str, text: &str| match text {
        "" => String::new(),
        text => format!(r#"<div data-e2e="{name}">{text}</div>"#),
    };
    format!(
        r#"<div data-e2e="user-post-item"><a href="https://www.tiktok.com/@ada.l{address}"><style>.x{{color:red}}</style>
<picture><img alt="{alt}"></picture>{}{}</a></div>"#,
        part("video-views", views),
        part("video-card-badge", badge)
    )
}

/// Ada's profile today: a pinned film, a photo, and a film without its views.
pub(crate) fn profile() -> String {
    let cards = [
        card("/video/7545042112362958098", "thé #Thé  créée par Ada L avec Son de Bob", "4M", "Épinglé"),
        card("/photo/7630085004911103252", " créée par Ada L avec Son de Bob", "9999", "Nouveau"),
        card("/video/7629642962422697236", "deux créée par Ada L avec Son de Bob", "", ""),
    ];
    page(&ada(BOTH_TABLES, ""), &format!("{HEADER}<div data-e2e=\"user-post-item-list\">{}</div>", cards.concat()))
}

/// Ada's profile as it was in 2023: its posts are in the page, the handle is the title.
pub(crate) fn sigi_profile() -> String {
    let cards = [
        card("/video/7203022122757803307", "one created by Ada L with x", "101.5K", ""),
        card("/video/7000000000000000001", "older created by Ada L with x", "12", ""),
    ];
    format!(
        r#"<html><body><h2 data-e2e="user-title">ada.l
 <!-- --> <svg><title>verified</title></svg></h2><h1 data-e2e="user-subtitle">Ada L</h1>{}
<script id="SIGI_STATE" type="application/json">{SIGI_STATE}</script>
<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{{"__DEFAULT_SCOPE__": {{"webapp.app-context": {{}}}}}}</script></body></html>"#,
        cards.concat()
    )
}

/// The data of a page of 2023.
pub(crate) const SIGI_STATE: &str = r#"{"AppContext": {"lang": "en"},
"ItemList": {"user-post": {"list": ["7203022122757803307", "7202248593015868718"], "hasMore": true, "cursor": "1670343720000"}},
"ItemModule": {
 "7202248593015868718": {"id": "7202248593015868718", "desc": "two", "createTime": "1676904203", "author": "ada.l", "nickname": "Ada L",
   "authorId": "7065499344158344198", "stats": {"diggCount": 20400, "shareCount": 15, "commentCount": 25, "playCount": 217300}},
 "7203022122757803307": {"id": "7203022122757803307", "desc": "one #One", "createTime": "1677084289", "author": "ada.l", "nickname": "Ada L",
   "authorId": "7065499344158344198", "stats": {"diggCount": 15500, "shareCount": 16, "commentCount": 64, "playCount": 101500}}},
"UserModule": {"users": {"ada.l": {"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L", "signature": "", "createTime": 0}},
  "stats": {"ada.l": {"followerCount": 11200000, "followingCount": 1204, "heart": 587500000, "heartCount": 587500000, "videoCount": 1526, "needFix": true}}},
"UserPage": {"uniqueId": "ada.l", "statusCode": 0}}"#;

/// A post of Ada's as lists give it.
pub(crate) const ITEM: &str = r##"{"id": "7470546959699348744", "desc": "🎂 #Tea and #cake", "createTime": 1739372260, "isPinnedItem": true,
"author": {"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L", "signature": "", "verified": true},
"authorStats": {"followerCount": 0, "followingCount": 0, "heart": 593000, "heartCount": 593000, "videoCount": 927},
"stats": {"diggCount": 177, "shareCount": 1, "commentCount": 3, "playCount": 98400, "collectCount": 12300},
"statsV2": {"diggCount": "177", "shareCount": "1", "commentCount": "3", "playCount": "98400", "collectCount": "12345", "repostCount": "0"},
"video": {"id": "7470546959699348744", "duration": 21}, "music": {"id": "7281543096448370689"}, "textLanguage": "en",
"textExtra": [{"start": 3, "end": 7, "hashtagName": "tea", "type": 1}, {"start": 12, "end": 17, "hashtagName": "", "type": 1}],
"contents": [{"desc": "🎂 #Tea and #cake"}], "collectTime": 1739376010}"##;

/// The page of one of her posts.
pub(crate) fn video_page() -> String {
    page(
        &format!(
            r#""webapp.video-detail": {{"itemInfo": {{"itemStruct": {ITEM}}}, "statusCode": 0, "statusMsg": ""}}"#
        ),
        "",
    )
}

/// The answer to `/api/post/item_list/` with these items.
pub(crate) fn envelope(items: &str) -> String {
    format!(
        r#"{{"cursor": "1733000000000", "extra": {{"fatal_item_ids": [], "now": 1739376010000}}, "hasMore": true, "itemList": [{items}],
"statusCode": 0, "status_code": 0, "status_msg": ""}}"#
    )
}
