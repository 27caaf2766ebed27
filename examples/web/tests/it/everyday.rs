//! What people do on the pages day by day, from the first look to the last, in a real browser on a desktop and on a phone.

use std::{
    io::{Cursor, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{
    chromium::Chromium,
    process::{Service, folder, write},
};

/// Whoever signs in has the first useful figure by then.
pub(crate) const FIRST_FIGURE: Duration = Duration::from_secs(60);

/// The ZIPs of TikTok Studio, as their owner has them: of an account that nobody looked at, and that nobody can look at.
const OVERVIEW: &str = "Overview_2026-04-29_1777600000_nobody.knows.zip";
const FOLLOWERS: &str = "Followers_nobody.knows.zip";

/// A media kit that nobody turns the pages of is none.
const MOST_PAGES: usize = 12;

#[tokio::test]
async fn everything_that_people_do_works_on_a_desktop_and_on_a_phone() {
    let (data, files) = (folder(), folder());
    let service = Service::start_without_limits(data.path());
    let here = format!("http://{}", service.address());
    let mut browser = Chromium::open(1280).await;
    for width in [1280, 390] {
        browser.be_wide(width).await;
        let person = Person { browser: &browser, here: &here, files: files.path() };
        person.looks_at_the_landing_page_and_signs_in().await;
        person.brings_an_export_with_the_plain_field().await;
        person.drops_another_export().await;
        person.mends_what_is_wrong_with_a_form().await;
        person.names_an_account_that_there_is_not().await;
        person.names_an_account_and_an_audience().await;
        person.refreshes_the_dashboard().await;
        person.reads_the_analytics_of_a_past_day().await;
        person.sorts_and_filters_posts().await;
        person.says_what_views_are_paid().await;
        person.takes_the_figures_along().await;
        person.plans_an_experiment().await;
        person.compares_with_a_creator_alike().await;
        person.looks_up_a_definition().await;
        person.gives_a_program_access_and_ends_it().await;
        person.takes_a_file_away().await;
        person.signs_out_and_in_again().await;
        person.takes_everything_and_erases_it().await;
    }
    browser.close().await;
}

struct Person<'a> {
    browser: &'a Chromium,
    here: &'a str,
    files: &'a Path,
}

impl Person<'_> {
    async fn looks_at_the_landing_page_and_signs_in(&self) {
        self.opens("/").await;
        assert!(self.browser.text("#main").await.contains("95% interval"), "a report before anybody signs in");
        self.browser.click(".hero .button").await;
        self.browser.wait_for("#handle").await;
        self.is_at("/onboarding").await;
    }

    /// In place of a handle: the file says which account it is of, and its first figures are there at once.
    async fn brings_an_export_with_the_plain_field(&self) {
        let signed_in = Instant::now();
        let csv =
            "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\nApril 30,1312,20,33,1,0\n";
        let file = write(self.files, OVERVIEW, zip("Overview.csv", csv));
        self.browser.choose("#file", &file).await;
        self.browser.click("form.drop button").await;
        self.browser.wait_for("#own").await;
        assert!(signed_in.elapsed() < FIRST_FIGURE, "{:?}", signed_in.elapsed());
        // The public page cannot be looked at; what the file tells stays.
        self.browser.wait_for(".notice.bad").await;
        assert!(self.browser.text("h1").await.contains("@nobody.knows"));
        assert!(self.browser.text("section[aria-labelledby=own]").await.contains("2,522"));
        self.is_at("/dashboard").await;
        self.browser.click("nav a[href='/creators/nobody.knows']").await;
        self.browser.wait_for("#own").await;
        assert!(self.browser.text("section[aria-labelledby=own]").await.contains("2,522"));
        self.is_at("/creators/nobody.knows").await;
        self.prints(&["@nobody.knows"], &["2,522", "Your own figures"]).await;
    }

    async fn drops_another_export(&self) {
        self.opens("/onboarding").await;
        self.drops(2).await;
        self.browser.wait_for("[data-several]:not([hidden])").await;
        self.is_at("/onboarding").await;
        self.drops(1).await;
        self.browser.wait_for("#imports ~ ul.rows li:nth-child(2)").await;
        self.is_at("/account").await;
    }

    /// Drops so many copies of a file at once.
    async fn drops(&self, copies: usize) {
        let csv = "Top territories,Distribution\nUS,0.6\nDE,0.2\n";
        let bytes = json!(zip("FollowerTopTerritories.csv", csv));
        let dropped = format!(
            "const files = new DataTransfer(); for (let copy = 0; copy < {copies}; copy += 1) \
             files.items.add(new File([new Uint8Array({bytes})], '{FOLLOWERS}', {{type: 'application/zip'}})); \
             const form = document.querySelector('[data-drop]'); \
             for (const name of ['dragover', 'drop']) \
             form.dispatchEvent(new DragEvent(name, {{bubbles: true, cancelable: true, dataTransfer: files}}))"
        );
        self.browser.ask(&dropped).await;
    }

    /// What is typed is looked up meanwhile, and what is wrong is told beside it.
    async fn mends_what_is_wrong_with_a_form(&self) {
        self.opens("/onboarding").await;
        self.browser.type_into("#handle", "nobody.here").await;
        self.browser.wait_for("#handle-known:not(:empty)").await;
        assert!(self.browser.text("#handle-known").await.contains("@nobody.here is new here"));
        self.browser.type_into("#countries", "Germany").await;
        self.browser.click("form.sheet button[type=submit]").await;
        self.browser.wait_for("#countries-error").await;
        assert_eq!(self.browser.ask("return document.activeElement.matches('[data-focus]')").await, true);
        let complaints = self.browser.complaints().await;
        assert!(complaints.iter().all(|line| line.contains("a status of 422")), "{complaints:?}");
        self.browser.type_into("#countries", "DE").await;
        self.browser.click("form.sheet button[type=submit]").await;
        self.browser.wait_for("[data-under-way], .notice.bad").await;
    }

    /// What went wrong is told in words, with what to do.
    async fn names_an_account_that_there_is_not(&self) {
        self.browser.wait_for(".notice.bad").await;
        let told = self.browser.text(".notice.bad").await;
        assert!(told.contains("TikTok has no account of this name. Check the spelling"), "{told}");
        self.is_at("/dashboard").await;
    }

    async fn names_an_account_and_an_audience(&self) {
        self.opens("/onboarding").await;
        assert_eq!(self.browser.ask("return document.querySelector('#countries').value").await, "DE");
        self.browser.type_into("#handle", "sample.steady").await;
        self.browser.click("form.sheet button[type=submit]").await;
        self.browser.wait_for(".figure .value").await;
        assert!(self.browser.text(".profile .handle").await.contains("@sample.steady"));
    }

    async fn refreshes_the_dashboard(&self) {
        self.browser.click(".freshness button").await;
        self.browser.wait_for(".notice.good").await;
        self.browser.wait_for(".freshness button:enabled").await;
        self.is_at("/dashboard").await;
    }

    async fn reads_the_analytics_of_a_past_day(&self) {
        self.browser.click("nav a[href='/creators/sample.steady']").await;
        self.browser.click("details.tools summary").await;
        let last_week = "const day = new Date(Date.now() - 7 * 864e5).toISOString().slice(0, 10); \
                         document.querySelector('#as_of').value = day; return day";
        let day = self.browser.ask(last_week).await;
        self.browser.click("details.tools button").await;
        self.browser.wait_for("details.tools[open] a").await;
        let address = self.browser.ask("return new URLSearchParams(location.search).get('as_of')").await;
        assert_eq!(address, day);
        self.is_at("/creators/sample.steady").await;
        self.browser.click("details.tools a").await;
        self.browser.wait_for("details.tools:not([open])").await;
    }

    async fn sorts_and_filters_posts(&self) {
        let ask = "document.querySelector('#sort').value = 'views'; document.querySelector('#show').value = 'growing'";
        self.browser.ask(ask).await;
        self.browser.click("section[aria-labelledby=posts] form button").await;
        self.browser.wait_for("#sort option[value=views][selected]").await;
        let views = "return [...document.querySelectorAll('.posts [data-label=Views]')].map((it) => \
                     Number(it.textContent.replace(/\\D/g, '')))";
        let views = self.browser.ask(views).await;
        let views: Vec<u64> = views.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        assert!(!views.is_empty() && views.is_sorted_by(|a, b| a >= b), "{views:?}");
        self.is_at("/creators/sample.steady").await;
    }

    async fn says_what_views_are_paid(&self) {
        self.browser.type_into("#price_from", "2").await;
        self.browser.type_into("#price_to", "6").await;
        self.browser.type_into("#currency", "EUR").await;
        self.browser.click("section[aria-labelledby=value] form button").await;
        self.browser.wait_for("section[aria-labelledby=value] .findings").await;
        assert!(self.browser.text("section[aria-labelledby=value] .findings").await.contains("EUR"));
        self.is_at("/creators/sample.steady").await;
    }

    /// CSV, Parquet, JSON, and a print that is a media kit.
    async fn takes_the_figures_along(&self) {
        let load = "return Promise.all([...document.querySelectorAll('.downloads a')].map((link) => \
                    fetch(link.href).then((it) => it.blob().then((body) => [it.status, it.headers.get('content-type'), body.size]))))";
        let loaded = self.browser.ask(load).await;
        let kinds = ["text/csv", "text/csv", "application/vnd.apache.parquet", "application/jsonl", "application/json"];
        let loaded = loaded.as_array().expect("it is a list");
        assert_eq!(loaded.len(), kinds.len(), "{loaded:?}");
        for (file, kind) in loaded.iter().zip(kinds) {
            assert_eq!(file[0], 200, "{kind}");
            assert!(file[1].as_str().is_some_and(|told| told.starts_with(kind)), "{file} is not {kind}");
            assert!(file[2].as_u64() > Some(100), "{file}");
        }
        let shown = "return [...document.querySelectorAll('header, footer.bottom, form, .no-print, .contents, [data-explore]')] \
                     .filter((it) => it.checkVisibility()).map((it) => it.outerHTML.slice(0, 200))";
        self.browser.print_media(true).await;
        assert_eq!(self.browser.ask(shown).await, json!([]), "a media kit has no buttons and forms");
        self.browser.print_media(false).await;
        let private = ["EUR", "Value of a post", "Does it look genuine?", "What changed since", "Take it with you"];
        self.prints(&["Steady sample", "Typical views", "Engagement", "When posts go out", "Posts"], &private).await;
    }

    /// The page in print, as a partner gets it: a few whole pages that say this, and nothing that is the creator's own business.
    async fn prints(&self, shown: &[&str], private: &[&str]) {
        let pdf = self.browser.printed().await;
        let pages = pages_of(&pdf);
        assert!(pdf.starts_with(b"%PDF-") && (1..=MOST_PAGES).contains(&pages), "{pages} pages, {} bytes", pdf.len());
        self.browser.print_media(true).await;
        let text = self.browser.ask("return document.body.innerText").await;
        let text = text.as_str().expect("a text is a text");
        for said in shown {
            assert!(text.contains(said), "the print does not say {said:?}:\n{text}");
        }
        for said in private {
            assert!(!text.contains(said), "the print says {said:?}:\n{text}");
        }
        // Nobody can move a page of paper sideways.
        let cut = "return [...document.querySelectorAll('main *')].filter((it) => it.checkVisibility() && !it.closest('.sr') \
                   && it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.outerHTML.slice(0, 200))";
        assert_eq!(self.browser.ask(cut).await, json!([]));
        self.browser.print_media(false).await;
    }

    async fn plans_an_experiment(&self) {
        self.browser.click("nav a[href='/recommendations']").await;
        self.browser.wait_for("#similar").await;
        self.is_at("/recommendations").await;
        self.browser.click("a[href^='/experiment']").await;
        self.browser.wait_for("#schedule").await;
        assert!(self.browser.text("section[aria-labelledby=outcome]").await.contains("Not sure yet"));
        self.is_at("/experiment").await;
    }

    async fn compares_with_a_creator_alike(&self) {
        self.browser.click(".more a").await;
        self.browser.click("a[href^='/compare']").await;
        self.browser.wait_for("table.compared").await;
        self.is_at("/compare").await;
    }

    async fn looks_up_a_definition(&self) {
        self.browser.click("table.compared a[href^='/definitions#']").await;
        self.browser.wait_for("dl.definitions :target, dl.definitions div:target").await;
        self.is_at("/definitions").await;
    }

    async fn gives_a_program_access_and_ends_it(&self) {
        self.opens("/account").await;
        self.browser.click("form[action='/account/token'] button").await;
        self.browser.wait_for("pre").await;
        self.is_at("/account/token").await;
        self.browser.click("a[href='/account#sessions']").await;
        let other = "#sessions ~ ul li:not(:has(.badge)) button";
        self.browser.click(other).await;
        self.browser.wait_for("#sessions ~ ul li:only-child").await;
        self.is_at("/account").await;
    }

    async fn takes_a_file_away(&self) {
        self.browser.click("#imports ~ ul.rows li:nth-child(2) button").await;
        self.browser.wait_for("#imports ~ ul.rows li:only-child").await;
        self.is_at("/account").await;
    }

    async fn signs_out_and_in_again(&self) {
        self.browser.click("form[action^='/auth/logout'] button").await;
        self.browser.wait_for(".hero").await;
        self.opens("/dashboard").await;
        self.browser.wait_for(".figure .value").await;
        self.is_at("/dashboard").await;
    }

    async fn takes_everything_and_erases_it(&self) {
        self.opens("/account").await;
        let load = "return fetch(document.querySelector('a[href=\"/users/me/export\"]').href).then((it) => it.json())";
        assert_eq!(self.browser.ask(load).await["user"]["preferences"]["handle"], "sample.steady");
        self.browser.click("a[href='/account/erase']").await;
        self.browser.type_into("#word", "erase").await;
        self.browser.click("form.sheet button").await;
        self.browser.wait_for(".hero").await;
        self.is_at("/").await;
    }

    async fn opens(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.here)).await;
    }

    /// Looks that the page is that one, fits into the window, and nothing complained.
    async fn is_at(&self, path: &str) {
        assert_eq!(self.browser.path().await, path);
        self.browser.fits_its_window().await;
        assert_eq!(self.browser.complaints().await, [""; 0], "{path}");
    }
}

/// How many pages a PDF has: Chromium writes each as an object of its own, which it does not compress.
fn pages_of(pdf: &[u8]) -> usize {
    let page = b"/Type /Page";
    pdf.windows(page.len() + 1).filter(|at| at.starts_with(page) && !at.ends_with(b"s")).count()
}

fn zip(name: &str, content: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let made = DateTime::from_date_and_time(2026, 5, 1, 1, 46, 40).expect("it is a time");
    let options = SimpleFileOptions::default().last_modified_time(made);
    zip.start_file(name, options).expect("the archive takes a file");
    zip.write_all(content.as_bytes()).expect("memory takes everything");
    zip.finish().expect("the archive is complete").into_inner()
}
