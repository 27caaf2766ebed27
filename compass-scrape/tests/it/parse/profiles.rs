use compass_core::{Count, Handle, SourceKind, VideoKind, ports::SourceError};
use compass_scrape::parse::{grid, profile_page, user_detail};
use jiff::Timestamp;

use super::fixtures::{self, BOTH_TABLES, HEADER, ROUNDED_TABLE, SIGI_STATE, WEB_ID_TIME, ada, card, page};

fn handle() -> Handle {
    Handle::parse("ada.l").unwrap()
}

fn read(html: &str) -> Result<compass_core::Snapshot, SourceError> {
    profile_page(html, Some(&handle()), None, SourceKind::Replay)
}

fn exact(n: u64) -> Option<Count> {
    Some(Count::exact(n).unwrap())
}

fn range(lo: u64, hi: u64) -> Option<Count> {
    Some(Count::range(lo, hi).unwrap())
}

#[test]
fn profile_of_today_gives_exact_followers_and_its_cards() {
    let snapshot = read(&fixtures::profile()).unwrap();
    let profile = &snapshot.profile;
    assert_eq!(profile.profile.handle, handle());
    assert_eq!(profile.profile.nickname.as_str(), "Ada L");
    assert_eq!(profile.profile.bio.as_str(), "maths\ntea");
    assert_eq!(profile.counts.followers, exact(38_490));
    assert_eq!(profile.counts.likes, exact(593_024));
    assert_eq!(profile.counts.videos, exact(927));
    assert_eq!(profile.observed_at, WEB_ID_TIME.parse::<Timestamp>().unwrap());
    assert_eq!((snapshot.refused.len(), snapshot.disagreements.len()), (0, 0), "{snapshot:?}");

    let [film, photo, bare] = snapshot.videos.as_slice() else { panic!("{:?}", snapshot.videos) };
    assert_eq!((film.pinned, film.counts.views), (true, range(3_950_000, 4_049_999)));
    assert_eq!(
        (film.video.caption.as_str(), film.video.hashtags.as_slice()),
        ("thé #Thé", ["thé".to_owned()].as_slice())
    );
    assert!(film.video.created_at_derived);
    assert_eq!((photo.video.kind, photo.pinned, photo.counts.views), (VideoKind::Photo, false, exact(9_999)));
    assert!(photo.video.caption.is_empty());
    assert_eq!(bare.counts.views, None, "views that are not shown are not zero");
}

#[test]
fn handle_and_nickname_are_told_apart_in_both_orders() {
    for (title, subtitle) in [("Ada L", "ada.l"), ("ada.l", "Ada L")] {
        let html = format!(r#"<h1 data-e2e="user-title">{title}</h1><h2 data-e2e="user-subtitle">{subtitle}</h2>"#);
        for known in [Some(handle()), None] {
            let header = grid(&html, known.as_ref()).header;
            assert_eq!((header.handle, header.nickname.as_deref()), (Some(handle()), Some("Ada L")));
        }
    }
    let alike = r#"<h1 data-e2e="user-title">tea</h1><h2 data-e2e="user-subtitle">ada.l</h2>"#;
    assert_eq!(grid(alike, Some(&handle())).header.nickname.as_deref(), Some("tea"));
    let linked = format!("{alike}{}", card("/video/7545042112362958098", "", "", ""));
    assert_eq!(grid(&linked, None).header.handle, Some(handle()), "the cards' links name the account");
    assert_eq!(grid(alike, None).header.handle, None, "either could be the handle");
}

#[test]
fn profile_of_2023_brings_its_posts_in_its_own_order() {
    let snapshot = read(&fixtures::sigi_profile()).unwrap();
    assert_eq!(snapshot.profile.counts.followers, range(11_150_000, 11_249_999));
    assert_eq!(snapshot.profile.profile.created_at, None);
    let ids: Vec<String> = snapshot.videos.iter().map(|video| video.video.id.to_string()).collect();
    assert_eq!(ids, ["7203022122757803307", "7202248593015868718", "7000000000000000001"]);
    let newest = &snapshot.videos[0];
    assert_eq!(newest.video.caption.as_str(), "one #One", "the item says more than its card");
    assert_eq!((newest.counts.likes, newest.counts.saves), (range(15_450, 15_549), None));
    assert_eq!(snapshot.profile.observed_at, newest.video.created_at, "no page is older than its newest post");
}

#[test]
fn state_assigned_to_a_variable_is_read_as_well() {
    let html = format!("<html><script>window['SIGI_STATE']={SIGI_STATE};window['SIGI_RETRY']={{}};</script></html>");
    assert_eq!(read(&html).unwrap().videos.len(), 2);
    assert_eq!(user_detail(SIGI_STATE, None).unwrap().profile.handle, handle());
}

#[test]
fn header_without_posts_is_a_block_and_keeps_the_header() {
    let failed = page(
        &ada(ROUNDED_TABLE, ""),
        &format!("{HEADER}<main><p>Une erreur est survenue</p><button>Actualiser</button></main>"),
    );
    match read(&failed).unwrap_err() {
        SourceError::GridUnavailable { expected: 927, got: 0, header: Some(header) } => {
            assert_eq!(header.counts.followers, range(38_450, 38_549));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn account_without_posts_is_an_account() {
    let stats = r#""stats": {"followerCount": 3, "followingCount": 1, "heartCount": 0, "videoCount": 0}"#;
    let snapshot = read(&page(&ada(stats, ""), HEADER)).unwrap();
    assert_eq!((snapshot.videos.len(), snapshot.profile.counts.videos), (0, exact(0)));
}

#[test]
fn private_account_is_private_and_not_blocked() {
    let html =
        page(&ada(BOTH_TABLES, r#", "privateAccount": true"#).replacen("\"privateAccount\": false, ", "", 1), HEADER);
    assert_eq!(read(&html).unwrap_err().code(), "private");
}

#[test]
fn layers_that_cannot_both_be_true_are_reported() {
    let header = HEADER.replace("38.5K", "99.9K");
    let cards = card("/video/7545042112362958098", "x", "12", "");
    let snapshot = read(&page(&ada(BOTH_TABLES, ""), &format!("{header}{cards}"))).unwrap();
    assert_eq!(snapshot.profile.counts.followers, exact(38_490), "the page's data stands");
    assert_eq!(snapshot.disagreements, ["followers: the data says 38490, the header says 99850-99949"]);
}

#[test]
fn account_that_was_not_asked_for_is_reported() {
    let bob = Handle::parse("bob").unwrap();
    let snapshot = profile_page(&fixtures::profile(), Some(&bob), None, SourceKind::Replay).unwrap();
    assert_eq!(snapshot.disagreements, ["handle: @bob was asked for, the page is of @ada.l"]);
}

#[test]
fn given_time_is_kept() {
    let at: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
    let snapshot = profile_page(&fixtures::profile(), None, Some(at), SourceKind::Page).unwrap();
    assert_eq!((snapshot.profile.observed_at, snapshot.profile.source), (at, SourceKind::Page));
    assert!(snapshot.videos.iter().all(|video| video.observed_at == at && video.source == SourceKind::Page));
}

#[test]
fn page_of_an_old_visitor_is_not_older_than_its_posts() {
    let html = fixtures::profile().replace("\"1776519232\"", "\"1600000000\"");
    let newest = "2026-04-18T13:06:42Z".parse::<Timestamp>().unwrap();
    assert_eq!(read(&html).unwrap().profile.observed_at, newest);
}

#[test]
fn overflowed_likes_are_unknown_and_the_reason_is_kept() {
    let stats =
        r#""stats": {"followerCount": 155600000, "followingCount": 1, "heartCount": -977433948, "videoCount": 1}"#;
    let header = HEADER.replace("38.5K", "155.6M").replace("593K", "11.9B");
    let cards = card("/video/7545042112362958098", "x", "12", "");
    let snapshot = read(&page(&ada(stats, ""), &format!("{header}{cards}"))).unwrap();
    // The header is the only layer that has the figure.
    assert_eq!(snapshot.profile.counts.likes, range(11_850_000_000, 11_949_999_999));
    assert_eq!(snapshot.refused[0].reason, "suspect_value");
    assert!(snapshot.refused[0].detail.contains("-977433948"), "{:?}", snapshot.refused);
}

#[test]
fn card_that_is_no_post_or_comes_twice_is_refused() {
    let cards = [
        card("/video/7545042112362958098", "x", "4M", ""),
        card("/live", "x", "4M", ""),
        card("/playlist/1", "x", "4M", ""),
        card("/video/7545042112362958098", "x", "4M", ""),
        card("/video/7545042112362958099", "x", "many", ""),
    ];
    let grid = grid(&cards.concat(), None);
    assert_eq!(grid.cards.len(), 2);
    assert_eq!(grid.cards[1].counts.views, None);
    let reasons: Vec<&str> = grid.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons, ["live_card", "malformed", "duplicate", "unreadable_count"]);
}

#[test]
fn user_detail_is_read_in_every_wrapping() {
    let info = ada(BOTH_TABLES, "");
    let envelope = info.trim_start_matches("\"webapp.user-detail\": ");
    let bare = format!(
        r#"{{"user": {{"id": 7065499344158344198, "uniqueId": "Ada.L", "nickname": "half \ud83d"}}, {BOTH_TABLES}}}"#
    );
    let rehydration = format!(r#"{{"__DEFAULT_SCOPE__": {{{info}}}}}"#);
    for json in [envelope, &bare, &rehydration] {
        let account = user_detail(json, None).unwrap();
        assert_eq!((account.profile.handle, account.counts.followers), (handle(), exact(38_490)), "{json}");
    }
    assert_eq!(user_detail(&bare, None).unwrap().profile.nickname.as_str(), "half \u{FFFD}");
}

#[test]
fn answer_without_a_user_is_empty() {
    for json in [
        r#"{"statusCode": -1, "userInfo": {}}"#,
        r#"{"userInfo": {"user": {}, "stats": {}, "shareMeta": {}}}"#,
        r#"{"userInfo": {"user": {"id": ""}, "stats": {"followerCount": 0}}, "statusCode": 0}"#,
    ] {
        assert_eq!(user_detail(json, Some(&handle())).unwrap_err().code(), "empty_response", "{json}");
    }
}

#[test]
fn missing_account_is_named_by_the_question_or_by_the_page() {
    let gone = r#""webapp.user-detail": {"statusCode": 10221, "statusMsg": ""}"#;
    let named = format!(r#"{gone}, "seo.abtest": {{"canonical": "https:\u002F\u002Fwww.tiktok.com\u002F@ada.l"}}"#);
    let unasked = profile_page(&page(&named, ""), None, None, SourceKind::Replay).unwrap_err();
    for error in [read(&page(gone, "")).unwrap_err(), unasked] {
        assert!(matches!(&error, SourceError::NotFound(found) if *found == handle()), "{error:?}");
    }
}

#[test]
fn private_status_of_an_open_account_does_not_hide_it() {
    let html = fixtures::profile().replace(r#""statusCode": 0"#, r#""statusCode": 10222"#);
    assert_eq!(read(&html).unwrap().videos.len(), 3);
    let closed = page(r#""webapp.user-detail": {"statusCode": 10222, "userInfo": {}}"#, "");
    assert_eq!(read(&closed).unwrap_err().code(), "private");
}

#[test]
fn posts_that_cannot_be_read_are_a_changed_layout_and_not_a_block() {
    let cards = [card("/playlist/1", "x", "4M", ""), card("/playlist/2", "x", "4M", "")].concat();
    let error = read(&page(&ada(BOTH_TABLES, ""), &format!("{HEADER}{cards}"))).unwrap_err();
    assert_eq!(error.code(), "layout_changed");
    assert!(error.to_string().contains("card 1 has no link to a post"), "{error}");
}

#[test]
fn grid_with_nothing_but_a_live_broadcast_withholds_the_posts() {
    let html = page(&ada(BOTH_TABLES, ""), &format!("{HEADER}{}", card("/live?enter_from=grid", "x", "4M", "")));
    assert_eq!(read(&html).unwrap_err().code(), "grid_unavailable");
}
