//! Signing in and out, and what the cookies look like.

use std::time::Duration;

use compass_core::{Preferences, app};
use compass_http::Site;

use crate::bench::{Bench, KNOWN, get, post, with_bearer, with_cookie};

#[tokio::test]
async fn a_new_person_is_led_to_onboarding_and_known_afterwards() {
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login").await;
    assert_eq!(start.status, 303);
    let done = bench.send(with_cookie(get(start.header("location")), &start.cookies())).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, "/onboarding"));
    let me = bench.send(with_cookie(get("/users/me"), &done.cookies())).await;
    assert_eq!(me.json()["name"], "Developer");
}

#[tokio::test]
async fn a_person_with_an_account_is_led_to_the_pages_that_the_host_names() {
    let bench = Bench::on(Site::loopback().with_pages("/welcome", "/home")).await;
    let cookie = bench.sign_in().await;
    let (user, _) =
        app::session_of(&*bench.store, &*bench.clock, cookie.split_once('=').unwrap().1).await.unwrap().unwrap();
    let preferences = Preferences { handle: Some(KNOWN.parse().unwrap()), ..Preferences::default() };
    bench.ports.accounts.change_preferences(user.id, &preferences.into()).await.unwrap();
    let start = bench.get("/auth/google/login").await;
    let done = bench.send(with_cookie(get(start.header("location")), &start.cookies())).await;
    assert_eq!(done.header("location"), "/home");
}

#[tokio::test]
async fn a_sign_in_leads_back_to_the_page_where_it_began_and_never_to_another_site() {
    let bench = Bench::new().await;
    let cases = [
        ("/dashboard%3Fwindow%3D90", "/dashboard?window=90"),
        ("//evil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/%0d%0aSet-Cookie:a%3Db", "/"),
        ("", "/"),
    ];
    for (asked, expected) in cases {
        let start = bench.get(&format!("/auth/google/login?return_to={asked}")).await;
        let done = bench.send(with_cookie(get(start.header("location")), &start.cookies())).await;
        assert_eq!(done.header("location"), expected, "{asked}");
    }
}

#[tokio::test]
async fn a_forged_cookie_cannot_lead_to_another_site() {
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login").await;
    let cookies = format!("{}; compass_return_to=//evil.example", start.cookies());
    let done = bench.send(with_cookie(get(start.header("location")), &cookies)).await;
    assert_eq!(done.header("location"), "/onboarding");
}

#[tokio::test]
async fn cookies_on_this_machine_are_plain_and_out_of_reach_of_scripts() {
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login?return_to=/x").await;
    let done = bench.send(with_cookie(get(start.header("location")), &start.cookies())).await;
    let shape = |line: &str| line.split_once('=').unwrap().1.split_once("; ").unwrap().1.to_owned();
    let names = |lines: &[&str]| {
        let mut names: Vec<_> = lines.iter().map(|line| line.split('=').next().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&start.set_cookies()), ["compass_return_to", "compass_sign_in"]);
    for line in start.set_cookies() {
        assert_eq!(shape(line), "HttpOnly; SameSite=Lax; Path=/; Max-Age=600");
    }
    assert_eq!(names(&done.set_cookies()), ["compass_return_to", "compass_session", "compass_sign_in"]);
    let session = done.set_cookies().into_iter().find(|line| line.starts_with("compass_session=")).unwrap();
    assert_eq!(shape(session), "HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000");
    assert!(session.len() < 4_096);
}

#[tokio::test]
async fn cookies_over_https_belong_to_this_host_alone() {
    let bench = Bench::on(Site::at("https://compass.example").unwrap()).await;
    let start = bench.get("/auth/google/login").await;
    assert!(start.header("location").starts_with("https://compass.example/auth/google/callback?code="));
    let back = start.header("location").strip_prefix("https://compass.example").unwrap();
    let done = bench.send(with_cookie(get(back), &start.cookies())).await;
    for line in start.set_cookies().into_iter().chain(done.set_cookies()) {
        assert!(line.starts_with("__Host-compass_"), "{line}");
        assert!(line.contains("; Secure") && line.contains("; HttpOnly") && line.contains("; Path=/"), "{line}");
        assert!(line.contains("; SameSite=Lax") && !line.contains("Domain"), "{line}");
    }
    let me = bench.send(with_cookie(get("/users/me"), &done.cookies())).await;
    assert_eq!(me.status, 200);
    let plain = done.cookies().replace("__Host-", "");
    bench.send(with_cookie(get("/users/me"), &plain)).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_callback_without_the_browsers_own_cookie_signs_nobody_in() {
    let bench = Bench::new().await;
    let mine = bench.get("/auth/google/login").await;
    let theirs = bench.get("/auth/google/login").await;
    let without = bench.get(mine.header("location")).await;
    without.problem(400, "sign-in-expired");
    assert!(without.set_cookies().is_empty());
    bench.send(with_cookie(get(mine.header("location")), &theirs.cookies())).await.problem(400, "sign-in-expired");
    let done = bench.send(with_cookie(get(mine.header("location")), &mine.cookies())).await;
    assert_eq!(done.status, 303, "the attempts did not spend it");
}

#[tokio::test]
async fn a_callback_works_once_and_for_ten_minutes() {
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login").await;
    let back = || with_cookie(get(start.header("location")), &start.cookies());
    assert_eq!(bench.send(back()).await.status, 303);
    bench.send(back()).await.problem(400, "sign-in-expired");

    let start = bench.get("/auth/google/login").await;
    bench.clock.advance(Duration::from_secs(601));
    bench.send(with_cookie(get(start.header("location")), &start.cookies())).await.problem(400, "sign-in-expired");
}

#[tokio::test]
async fn an_answer_that_comes_twice_leads_the_signed_in_browser_on() {
    for (login, page) in [("/auth/google/login", "/onboarding"), ("/auth/google/login?return_to=/x", "/x")] {
        let bench = Bench::new().await;
        let start = bench.get(login).await;
        let done = bench.send(with_cookie(get(start.header("location")), &start.cookies())).await;
        assert_eq!(done.header("location"), page);
        // With the cookies of the sign-in, as the second of two clicks may still have them, and without.
        for (cookies, page) in
            [(format!("{}; {}", start.cookies(), done.cookies()), page), (done.cookies(), "/onboarding")]
        {
            let again = bench.send(with_cookie(get(start.header("location")), &cookies)).await;
            assert_eq!((again.status.as_u16(), again.header("location")), (303, page));
            assert!(again.set_cookies().is_empty());
        }
        assert_eq!(bench.send(with_cookie(get("/users/me"), &done.cookies())).await.status, 200, "the session goes on");
    }
}

#[tokio::test]
async fn a_declined_sign_in_and_a_wrong_code_are_told_apart() {
    let bench = Bench::new().await;
    for (query, kind) in [("error=access_denied", "sign-in-declined"), ("code=guessed", "sign-in-failed")] {
        let start = bench.get("/auth/google/login").await;
        let state = start.header("location").split_once("state=").unwrap().1;
        let path = format!("/auth/google/callback?{query}&state={state}&error_description=%3Cb%3E");
        let answer = bench.send(with_cookie(get(&path), &start.cookies())).await;
        answer.problem(400, kind);
        assert!(!String::from_utf8_lossy(&answer.body).contains("<b>"));
    }
    bench.get("/auth/google/callback").await.problem(400, "bad-request");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    let bench = Bench::new().await;
    let planted = bench.sign_in().await;
    let start = bench.get("/auth/google/login").await;
    let both = format!("{planted}; {}", start.cookies());
    let done = bench.send(with_cookie(get(start.header("location")), &both)).await;
    assert_ne!(done.cookies(), planted);
    bench.send(with_cookie(get("/users/me"), &planted)).await.problem(401, "not-signed-in");
    assert_eq!(bench.send(with_cookie(get("/users/me"), &done.cookies())).await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_cookie_and_the_tokens_at_once() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let token = bench.send(with_cookie(post("/auth/refresh"), &cookie)).await.json()["access_token"].clone();
    let token = token.as_str().unwrap();
    assert_eq!(bench.send(with_bearer(get("/users/me"), token)).await.status, 200);
    let out = bench.send(with_cookie(post("/auth/logout"), &cookie)).await;
    assert_eq!(out.status, 204);
    assert!(out.set_cookies()[0].starts_with("compass_session=; ") && out.set_cookies()[0].contains("Max-Age=0"));
    bench.send(with_cookie(get("/users/me"), &cookie)).await.problem(401, "not-signed-in");
    bench.send(with_bearer(get("/users/me"), token)).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn signing_out_twice_is_harmless_and_may_lead_to_a_page() {
    let bench = Bench::new().await;
    assert_eq!(bench.send(post("/auth/logout")).await.status, 204);
    let out = bench.send(post("/auth/logout?return_to=/bye")).await;
    assert_eq!((out.status.as_u16(), out.header("location")), (303, "/bye"));
}

#[tokio::test]
async fn an_access_token_comes_from_the_cookie_only_and_lasts_ten_minutes() {
    let bench = Bench::new().await;
    let answer = bench.send(with_cookie(post("/auth/refresh"), &bench.sign_in().await)).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    assert_eq!((json["token_type"].as_str(), json["expires_in"].as_i64()), (Some("Bearer"), Some(600)));
    let token = json["access_token"].as_str().unwrap();
    bench.send(with_bearer(post("/auth/refresh"), token)).await.problem(401, "not-signed-in");
    bench.send(post("/auth/refresh")).await.problem(401, "not-signed-in");
    bench.clock.advance(Duration::from_secs(600));
    let detail = bench.send(with_bearer(get("/users/me"), token)).await.problem(401, "not-signed-in");
    assert!(detail.contains("expired"), "{detail}");
}

#[tokio::test]
async fn a_session_ends_by_itself_after_thirty_days() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    bench.clock.advance(Duration::from_secs(30 * 86_400));
    bench.send(with_cookie(get("/users/me"), &cookie)).await.problem(401, "not-signed-in");
}
