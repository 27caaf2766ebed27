//! What the page itself was answered: the item lists that its own script fetched, read from the browser's network log.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use compass_core::ports::SourceError;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::browser::Browser;
use crate::fetch;

/// The path of the page's own request for posts.
const ITEM_LIST: &str = "/api/post/item_list/";
/// A list of more bytes is left alone: 35 posts take about half a million.
const LARGEST_BODY: f64 = 16e6;

/// The answers that one page's requests got.
#[derive(Debug)]
pub(super) struct Responses {
    /// When they came, nearly: what dates are counted from.
    now: Timestamp,
    /// The page's own answer: the latest one, if the page loads itself anew.
    document: Option<Document>,
    /// Requests for posts whose answer has begun.
    begun: Vec<(String, Answer)>,
    /// Those of them whose answer is complete.
    finished: HashSet<String>,
}

/// The document that a page's requests belong to.
#[derive(Debug)]
struct Document {
    frame: String,
    loader: String,
    answer: Answer,
    end: Option<End>,
}

/// How the transfer of an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    BrokeOff,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
}

impl Answer {
    /// What it is, if it is no content.
    fn refusal(&self) -> Option<SourceError> {
        fetch::refusal(self.status, self.retry_after)
    }
}

/// An answered request for posts.
#[derive(Debug)]
pub(super) enum ItemListAnswer {
    /// The body as it came; empty if it was.
    Body(String),
    /// The site refused, and this is how.
    Refused(SourceError),
}

impl Responses {
    pub(super) fn new(now: Timestamp) -> Self {
        Self { now, document: None, begun: Vec::new(), finished: HashSet::new() }
    }

    /// Forgets everything, for another page: also what the log still holds of the last one.
    pub(super) async fn start_over(&mut self, browser: &Browser) -> Result<(), SourceError> {
        *self = Self::new(self.now);
        browser.vendor("se/log", json!({"type": "performance"})).await.map(drop)
    }

    /// The answers that are complete since the last call, in the order of their requests.
    ///
    /// A driver without such a log gives an empty list: then the grid has to do.
    pub(super) async fn take(&mut self, browser: &Browser, base: &Url) -> Result<Vec<ItemListAnswer>, SourceError> {
        let Some(log) = browser.vendor("se/log", json!({"type": "performance"})).await? else {
            return Ok(Vec::new());
        };
        self.read(&log, base);
        let (complete, begun) =
            std::mem::take(&mut self.begun).into_iter().partition(|(id, _)| self.finished.contains(id));
        self.begun = begun;
        let mut answers = Vec::new();
        for (id, answer) in complete {
            self.finished.remove(&id);
            if let Some(refusal) = answer.refusal() {
                answers.push(ItemListAnswer::Refused(refusal));
                continue;
            }
            match browser.devtools("Network.getResponseBody", json!({"requestId": id})).await? {
                Some(answer) => {
                    let text = answer["body"].as_str().filter(|_| answer["base64Encoded"] != true);
                    answers.push(ItemListAnswer::Body(text.unwrap_or_default().to_owned()));
                }
                // The browser keeps bodies for a while only; the grid has the posts anyway.
                None => tracing::debug!("the body of a list of posts is gone"),
            }
        }
        Ok(answers)
    }

    /// Whether a list of posts is on its way.
    pub(super) fn pending(&self) -> bool {
        !self.begun.is_empty()
    }

    /// What the status of the page itself means, if it is no content.
    pub(super) fn refusal(&self) -> Option<SourceError> {
        let answer = self.document.as_ref().map(|document| &document.answer)?;
        answer.refusal().filter(|_| fetch::says_enough(answer.status))
    }

    /// What is wrong with the page itself, if it has no data in it: how its answer began or ended.
    pub(super) fn refusal_without_data(&self) -> Option<SourceError> {
        let document = self.document.as_ref()?;
        if document.end == Some(End::BrokeOff) {
            return Some(SourceError::Network { detail: "the page broke off half-way".to_owned(), source: None });
        }
        document.answer.refusal()
    }

    /// Whether the page is still on its way, as far as the driver tells.
    pub(super) fn document_pending(&self) -> bool {
        self.document.as_ref().is_some_and(|document| document.end.is_none())
    }

    /// The request for a document has its loader's name.
    fn document_ended(&mut self, request: &str, end: End) {
        if let Some(document) = self.document.as_mut().filter(|document| document.loader == request) {
            document.end = Some(end);
        }
    }

    fn read(&mut self, log: &Value, base: &Url) {
        for entry in log.as_array().into_iter().flatten() {
            let Some(event) = entry["message"].as_str().and_then(|text| serde_json::from_str::<Entry>(text).ok())
            else {
                continue;
            };
            let Params { request_id, frame_id, loader_id, kind, response, encoded_data_length } = event.message.params;
            match (event.message.method.as_str(), response) {
                ("Network.responseReceived", Some(response)) if kind == "Document" => {
                    let main_frame = self.document.as_ref().is_none_or(|document| document.frame == frame_id);
                    if main_frame && is_of(&response.url, base) {
                        let answer = response.answer(self.now);
                        self.document = Some(Document { frame: frame_id, loader: loader_id, answer, end: None });
                    }
                }
                ("Network.responseReceived", Some(response))
                    if is_item_list(&response.url, base)
                        && self.document.as_ref().is_some_and(|document| document.loader == loader_id) =>
                {
                    self.begun.push((request_id, response.answer(self.now)));
                }
                ("Network.loadingFinished", _) if self.begun.iter().any(|(id, _)| *id == request_id) => {
                    if encoded_data_length <= LARGEST_BODY {
                        self.finished.insert(request_id);
                    } else {
                        self.begun.retain(|(id, _)| *id != request_id);
                    }
                }
                ("Network.loadingFinished", _) => self.document_ended(&request_id, End::Whole),
                ("Network.loadingFailed", _) => {
                    self.begun.retain(|(id, _)| *id != request_id);
                    self.document_ended(&request_id, End::BrokeOff);
                }
                _ => {}
            }
        }
    }
}

fn is_of(url: &str, base: &Url) -> bool {
    Url::parse(url).is_ok_and(|url| url.origin() == base.origin())
}

fn is_item_list(url: &str, base: &Url) -> bool {
    is_of(url, base) && Url::parse(url).is_ok_and(|url| url.path() == ITEM_LIST)
}

#[derive(Deserialize)]
struct Entry {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    method: String,
    params: Params,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    frame_id: String,
    #[serde(default)]
    loader_id: String,
    #[serde(default, rename = "type")]
    kind: String,
    response: Option<Response>,
    #[serde(default)]
    encoded_data_length: f64,
}

#[derive(Deserialize)]
struct Response {
    url: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
}

impl Response {
    fn answer(&self, now: Timestamp) -> Answer {
        let header = |(name, value): (&String, &Value)| Some((name.parse().ok()?, value.as_str()?.parse().ok()?));
        let headers: HeaderMap = self.headers.iter().filter_map(header).collect();
        Answer { status: self.status, retry_after: fetch::retry_after(&headers, now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(method: &str, params: Value) -> Value {
        json!({"level": "INFO", "message": json!({"message": {"method": method, "params": params}}).to_string()})
    }

    /// An answer to a request of the page that the loader `page` has loaded.
    fn response(id: &str, page: &str, kind: &str, url: &str, status: u16) -> Value {
        let response = json!({"url": url, "status": status, "headers": {"Retry-After": "120"}});
        let params = json!({"requestId": id, "frameId": "main", "loaderId": page, "type": kind, "response": response});
        event("Network.responseReceived", params)
    }

    fn finished(id: &str, bytes: f64) -> Value {
        event("Network.loadingFinished", json!({"requestId": id, "encodedDataLength": bytes}))
    }

    fn page() -> Value {
        response("page", "page", "Document", "https://www.tiktok.com/@ada", 200)
    }

    fn base() -> Url {
        Url::parse("https://www.tiktok.com").unwrap()
    }

    #[test]
    fn only_the_lists_of_this_page_of_this_site_are_taken() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        let log = json!([
            response("blank", "blank", "Document", "data:,", 200),
            page(),
            response("1", "page", "XHR", "https://www.tiktok.com/api/post/item_list/?cursor=0", 200),
            response("2", "page", "XHR", "https://elsewhere.example/api/post/item_list/?cursor=0", 200),
            response("3", "page", "XHR", "https://www.tiktok.com/api/preload/item_list/", 200),
            response("4", "page before", "XHR", "https://www.tiktok.com/api/post/item_list/?cursor=0", 200),
            finished("1", 10.0),
            finished("2", 10.0),
            finished("4", 10.0),
        ]);
        responses.read(&log, &base());
        assert!(responses.pending());
        assert_eq!(responses.finished, HashSet::from(["1".to_owned()]));
    }

    #[test]
    fn failed_and_overlong_answers_are_not_waited_for() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        let url = "https://www.tiktok.com/api/post/item_list/";
        let log = json!([
            page(),
            response("1", "page", "XHR", url, 200),
            response("2", "page", "XHR", url, 200),
            event("Network.loadingFailed", json!({"requestId": "1"})),
            finished("2", 1e9),
            "not an event",
        ]);
        responses.read(&log, &base());
        assert!(!responses.pending());
    }

    #[test]
    fn page_that_says_to_wait_is_a_rate_limit_with_that_time() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        let url = "https://www.tiktok.com/@ada";
        responses.read(&json!([response("page", "page", "Document", url, 429)]), &base());
        let limit = responses.refusal();
        assert!(
            matches!(&limit, Some(SourceError::RateLimited { retry_after: Some(wait) }) if wait.as_secs() == 120),
            "{limit:?}"
        );
    }

    #[test]
    fn page_that_loads_itself_anew_is_judged_by_its_last_answer() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        let url = "https://www.tiktok.com/@ada";
        responses.read(
            &json!([response("a", "a", "Document", url, 503), response("b", "b", "Document", url, 200)]),
            &base(),
        );
        assert!(responses.refusal().is_none());
    }

    #[test]
    fn page_that_broke_off_is_a_fault_of_the_network() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        responses.read(&json!([page()]), &base());
        assert!(responses.refusal_without_data().is_none() && responses.document_pending());
        responses.read(&json!([event("Network.loadingFailed", json!({"requestId": "page"}))]), &base());
        assert!(matches!(responses.refusal_without_data(), Some(SourceError::Network { .. })));
        assert!(!responses.document_pending());
    }

    #[test]
    fn page_is_pending_until_its_last_byte() {
        let mut responses = Responses::new(Timestamp::UNIX_EPOCH);
        assert!(!responses.document_pending());
        responses.read(&json!([page()]), &base());
        assert!(responses.document_pending());
        responses.read(&json!([finished("another", 9.0)]), &base());
        assert!(responses.document_pending());
        responses.read(&json!([finished("page", 9.0)]), &base());
        assert!(!responses.document_pending() && responses.refusal_without_data().is_none());
    }
}
