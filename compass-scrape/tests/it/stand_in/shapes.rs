//! The stand-in's JSON beside that of real pages, in the folder that `COMPASS_CAPTURES` names: what the stand-in says has
//! the place and the type that it has there, and nothing that is read is missing from either.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::PathBuf,
};

use compass_core::{Handle, samples::World};
use compass_scrape::testing::{Account, Layout, Scene, StandIn};
use flate2::read::GzDecoder;
use serde_json::{Value, value::RawValue};

use super::http::{get, get_with, stand_in};

/// What the parsers read of an account.
const USER: [&str; 9] = [
    ".id",
    ".uniqueId",
    ".nickname",
    ".signature",
    ".verified",
    ".privateAccount",
    ".secret",
    ".createTime",
    ".secUid",
];
const STATS: [&str; 5] = [".followerCount", ".followingCount", ".heart", ".heartCount", ".videoCount"];
/// What they read of a post, wherever it stands.
const ITEM: [&str; 14] = [
    ".id",
    ".desc",
    ".createTime",
    ".author",
    ".stats.playCount",
    ".stats.diggCount",
    ".stats.commentCount",
    ".stats.shareCount",
    ".video.duration",
    ".music.id",
    ".textExtra[].hashtagName",
    ".textExtra[].start",
    ".textExtra[].end",
    ".challenges[].title",
];

/// A capture's text; `None` where there are none on this machine.
fn capture(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("COMPASS_CAPTURES").map(PathBuf::from) else {
        eprintln!("COMPASS_CAPTURES is not set: nothing was compared with real pages");
        return None;
    };
    let file = File::open(folder.join(name)).unwrap();
    let mut text = String::new();
    if name.ends_with(".gz") {
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        (&file).read_to_string(&mut text).unwrap();
    }
    Some(text)
}

/// The JSON in a page's script.
fn script(html: &str, id: &str) -> Value {
    let at = html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("the page has no script {id}"));
    let text = html[at..].split_once('>').unwrap().1.split_once("</script").unwrap().0;
    serde_json::from_str(text).unwrap()
}

fn scope(html: &str, name: &str) -> Value {
    script(html, "__UNIVERSAL_DATA_FOR_REHYDRATION__")["__DEFAULT_SCOPE__"][name].take()
}

/// Every place in a value, with the types of what stands there.
fn shape(value: &Value) -> BTreeMap<String, BTreeSet<&'static str>> {
    fn walk(value: &Value, place: &str, shape: &mut BTreeMap<String, BTreeSet<&'static str>>) {
        let name = match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| walk(value, &format!("{place}.{key}"), shape));
                "object"
            }
            Value::Array(items) => {
                items.iter().for_each(|item| walk(item, &format!("{place}[]"), shape));
                "list"
            }
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Bool(_) => "bool",
            Value::Null => "null",
        };
        shape.entry(place.to_owned()).or_default().insert(name);
    }
    let mut all = BTreeMap::new();
    walk(value, "", &mut all);
    all
}

/// Whether everything of ours is in theirs with the same type, and everything that is read is in both.
fn assert_same(what: &str, ours: &Value, theirs: &Value, read: &[&str]) {
    let (ours, theirs) = (shape(ours), shape(theirs));
    let strange: Vec<_> = ours
        .iter()
        .filter(|(place, types)| !theirs.get(*place).is_some_and(|real| types.is_subset(real)))
        .map(|(place, types)| format!("{place} is {types:?} here and {:?} there", theirs.get(place)))
        .collect();
    assert!(strange.is_empty(), "{what}: {strange:#?}");
    for place in read {
        assert!(ours.contains_key(*place), "{what}: {place} is missing here");
        assert!(theirs.contains_key(*place), "{what}: {place} is missing there");
    }
}

/// An account that is like one of the samples.
async fn ada(layout: Layout, sample: usize) -> StandIn {
    let account = Account::like(Handle::parse("ada").unwrap(), &World::standard().creators()[sample]).layout(layout);
    stand_in(Scene { accounts: vec![account], ..Scene::default() }).await.0
}

async fn items(site: &StandIn) -> Value {
    let detail = get(site, "/api/user/detail/?uniqueId=ada").await.json();
    let sec_uid = detail["userInfo"]["user"]["secUid"].as_str().unwrap().to_owned();
    get(site, &format!("/api/post/item_list/?secUid={sec_uid}&count=35&cursor=0")).await.json()
}

#[tokio::test]
async fn accounts_are_shaped_as_in_2025_and_2026() {
    for (layout, name) in [
        (Layout::Universal2025, "pages/profile-grid-2025.html.gz"),
        (Layout::Universal2026, "pages/profile-grid-2026.html.gz"),
    ] {
        let Some(real) = capture(name) else { return };
        let page = get(&ada(layout, 0).await, "/@ada").await;
        let (ours, theirs) = (scope(page.text(), "webapp.user-detail"), scope(&real, "webapp.user-detail"));
        assert_same(name, &ours, &theirs, &[".statusCode", ".shareMeta.desc", ".needFix"]);
        let inside = |detail: &Value, key: &str| detail["userInfo"][key].clone();
        assert_same(name, &inside(&ours, "user"), &inside(&theirs, "user"), &[&USER[..], &[".language"]].concat());
        assert_same(name, &inside(&ours, "stats"), &inside(&theirs, "stats"), &STATS);
        assert_eq!(inside(&ours, "statsV2").is_null(), inside(&theirs, "statsV2").is_null(), "{name}");
        if layout == Layout::Universal2026 {
            assert_same(name, &inside(&ours, "statsV2"), &inside(&theirs, "statsV2"), &STATS);
        }
        for (other, read) in [
            ("webapp.app-context", ".webIdCreatedTime"),
            ("webapp.biz-context", ".forceLoginSpecialRegions"),
            ("seo.abtest", ".canonical"),
            ("webapp.i18n-translation", ".Webapp.server_error_title"),
        ] {
            let (mut ours, theirs) = (scope(page.text(), other), scope(&real, other));
            if let Some(table) = ours.get_mut("Webapp").and_then(Value::as_object_mut) {
                // One of our own, to look like a captcha, and one that came after 2025.
                table.retain(|key, _| key != "captcha_title" && key != "CL1v3webapp_profile_banner");
            }
            assert_same(name, &ours, &theirs, &[read]);
        }
    }
}

#[tokio::test]
async fn page_of_2023_is_shaped_as_it_was() {
    let name = "pages/profile-sigi-2023.html.gz";
    let Some(real) = capture(name) else { return };
    // The real account has pinned nothing and neither has this one.
    let page = get(&ada(Layout::Sigi2023, 1).await, "/@ada").await;
    let (ours, theirs) = (script(page.text(), "SIGI_STATE"), script(&real, "SIGI_STATE"));
    let of = |state: &Value, module: &str, part: &str| {
        state[module][part].as_object().unwrap().values().next().unwrap().clone()
    };
    assert_same("user", &of(&ours, "UserModule", "users"), &of(&theirs, "UserModule", "users"), &USER);
    assert_same("stats", &of(&ours, "UserModule", "stats"), &of(&theirs, "UserModule", "stats"), &STATS);
    assert_same("page", &ours["UserPage"], &theirs["UserPage"], &[".uniqueId", ".statusCode"]);
    let list = |state: &Value| state["ItemList"]["user-post"].clone();
    assert_same("list", &list(&ours), &list(&theirs), &[".list[]", ".hasMore", ".cursor"]);
    let items = |state: &Value| Value::Array(state["ItemModule"].as_object().unwrap().values().cloned().collect());
    let read = [&ITEM[..], &[".nickname", ".authorId", ".authorStats.followerCount"]].concat();
    let read: Vec<String> = read.iter().map(|place| format!("[]{place}")).collect();
    assert_same("item", &items(&ours), &items(&theirs), &read.iter().map(String::as_str).collect::<Vec<_>>());
    let scopes = |html: &str| -> BTreeSet<String> {
        let data = script(html, "__UNIVERSAL_DATA_FOR_REHYDRATION__");
        data["__DEFAULT_SCOPE__"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(scopes(page.text()), scopes(&real));
}

#[tokio::test]
async fn posts_in_lists_are_shaped_as_3920_real_ones() {
    let Some(real) = capture("item-struct-paths.json") else { return };
    let real: BTreeMap<String, BTreeMap<String, u64>> = serde_json::from_str(&real).unwrap();
    let list = items(&ada(Layout::Universal2026, 0).await).await;
    let ours = shape(&list["itemList"]);
    let ours = ours.iter().filter_map(|(place, types)| Some((place.strip_prefix("[]")?, types)));
    let ours: BTreeMap<_, _> = ours.collect();
    let mut strange = Vec::new();
    for (place, types) in &ours {
        // Their list names the places of plain values only.
        if types.iter().all(|name| matches!(*name, "object" | "list")) {
            continue;
        }
        let theirs = real.get(*place).into_iter().flat_map(|types| types.keys());
        let theirs: BTreeSet<&str> = theirs
            .map(|name| match name.as_str() {
                "str" => "string",
                "int" | "float" => "number",
                other => other,
            })
            .collect();
        if !types.is_subset(&theirs) {
            strange.push(format!("{place} is {types:?} here and {theirs:?} there"));
        }
    }
    assert!(strange.is_empty(), "{strange:#?}");
    for place in
        [&ITEM[..], &[".isPinnedItem", ".statsV2.collectCount", ".stats.collectCount", ".textLanguage"]].concat()
    {
        assert!(ours.contains_key(place), "{place} is missing here");
    }
}

#[tokio::test]
async fn envelope_of_a_list_is_that_of_the_site() {
    let Some(real) = capture("api/recommend-envelope.json.gz") else { return };
    // Its posts are left unread: one of them has half of a character in its text.
    let theirs: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&real).unwrap();
    let theirs = theirs.into_iter().filter(|(key, _)| key != "itemList");
    let theirs: Value = theirs.map(|(key, raw)| (key, serde_json::from_str::<Value>(raw.get()).unwrap())).collect();
    let mut ours = items(&ada(Layout::Universal2026, 0).await).await;
    let fields = ours.as_object_mut().unwrap();
    // Recommendations go on without a cursor and a message, and the posts are compared elsewhere.
    fields.retain(|key, _| !matches!(key.as_str(), "itemList" | "cursor" | "status_msg"));
    assert_same("envelope", &ours, &theirs, &[".hasMore", ".extra.now", ".statusCode"]);
}

#[tokio::test]
async fn pages_of_posts_are_shaped_as_on_desktops_and_on_telephones() {
    let site = ada(Layout::Universal2026, 0).await;
    let list = items(&site).await;
    let id = list["itemList"][1]["id"].as_str().unwrap();
    let telephone =
        "User-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36\r\n";
    for (agent, name, detail) in [
        ("", "pages/video-ok-2026.html.gz", "webapp.video-detail"),
        (telephone, "pages/video-mobile-2026.html.gz", "webapp.reflow.video.detail"),
    ] {
        let Some(real) = capture(name) else { return };
        let page = get_with(&site, &format!("/@ada/video/{id}"), agent).await;
        let item = |html: &str| scope(html, detail)["itemInfo"]["itemStruct"].clone();
        assert_same(name, &item(page.text()), &item(&real), &ITEM);
        assert_same(name, &scope(page.text(), detail), &scope(&real, detail), &[".statusCode"]);
    }
    let Some(real) = capture("pages/video-missing-2025.html.gz") else { return };
    let page = get(&site, "/@ada/video/7000000000000000001").await;
    assert_eq!(scope(page.text(), "webapp.video-detail"), scope(&real, "webapp.video-detail"));
}
