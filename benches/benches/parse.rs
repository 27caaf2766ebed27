//! From the bytes that the site sends to domain values: a profile page, and a list of posts.
//!
//! The pages are made here, of the sizes and parts of real ones: a page of 2026 has 425 kB, of which its data has 255 kB, the
//! texts in its language most of that, and the grid 120 kB. Real ones are read, too, where `COMPASS_CAPTURES` names a folder that
//! has them: `pages/profile-*.html.gz` and `api/items-*.json.gz`.

use std::{
    env,
    fmt::Write as _,
    fs::File,
    hint::black_box,
    io,
    path::{Path, PathBuf},
};

use compass_core::SourceKind;
use compass_scrape::parse;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;

const CARDS: u64 = 38;
const POSTS: u64 = 35;

fn profile_page(c: &mut Criterion) {
    let html = page();
    let read = |html: &str| parse::profile_page(html, None, None, SourceKind::WebDriver).expect("it is a good page");
    let look = read(&html);
    assert_eq!(look.profile.counts.followers.map(|count| count.midpoint()), Some(38_490));
    assert_eq!(look.videos.len() as u64, CARDS);
    assert_eq!(look.videos[7].counts.views.map(|count| count.midpoint()), Some(17_400));
    assert_eq!(look.videos[7].video.hashtags, ["fyp", "tea"]);
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(html.len() as u64));
    group.bench_function("profile_page", |b| b.iter(|| read(black_box(&html))));
    group.finish();
}

fn item_list(c: &mut Criterion) {
    let json = list();
    let read = parse::item_list(&json).expect("it is a list");
    assert_eq!((read.items.len() as u64, read.refused.len()), (POSTS, 0));
    assert_eq!(read.items[7].counts.views.map(|count| count.midpoint()), Some(98_407));
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("item_list", |b| b.iter(|| parse::item_list(black_box(&json))));
    group.finish();
}

/// What people saved of the site, where there is some.
fn real_ones(c: &mut Criterion) {
    let Some(folder) = env::var_os("COMPASS_CAPTURES").map(PathBuf::from) else { return };
    let mut group = c.benchmark_group("parse_real");
    for (name, text) in saved(&folder.join("pages"), "profile-") {
        let read = |html: &str| parse::profile_page(html, None, None, SourceKind::WebDriver);
        if read(&text).is_ok_and(|look| !look.videos.is_empty()) {
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(name, |b| b.iter(|| read(black_box(&text))));
        }
    }
    for (name, text) in saved(&folder.join("api"), "items-") {
        // The site sends so many in an answer, and without the spaces that people see them with.
        let saved: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let posts = saved.as_array().or_else(|| saved["itemList"].as_array()).expect("it is a list");
        let text = serde_json::json!({ "itemList": posts.iter().take(POSTS as usize).collect::<Vec<_>>() }).to_string();
        assert!(!parse::item_list(&text).expect("it is a list").items.is_empty(), "{name}");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| parse::item_list(black_box(&text))));
    }
    group.finish();
}

/// The texts of the gzipped files whose names begin so, in their order.
fn saved(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let files = folder.read_dir().into_iter().flatten().map(|file| file.expect("the folder can be read").path());
    let mut files: Vec<(String, PathBuf)> = files
        .filter_map(|path| Some((path.file_name()?.to_str()?.strip_suffix(".gz")?.to_owned(), path)))
        .filter(|(name, _)| name.starts_with(prefix))
        .collect();
    files.sort();
    let text = |path: PathBuf| {
        let file = File::open(&path).expect("the file can be read");
        io::read_to_string(GzDecoder::new(file)).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    };
    files.into_iter().map(|(name, path)| (name, text(path))).collect()
}

/// A profile page with the parts of a real one.
fn page() -> String {
    let filler = |name: &str, bytes: usize| {
        let mut text = String::new();
        for i in 0.. {
            if text.len() >= bytes {
                break;
            }
            // In its data the site writes no `<` and no `/`.
            write!(
                text,
                "\"{name}_{i}_title\":\"Something a page \\\"{i}\\\" may say, \\u003Cb\\u003Ein bold\\u003C\\u002Fb\\u003E\","
            )
            .expect("a string takes all");
        }
        text.truncate(text.rfind(',').unwrap_or(0));
        text
    };
    let data = format!(
        r#"{{"__DEFAULT_SCOPE__":{{"webapp.app-context":{{"language":"en","webIdCreatedTime":"1777939200",{}}},"webapp.biz-context":{{{}}},"webapp.i18n-translation":{{"Webapp":{{"profile_page_pin":"Pinned",{}}}}},"seo.abtest":{{"canonical":"https:\u002F\u002Fwww.tiktok.com\u002F@ada.l"}},"webapp.user-detail":{{"userInfo":{{"user":{{"id":"7065499344158344198","uniqueId":"ada.l","nickname":"Ada","signature":"tea","verified":true,"secUid":"MS4wLjABAAAA","privateAccount":false}},"stats":{{"followerCount":38500,"followingCount":24,"heartCount":593000,"videoCount":{CARDS}}},"statsV2":{{"followerCount":"38490","followingCount":"24","heartCount":"593024","videoCount":"{CARDS}"}},"itemList":[]}},"statusCode":0}},"webapp.a-b":{{}}}}}}"#,
        filler("context", 25_000),
        filler("business", 45_000),
        filler("text", 180_000),
    );
    let scripts: String =
        (0..30).map(|i| format!("<script id=\"s{i}\">{}</script>", "var captcha=1;if(a<b){f()}".repeat(50))).collect();
    let cards: String = (0..CARDS).map(card).collect();
    format!(
        r#"<!DOCTYPE html><html lang="en"><head><title>Ada</title><style>{}</style>{scripts}</head><body><div id="app"><h1 data-e2e="user-title">Ada</h1><h2 data-e2e="user-subtitle">ada.l</h2><strong data-e2e="followers-count">38.5K</strong><div data-e2e="user-post-item-list">{cards}</div></div><script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script></body></html>"#,
        ".css-1{color:red}".repeat(200),
    )
}

fn card(place: u64) -> String {
    let id = 7_470_546_959_699_348_744 - (place << 36);
    let svg = r#"<svg width="18" height="18" viewBox="0 0 48 48"><path d="M16 37.85C14.5 38.67 12.64 37.6 12.64 35.92V12.08C12.64 10.4 14.5 9.33 16 10.15L37.7 22.07C39.2 22.9 39.2 25.1 37.7 25.93Z"></path></svg>"#;
    let wraps = r#"<div class="css-1uqux2o-DivItemContainerV2 e19c29qe7"><div class="css-x6y88p-DivContainer" style="width: 100%;">"#;
    let cover = r#"<canvas width="75.38461538461539" height="100" class="css-z1uxbg-CanvasPlaceholder"></canvas><div class="css-q9lvej-DivPlayerContainer"><div class="css-1r254a0-DivCover"><span style="box-sizing: border-box; display: block; overflow: hidden; width: initial; height: initial; background: none;">"#;
    let picture = format!(
        "https://p16.example/tos-useast/{id}~tplv-image:tos-useast/{}.image?x-expires=1777939200&amp;x-signature=LuU%2F8q",
        "abcdefghij".repeat(18)
    );
    format!(
        r#"<div data-e2e="user-post-item" class="css-x6y88p-DivItemContainerV2"><div tabindex="0" role="button">{wraps}<a href="https://www.tiktok.com/@ada.l/video/{id}" class="css-1mdo0pl-AVideoContainer">{cover}<picture><source type="image/avif" srcset="{picture} 1x, {picture} 2x"><img alt="A cup of &quot;tea&quot; no. {place} #fyp #tea  created by Ada with Ada’s original sound" src="{picture}" srcset="{picture} 1x, {picture} 2x"></picture></span></div></div>{svg}{svg}<strong data-e2e="video-views" class="video-count">{}.4K</strong></a></div></div></div></div>"#,
        10 + place,
    )
}

/// An answer of `/api/post/item_list/` with posts of about 11 kB.
fn list() -> String {
    let items: Vec<String> = (0..POSTS).map(post).collect();
    format!(
        r#"{{"cursor":"1733000000000","extra":{{"now":1777939200000,"logid":"x"}},"hasMore":true,"itemList":[{}],"statusCode":0,"status_code":0,"status_msg":""}}"#,
        items.join(",")
    )
}

fn post(place: u64) -> String {
    let id = 7_470_546_959_699_348_744 - (place << 36);
    let rates: Vec<String> = (0..8)
        .map(|rate| {
            format!(
                r#"{{"Bitrate":{},"CodecType":"h264","GearName":"normal_540_{rate}","PlayAddr":{{"DataSize":1234567,"FileCs":"c:0-2000-abcd","FileHash":"0123456789abcdef","Height":1024,"Uri":"v12044gd0000","UrlKey":"v12044_h264_540p","UrlList":["https:\u002F\u002Fv16.example\u002F{}","https:\u002F\u002Fv19.example\u002F{}"],"Width":576}},"QualityType":{rate}}}"#,
                900_000 + rate,
                "abcdefgh".repeat(40),
                "ijklmnop".repeat(40),
            )
        })
        .collect();
    format!(
        r#"{{"id":"{id}","createTime":{},"desc":"A cup of tea \ud83c\udf75 no. {place} #fyp #tea","author":{{"id":"7065499344158344198","uniqueId":"ada.l","nickname":"Ada","secUid":"MS4wLjABAAAA","signature":"tea","verified":true}},"authorStats":{{"followerCount":38500,"heartCount":593000,"videoCount":38}},"stats":{{"playCount":{},"diggCount":177,"commentCount":3,"shareCount":1,"collectCount":"9"}},"statsV2":{{"playCount":"{}","diggCount":"177","commentCount":"3","shareCount":"1","collectCount":"9","repostCount":"0"}},"textExtra":[{{"start":23,"end":27,"hashtagName":"fyp","type":1}},{{"start":28,"end":32,"hashtagName":"tea","type":1}}],"music":{{"id":"6861563417868569346","title":"original sound","playUrl":"https:\u002F\u002Fsf16.example\u002F{}"}},"video":{{"id":"{id}","duration":17,"height":1024,"width":576,"cover":"https:\u002F\u002Fp16.example\u002F{}","bitrateInfo":[{}],"volumeInfo":{{"Loudness":-13.2,"Peak":0.9}}}},"textLanguage":"en","item_control":{{"can_repost":true}},"duetEnabled":true}}"#,
        (id >> 32) + 6,
        98_400 + place,
        98_400 + place,
        "x".repeat(200),
        "y".repeat(400),
        rates.join(","),
    )
}

criterion_group!(parsing, profile_page, item_list, real_ones);
criterion_main!(parsing);
