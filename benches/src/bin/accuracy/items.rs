//! Posts of creators from `items-*.jsonl.gz`.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::input::{InputError, unpack};

/// A post as it was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Item {
    /// When it was posted, seconds since 1970, UTC.
    pub created: i64,
    /// When it was seen, seconds since 1970, UTC.
    pub collected: i64,
    /// Views then.
    pub views: f64,
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
        let posts = self.creators.entry(creator.to_owned()).or_default();
        let Some(views) = whole(&item["stats"]["playCount"]).filter(|&views| views >= 0) else {
            self.without_counters += 1;
            return Ok(());
        };
        let item = Item { created, collected, views: views as f64 };
        match posts.entry(id) {
            Entry::Vacant(post) => {
                post.insert(item);
            }
            Entry::Occupied(mut post) => {
                self.seen_before += 1;
                // Of two looks at one moment the larger count, so that the order of the lines does not matter.
                let newest = [item, *post.get()].into_iter().max_by(|a, b| {
                    a.collected.cmp(&b.collected).then(a.views.total_cmp(&b.views)).then(a.created.cmp(&b.created))
                });
                post.insert(newest.expect("one of two"));
            }
        }
        Ok(())
    }
}

/// A whole number, which some of the platform's answers give as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
