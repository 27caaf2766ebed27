//! What one visit of an account has read, put together: the same whether the site was read or a recording of it.

use compass_core::{Handle, Refusal, Snapshot, SourceKind, VideoId, ports::SourceError};
use jiff::Timestamp;

use crate::{
    NOT_GIVEN,
    parse::{self, Item, Layers, ProfileParts},
    posts::{Posts, Wanted, ends_visit, says_stop},
};

/// Puts a rendered profile and the posts that lists and pages gave together into one look. Where `wanted` says nothing,
/// it is all that was read.
///
/// # Errors
/// What the page or the lists say where no post was shown, and those of [`parse::reconcile`].
pub(crate) fn look(
    profile: ProfileParts,
    mut posts: Posts,
    wanted: Option<&Wanted>,
    (observed_at, source): (Timestamp, SourceKind),
) -> Result<Snapshot, SourceError> {
    let ProfileParts { account, grid, captcha, said, .. } = profile;
    if grid.cards.is_empty() && posts.list().items.is_empty() {
        // It says more than the puzzle in front of it: for how long to stay away.
        if let Some(SourceError::RateLimited { .. }) = posts.failure() {
            return Err(posts.take_failure().expect("it was looked at"));
        }
        if captcha {
            return Err(SourceError::CaptchaRequired);
        }
        if let Some(said) = said {
            return Err(said);
        }
        if posts.failure().is_some_and(says_stop)
            && let Some(failure) = posts.take_failure()
        {
            return Err(failure);
        }
    }
    if let Some(wanted) = wanted.filter(|_| !account.profile.private) {
        posts.note_if_partial(wanted, &grid.cards);
    }
    // What was read is kept; and it is told that somebody said to stop.
    if captcha {
        posts.miss(None, &SourceError::CaptchaRequired);
    }
    if let Some(failure) = posts.take_failure().filter(ends_visit) {
        posts.miss(None, &failure);
    }
    let block = posts.take_block();
    let (pages, items) = posts.into_layers();
    let mut snapshot = parse::reconcile(Layers { account, pages, items, grid }, observed_at, source)?;
    snapshot.block = block;
    if let Some(wanted) = wanted {
        snapshot.videos.truncate(usize::try_from(wanted.most).unwrap_or(usize::MAX));
    }
    Ok(snapshot)
}

/// Reads the header of a profile page that came without its posts, and says that they are missing. Of the posts that are
/// in it all the same, as in old layouts, at most so many are given.
///
/// # Errors
/// Those of [`parse::profile_header`].
pub(crate) fn header(
    html: &str,
    handle: &Handle,
    most: Option<u64>,
    (observed_at, source): (Timestamp, SourceKind),
) -> Result<Snapshot, SourceError> {
    let mut snapshot = parse::profile_header(html, handle, observed_at, source)?;
    if let Some(most) = most {
        snapshot.videos.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    let stated = snapshot.profile.counts.videos;
    if snapshot.videos.is_empty() && most != Some(0) && stated.is_none_or(|count| count.hi() > 0) {
        let counted = stated.map_or_else(|| "an unknown number of".to_owned(), |count| count.to_string());
        snapshot.refused.push(Refusal {
            item: None,
            reason: NOT_GIVEN.to_owned(),
            detail: format!("the header counts {counted} posts; a page without a browser holds none of them"),
        });
    }
    Ok(snapshot)
}

/// Reads the page of a post that was opened for its figures.
///
/// # Errors
/// Those of [`parse::video_page`], and [`SourceError::LayoutChanged`] if it is another post's.
pub(crate) fn post_page(html: &str, id: VideoId) -> Result<Item, SourceError> {
    let item = parse::video_page(html)?.item;
    if item.video.id == id {
        return Ok(item);
    }
    let detail = format!("the page of post {id} describes {}", item.video.id);
    Err(SourceError::LayoutChanged { path: "itemStruct.id".to_owned(), detail })
}
