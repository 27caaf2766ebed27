//! Posts of creators from `items-*.jsonl.gz`.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, btree_map::Entry},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::input::{InputError, unpack};

/// A post as it was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    /// When it was posted, seconds since 1970, UTC.
    pub created: i64,
    /// When it was seen, seconds since 1970, UTC.
    pub collected: i64,
    /// Views then; `None` where there is no count.
    pub views: Option<f64>,
    /// Likes, comments, shares and saves then.
    pub reactions: [Option<f64>; 4],
    /// The caption; empty if there is none.
    pub caption: String,
    /// Hashtags without `#`.
    pub hashtags: Vec<String>,
    /// The sound's id.
    pub sound: Option<String>,
    /// The caption's language, as it is stated.
    pub language: Option<String>,
    /// Length in seconds.
    pub duration: Option<u32>,
}

/// Creators with their posts, and what could not be used.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// By the creator's name and the post's id, each post as it was last seen.
    pub creators: BTreeMap<String, BTreeMap<u64, Item>>,
    lines: usize,
    without_counters: usize,
    seen_before: usize,
}

/// Reads every file; a creator may be in several.
pub(crate) fn read(files: &[PathBuf]) -> Result<Items, InputError> {
    let mut items = Items::default();
    files.iter().try_for_each(|file| items.read(file))?;
    Ok(items)
}

impl Items {
    pub(crate) fn notes(&self) -> Vec<String> {
        vec![format!(
            "posts: {} lines of {} creators; not used: {} without views, {} looks at a post that was also seen later",
            self.lines,
            self.creators.len(),
            self.without_counters,
            self.seen_before,
        )]
    }

    fn read(&mut self, path: &Path) -> Result<(), InputError> {
        // Captions hold other line breaks, so that only \n ends a line.
        for (line, bytes) in (1..).zip(BufReader::new(unpack(path)?).split(b'\n')) {
            let bytes = bytes.map_err(|cause| InputError::Unreadable { path: path.to_owned(), line, cause })?;
            if !bytes.trim_ascii().is_empty() {
                let bad = |trouble| InputError::BadLine { path: path.to_owned(), line, trouble };
                let item = serde_json::from_slice(&bytes).map_err(|error| bad(format!("not JSON: {error}")))?;
                self.add(&item).map_err(bad)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, item: &Value) -> Result<(), String> {
        self.lines += 1;
        let author = &item["author"];
        let creator = author["uniqueId"].as_str().or_else(|| author.as_str()).ok_or("no author.uniqueId")?;
        let id =
            whole(&item["id"]).and_then(|id| u64::try_from(id).ok()).ok_or("no id, or one that is not a number")?;
        let created = whole(&item["createTime"]).ok_or("no createTime, or one that is not a number")?;
        let collected = whole(&item["collectTime"]).ok_or("no collectTime, or one that is not a number")?;
        let count = |name: &str| {
            let told = [&item["stats"][name], &item["statsV2"][name]].into_iter().find_map(whole);
            told.filter(|&count| count >= 0).map(|count| count as f64)
        };
        let views = count("playCount");
        self.without_counters += usize::from(views.is_none());
        let post = Item {
            created,
            collected,
            views,
            reactions: ["diggCount", "commentCount", "shareCount", "collectCount"].map(count),
            caption: item["desc"].as_str().unwrap_or_default().to_owned(),
            hashtags: hashtags(item),
            sound: item["music"]["id"].as_str().map(str::to_owned),
            language: item["textLanguage"].as_str().map(str::to_owned),
            duration: whole(&item["video"]["duration"]).and_then(|seconds| u32::try_from(seconds).ok()),
        };
        match self.creators.entry(creator.to_owned()).or_default().entry(id) {
            Entry::Vacant(place) => {
                place.insert(post);
            }
            Entry::Occupied(mut place) => {
                self.seen_before += 1;
                // Of two looks at one moment the larger count, so that the order of the lines does not matter.
                if newer(place.get(), &post).is_lt() {
                    place.insert(post);
                }
            }
        }
        Ok(())
    }
}

fn newer(a: &Item, b: &Item) -> Ordering {
    let views = |item: &Item| item.views.unwrap_or(-1.0);
    (a.collected.cmp(&b.collected))
        .then(views(a).total_cmp(&views(b)))
        .then(a.created.cmp(&b.created))
        .then_with(|| a.caption.cmp(&b.caption))
}

/// What a post's structures give besides its caption; most of them stand in it.
fn hashtags(item: &Value) -> Vec<String> {
    let names = |list: &str, name: &str| -> Vec<String> {
        let entries = item[list].as_array().map_or(&[][..], Vec::as_slice);
        entries
            .iter()
            .filter_map(|entry| entry[name].as_str())
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut tags = names("challenges", "title");
    tags.extend(names("textExtra", "hashtagName"));
    tags
}

/// A whole number, which some of the platform's answers give as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
