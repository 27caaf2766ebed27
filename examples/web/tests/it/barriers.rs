//! Every page as everybody gets it: without barriers (axe-core), in light and dark, on a desktop and on a phone; valid HTML; nothing from
//! elsewhere, nothing refused.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    chromium::Chromium,
    client::Browser,
    process::{Service, folder, write},
};

/// Pages that visitors see, and their status.
const FOR_VISITORS: [(&str, &str, u16); 5] = [
    ("landing", "/", 200),
    ("definitions", "/definitions", 200),
    ("sample", "/creators/sample.rising", 200),
    ("sign-in-first", "/tiktok/jobs/none", 401),
    ("error", "/no/such/page", 404),
];

/// Pages of somebody who follows `sample.steady`.
const SIGNED_IN: [(&str, &str, u16); 12] = [
    ("onboarding", "/onboarding", 200),
    ("dashboard", "/dashboard", 200),
    ("analytics", "/creators/sample.steady?price_from=2&price_to=6&currency=EUR", 200),
    ("analytics-fresh", "/creators/sample.fresh", 200),
    ("analytics-past", "/creators/sample.steady?as_of=2020-01-01", 200),
    ("analytics-unknown", "/creators/nobody.here", 200),
    ("recommendations", "/recommendations", 200),
    (
        "experiment",
        "/experiment?hours=9,18&names=early,late&lift=0.5&start=2026-03-10&zone=UTC&seed=7&posts_each=6&posts_per_week=7",
        200,
    ),
    ("compare", "/compare?handles=sample.steady,sample.quiet,nobody.here,a%2Fb", 200),
    ("account", "/account", 200),
    ("erase", "/account/erase", 200),
    ("mistake", "/creators/a%2Fb", 422),
];

const TERRITORIES: &str = "FollowerTopTerritories_2026-04-29_1777600000_sample.steady.csv";

/// What an own export tells, so that there are own figures to look at.
const EXPORT: &str = "Overview_2026-04-29_1777600000_sample.steady.csv";
const EXPORT_ALONE: &str = "Overview_2026-04-29_1777600000_nobody.knows.csv";
const DAYS: &str =
    "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\nApril 30,1312,20,33,1,0\n";

const SCREENS: [(&str, u32); 2] = [("desktop", 1280), ("phone", 390)];

#[tokio::test]
async fn no_page_has_a_barrier_in_light_or_dark_on_a_desktop_or_a_phone() {
    let axe = fs::read_to_string(tools().join("axe-core/axe.min.js")).expect("axe-core is installed");
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
    for name in [EXPORT, EXPORT_ALONE] {
        browser.goto(&format!("{here}/onboarding")).await;
        browser.choose("#file", &write(data.path(), name, DAYS)).await;
        browser.click("form.drop button").await;
        browser.wait_for("#imports ~ ul.rows").await;
    }
    visit(&here, &mut browser, &axe, &SIGNED_IN, &mut found).await;
    visit_states(&here, &mut browser, &axe, &mut found).await;
    browser.close().await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Looks at pages on both screens and in both themes.
async fn visit(here: &str, browser: &mut Chromium, axe: &str, pages: &[(&str, &str, u16)], found: &mut Vec<String>) {
    for screen in SCREENS {
        browser.be_wide(screen.1).await;
        for &(name, path, status) in pages {
            browser.goto(&format!("{here}{path}")).await;
            look(here, browser, axe, (name, status), screen, found).await;
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
        look(here, browser, axe, ("onboarding-mistake", 422), screen, found).await;

        browser.goto(&format!("{here}/account/erase")).await;
        browser.type_into("#word", "no").await;
        browser.click("form.sheet button").await;
        browser.wait_for("#word-error").await;
        look(here, browser, axe, ("erase-mistake", 422), screen, found).await;

        browser.goto(&format!("{here}/account")).await;
        browser.click("form[action='/account/token'] button").await;
        browser.wait_for("pre").await;
        look(here, browser, axe, ("token", 200), screen, found).await;

        browser.goto(&format!("{here}/dashboard")).await;
        browser.click("[data-explore]").await;
        browser.wait_for(".live:focus .trace").await;
        look(here, browser, axe, ("live-chart", 200), screen, found).await;

        browser.click(".freshness button").await;
        browser.wait_for(".notice.good").await;
        browser.wait_for(".freshness button:enabled").await;
        look(here, browser, axe, ("refreshed", 200), screen, found).await;
    }
    visit_empty_states(here, browser, axe, found).await;
}

/// Looks at the pages of an account of which nothing is known, whose only look did not work, and of which an export alone tells.
async fn visit_empty_states(here: &str, browser: &mut Chromium, axe: &str, found: &mut Vec<String>) {
    for (handle, name) in [("nobody.there", "without-figures"), ("nobody.knows", "own-alone")] {
        browser.goto(&format!("{here}/onboarding")).await;
        browser.type_into("#handle", handle).await;
        browser.click("form.sheet button[type=submit]").await;
        browser.wait_for(".notice.bad").await;
        for screen in SCREENS {
            browser.be_wide(screen.1).await;
            for page in ["dashboard", "recommendations"] {
                browser.goto(&format!("{here}/{page}")).await;
                look(here, browser, axe, (&format!("{page}-{name}"), 200), screen, found).await;
            }
        }
    }
}

/// Looks at the page that is open, in both themes.
async fn look(
    here: &str,
    browser: &Chromium,
    axe: &str,
    (name, status): (&str, u16),
    (screen, _): (&str, u32),
    found: &mut Vec<String>,
) {
    let page = browser.ask("return location.href.split('#')[0]").await;
    let page = page.as_str().expect("an address is a text");
    let told = browser.status().await;
    found.extend((told != u64::from(status)).then(|| format!("{name}, {screen}: its status is {told}, not {status}")));
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
    let complaints = browser.complaints().await.into_iter().filter(|line| status == 200 || !line.starts_with(&itself));
    found.extend(complaints.map(|line| format!("{name}, {screen}: {line}")));
}

#[tokio::test]
async fn every_page_is_valid_html() {
    let data = folder();
    let service = Service::start_without_limits(data.path());
    let mut browser = Browser::at(service.address());
    let pages = folder();
    for (name, path, status) in FOR_VISITORS {
        keep(&mut browser, pages.path(), name, path, status).await;
    }
    browser.sign_in().await;
    browser.patch("/users/me", &serde_json::json!({"handle": "sample.steady", "target": {"countries": ["DE"]}})).await;
    for (name, content) in [(EXPORT, DAYS), (TERRITORIES, "Top territories,Distribution\nUS,0.6\nDE,0.2\n")] {
        assert_eq!(browser.bring(name, content).await.status, 201);
    }
    for (name, path, status) in SIGNED_IN {
        keep(&mut browser, pages.path(), name, path, status).await;
    }
    let analytics = fs::read_to_string(pages.path().join("analytics.html")).expect("it was just kept");
    assert!(analytics.contains("Your own figures") && analytics.contains("It fits the audience"), "{analytics}");
    // Of an account that nobody has looked at, without an export and with one.
    for (name, handle) in [("without-figures", "nobody.there"), ("own-alone", "nobody.knows")] {
        browser.patch("/users/me", &serde_json::json!({"handle": handle})).await;
        keep(&mut browser, pages.path(), &format!("dashboard-{name}"), "/dashboard", 200).await;
        keep(&mut browser, pages.path(), &format!("recommendations-{name}"), "/recommendations", 200).await;
        assert!(browser.bring(EXPORT_ALONE, DAYS).await.status.is_success());
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

/// Keeps a page as a file.
async fn keep(browser: &mut Browser, folder: &Path, name: &str, path: &str, status: u16) {
    let answer = browser.get_page(path).await;
    assert_eq!(answer.status, status, "{path}");
    write(folder, &format!("{name}.html"), answer.text().await);
}

/// Where npm has put what looks for barriers and mistakes.
fn tools() -> PathBuf {
    let folder = std::env::var_os("COMPASS_TEST_AXE");
    let folder = folder.expect("COMPASS_TEST_AXE names the folder with node_modules: scripts/test makes it");
    PathBuf::from(folder).join("node_modules")
}
