//! Posts gathered part by part, as a site gives them.

use std::collections::HashSet;

use compass_core::{Block, Refusal, VideoId, ports::SourceError};
use jiff::Timestamp;

use crate::parse::{self, Card, Item, ItemList};

/// A page may ask for a list twice; that many lists in a row without a new post go round in circles.
const REPEATS: u32 = 2;

/// The posts that lists and pages have described so far, each once by either.
#[derive(Debug, Default)]
pub(crate) struct Posts {
    list: ItemList,
    known: HashSet<VideoId>,
    pages: Vec<Item>,
    repeats: u32,
    failure: Option<SourceError>,
    block: Option<Block>,
}

/// Which posts are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// At most so many.
    pub(crate) most: u64,
    /// None older than this, but for pinned ones.
    pub(crate) since: Option<Timestamp>,
    /// So many are there, as the header says; private ones count.
    pub(crate) stated: Option<u64>,
}

impl Wanted {
    /// How many there can be to read. One at least where there are any, so that an account of which none are wanted is
    /// not taken for one that withholds them.
    pub(crate) fn count(&self) -> u64 {
        self.most.max(1).min(self.stated.unwrap_or(u64::MAX))
    }
}

impl Posts {
    /// Adds the posts of one answer of `/api/post/item_list/`. An answer that is no list is remembered as a failure.
    ///
    /// # Errors
    /// [`SourceError::PaginationLoop`] if the lists bring the same posts again and again.
    pub(crate) fn absorb(&mut self, body: &str) -> Result<(), SourceError> {
        match parse::item_list(body) {
            Ok(part) => self.extend(part),
            Err(error) => {
                tracing::debug!(%error, "a list of posts was not readable");
                self.failure = Some(error);
                Ok(())
            }
        }
    }

    /// Adds the posts of a list.
    ///
    /// # Errors
    /// [`SourceError::PaginationLoop`] if the lists bring the same posts again and again.
    pub(crate) fn extend(&mut self, part: ItemList) -> Result<(), SourceError> {
        let before = self.known.len();
        let had_any = !part.items.is_empty();
        part.items.into_iter().for_each(|item| self.add(item));
        self.list.refused.extend(part.refused);
        // An answer that came to nothing was made good.
        self.failure.take_if(|failure| !says_stop(failure));
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

    fn add(&mut self, item: Item) {
        if self.known.insert(item.video.id) {
            self.list.items.push(item);
        }
    }

    /// Adds a post as its own page describes it.
    pub(crate) fn add_page(&mut self, item: Item) {
        self.pages.push(item);
    }

    /// Remembers that something of it was not accepted.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.list.refused.push(refusal);
    }

    /// Remembers what was met instead of a post, or of the posts as a whole. Of several blocks, the one that asks for the longest
    /// pause stands for the visit.
    pub(crate) fn miss(&mut self, post: Option<VideoId>, outcome: &SourceError) {
        self.block = self.block.take().into_iter().chain(Block::of(outcome)).max_by_key(|block| block.least);
        self.refuse(outcome.refusal(post.map(|id| id.to_string())));
    }

    /// The block that was met on the way, if one was.
    pub(crate) fn take_block(&mut self) -> Option<Block> {
        self.block.take()
    }

    /// Remembers why a list could not be had.
    pub(crate) fn fail(&mut self, error: SourceError) {
        self.failure = Some(error);
    }

    /// Whether the lists have come to posts that are too old to be wanted. Pinned ones come first, however old they are.
    pub(crate) fn reach_back_to(&self, since: Option<Timestamp>) -> bool {
        since.is_some_and(|since| self.list.items.iter().any(|item| !item.pinned && item.video.created_at < since))
    }

    /// Notes that posts are missing which were wanted, if any are. `shown` are the cards of the grid.
    pub(crate) fn note_if_partial(&mut self, wanted: &Wanted, shown: &[Card]) {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let got = count(self.list.items.len().max(shown.len()));
        let too_old = |card: &Card| !card.pinned && wanted.since.is_some_and(|since| card.video.created_at < since);
        if got == 0 || got >= wanted.count() || self.reach_back_to(wanted.since) || shown.iter().any(too_old) {
            return;
        }
        let why = match (self.list.has_more, &self.failure) {
            (_, Some(failure)) => failure.to_string(),
            (Some(true), None) => "it said that there are more, and they did not come".to_owned(),
            (Some(false) | None, None) => "it ended there, and private posts are not shown".to_owned(),
        };
        self.refuse(SourceError::PartialList { got, wanted: wanted.count(), why }.refusal(None));
    }

    /// Whether a list has described a post.
    pub(crate) fn has(&self, id: VideoId) -> bool {
        self.known.contains(&id)
    }

    /// What the lists gave so far.
    pub(crate) fn list(&self) -> &ItemList {
        &self.list
    }

    /// Why the last list could not be had, if one could not.
    pub(crate) fn failure(&self) -> Option<&SourceError> {
        self.failure.as_ref()
    }

    /// Why the last list could not be had, if one could not; forgotten with the answer.
    pub(crate) fn take_failure(&mut self) -> Option<SourceError> {
        self.failure.take()
    }

    /// All of it: what the posts' own pages say, and what the lists say.
    pub(crate) fn into_layers(self) -> (Vec<Item>, ItemList) {
        (self.pages, self.list)
    }
}

/// Whether a failed list says more than that the posts were withheld: it is not asked for again.
pub(crate) fn says_stop(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::CaptchaRequired
            | SourceError::LoginRequired
            | SourceError::RateLimited { .. }
            | SourceError::ParameterBlock
            | SourceError::Forbidden { .. }
            | SourceError::AudienceControlled
            | SourceError::RegionBlocked
    )
}

/// Whether nothing further is asked for after it. A list that stays empty is how the site turns visitors away, too.
pub(crate) fn ends_visit(error: &SourceError) -> bool {
    says_stop(error) || matches!(error, SourceError::EmptyResponse)
}
