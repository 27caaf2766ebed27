//! The page that shows the API, in a real browser.

use crate::{
    chromium::Chromium,
    process::{Service, folder},
};

#[tokio::test]
async fn the_api_can_be_read_and_tried_out_without_a_complaint() {
    let data = folder();
    let service = Service::start(data.path());
    let browser = Chromium::open(1280).await;
    browser.goto(&format!("http://{}/docs", service.address())).await;
    assert!(browser.text(".info .title").await.contains("Creator Compass"));
    let live = "#operations-operations-live";
    browser.click(&format!("{live} .opblock-summary-control")).await;
    browser.click(&format!("{live} .try-out__btn")).await;
    browser.click(&format!("{live} .execute")).await;
    let answer = browser.text(&format!("{live} .live-responses-table tbody .response-col_status")).await;
    assert!(answer.contains("200"), "{answer}");
    assert_eq!(browser.complaints().await, [""; 0], "nothing came from elsewhere, and nothing inline was run");
    browser.close().await;
}
