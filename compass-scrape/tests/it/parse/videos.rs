use compass_core::Count;
use compass_scrape::parse::video_page;

use super::fixtures::{self, ITEM, WEB_ID_TIME, page};

#[test]
fn page_of_a_post_gives_all_its_counters() {
    let read = video_page(&fixtures::video_page()).unwrap();
    assert_eq!(read.item.counts.comments, Some(Count::exact(3).unwrap()));
    assert_eq!(read.observed_at.to_string(), WEB_ID_TIME);
}

#[test]
fn page_for_telephones_is_read_as_well() {
    let author = r#""author": {"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L", "followerCount": 149800, "videoCount": 422}"#;
    let item = format!(
        r#"{{"id": "7603995605354040594", "createTime": "1770443199", {author}, "stats": {{"playCount": 1700000, "collectCount": 49505}}}}"#
    );
    let html = page(
        &format!(
            r#""webapp.reflow.video.detail": {{"statusCode": 0, "statusMessage": "", "itemInfo": {{"itemStruct": {item}}}}}"#
        ),
        "",
    );
    let read = video_page(&html).unwrap();
    assert_eq!(read.item.counts.saves, Some(Count::exact(49_505).unwrap()));
    assert_eq!(read.item.author.unwrap().counts.followers, Some(Count::range(149_750, 149_849).unwrap()));
}

#[test]
fn missing_post_is_no_empty_post() {
    let html = page(r#""webapp.video-detail": {"statusCode": 10204, "statusMsg": "item doesn't exist"}"#, "");
    let error = video_page(&html).unwrap_err();
    assert_eq!(error.code(), "video_unavailable");
    assert!(error.to_string().contains("10204: item doesn't exist"), "{error}");
}

#[test]
fn post_that_cannot_be_true_is_an_error() {
    let html =
        fixtures::video_page().replace("\"diggCount\": 177", "\"diggCount\": 990000").replace("\"177\"", "\"990000\"");
    let error = video_page(&html).unwrap_err();
    assert_eq!(error.code(), "suspect_value");
    assert!(error.to_string().contains("7470546959699348744"), "{error}");
}

#[test]
fn post_without_figures_asks_for_a_sign_in() {
    let hidden = ITEM.replace("\"stats\"", "\"x\"").replace("\"statsV2\"", "\"y\"");
    let html = page(&format!(r#""webapp.video-detail": {{"itemInfo": {{"itemStruct": {hidden}}}}}"#), "");
    assert_eq!(video_page(&html).unwrap_err().code(), "login_required");
}
