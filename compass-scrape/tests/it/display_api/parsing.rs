//! The API's answers, read without asking it.

use compass_core::{Count, VideoKind};
use compass_scrape::parse::display_api::{ApiError, tokens, user, videos};
use secrecy::ExposeSecret as _;

const OK: &str = r#""error": {"code": "ok", "message": "", "log_id": "2026"}"#;

fn list(videos_json: &str, rest: &str) -> String {
    format!(r#"{{"data": {{"videos": [{videos_json}]{rest}}}, {OK}}}"#)
}

const POST: &str = r##"{"id": "7470546959699348744", "create_time": 1739372260, "duration": 21, "title": "short",
"video_description": "🎂 #Tea and #cake", "share_url": "https://www.tiktok.com/@ada/video/7470546959699348744?utm=1",
"like_count": 177, "comment_count": 3, "share_count": 1, "view_count": 98437}"##;

#[test]
fn post_is_read_with_exact_counters_and_the_hashtags_of_its_description() {
    let page = videos(&list(POST, r#", "cursor": 1739372260000, "has_more": true"#)).unwrap();
    let post = &page.videos[0];
    assert_eq!(post.video.id.to_string(), "7470546959699348744");
    assert_eq!(post.video.created_at.to_string(), "2025-02-12T14:57:40Z");
    assert!(!post.video.created_at_derived);
    assert_eq!((post.video.kind, post.video.duration), (VideoKind::Video, Some(21)));
    assert_eq!(post.video.caption.as_str(), "🎂 #Tea and #cake");
    assert_eq!(post.video.hashtags, ["tea", "cake"]);
    // 98,400 would be a range on the page; here it is exact.
    assert_eq!(post.counts.views, Count::exact(98_437).ok());
    assert_eq!((post.counts.likes, post.counts.saves), (Count::exact(177).ok(), None));
    assert_eq!((page.cursor, page.has_more), (Some(1_739_372_260_000), true));
    let round = videos(&list(&POST.replace("98437", "98400"), "")).unwrap();
    assert_eq!(round.videos[0].counts.views, Count::exact(98_400).ok());
}

#[test]
fn ids_times_and_cursors_may_be_strings_or_numbers() {
    let strings = POST.replace("1739372260", "\"1739372260\"").replace("98437", "\"98437\"");
    let numbers = POST.replace("\"7470546959699348744\"", "7470546959699348744");
    let expected = videos(&list(POST, r#", "cursor": 5, "has_more": true"#)).unwrap();
    for (post, rest) in
        [(strings, r#", "cursor": "5", "has_more": 1"#), (numbers, r#", "cursor": 5.0, "has_more": "true""#)]
    {
        assert_eq!(videos(&list(&post, rest)).unwrap(), expected);
    }
    // A number that went through a floating-point type is another post's id.
    let rounded = POST.replace("\"7470546959699348744\"", "7.470546959699349e18");
    let page = videos(&list(&rounded, "")).unwrap();
    assert_eq!((page.videos.len(), page.refused[0].reason.as_str()), (0, "malformed"));
}

#[test]
fn photo_is_told_by_its_address_and_has_no_length() {
    let photo = POST.replace("/video/", "/photo/").replace("\"duration\": 21", "\"duration\": 0");
    let page = videos(&list(&photo, "")).unwrap();
    assert_eq!((page.videos[0].video.kind, page.videos[0].video.duration), (VideoKind::Photo, None));
    let tricky = POST.replace("?utm=1", "?from=/photo/");
    assert_eq!(videos(&list(&tricky, "")).unwrap().videos[0].video.kind, VideoKind::Video);
}

#[test]
fn what_is_missing_is_missing_and_not_zero() {
    let page = videos(&list(r#"{"id": "7470546959699348744"}"#, "")).unwrap();
    let post = &page.videos[0];
    assert_eq!(post.counts, compass_core::VideoCounts::default());
    assert!(post.video.created_at_derived && post.video.caption.is_empty());
    assert_eq!((page.cursor, page.has_more), (None, false));
    assert_eq!(videos(&format!(r#"{{"data": {{}}, {OK}}}"#)).unwrap().videos, []);
    let titled =
        videos(&list(r#"{"id": "7470546959699348744", "video_description": "", "title": "a #b"}"#, "")).unwrap();
    assert_eq!(titled.videos[0].video.hashtags, ["b"]);
}

#[test]
fn post_that_cannot_be_true_is_refused_alone() {
    let impossible = [
        ("\"like_count\": 177", "\"like_count\": 98438", "98438 likes are more than 98437 views"),
        ("\"like_count\": 177", "\"like_count\": -2147483648", "like_count: -2147483648 is negative"),
        ("98437", "98437.5", "view_count: it is not a whole number"),
        ("98437", "18446744073709551615", "view_count: it is not a whole number"),
        ("\"7470546959699348744\"", "\"x\"", "id"),
    ];
    for (from, to, why) in impossible {
        let page = videos(&list(&format!("{},{}", POST.replace(from, to), POST), "")).unwrap();
        assert_eq!((page.videos.len(), page.refused.len()), (1, 1), "{to}");
        assert!(page.refused[0].detail.contains(why), "{}", page.refused[0].detail);
        assert!(page.refused[0].detail.starts_with("data.videos[0]: "), "{}", page.refused[0].detail);
    }
}

#[test]
fn impossible_counter_of_an_account_is_no_number() {
    let answer = format!(
        r#"{{"data": {{"user": {{"username": "Ada.L", "likes_count": -977433948, "follower_count": 38500}}}}, {OK}}}"#
    );
    let ada = user(&answer).unwrap();
    assert_eq!(ada.handle.unwrap().as_str(), "ada.l");
    assert_eq!((ada.counts.likes, ada.counts.followers), (None, Count::exact(38_500).ok()));
    assert_eq!(ada.refused[0].detail, "likes_count: -977433948 is negative");
}

#[test]
fn only_the_code_ok_is_a_success() {
    let code = |json: &str| match videos(json) {
        Err(ApiError::Refused { code, .. }) => code,
        Err(ApiError::Malformed { path, .. }) => format!("malformed {path}"),
        Err(ApiError::Empty) => "empty".to_owned(),
        Err(other) => panic!("{other}"),
        Ok(page) => format!("{} posts", page.videos.len()),
    };
    let data = r#""data": {"videos": []}"#;
    for (json, expected) in [
        (format!("{{{data}, {OK}}}"), "0 posts"),
        (format!(r#"{{{data}, "error": {{"code": "rate_limit_exceeded", "message": "m"}}}}"#), "rate_limit_exceeded"),
        (r#"{"data": "", "error": {"code": "access_token_invalid"}}"#.to_owned(), "access_token_invalid"),
        (r#"{"error": {"code": 10002, "message": "old"}}"#.to_owned(), "10002"),
        (format!(r#"{{{data}, "error": {{}}}}"#), ""),
        (format!("{{{data}}}"), "malformed error"),
        (format!("{{{OK}}}"), "malformed data"),
        (format!(r#"{{"data": null, {OK}}}"#), "malformed data"),
        (format!(r#"{{"data": {{"videos": {{}}}}, {OK}}}"#), "malformed data.videos"),
        (String::new(), "empty"),
        ("<html>".to_owned(), "malformed answer"),
        ("[]".to_owned(), "malformed error"),
    ] {
        assert_eq!(code(&json), expected, "{json}");
    }
}

#[test]
fn message_keeps_the_number_under_which_tiktok_finds_the_request() {
    let json = r#"{"data": {}, "error": {"code": "internal_error", "message": "a\u0000b\nc", "log_id": "2022AB"}}"#;
    assert_eq!(user(json).unwrap_err().to_string(), "internal_error: abc (log id 2022AB)");
}

#[test]
fn tokens_are_read_and_shown_to_nobody() {
    let answer = r#"{"access_token": "act.1", "expires_in": 86400, "open_id": "o1", "refresh_expires_in": "31536000",
        "refresh_token": "rft.1", "scope": "user.info.basic,video.list", "token_type": "Bearer"}"#;
    let bought = tokens(answer).unwrap();
    assert_eq!(bought.access_token.expose_secret(), "act.1");
    assert_eq!(bought.refresh_token.as_ref().unwrap().expose_secret(), "rft.1");
    assert_eq!((bought.expires_in.as_secs(), bought.refresh_expires_in.unwrap().as_secs()), (86_400, 31_536_000));
    assert_eq!(bought.scopes, ["user.info.basic", "video.list"]);
    let shown = format!("{bought:?}");
    assert!(!shown.contains("act.1") && !shown.contains("rft.1"), "{shown}");
}

#[test]
fn answer_without_good_tokens_says_what_is_wrong_and_not_what_was_there() {
    for (json, expected) in [
        (r#"{"error": "invalid_grant", "error_description": "no", "log_id": "1"}"#, "invalid_grant: no (log id 1)"),
        (r#"{"error": {"code": "invalid_grant", "message": "no"}}"#, "invalid_grant: no"),
        (r#"{"access_token": "act.1", "expires_in": 0}"#, "expires_in: a number of seconds above zero is expected"),
        (r#"{"access_token": "act.1"}"#, "expires_in: a number of seconds above zero is expected"),
        (r#"{"access_token": "act 1\r\n", "expires_in": 1}"#, "access_token: a token of visible ASCII is expected"),
        (r#"{"access_token": "", "expires_in": 1}"#, "access_token: a token of visible ASCII is expected"),
        (r#"{"expires_in": 1, "access_token": {"act.secret": 1}}"#, "tokens: not as expected"),
        (r#""act.secret""#, "tokens: not as expected"),
        ("", "the answer is empty"),
    ] {
        let said = tokens(json).unwrap_err().to_string();
        assert!(said.starts_with(expected) && !said.contains("secret"), "{json}: {said}");
    }
    let for_ever = tokens(r#"{"access_token": "a", "expires_in": 9223372036854775807}"#).unwrap();
    assert_eq!(for_ever.expires_in.as_secs(), 315_360_000);
}
