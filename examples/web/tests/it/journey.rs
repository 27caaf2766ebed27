//! The way of a person through the pages, with a real browser.

use std::{path::Path, time::Instant};

use compass_core::{
    Handle, Snapshot, SourceKind,
    ports::{Clock as _, CreatorStore as _, SystemClock},
    samples::World,
};
use compass_scrape::testing::Trouble;
use compass_store::SqliteStore;
use jiff::ToSpan as _;

use crate::{
    chromium::Chromium,
    everyday::FIRST_FIGURE,
    process::{Service, folder},
};

/// A picture in the README is not to slow the page down.
const LARGEST_PICTURE: usize = 300_000;

/// The pages that the README shows: name, address, and how high the picture is on a desktop and on a phone.
const README: [(&str, &str, Option<u64>, Option<u64>); 4] = [
    ("landing", "/", Some(760), None),
    ("dashboard", "/dashboard", Some(1_290), Some(844)),
    ("analytics", "/creators/sample.steady#posting", Some(1_000), None),
    ("recommendations", "/recommendations", Some(1_000), None),
];

#[tokio::test]
async fn on_a_wide_screen_a_handle_becomes_a_dashboard_with_fresh_figures() {
    let browser = Chromium::open(1280).await;
    journey(&browser, "desktop").await;
    browser.close().await;
}

#[tokio::test]
async fn on_a_phone_a_handle_becomes_a_dashboard_with_fresh_figures() {
    let browser = Chromium::open(390).await;
    journey(&browser, "phone").await;
    browser.close().await;
}

#[tokio::test]
async fn without_scripts_a_refresh_shows_itself_too() {
    let data = folder();
    looked_at_the_day_before_yesterday(data.path()).await;
    let service = Service::start_with_browser(data.path());
    let browser = Chromium::without_scripts(1280).await;
    browser.goto(&format!("http://{}/auth/google/login", service.address())).await;
    browser.type_into("#handle", "sample.steady").await;
    browser.click("form.sheet button").await;
    browser.wait_for(".picture .dots").await;
    let before = followers(&browser).await;
    browser.click(".freshness button").await;
    browser.wait_for(".notice.good").await;
    assert!(followers(&browser).await > before);
    // Pages, pictures, tables and forms are all there.
    browser.goto(&format!("http://{}/creators/sample.steady", service.address())).await;
    browser.wait_for(".picture .dots").await;
    browser.click("section[aria-labelledby=posts] form button").await;
    browser.wait_for("table.posts tbody tr").await;
    browser.goto(&format!("http://{}/recommendations", service.address())).await;
    browser.click("a[href^='/experiment']").await;
    browser.wait_for("section[aria-labelledby=schedule] tbody tr").await;
    browser.goto(&format!("http://{}/account", service.address())).await;
    browser.click("form[action='/account/token'] button").await;
    browser.wait_for("pre").await;
    browser.close().await;
}

#[tokio::test]
async fn the_first_look_at_an_account_whose_texts_are_markup_ends_with_texts() {
    let data = folder();
    looked_at_somebody_else(data.path()).await;
    let service = Service::start_with_browser(data.path());
    let browser = Chromium::open(1280).await;
    let begun = Instant::now();
    browser.goto(&format!("http://{}/auth/google/login", service.address())).await;
    browser.type_into("#handle", Trouble::HostileText.handle().as_str()).await;
    browser.click("form.sheet button").await;
    browser.wait_for("[data-under-way], .notice.good").await;
    browser.wait_for(".figure .value:not(.none)").await;
    assert!(begun.elapsed() < FIRST_FIGURE, "{:?} from sign-in to the first figure", begun.elapsed());
    assert_eq!(browser.text(".profile h1").await, "<b>\"Bold\" & 'bolder'</b>");
    assert!(browser.text(".bio").await.contains("</script><script>document.title = 'taken over'</script>"));
    assert!(browser.text(".posts").await.contains("<img src=x onerror=alert(1)>"));
    assert_eq!(browser.ask("return document.title").await, "Dashboard · Creator Compass");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.close().await;
}

/// Landing, sign-in, onboarding, dashboard, refresh, sign-out; pictures of each on the way.
async fn journey(browser: &Chromium, screen: &str) {
    let data = folder();
    looked_at_the_day_before_yesterday(data.path()).await;
    let service = Service::start_with_browser(data.path());

    browser.goto(&format!("http://{}/", service.address())).await;
    assert!(browser.text("#main").await.contains("95% interval"), "there is a report before anybody signs in");
    pictures(browser, screen, "landing").await;
    browser.click(".hero .button").await;

    browser.wait_for("#handle").await;
    assert_eq!(browser.path().await, "/onboarding");
    assert_ne!(browser.ask("return document.querySelector('#zone').value").await, "", "the browser tells its zone");
    pictures(browser, screen, "onboarding").await;
    browser.type_into("#handle", "@Sample.Steady").await;
    browser.click("form.sheet button").await;

    browser.wait_for(".picture .dots").await;
    assert_eq!(browser.ask("return typeof window.Plotly").await, "undefined", "the picture needs no script");
    no_script_comes(browser).await;
    browser.click("[data-explore]").await;
    browser.wait_for(".chart .live:focus .main-svg .trace").await;
    assert_eq!(browser.path().await, "/dashboard");
    assert!(browser.text(".freshness").await.contains("from generated sample data"));
    let before = followers(browser).await;
    browser.click(".freshness button").await;

    browser.wait_for(".notice.good").await;
    browser.wait_for(".freshness button:enabled").await;
    assert_eq!(browser.ask("return location.search").await, "", "the page is about the account, not about one refresh");
    let freshness = browser.text(".freshness").await;
    assert!(freshness.contains("from the public page, opened in a browser"), "{freshness}");
    let after = followers(browser).await;
    assert!(after > before, "two days bring followers: {before} before, {after} after");
    assert_eq!(browser.complaints().await, [""; 0]);

    a_refresh_keeps_the_address(browser, service.address()).await;

    browser.goto(&format!("http://{}/dashboard", service.address())).await;
    browser.wait_for(".picture .dots").await;
    pictures(browser, screen, "dashboard").await;
    readme_pictures(browser, screen, service.address()).await;
    assert_eq!(browser.complaints().await, [""; 0]);

    browser.click("form[action^='/auth/logout'] button").await;
    browser.wait_for(".hero").await;
    assert!(browser.text(".hero .button").await.contains("Development sign-in"), "nobody is signed in any more");
    browser.goto(&format!("http://{}/no/such/page", service.address())).await;
    pictures(browser, screen, "error").await;
}

/// Asks for a live chart while its script cannot be had: the picture and the button stay.
async fn no_script_comes(browser: &Chromium) {
    let address = "const chart = document.querySelector('[data-chart]'); const had = chart.dataset.plotly;";
    let had = browser.ask(&format!("{address} chart.dataset.plotly = '/assets/gone.js'; return had")).await;
    browser.click("[data-explore]").await;
    browser.wait_for("head:not(:has(script[src='/assets/gone.js']))").await;
    assert_eq!(browser.ask("return document.querySelector('.picture').hidden").await, false);
    browser.ask(&format!("{address} chart.dataset.plotly = {had}")).await;
    let complaints = browser.complaints().await;
    assert!(!complaints.is_empty() && complaints.iter().all(|line| line.contains("/assets/gone.js")), "{complaints:?}");
}

/// Opens a page of a past day while its account is being looked at.
async fn a_refresh_keeps_the_address(browser: &Chromium, address: &str) {
    let yesterday = (SystemClock.now() - 24.hours()).strftime("%Y-%m-%d").to_string();
    let query = format!("?as_of={yesterday}&sort=views");
    let asked =
        "return fetch('/creators/sample.rising/refresh', {method: 'POST', redirect: 'manual'}).then(() => true)";
    assert_eq!(browser.ask(asked).await, true);
    browser.goto(&format!("http://{address}/creators/sample.rising{query}#growth")).await;
    browser.wait_for("[data-under-way], .notice.good").await;
    browser.wait_for(".notice.good").await;
    assert_eq!(browser.ask("return location.search + location.hash").await, format!("{query}#growth"));
}

/// Fills the store with the samples as they were two days ago, so that a refresh has news.
async fn looked_at_the_day_before_yesterday(data: &Path) {
    let until = SystemClock.now() - 48.hours();
    let looks = World::standard().creators().iter().flat_map(|creator| creator.history(until, 90)).collect();
    keep(data, looks).await;
}

/// Gives the store one account that is no sample, so that the service adds none: the stand-in's account of hostile texts
/// has a sample's posts, and a post is of one account only.
async fn looked_at_somebody_else(data: &Path) {
    let mut look = World::standard().creators()[0].snapshot(SystemClock.now(), 0, SourceKind::Sample);
    look.profile.profile.handle = Handle::parse("somebody.else").expect("it is a handle");
    keep(data, vec![look]).await;
}

async fn keep(data: &Path, looks: Vec<Snapshot>) {
    let file = data.join("compass.db");
    let store = SqliteStore::open(file.to_str().expect("the folder's name is UTF-8")).await.expect("SQLite opens");
    store.migrate().await.expect("an empty database takes the schema");
    for look in looks {
        store.record(&look).await.expect("samples can be kept");
    }
    store.close().await;
}

/// The follower count that the dashboard shows.
async fn followers(browser: &Chromium) -> u64 {
    browser.wait_for(".counters dd").await;
    let shown = browser.text(".counters dd").await;
    let number = shown.split_whitespace().next().unwrap_or_default().replace(',', "");
    number.parse().unwrap_or_else(|_| panic!("{shown:?} begins with a number"))
}

/// Pictures of the page in light and dark, which also has to fit into the window.
async fn pictures(browser: &Chromium, screen: &str, page: &str) {
    browser.fits_its_window().await;
    for scheme in ["dark", "light"] {
        browser.prefer(scheme).await;
        browser.keep_picture(&format!("{page}-{screen}-{scheme}")).await;
    }
}

/// Makes the pictures that the README shows, and keeps them when asked to.
async fn readme_pictures(browser: &Chromium, screen: &str, address: &str) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let update = std::env::var_os("COMPASS_UPDATE_PICTURES").is_some_and(|value| value == "1");
    for (name, path, desktop, phone) in README {
        let (file, height) = match screen {
            "desktop" => (format!("{name}.png"), desktop),
            _ => (format!("{name}-phone.png"), phone),
        };
        let Some(height) = height else { continue };
        browser.resize(height).await;
        browser.goto(&format!("http://{address}{path}")).await;
        let picture = browser.picture(false).await;
        assert!(picture.len() < LARGEST_PICTURE, "{file} has {} bytes", picture.len());
        assert!(
            update || docs.join(&file).is_file(),
            "{file} is missing: run this test with COMPASS_UPDATE_PICTURES=1"
        );
        if update {
            std::fs::write(docs.join(file), picture).expect("docs is writable");
        }
    }
}
