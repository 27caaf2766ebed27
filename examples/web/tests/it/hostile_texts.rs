//! Texts from outside that want to be scripts, on every page in a real browser: none runs, none leaves its place, none is complained of.

use std::path::Path;

use compass_core::{
    Text,
    ports::{Clock as _, CreatorStore as _, SystemClock},
    samples::World,
};
use compass_store::SqliteStore;
use url::form_urlencoded::byte_serialize;

use crate::{
    chromium::Chromium,
    process::{Service, folder, write},
};

/// Ends of whatever a text may stand in, each followed by a script that would leave a trace; a change of direction; a word of a
/// thousand letters; marks that pile up.
fn hostile() -> String {
    let marks = "Z\u{301}\u{302}\u{303}\u{304}\u{306}\u{307}\u{308}\u{30a}\u{30b}\u{30c}".repeat(3);
    let word = "W".repeat(1_000);
    format!(
        "</script></title></textarea></style>--><script>window.taken = 1</script><img src=x onerror=\"window.taken = 2\">\
         <svg onload=window.taken=3>\" onfocus=\"window.taken = 4\" autofocus x='{{{{ 7*7 }}}}${{7*7}}javascript:window.taken=5 \
         \u{202e}drow\u{2066}{marks}{word}"
    )
}

const HASHTAG: &str = "<img/src=x/onerror=window.taken=6>";
const SOUND: &str = "\"><script>window.taken = 7</script>";
const FILES: [&str; 2] = [
    "Overview_2026-04-29_1777600000_<img src=x onerror=window.taken=8>.csv",
    "Overview_2026-04-29_1777600000_sample.steady.csv",
];

/// Each page that shows texts from outside, for somebody who follows `sample.steady`.
const PAGES: [&str; 13] = [
    "/",
    "/onboarding",
    "/dashboard",
    "/creators/sample.steady?price_from=2&price_to=6&currency=EUR",
    "/creators/sample.steady?sort=views&show=growing",
    "/creators/sample.quiet",
    "/recommendations",
    "/compare?handles=sample.steady,sample.quiet",
    "/account",
    "/account/erase",
    "/definitions",
    "/docs/",
    "/onboarding/check?handle=sample.steady",
];

/// Those of them that name the creator, or one like it.
const NAMING: [&str; 6] = [
    "/dashboard",
    "/creators/sample.steady?price_from=2&price_to=6&currency=EUR",
    "/creators/sample.steady?sort=views&show=growing",
    "/creators/sample.quiet",
    "/recommendations",
    "/compare?handles=sample.steady,sample.quiet",
];

/// Places in addresses whose values pages say again.
const ADDRESSES: [&str; 8] = [
    "/creators/{}",
    "/creators/sample.steady?find={}&price_from={}&currency={}&zone={}&as_of={}",
    "/compare?handles={},sample.quiet&handle={}",
    "/experiment?hours=9,18&names=early,{short}&lift=0.5&start=2026-03-10&zone=UTC&seed=7&posts_each=6&posts_per_week=7",
    "/experiment?hours={}",
    "/dashboard?job={}",
    "/{}",
    "/auth/google/callback?state={}&error={}",
];

#[tokio::test]
async fn no_text_from_outside_runs_or_leaves_its_place_on_any_page() {
    let (data, files) = (folder(), folder());
    fill(data.path()).await;
    let service = Service::start_without_limits(data.path());
    let here = format!("http://{}", service.address());
    let mut browser = Chromium::open(1280).await;
    let mut found = Vec::new();
    browser.goto(&format!("{here}/auth/google/login")).await;
    // A name and a row of files: where a file is refused, and among the files on the account page.
    let csv = "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\n\
               April 30,<script>window.taken = 10</script>,20,33,1,0\n";
    for file in FILES {
        browser.choose("#file", &write(files.path(), file, csv)).await;
        browser.click("form.drop button").await;
        browser.wait_for("#file-error, .profile").await;
        look(&mut browser, &mut found, file).await;
    }
    browser.goto(&format!("{here}/onboarding")).await;
    browser.type_into("#handle", "sample.steady").await;
    browser.wait_for("#handle-known:not(:empty)").await;
    look(&mut browser, &mut found, "a handle that is checked").await;
    browser.click("form.sheet button[type=submit]").await;
    browser.wait_for(".profile").await;
    let name = browser.text(".profile h1").await;
    assert!(name.contains("<script>window.taken = 1</script>"), "{name}");
    for page in PAGES {
        browser.goto(&format!("{here}{page}")).await;
        assert_eq!(browser.status().await, 200, "{page}");
        let said = browser.ask("return document.body.textContent.includes('<script>window.taken = 1')").await;
        assert!(said == true || !NAMING.contains(&page), "{page} does not name the creator");
        look(&mut browser, &mut found, page).await;
    }
    let (long, short): (String, String) = (
        byte_serialize(hostile().as_bytes()).collect(),
        byte_serialize(b"<img src=x onerror=window.taken=9>").collect(),
    );
    for page in ADDRESSES {
        browser.goto(&format!("{here}{}", page.replace("{}", &long).replace("{short}", &short))).await;
        look(&mut browser, &mut found, page).await;
    }
    browser.goto(&format!("{here}/onboarding")).await;
    for field in ["#handle", "#countries", "#languages", "#interests", "#zone"] {
        browser.fill(field, &hostile()).await;
    }
    browser.click("form.sheet button[type=submit]").await;
    browser.wait_for("#handle-error").await;
    look(&mut browser, &mut found, "a form with mistakes").await;
    browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Looks at the open page, on a desktop and on a phone.
async fn look(browser: &mut Chromium, found: &mut Vec<String>, page: &str) {
    for width in [1280, 390] {
        browser.be_wide(width).await;
        // What is closed is a part of the page, too.
        browser.ask("document.querySelectorAll('details').forEach((it) => { it.open = true })").await;
        let taken = browser.ask("return window.taken").await;
        found.extend((!taken.is_null()).then(|| format!("{page}: script {taken} ran")));
        let outside = browser.ask(OUTSIDE).await;
        let outside = outside.as_array().into_iter().flatten();
        found.extend(outside.map(|text| format!("{page}, {width}: {text} is outside of its box")));
        // Neither plain text nor the viewer of the API's document is a page of ours.
        let wide =
            browser.ask("return document.querySelector('main') ? document.documentElement.scrollWidth : 0").await;
        found.extend((wide.as_u64() > Some(width.into())).then(|| format!("{page}, {width}: it is {wide} wide")));
    }
    // That a page is an error is said in its own answer, of which the browser complains.
    let own = "Failed to load resource: the server responded with a status of 4";
    let failed = browser.status().await >= 400;
    let complaints = browser.complaints().await.into_iter().filter(|line| !failed || !line.contains(own));
    found.extend(complaints.map(|line| format!("{page}: {line}")));
}

/// Texts that are seen outside of the box that they are in.
const OUTSIDE: &str = "return [...document.querySelectorAll('main :is(bdi, h1, h2, h3, p, li, dt, dd, a, summary, label)')] \
    .filter((it) => it.checkVisibility() && !it.closest('.sr, .scroll')) \
    .filter((it) => { \
      const box = (it.parentElement.closest('section, article, form, main .wrap') || document.body).getBoundingClientRect(); \
      const own = it.getBoundingClientRect(); \
      return own.width > 0 && (own.right > box.right + 1 || own.left < box.left - 1); \
    }).map((it) => it.outerHTML.slice(0, 200))";

/// Fills the store with samples whose every text is hostile: as many days as the service would give them.
async fn fill(data: &Path) {
    let file = data.join("compass.db");
    let store = SqliteStore::open(file.to_str().expect("the folder's name is UTF-8")).await.expect("SQLite opens");
    store.migrate().await.expect("an empty database takes the schema");
    for creator in World::standard().creators() {
        for mut look in creator.history(SystemClock.now(), 90) {
            (look.profile.profile.nickname, look.profile.profile.bio) =
                (Text::lossy(&hostile()), Text::lossy(&hostile()));
            for (place, video) in look.videos.iter_mut().enumerate() {
                video.video.caption = Text::lossy(&hostile());
                if place % 2 == 0 {
                    video.video.hashtags = vec![HASHTAG.to_owned()];
                    video.video.sound = Some(SOUND.to_owned());
                }
            }
            store.record(&look).await.expect("samples can be kept");
        }
    }
    store.close().await;
}
