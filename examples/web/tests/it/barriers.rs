//! Every page as everybody gets it: without barriers (axe-core), in light and dark, on a desktop and on a phone; valid HTML; nothing from
//! elsewhere, nothing refused.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    chromium::Chromium,
    client::Browser,
    process::{Service, folder, write},
};

/// Pages that visitors see.
const FOR_VISITORS: [(&str, &str); 5] = [
    ("landing", "/"),
    ("definitions", "/definitions"),
    ("sample", "/creators/sample.rising"),
    ("sign-in-first", "/tiktok/jobs/none"),
    ("error", "/no/such/page"),
];

/// Pages of somebody who follows `sample.steady`.
const SIGNED_IN: [(&str, &str); 12] = [
    ("onboarding", "/onboarding"),
    ("dashboard", "/dashboard"),
    ("analytics", "/creators/sample.steady?price_from=2&price_to=6&currency=EUR"),
    ("analytics-fresh", "/creators/sample.fresh"),
    ("analytics-past", "/creators/sample.steady?as_of=2020-01-01"),
    ("analytics-unknown", "/creators/nobody.here"),
    ("recommendations", "/recommendations"),
    (
        "experiment",
        "/experiment?hours=9,18&names=early,late&lift=0.5&start=2026-03-10&zone=UTC&seed=7&posts_each=6&posts_per_week=7",
    ),
    ("compare", "/compare?handles=sample.steady,sample.quiet,nobody.here,a%2Fb"),
    ("account", "/account"),
    ("erase", "/account/erase"),
    ("mistake", "/creators/a%2Fb"),
];

/// What an own export tells, so that there are own figures to look at.
const EXPORT: &str = "Overview_2026-04-29_1777600000_sample.steady.csv";
const DAYS: &str =
    "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\nApril 30,1312,20,33,1,0\n";

const SCREENS: [(&str, u32); 2] = [("desktop", 1280), ("phone", 390)];

#[tokio::test]
async fn no_page_has_a_barrier_in_light_or_dark_on_a_desktop_or_a_phone() {
    let axe = std::fs::read_to_string(tools().join("axe-core/axe.min.js")).expect("axe-core is installed");
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut browser = Chromium::open(1280).await;
    let mut found = Vec::new();
    let here = format!("http://{}", service.address());
    visit(&here, &mut browser, &axe, &FOR_VISITORS, &mut found).await;
    browser.goto(&format!("{here}/auth/google/login")).await;
    browser.type_into("#handle", "sample.steady").await;
    browser.type_into("#countries", "DE").await;
    browser.click("form.sheet button[type=submit]").await;
    browser.wait_for(".profile").await;
    browser.goto(&format!("{here}/onboarding")).await;
    browser.choose("#file", &write(data.path(), EXPORT, DAYS)).await;
    browser.click("form.drop button").await;
    browser.wait_for("#imports ~ ul.rows").await;
    visit(&here, &mut browser, &axe, &SIGNED_IN, &mut found).await;
    visit_states(&here, &mut browser, &axe, &mut found).await;
    browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Looks at pages on both screens and in both themes.
async fn visit(here: &str, browser: &mut Chromium, axe: &str, pages: &[(&str, &str)], found: &mut Vec<String>) {
    for screen in SCREENS {
        browser.be_wide(screen.1).await;
        for (name, path) in pages {
            browser.goto(&format!("{here}{path}")).await;
            look(here, browser, axe, name, screen, found).await;
        }
    }
}

/// Looks at what pages become when somebody uses them.
async fn visit_states(here: &str, browser: &mut Chromium, axe: &str, found: &mut Vec<String>) {
    for screen in SCREENS {
        browser.be_wide(screen.1).await;
        browser.goto(&format!("{here}/onboarding")).await;
        browser.type_into("#handle", "a/b").await;
        browser.click("form.sheet button[type=submit]").await;
        browser.wait_for("#handle-error").await;
        look(here, browser, axe, "onboarding-mistake", screen, found).await;

        browser.goto(&format!("{here}/account/erase")).await;
        browser.type_into("#word", "no").await;
        browser.click("form.sheet button").await;
        browser.wait_for("#word-error").await;
        look(here, browser, axe, "erase-mistake", screen, found).await;

        browser.goto(&format!("{here}/account")).await;
        browser.click("form[action='/account/token'] button").await;
        browser.wait_for("pre").await;
        look(here, browser, axe, "token", screen, found).await;

        browser.goto(&format!("{here}/dashboard")).await;
        browser.click("[data-explore]").await;
        browser.wait_for(".live:focus .trace").await;
        look(here, browser, axe, "live-chart", screen, found).await;

        browser.click(".freshness button").await;
        browser.wait_for(".notice.good").await;
        browser.wait_for(".freshness button:enabled").await;
        look(here, browser, axe, "refreshed", screen, found).await;
    }
}

/// Looks at the page that is open, in both themes.
async fn look(
    here: &str,
    browser: &Chromium,
    axe: &str,
    name: &str,
    (screen, _): (&str, u32),
    found: &mut Vec<String>,
) {
    let page = browser.ask("return location.href.split('#')[0]").await;
    let page = page.as_str().expect("an address is a text");
    browser.fits_its_window().await;
    // What is closed is a part of the page, too.
    browser.ask("document.querySelectorAll('details').forEach((it) => { it.open = true })").await;
    for scheme in ["dark", "light"] {
        browser.prefer(scheme).await;
        let barriers = browser.barriers(axe).await;
        found.extend(barriers.into_iter().map(|barrier| format!("{name}, {screen}, {scheme}: {barrier}")));
        browser.keep_picture(&format!("{name}-{screen}-{scheme}")).await;
    }
    let loaded = browser.ask("return performance.getEntriesByType('resource').map((it) => it.name)").await;
    let elsewhere = loaded.as_array().into_iter().flatten().filter_map(|name| name.as_str());
    let own = format!("{here}/");
    found.extend(elsewhere.filter(|url| !url.starts_with(&own)).map(|url| format!("{name} loads {url}")));
    // That a page is an error is said in its own address's answer, of which the browser complains.
    let itself = format!("\"SEVERE\": \"{page} - Failed to load resource: ");
    let complaints = browser.complaints().await.into_iter().filter(|line| !line.starts_with(&itself));
    found.extend(complaints.map(|line| format!("{name}, {screen}: {line}")));
}

#[tokio::test]
async fn every_page_is_valid_html() {
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut browser = Browser::at(service.address());
    let pages = folder();
    for (name, path) in FOR_VISITORS {
        write(pages.path(), &format!("{name}.html"), browser.get_page(path).await.text().await);
    }
    browser.sign_in().await;
    browser.patch("/users/me", &serde_json::json!({"handle": "sample.steady", "target": {"countries": ["DE"]}})).await;
    for (name, path) in SIGNED_IN {
        write(pages.path(), &format!("{name}.html"), browser.get_page(path).await.text().await);
    }
    write(pages.path(), "token.html", browser.post("/account/token").await.text().await);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/axe/html-validate.json");
    let output = Command::new("node")
        .arg(tools().join("html-validate/bin/html-validate.mjs"))
        .args(["--formatter", "text", "--config"])
        .arg(config)
        .arg(pages.path())
        .output()
        .expect("node is installed");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Where npm has put what looks for barriers and mistakes.
fn tools() -> PathBuf {
    let folder = std::env::var_os("COMPASS_TEST_AXE");
    let folder = folder.expect("COMPASS_TEST_AXE names the folder with node_modules: scripts/test makes it");
    PathBuf::from(folder).join("node_modules")
}
