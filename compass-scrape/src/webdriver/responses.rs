//! What the page itself was answered: the item lists that its own script fetched, read from the browser's network log.

use std::collections::HashSet;

use compass_core::ports::SourceError;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::browser::Browser;

/// The path of the page's own request for posts.
const ITEM_LIST: &str = "/api/post/item_list/";
/// A longer item list is left alone: 35 posts take about half a megabyte.
const LARGEST_BODY: u64 = 16 * 1024 * 1024;

/// The item lists of one page, as their answers arrive.
#[derive(Debug, Default)]
pub(super) struct ItemLists {
    /// Requests whose answer has begun, with their HTTP status.
    begun: Vec<(String, u16)>,
    finished: HashSet<String>,
}

/// An answered request for posts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ItemListAnswer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body as it came; empty if it was.
    pub(super) body: String,
}

impl ItemLists {
    /// The answers that are complete since the last call, in the order of their requests.
    ///
    /// A browser without such a log gives an empty list: then the grid has to do.
    pub(super) async fn take(&mut self, browser: &Browser, base: &Url) -> Result<Vec<ItemListAnswer>, SourceError> {
        let log = match browser.vendor("se/log", json!({"type": "performance"})).await {
            Ok(log) => log,
            Err(error) if no_longer_usable(&error) => return Err(error),
            Err(_) => return Ok(Vec::new()),
        };
        self.read(&log, base);
        let mut answers = Vec::new();
        for (request, status) in std::mem::take(&mut self.begun) {
            if !self.finished.remove(&request) {
                self.begun.push((request, status));
                continue;
            }
            let asked = json!({"cmd": "Network.getResponseBody", "params": {"requestId": request}});
            match browser.vendor("goog/cdp/execute", asked).await {
                Ok(answer) => {
                    let text = answer["body"].as_str().filter(|_| answer["base64Encoded"] != true);
                    answers.push(ItemListAnswer { status, body: text.unwrap_or_default().to_owned() });
                }
                // The browser keeps bodies for a while only; the grid has the post anyway.
                Err(error) => tracing::debug!(%error, "an item list's body is gone"),
            }
        }
        Ok(answers)
    }

    /// Whether an answer has begun and not ended.
    pub(super) fn pending(&self) -> bool {
        !self.begun.is_empty()
    }

    fn read(&mut self, log: &Value, base: &Url) {
        for entry in log.as_array().into_iter().flatten() {
            let Some(event) = entry["message"].as_str().and_then(|text| serde_json::from_str::<Entry>(text).ok()) else {
                continue;
            };
            let Params { request_id, response, encoded_data_length } = event.message.params;
            match (event.message.method.as_str(), response) {
                ("Network.responseReceived", Some(response)) if is_item_list(&response.url, base) => {
                    self.begun.push((request_id, response.status));
                }
                ("Network.loadingFinished", _) if self.begun.iter().any(|(id, _)| *id == request_id) => {
                    if encoded_data_length <= LARGEST_BODY as f64 {
                        self.finished.insert(request_id);
                    } else {
                        self.begun.retain(|(id, _)| *id != request_id);
                    }
                }
                ("Network.loadingFailed", _) => self.begun.retain(|(id, _)| *id != request_id),
                _ => {}
            }
        }
    }
}

fn is_item_list(url: &str, base: &Url) -> bool {
    Url::parse(url).is_ok_and(|url| url.path() == ITEM_LIST && url.origin() == base.origin())
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
    response: Option<Response>,
    #[serde(default)]
    encoded_data_length: f64,
}

#[derive(Deserialize)]
struct Response {
    url: String,
    status: u16,
}
