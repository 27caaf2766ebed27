//! What goes wrong over HTTP, the other hosts, and the record of what was asked.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use compass_core::samples::World;
use compass_scrape::testing::{Host, Reply, Scene, Trouble};

use super::http::{get, get_with, get_within, stand_in};

async fn visit(site: &compass_scrape::testing::StandIn, trouble: Trouble) -> super::http::Answer {
    get(site, &format!("/@{}", trouble.handle())).await
}

#[tokio::test]
async fn statuses_are_answered_as_such() {
    let (site, _) = stand_in(World::standard()).await;
    for (trouble, status, retry_after) in [
        (Trouble::Forbidden, 403, None),
        (Trouble::Missing, 404, None),
        (Trouble::ServerError, 500, None),
        (Trouble::Unavailable, 503, None),
        (Trouble::RateLimited, 429, Some("120")),
        // Noon on the first of May 2026, and five minutes.
        (Trouble::RateLimitedUntil, 429, Some("Fri, 01 May 2026 12:05:00 GMT")),
        (Trouble::RateLimitedForYears, 429, Some("315360000")),
        (Trouble::RateLimitedSomehow, 429, Some("soon; -1")),
        (Trouble::RateLimitedSilently, 429, None),
    ] {
        let answer = visit(&site, trouble).await;
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{trouble:?}");
    }
    let empty = visit(&site, Trouble::EmptyPage).await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
}

#[tokio::test]
async fn page_that_fails_twice_is_good_the_third_time() {
    let (site, _) = stand_in(World::standard()).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(visit(&site, Trouble::FailsTwice).await.status);
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
}

#[tokio::test]
async fn list_that_fails_once_fails_once_for_each_visit() {
    let (site, _) = stand_in(World::standard()).await;
    let detail = get(&site, "/api/user/detail/?uniqueId=trouble.griderroronce").await.json();
    let list =
        format!("/api/post/item_list/?count=35&secUid={}", detail["userInfo"]["user"]["secUid"].as_str().unwrap());
    for _ in 0..2 {
        visit(&site, Trouble::GridErrorOnce).await;
        assert_eq!(get(&site, &list).await.json()["statusCode"], -1);
        assert_eq!(get(&site, &list).await.json()["statusCode"], 0);
        assert_eq!(get(&site, &list).await.json()["statusCode"], 0);
    }
}

#[tokio::test]
async fn firewall_that_lets_pass_asks_for_its_cookie() {
    let (site, _) = stand_in(World::standard()).await;
    for (trouble, lets_pass) in [(Trouble::WafPassing, true), (Trouble::Waf, false)] {
        let path = format!("/@{}", trouble.handle());
        assert!(get(&site, &path).await.text().contains("_wafchallengeid"));
        let second = get_with(&site, &path, "Cookie: stand_in_passed=1\r\n").await;
        assert_eq!(second.text().contains("webapp.user-detail"), lets_pass);
    }
}

#[tokio::test]
async fn large_pages_are_as_large_as_they_say() {
    let (site, _) = stand_in(World::standard()).await;
    let huge = visit(&site, Trouble::HugePage).await;
    assert_eq!(huge.body.iter().filter(|byte| **byte == b'x').count() / 1_000_000, 100);
    let nodes = visit(&site, Trouble::ManyNodes).await;
    assert_eq!(nodes.text().matches("<i></i>").count(), 1_000_000);
}

#[tokio::test]
async fn late_half_and_missing_pages_are_so() {
    let (site, _) = stand_in(World::standard()).await;
    let started = Instant::now();
    assert_eq!(visit(&site, Trouble::LatePage).await.status, 200);
    assert!(started.elapsed() >= Duration::from_secs(2));

    let whole = visit(&site, Trouble::ConsentBanner).await.body.len();
    let broken = visit(&site, Trouble::BrokenPage).await;
    assert!(!broken.text().contains("</html>") && broken.body.len() > whole / 3);
    let patience = Duration::from_millis(500);
    let stalled = get_within(&site, &format!("/@{}", Trouble::StalledPage.handle()), patience).await;
    assert!(stalled.body.len() > whole / 3 && !stalled.text().contains("</html>"));
    let never = get_within(&site, &format!("/@{}", Trouble::SlowPage.handle()), patience).await;
    assert_eq!((never.status, never.body.len()), (0, 0));
}

#[tokio::test]
async fn redirects_lead_where_they_say() {
    let (site, _) = stand_in(World::standard()).await;
    let elsewhere = format!("{}/away", site.elsewhere_url());
    assert!(!elsewhere.starts_with("http://127.0.0.1:"), "another host");
    for (trouble, to) in [
        (Trouble::Login, "/login?redirect_url=%2F%40trouble.login"),
        (Trouble::CountryExit, "/hk/notfound"),
        (Trouble::Elsewhere, elsewhere.as_str()),
        (Trouble::LinkLocal, "http://169.254.169.254/latest/meta-data/"),
        (Trouble::LocalFile, "file:///etc/passwd"),
        (Trouble::RedirectsForever, "/@trouble.redirects?hop=1"),
    ] {
        let answer = visit(&site, trouble).await;
        assert_eq!((answer.status, answer.header("location")), (302, Some(to)), "{trouble:?}");
    }
    let second = get(&site, "/@trouble.redirects?hop=1").await;
    assert_eq!(second.header("location"), Some("/@trouble.redirects?hop=2"));
    assert!(get(&site, "/hk/notfound").await.text().contains("Page not available"));
    assert!(get(&site, "/login?throttled=1").await.text().contains("Maximum number of attempts"));
}

#[tokio::test]
async fn robots_txt_is_data_too() {
    let (site, _) = stand_in(Scene::default()).await;
    assert!(get(&site, "/robots.txt").await.text().starts_with("User-agent: *"));
    for robots in [
        Reply::text("User-agent: *\nDisallow: /\n"),
        Reply::text(format!("\u{FEFF}{}", "Disallow: /x\n".repeat(47_263))),
        Reply::status(500),
        Reply::redirect("/other-robots.txt"),
    ] {
        site.scene(|scene| scene.robots = robots.clone());
        let answer = get(&site, "/robots.txt").await;
        assert_eq!((answer.status, answer.body), (robots.status, robots.body));
    }
}

#[tokio::test]
async fn every_request_is_remembered_with_its_host_its_time_and_its_agent() {
    let (site, _) = stand_in(World::standard()).await;
    assert_eq!(site.requests(), []);
    let page = get_with(&site, "/@sample.steady?lang=en", "User-Agent: ada/1\r\n").await;
    assert!(page.text().contains(&format!("src=\"{}/cover/", site.asset_url())));
    get(&site, "/robots.txt").await;
    let elsewhere = site.elsewhere_url().to_owned();
    let name = elsewhere.trim_start_matches("http://").to_owned();
    tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(&name).unwrap();
        stream.write_all(b"POST /beacon HTTP/1.0\r\n\r\n").unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    })
    .await
    .unwrap();

    let all = site.requests();
    let told: Vec<_> = all.iter().map(|r| (r.host, r.method.as_str(), r.path.as_str(), r.query.as_str())).collect();
    assert_eq!(
        told,
        [
            (Host::Site, "GET", "/@sample.steady", "lang=en"),
            (Host::Site, "GET", "/robots.txt", ""),
            (Host::Elsewhere, "POST", "/beacon", ""),
        ]
    );
    assert_eq!((all[0].user_agent.as_str(), all[1].user_agent.as_str()), ("ada/1", ""));
    assert!(all.is_sorted_by_key(|request| request.at));
    assert_eq!(site.requests_to(Host::Assets), []);
    site.forget_requests();
    assert_eq!(site.requests(), []);
}

#[tokio::test]
async fn stand_in_stops_when_it_is_dropped() {
    let (site, _) = stand_in(Scene::default()).await;
    let addresses = [site.base_url(), site.asset_url(), site.elsewhere_url()];
    let addresses = addresses.map(|url| url.trim_start_matches("http://").to_owned());
    assert_eq!(get(&site, "/robots.txt").await.status, 200);
    drop(site);
    let refused = async {
        while addresses.iter().any(|address| TcpStream::connect(address).is_ok()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused).await.expect("nobody listens any more");
}
