//! Several layers of evidence on one account become one look at it.

use std::collections::HashMap;

use compass_core::{
    Handle, Profile, ProfileCounts, ProfileObservation, Refusal, Snapshot, SourceKind, Video, VideoCounts, VideoId,
    VideoKind, VideoObservation, ports::SourceError,
};
use jiff::Timestamp;

use super::{Account, Card, Grid, Item, ItemList, counts};

/// What was read of one account at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The account.
    pub account: Account,
    /// Its item structs, from lists and from video pages.
    pub items: ItemList,
    /// The rendered page.
    pub grid: Grid,
}

/// Joins the layers, field by field: the item struct over the card, the exact figure over the rounded one.
/// Where two layers cannot both be true the first in that order stands and the disagreement is recorded.
///
/// # Errors
/// [`SourceError::GridUnavailable`] if the header counts posts and no layer shows any, [`SourceError::Private`] if they
/// are hidden because the account is private, [`SourceError::LayoutChanged`] if posts are shown and none can be read.
pub fn reconcile(layers: Layers, observed_at: Timestamp, source: SourceKind) -> Result<Snapshot, SourceError> {
    let snapshot = join(layers, observed_at, source)?;
    if snapshot.videos.is_empty() {
        let posts_were_shown =
            snapshot.refused.iter().any(|refusal| refusal.reason != "withheld" && refusal.item.is_some());
        let expected = snapshot.profile.counts.videos.map(|count| count.lo());
        if let Some(expected) = expected.filter(|n| *n > 0 && !posts_were_shown) {
            return Err(SourceError::GridUnavailable { expected, got: 0, header: Some(Box::new(snapshot.profile)) });
        }
    }
    Ok(snapshot)
}

/// Joins the layers of a page in which posts need not be shown.
///
/// # Errors
/// Those of [`reconcile`] but [`SourceError::GridUnavailable`].
pub(super) fn join(layers: Layers, observed_at: Timestamp, source: SourceKind) -> Result<Snapshot, SourceError> {
    let Layers { account, items, grid } = layers;
    let mut join = Join { observed_at, source, disagreements: account.disagreements, refused: account.refused };
    join.refused.extend(items.refused);
    join.refused.extend(grid.refused);

    let counts = join.profile_counts(account.counts, &grid.header.counts);
    join.check_header(&account.profile, &grid.header.handle);
    let profile = ProfileObservation { profile: account.profile, observed_at, source, counts };
    let videos = join.videos(items.items, grid.cards, profile.profile.id);
    if videos.is_empty() {
        if profile.profile.private {
            return Err(SourceError::Private);
        }
        if let Some(refusal) = join.refused.iter().find(|refusal| refusal.reason == "malformed") {
            return Err(SourceError::LayoutChanged {
                path: "[data-e2e=user-post-item]".to_owned(),
                detail: format!("no post could be read: {}", refusal.detail),
            });
        }
    }
    Ok(Snapshot { profile, videos, refused: join.refused, disagreements: join.disagreements })
}

/// The observation of a post by its item struct alone.
pub(crate) fn observation(item: Item, observed_at: Timestamp, source: SourceKind) -> VideoObservation {
    VideoObservation { video: item.video, observed_at, source, pinned: item.pinned, counts: item.counts }
}

struct Join {
    observed_at: Timestamp,
    source: SourceKind,
    disagreements: Vec<String>,
    refused: Vec<Refusal>,
}

impl Join {
    fn profile_counts(&mut self, data: ProfileCounts, shown: &ProfileCounts) -> ProfileCounts {
        let mut field = |name: &str, data, shown| {
            counts::agreed(&mut self.disagreements, name, ("the data", data), ("the header", shown))
        };
        ProfileCounts {
            followers: field("followers", data.followers, shown.followers),
            following: field("following", data.following, shown.following),
            likes: field("likes", data.likes, shown.likes),
            videos: data.videos,
        }
    }

    fn check_header(&mut self, profile: &Profile, shown: &Option<Handle>) {
        if let Some(shown) = shown.as_ref().filter(|shown| **shown != profile.handle) {
            self.disagreements.push(format!("handle: the data says {}, the header says {shown}", profile.handle));
        }
    }

    fn videos(
        &mut self,
        items: Vec<Item>,
        cards: Vec<Card>,
        creator: compass_core::CreatorId,
    ) -> Vec<VideoObservation> {
        let mut cards_by_id: HashMap<VideoId, usize> =
            cards.iter().enumerate().map(|(at, card)| (card.video.id, at)).collect();
        let items_lead = items.len() >= cards.len();
        let mut joined: HashMap<VideoId, VideoObservation> = HashMap::new();
        let mut order = Vec::new();
        for item in items {
            let id = item.video.id;
            if let Some(author) = item.author.as_ref().filter(|author| author.profile.id != creator) {
                self.refused.push(Refusal {
                    item: Some(id.to_string()),
                    reason: "other_author".to_owned(),
                    detail: format!("the post is by @{}", author.profile.handle),
                });
                cards_by_id.remove(&id);
                continue;
            }
            self.disagreements.extend(item.disagreements.iter().cloned());
            let card = cards_by_id.get(&id).map(|at| &cards[*at]);
            let video = self.video(item, card);
            order.push(id);
            joined.entry(id).or_insert(video);
        }
        let mut shown = Vec::new();
        for card in cards.into_iter().filter(|card| cards_by_id.contains_key(&card.video.id)) {
            shown.push(card.video.id);
            joined.entry(card.video.id).or_insert_with(|| VideoObservation {
                video: card.video,
                observed_at: self.observed_at,
                source: self.source,
                pinned: card.pinned,
                counts: card.counts,
            });
        }
        // The longer layer knows the order; what only the other one has follows.
        let (first, second) = if items_lead { (order, shown) } else { (shown, order) };
        first.into_iter().chain(second).filter_map(|id| joined.remove(&id)).collect()
    }

    fn video(&mut self, item: Item, card: Option<&Card>) -> VideoObservation {
        let mut seen = observation(item, self.observed_at, self.source);
        let Some(card) = card else { return seen };
        let id = seen.video.id;
        let views = counts::agreed(
            &mut self.disagreements,
            &format!("{id} views"),
            ("the data", seen.counts.views),
            ("the card", card.counts.views),
        );
        let with_card = VideoCounts { views, ..seen.counts };
        // A card is rounded otherwise than the data; what it adds must not make the post impossible.
        if counts::more_likes_than_views(&with_card).is_none() {
            seen.counts = with_card;
        }
        if seen.video.kind == VideoKind::Video && card.video.kind == VideoKind::Photo && seen.video.duration.is_none() {
            seen.video.kind = VideoKind::Photo;
        } else if seen.video.kind != card.video.kind && card.video.kind == VideoKind::Photo {
            self.disagreements.push(format!("{id} kind: the data says video, the card says photo"));
        }
        seen.pinned |= card.pinned;
        if seen.video.caption.is_empty() && !card.video.caption.is_empty() {
            let Video { caption, hashtags, .. } = card.video.clone();
            seen.video.caption = caption;
            if seen.video.hashtags.is_empty() {
                seen.video.hashtags = hashtags;
            }
        }
        seen
    }
}
