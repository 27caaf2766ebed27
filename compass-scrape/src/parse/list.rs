//! Many posts: the list's envelope, a bare array, or one item struct a line.

use std::{collections::HashMap, fmt};

use compass_core::{Refusal, VideoId, ports::SourceError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Item,
    container::{Sigi, first_value, unknown_form},
    document::document,
    item::{RawItem, item},
    lenient::{Figure, Flag, Id, Words},
    status::{Extra, Status, Subject},
};

/// What a list of posts gave: each of its entries is among the items or among the refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemList {
    /// The posts, each once, in the list's order.
    pub items: Vec<Item>,
    /// Entries that were not accepted: `duplicate`, `suspect_value`, `live_card`, `withheld`, `malformed`.
    pub refused: Vec<Refusal>,
    /// Whether the source has more; `None` if it does not say.
    pub has_more: Option<bool>,
    /// What to send to get the next part.
    pub cursor: Option<String>,
    /// When the source says that it answered.
    pub observed_at: Option<Timestamp>,
}

/// Reads a list of posts: the envelope of `/api/post/item_list/`, an array of item structs, one item struct,
/// or one item struct a line (separated by `\n` only).
///
/// # Errors
/// What the answer is instead of a list, by its status codes; [`SourceError::EmptyResponse`] for no text;
/// [`SourceError::LayoutChanged`] for something else than a list.
///
/// ```
/// let answer = r#"{"itemList": [{"id": "7470546959699348744", "createTime": 1739372260, "desc": "hi #FYP",
///     "stats": {"playCount": 98400, "diggCount": "177"}}], "hasMore": false, "cursor": "1739372260000", "statusCode": 0}"#;
/// let list = compass_scrape::parse::item_list(answer)?;
/// assert_eq!(list.items[0].video.hashtags, ["fyp"]);
/// assert_eq!(list.items[0].counts.views.map(|count| count.to_string()).as_deref(), Some("98350-98449"));
/// # Ok::<(), compass_core::ports::SourceError>(())
/// ```
pub fn item_list(json: &str) -> Result<ItemList, SourceError> {
    // An answer of the site is read in one go. For anything else, and where an item is malformed, it has to be seen first
    // what is what.
    if let Ok(mut answer @ Answer { item_list: Some(_), .. }) = serde_json::from_str::<Answer<'_, RawItem<'_>>>(json) {
        return answer.list(RawItem::read);
    }
    let read = document(json, None)?;
    if read.accounts.is_empty() || !read.posts.items.is_empty() {
        return Ok(read.posts);
    }
    Err(SourceError::LayoutChanged {
        path: "itemList".to_owned(),
        detail: "it describes an account, not posts".to_owned(),
    })
}

/// Reads the envelope of a list; each item by itself, so that a malformed one spoils no other.
pub(super) fn envelope(json: &str) -> Result<ItemList, SourceError> {
    let read: serde_json::Result<Answer<'_, &RawValue>> = first_value(json);
    match read {
        Ok(mut answer) => answer.list(|raw, place| item(raw.get(), place)),
        Err(e) => Err(Status::of(json).error(Subject::List).unwrap_or_else(|| unknown_form("itemList", &e))),
    }
}

/// The envelope of a list, its items read to `I`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer<'a, I> {
    item_list: Option<Vec<I>>,
    has_more: Option<Flag>,
    has_more_previous: Option<Flag>,
    #[serde(borrow)]
    cursor: Option<Id<'a>>,
    status_code: Figure,
    #[serde(rename = "status_code")]
    snake_status_code: Figure,
    code: Figure,
    #[serde(borrow)]
    status_msg: Option<Words<'a>>,
    #[serde(rename = "status_msg", borrow)]
    snake_status_msg: Option<Words<'a>>,
    extra: Option<Extra>,
}

impl<I> Default for Answer<'_, I> {
    fn default() -> Self {
        Self {
            item_list: None,
            has_more: None,
            has_more_previous: None,
            cursor: None,
            status_code: Figure::Absent,
            snake_status_code: Figure::Absent,
            code: Figure::Absent,
            status_msg: None,
            snake_status_msg: None,
            extra: None,
        }
    }
}

impl<I> Answer<'_, I> {
    fn list(
        &mut self,
        read: impl Fn(&I, fmt::Arguments<'_>) -> Result<Item, Refusal>,
    ) -> Result<ItemList, SourceError> {
        let status = Status {
            camel: self.status_code,
            snake: self.snake_status_code,
            code: self.code,
            message: self.status_msg.take(),
            snake_message: self.snake_status_msg.take(),
            mobile_message: None,
            extra: self.extra.take(),
        };
        if let Some(error) = status.error(Subject::List) {
            return Err(error);
        }
        let mut posts = Posts::default();
        for (index, one) in self.item_list.iter().flatten().enumerate() {
            posts.add(read(one, format_args!("item {}", index + 1)));
        }
        Ok(ItemList {
            has_more: self.has_more.or(self.has_more_previous).map(|flag| flag.0),
            cursor: cursor(self.cursor.take()),
            observed_at: status.made_at(),
            ..posts.into_list()
        })
    }
}

/// Reads the posts that a page of before 2023 carries, in the order of its own list.
pub(super) fn from_sigi(sigi: &Sigi<'_>) -> ItemList {
    let Some(module) = &sigi.item_module else { return ItemList::default() };
    let list = sigi.item_list.as_ref().and_then(|lists| lists.user_post.as_ref());
    let listed = list.map(|list| list.list.as_slice()).unwrap_or_default();
    let mut posts = Posts::default();
    for id in listed {
        if let Some(raw) = module.get(id.0.as_ref()) {
            posts.add(item(raw.get(), format_args!("ItemModule.{}", id.0)));
        }
    }
    // Without a list every post of the module is taken, the newest first: the ids ascend with time.
    if listed.is_empty() {
        for (id, raw) in module.iter().rev() {
            posts.add(item(raw.get(), format_args!("ItemModule.{id}")));
        }
    }
    ItemList {
        has_more: list.and_then(|list| list.has_more).map(|flag| flag.0),
        cursor: cursor(list.and_then(|list| list.cursor.clone())),
        ..posts.into_list()
    }
}

/// Collects posts, each once.
#[derive(Debug, Default)]
pub(super) struct Posts {
    list: ItemList,
    seen: HashMap<VideoId, usize>,
}

impl Posts {
    /// Adds an entry. Of two observations of one post the newer one is kept, the other one is refused.
    pub(super) fn add(&mut self, entry: Result<Item, Refusal>) {
        let item = match entry {
            Ok(item) => item,
            Err(refusal) => return self.list.refused.push(refusal),
        };
        let id = item.video.id;
        let Some(&at) = self.seen.get(&id) else {
            self.seen.insert(id, self.list.items.len());
            return self.list.items.push(item);
        };
        let kept = &mut self.list.items[at];
        let newer = item.collected_at > kept.collected_at;
        let refused = if newer { std::mem::replace(kept, item) } else { item };
        let time = |at: Option<Timestamp>| at.map_or_else(|| "no time".to_owned(), |at| at.to_string());
        self.list.refused.push(Refusal {
            item: Some(id.to_string()),
            reason: "duplicate".to_owned(),
            detail: format!(
                "the post is in the list twice; the observation of {} is kept, that of {} is not",
                time(kept.collected_at),
                time(refused.collected_at)
            ),
        });
    }

    pub(super) fn extend(&mut self, list: ItemList) {
        self.list.refused.extend(list.refused);
        self.list.has_more = list.has_more.or(self.list.has_more);
        self.list.cursor = list.cursor.or_else(|| self.list.cursor.take());
        self.list.observed_at = self.list.observed_at.max(list.observed_at);
        for mut item in list.items {
            item.collected_at = item.collected_at.or(list.observed_at);
            self.add(Ok(item));
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.list.refused.push(refusal);
    }

    pub(super) fn into_list(self) -> ItemList {
        self.list
    }
}

fn cursor(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.0.into_owned()).filter(|cursor| !cursor.is_empty())
}
