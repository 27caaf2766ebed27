//! What a robots.txt, or the lack of one, lets a source load.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use compass_core::{
    ports::{RetryAdvice, SourceError},
    samples::World,
};
use compass_scrape::{
    manners::{BuildError, Manners},
    testing::{Host, Reply as SiteReply, StandIn},
};

use super::{collect, hasty, noon, page};
use crate::{
    parse::fixtures,
    raw_server::{RawServer, Reply, head},
};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A site of one page, whose robots.txt is answered so.
async fn site(robots: impl Fn(&str) -> Reply + Send + Sync + 'static) -> RawServer {
    RawServer::start_bare(
        move |head| {
            if head.starts_with("GET /@") { Reply::html(&fixtures::profile()) } else { robots(head) }
        },
    )
    .await
}

fn text(file: &str) -> Reply {
    Reply::http("200 OK", &["Content-Type: text/plain"], file.as_bytes())
}

fn status(line: &'static str) -> impl Fn(&str) -> Reply + Send + Sync {
    move |_| Reply::http(line, &[], b"")
}

/// What one look at Ada gives: `ok`, or the error's code. Nothing but what is allowed may have been loaded.
async fn met(server: &RawServer) -> (String, Option<SourceError>) {
    let source = page(&server.base_url(), &hasty(&noon()).build().unwrap());
    match collect(&source, "ada.l").await {
        Ok(_) => ("ok".to_owned(), None),
        Err(error) => {
            assert_eq!(server.asked().iter().filter(|head| head.starts_with("GET /@")).count(), 0);
            (error.code().to_owned(), Some(error))
        }
    }
}

#[tokio::test]
async fn disallowed_page_is_not_loaded_and_the_rule_is_told() {
    let stand_in = StandIn::start(World::standard(), noon()).await.unwrap();
    stand_in.scene(|scene| scene.robots = SiteReply::text("User-agent: *\nDisallow: /@\n"));
    let source = page(stand_in.base_url(), &hasty(&noon()).build().unwrap());
    for _ in 0..2 {
        let error = collect(&source, "sample.steady").await.unwrap_err();
        let host = stand_in.base_url().trim_start_matches("http://");
        assert_eq!(
            error.to_string(),
            format!(
                "robots.txt of {host} asks programs not to load /@sample.steady?lang=en: its rule is \"Disallow: /@\""
            )
        );
        assert_eq!(error.retry(), RetryAdvice::Never);
    }
    let asked = stand_in.requests_to(Host::Site);
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/robots.txt"]);
    assert_eq!(asked[0].user_agent, concat!("CreatorCompass/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn file_is_asked_for_once_by_all_sources_with_the_same_manners_under_the_name_they_were_given() {
    let stand_in = StandIn::start(World::standard(), noon()).await.unwrap();
    let name = compass_scrape::user_agent(" ops@example.com ");
    assert_eq!(name, concat!("CreatorCompass/", env!("CARGO_PKG_VERSION"), " (+ops@example.com)"));
    let manners = hasty(&noon()).user_agent(&name).build().unwrap();
    let (one, another) = (page(stand_in.base_url(), &manners), page(stand_in.base_url(), &manners));
    let outcomes = futures_util::future::join(collect(&one, "sample.steady"), collect(&another, "sample.fresh")).await;
    assert!(outcomes.0.is_ok() && outcomes.1.is_ok(), "{outcomes:?}");
    let asked = stand_in.requests_to(Host::Site);
    assert_eq!(asked.iter().filter(|request| request.path == "/robots.txt").count(), 1);
    assert_eq!((asked.len(), &*asked[0].path), (3, "/robots.txt"));
    assert!(asked.iter().all(|request| request.user_agent == name), "{asked:?}");
}

#[tokio::test]
async fn group_for_our_name_beats_the_one_for_everybody() {
    let server = site(|_| text("User-agent: *\nDisallow: /\n\nUser-agent: creatorcompass\nDisallow: /search\n")).await;
    assert_eq!(met(&server).await.0, "ok");
    let server = site(|_| text("User-agent: *\nAllow: /\n\nUser-agent: CreatorCompass\nDisallow: /@\n")).await;
    assert_eq!(met(&server).await.0, "robots_disallowed");
}

#[tokio::test]
async fn missing_file_allows_and_a_failing_site_does_not() {
    for line in ["404 Not Found", "410 Gone", "401 Unauthorized", "403 Forbidden", "400 Bad Request"] {
        assert_eq!(met(&site(status(line)).await).await.0, "ok", "{line}");
    }
    for line in ["500 Internal Server Error", "503 Service Unavailable", "302 Found"] {
        let (code, error) = met(&site(status(line)).await).await;
        assert_eq!(code, "network", "{line}");
        let said = error.unwrap().to_string();
        assert!(said.contains(&line[..3]) && said.contains("until it can, nothing is loaded"), "{said}");
    }
    let server = site(|_| Reply::http("429 Too Many Requests", &["Retry-After: 60"], b"")).await;
    let error = met(&server).await.1.unwrap();
    assert_eq!(error.retry(), RetryAdvice::After(Duration::from_secs(60)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn file_that_never_comes_is_given_up_and_nothing_is_loaded() {
    // With the clock paused, time passes at once when there is nothing else to wait for.
    for robots in [(|_: &str| Reply::Hang(Vec::new())) as fn(&str) -> Reply, |_| {
        Reply::Hang(head("200 OK", &["Content-Type: text/plain"]))
    }] {
        let (code, error) = met(&site(robots).await).await;
        let said = error.unwrap().to_string();
        assert_eq!(code, "network");
        assert_eq!(
            said,
            "the site could not be reached: robots.txt cannot be read: it did not answer in time; until it can, nothing is loaded"
        );
    }
}

#[tokio::test]
async fn redirects_are_followed_within_the_site_and_not_for_ever() {
    let moved = |to: &str| Reply::http("301 Moved Permanently", &[&format!("Location: {to}")], b"");
    let number = |head: &str| head.split_once("/r").map_or(0, |(_, rest)| rest[..1].parse().unwrap_or(0));
    // The fifth redirect leads to a file that disallows.
    let five = move |head: &str| match number(head) {
        5 => text("User-agent: *\nDisallow: /\n"),
        hop => moved(&format!("/r{}", hop + 1)),
    };
    assert_eq!(met(&site(five).await).await.0, "robots_disallowed");

    let endless = site(move |_| moved("/robots.txt")).await;
    assert_eq!(met(&endless).await.0, "ok", "as if there were no file");
    assert_eq!(endless.everything_asked().len(), 7, "the file, five redirects, and the page");

    let elsewhere = RawServer::start_bare(|_| text("User-agent: *\nAllow: /\n")).await;
    let target = format!("{}/robots.txt", elsewhere.base_url());
    assert_eq!(met(&site(move |_| moved(&target)).await).await.0, "network");
    assert_eq!(elsewhere.everything_asked(), Vec::<String>::new());
}

#[tokio::test]
async fn of_a_huge_file_the_first_500_kib_count() {
    let late = format!("User-agent: *\n{}Disallow: /\n", "# nothing\n".repeat(1_000_000));
    assert!(late.len() > 10_000_000);
    assert_eq!(met(&site(move |_| text(&late)).await).await.0, "ok");
    let early = format!("User-agent: *\nDisallow: /\n{}", "# nothing\n".repeat(1_000_000));
    assert_eq!(met(&site(move |_| text(&early)).await).await.0, "robots_disallowed");
    // Cut in its middle, the rule would be one against everything.
    let begin = "User-agent: *\n";
    let cut = format!("{begin}#{}\nDisallow: /search\n{}", "x".repeat(512_000 - begin.len() - 13), "y".repeat(100));
    assert!(cut[..512_000].ends_with("Disallow: /"));
    assert_eq!(met(&site(move |_| text(&cut)).await).await.0, "ok");
    let endless = site(|_| Reply::Endless(head("200 OK", &["Content-Type: text/plain"]))).await;
    assert_eq!(met(&endless).await.0, "ok");
}

#[tokio::test]
async fn copy_is_good_for_a_day_and_for_thirty_where_the_site_fails() {
    let answer = Arc::new(Mutex::new("404 Not Found"));
    let count = Arc::new(AtomicUsize::new(0));
    let (now, counted) = (Arc::clone(&answer), Arc::clone(&count));
    let server = site(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        match *now.lock().unwrap() {
            "" => Reply::Bytes(Vec::new()),
            "disallow" => text("User-agent: *\nDisallow: /\n"),
            line => Reply::http(line, &[], b""),
        }
    })
    .await;
    let clock = noon();
    let source = page(&server.base_url(), &hasty(&clock).build().unwrap());
    let look = async |line: &'static str, after: Duration| {
        *answer.lock().unwrap() = line;
        clock.advance(after);
        let outcome = collect(&source, "ada.l").await;
        (outcome.map_or_else(|error| error.code(), |_| "ok"), count.load(Ordering::SeqCst))
    };
    assert_eq!(look("404 Not Found", Duration::ZERO).await, ("ok", 1));
    assert_eq!(look("disallow", 23 * HOUR).await, ("ok", 1), "the copy is fresh");
    assert_eq!(look("disallow", HOUR).await, ("robots_disallowed", 2));
    assert_eq!(look("404 Not Found", DAY).await, ("ok", 3));
    assert_eq!(look("500 Internal Server Error", DAY).await, ("ok", 4), "the old copy is used");
    assert_eq!(look("500 Internal Server Error", Duration::from_secs(60)).await, ("ok", 4), "for a while unasked");
    assert_eq!(look("", 27 * DAY).await, ("ok", 5), "28 days old, and no answer");
    assert_eq!(look("", 3 * DAY).await, ("network", 6), "too old");
    assert_eq!(look("500 Internal Server Error", Duration::from_secs(59)).await, ("network", 6), "not asked so soon");
    assert_eq!(look("500 Internal Server Error", Duration::from_secs(1)).await, ("network", 7));
    assert_eq!(look("404 Not Found", Duration::from_secs(60)).await, ("network", 7));
    assert_eq!(look("404 Not Found", 5 * Duration::from_secs(60)).await, ("ok", 8));
}

#[tokio::test]
async fn ones_own_site_alone_may_be_read_without_asking() {
    let (own, other) = (site(|_| text("User-agent: *\nDisallow: /\n")).await, site(status("500 Failed")).await);
    let manners = hasty(&noon()).ignore_robots_txt_of_own_site(own.base_url()).build().unwrap();
    assert!(collect(&page(&own.base_url(), &manners), "ada.l").await.is_ok());
    assert_eq!(own.everything_asked().len(), 1);
    assert_eq!(collect(&page(&other.base_url(), &manners), "ada.l").await.unwrap_err().code(), "network");

    let refused = Manners::builder().ignore_robots_txt_of_own_site("everything").build().unwrap_err();
    assert_eq!(refused, BuildError::OwnSite("everything".to_owned()));
    let refused = Manners::builder().user_agent("two\nlines").build().unwrap_err();
    assert_eq!(refused, BuildError::UserAgent("two\nlines".to_owned()));
}
