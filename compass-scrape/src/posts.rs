//! Posts gathered part by part, as a site gives them.

use std::collections::HashSet;

use compass_core::{Refusal, VideoId, ports::SourceError};

use crate::parse::{self, Item, ItemList};

/// A page may ask for a list twice; that many lists in a row without a new post go round in circles.
const REPEATS: u32 = 2;

/// The posts that lists and pages have described so far, each once.
#[derive(Debug, Default)]
pub(crate) struct Posts {
    list: ItemList,
    known: HashSet<VideoId>,
    repeats: u32,
    failure: Option<SourceError>,
}

impl Posts {
    /// Adds the posts of one answer of `/api/post/item_list/`. An answer that is no list is remembered as a failure.
    ///
    /// # Errors
    /// [`SourceError::PaginationLoop`] if the lists bring the same posts again and again.
    pub(crate) fn absorb(&mut self, body: &str) -> Result<(), SourceError> {
        let part = match parse::item_list(body) {
            Ok(part) => part,
            Err(error) => {
                tracing::debug!(%error, "a list of posts was not readable");
                self.failure = Some(error);
                return Ok(());
            }
        };
        let before = self.known.len();
        let had_any = !part.items.is_empty();
        part.items.into_iter().for_each(|item| self.add(item));
        self.list.refused.extend(part.refused);
        self.list.has_more = part.has_more;
        self.list.cursor = part.cursor;
        self.list.observed_at = self.list.observed_at.or(part.observed_at);
        let nothing_new = had_any && self.known.len() == before && part.has_more == Some(true);
        self.repeats = if nothing_new { self.repeats + 1 } else { 0 };
        if self.repeats >= REPEATS {
            return Err(SourceError::PaginationLoop { got: u64::try_from(before).unwrap_or(u64::MAX) });
        }
        Ok(())
    }

    /// Adds a post, unless it is known.
    pub(crate) fn add(&mut self, item: Item) {
        if self.known.insert(item.video.id) {
            self.list.items.push(item);
        }
    }

    /// Remembers that something of it was not accepted.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.list.refused.push(refusal);
    }

    /// Remembers why a list could not be had.
    pub(crate) fn fail(&mut self, error: SourceError) {
        self.failure = Some(error);
    }

    /// Notes that the list ended before its end, if it did and fewer posts than wanted have come.
    pub(crate) fn note_if_partial(&mut self, wanted: u64) {
        let got = self.list.items.len();
        if self.list.has_more == Some(true) && u64::try_from(got).is_ok_and(|got| got < wanted) {
            self.refuse(Refusal {
                item: None,
                reason: "partial_list".to_owned(),
                detail: format!("the list of posts stopped after {got} of {wanted} and said that there are more"),
            });
        }
    }

    /// Whether a post has been described.
    pub(crate) fn has(&self, id: VideoId) -> bool {
        self.known.contains(&id)
    }

    /// What there is so far.
    pub(crate) fn list(&self) -> &ItemList {
        &self.list
    }

    /// Why the last list could not be had, if one could not.
    pub(crate) fn take_failure(&mut self) -> Option<SourceError> {
        self.failure.take()
    }

    /// All of it.
    pub(crate) fn into_list(self) -> ItemList {
        self.list
    }
}

/// Whether a failed list says more than that the posts were withheld.
pub(crate) fn explains_an_empty_grid(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::CaptchaRequired
            | SourceError::LoginRequired
            | SourceError::RateLimited { .. }
            | SourceError::AudienceControlled
            | SourceError::RegionBlocked
    )
}
