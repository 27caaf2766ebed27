//! Several layers of evidence on one account become one look at it.
//!
//! Each field has one order in which its layers are believed, and counters have a rule before it: the more exact layer
//! first, so that a rounded figure never hides an exact one. `>` reads "before".
//!
//! | field | order |
//! |---|---|
//! | an account's counters | the more exact; the page's data (`statsV2` > `stats`) > the header; what a post says of its author is older, and fills gaps alone |
//! | handle, nickname | the page's data; what the header shows is compared |
//! | the rest of the profile | the page's data |
//! | a post's counters | the more exact; its own page > the list > its card in the grid (views only) |
//! | a post's time, length, sound, language | its own page > the list > its id (the time alone) |
//! | a post's kind, caption, hashtags | its own page > the list > its card |
//! | pinned | whichever layer says so |
//! | the order of the posts | the longer of list and grid, then what only the other or a post's own page has |
//!
//! Where two layers say what cannot both be true, [`Snapshot::disagreements`] has the field and what each said. A post
//! whose counters are impossible together (more likes than views) keeps those of its first layer. A post of which every
//! list and page says what cannot be true is kept as a post without figures.

use std::collections::HashMap;

use compass_core::{
    Count, CreatorId, Profile, ProfileCounts, ProfileObservation, Refusal, Snapshot, SourceKind, Video, VideoCounts,
    VideoId, VideoKind, VideoObservation, ports::SourceError,
};
use jiff::Timestamp;

use super::{Account, Card, Grid, Header, Item, ItemList, counts};

/// What was read of one account at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The account.
    pub account: Account,
    /// Posts as their own pages describe them.
    pub pages: Vec<Item>,
    /// Posts as lists describe them.
    pub items: ItemList,
    /// The rendered page.
    pub grid: Grid,
}

/// Joins the layers, field by field, each in a declared order; [`Snapshot::disagreements`] has what did not fit.
///
/// # Errors
/// [`SourceError::GridUnavailable`] if the header counts posts and no layer shows any, [`SourceError::Private`] if they
/// are hidden because the account is private, [`SourceError::LayoutChanged`] if posts are shown and none can be read.
pub fn reconcile(layers: Layers, observed_at: Timestamp, source: SourceKind) -> Result<Snapshot, SourceError> {
    let snapshot = join(layers, observed_at, source)?;
    if snapshot.videos.is_empty() {
        let is_post =
            |refusal: &Refusal| refusal.item.is_some() && !matches!(refusal.reason.as_str(), "withheld" | "live_card");
        let posts_were_shown = snapshot.refused.iter().any(is_post);
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
    let Layers { account, pages, items, grid } = layers;
    let mut join = Join { observed_at, source, disagreements: account.disagreements, refused: account.refused };
    let is_live = |refusal: &Refusal| refusal.reason == "live_card";
    let live_is_listed = items.refused.iter().any(is_live);
    join.refused.extend(items.refused);
    join.refused.extend(grid.refused.into_iter().filter(|refusal| !(live_is_listed && is_live(refusal))));

    let author = pages.iter().chain(&items.items).find_map(|item| item.author.as_ref());
    let author = author.filter(|author| author.profile.id == account.profile.id);
    let counts = join.profile_counts(account.counts, &grid.header.counts, author.map(|author| author.counts));
    join.check_header(&account.profile, &grid.header);
    let profile = ProfileObservation { profile: account.profile, observed_at, source, counts };
    let videos = join.videos(pages, items.items, grid.cards, profile.profile.id);
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
    Ok(Snapshot { profile, videos, refused: join.refused, block: None, disagreements: join.disagreements })
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

/// What the layers say of one post.
#[derive(Default)]
struct Sightings {
    page: Option<Item>,
    listed: Option<Item>,
    card: Option<Card>,
}

impl Join {
    fn profile_counts(
        &mut self,
        data: ProfileCounts,
        shown: &ProfileCounts,
        author: Option<ProfileCounts>,
    ) -> ProfileCounts {
        // Beside a post zeros mean that the counters are withheld.
        let known = |count: Option<Count>| count.filter(|count| count.hi() > 0);
        let author = author.unwrap_or_default();
        let mut field = |name: &str, data, shown, author| {
            let notes = &mut self.disagreements;
            let best = counts::agreed(notes, name, ("the data", data), ("the header", shown));
            // A post tells of its author what was true some time ago, so it is compared, and fills gaps alone.
            counts::agreed(notes, name, ("the page", best), ("a post", known(author)));
            best.or(known(author))
        };
        ProfileCounts {
            followers: field("followers", data.followers, shown.followers, author.followers),
            following: field("following", data.following, shown.following, author.following),
            likes: field("likes", data.likes, shown.likes, author.likes),
            videos: field("videos", data.videos, None, author.videos),
        }
    }

    fn check_header(&mut self, profile: &Profile, shown: &Header) {
        if let Some(shown) = shown.handle.as_ref().filter(|shown| **shown != profile.handle) {
            self.disagreements.push(format!("handle: the data says {}, the header says {shown}", profile.handle));
        }
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(shown) = shown.nickname.as_ref().filter(|shown| words(shown) != words(profile.nickname.as_str())) {
            self.disagreements
                .push(format!("nickname: the data says {:?}, the header says {shown:?}", profile.nickname.as_str()));
        }
    }

    fn videos(
        &mut self,
        pages: Vec<Item>,
        listed: Vec<Item>,
        cards: Vec<Card>,
        creator: CreatorId,
    ) -> Vec<VideoObservation> {
        // These are large, so it matters that they need not move.
        let posts = pages.len() + listed.len().max(cards.len());
        let mut sightings: HashMap<VideoId, Sightings> = HashMap::with_capacity(posts);
        let (mut others, mut by_page, mut by_list, mut by_grid) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (item, own_page) in
            pages.into_iter().map(|item| (item, true)).chain(listed.into_iter().map(|item| (item, false)))
        {
            let id = item.video.id;
            if let Some(author) = item.author.as_ref().filter(|author| author.profile.id != creator) {
                self.refused.push(Refusal {
                    item: Some(id.to_string()),
                    reason: "other_author".to_owned(),
                    detail: format!("the post is by @{}", author.profile.handle),
                });
                others.push(id);
                continue;
            }
            let seen = sightings.entry(id).or_default();
            let (place, order) =
                if own_page { (&mut seen.page, &mut by_page) } else { (&mut seen.listed, &mut by_list) };
            order.push(id);
            place.get_or_insert(item);
        }
        for card in cards {
            by_grid.push(card.video.id);
            sightings.entry(card.video.id).or_default().card.get_or_insert(card);
        }
        for id in others {
            sightings.remove(&id);
        }
        // The longer layer knows the order; what only another one has follows.
        let (first, second) = if by_list.len() >= by_grid.len() { (by_list, by_grid) } else { (by_grid, by_list) };
        let order = first.into_iter().chain(second).chain(by_page);
        order.filter_map(|id| sightings.remove(&id)).filter_map(|seen| self.video(seen)).collect()
    }

    fn video(&mut self, seen: Sightings) -> Option<VideoObservation> {
        let Sightings { page, listed, card } = seen;
        let described = match (page, listed) {
            (Some(page), Some(listed)) => Some(self.with_list(page, listed)),
            (page, listed) => page.or(listed),
        };
        match (described, card) {
            (Some(mut item), card) => {
                self.disagreements.append(&mut item.disagreements);
                let seen = observation(item, self.observed_at, self.source);
                Some(match card {
                    Some(card) => self.with_card(seen, card),
                    None => seen,
                })
            }
            (None, Some(card)) => Some(VideoObservation {
                observed_at: self.observed_at,
                source: self.source,
                pinned: card.pinned,
                counts: if self.is_suspect(card.video.id) { VideoCounts::default() } else { card.counts },
                video: card.video,
            }),
            (None, None) => None,
        }
    }

    /// Whether some of a post's figures cannot be true. Its card shows one of them, and nothing says which is the wrong one.
    fn is_suspect(&self, id: VideoId) -> bool {
        let name = id.to_string();
        self.refused.iter().any(|refusal| refusal.reason == "suspect_value" && refusal.item.as_ref() == Some(&name))
    }

    /// A post by its own page and by a list.
    fn with_list(&mut self, page: Item, listed: Item) -> Item {
        let id = page.video.id;
        let notes = &mut self.disagreements;
        let mut field = |name: &str, page: Option<Count>, listed: Option<Count>| {
            counts::agreed(notes, &format!("{id} {name}"), ("its page", page), ("the list", listed))
        };
        let counts = VideoCounts {
            views: field("views", page.counts.views, listed.counts.views),
            likes: field("likes", page.counts.likes, listed.counts.likes),
            comments: field("comments", page.counts.comments, listed.counts.comments),
            shares: field("shares", page.counts.shares, listed.counts.shares),
            saves: field("saves", page.counts.saves, listed.counts.saves),
        };
        let counts = if counts::more_likes_than_views(&counts).is_none() { counts } else { page.counts };
        let (shown, also) = (&page.video, &listed.video);
        if shown.created_at != also.created_at && !also.created_at_derived {
            notes.push(format!("{id} time: its page says {}, the list says {}", shown.created_at, also.created_at));
        }
        if shown.kind != also.kind {
            notes.push(format!("{id} kind: its page says {:?}, the list says {:?}", shown.kind, also.kind));
        }
        let both = !shown.caption.is_empty() && !also.caption.is_empty();
        if both && shown.caption != also.caption {
            notes.push(format!("{id} caption: its page and the list have different ones"));
        }
        let mut disagreements = page.disagreements;
        disagreements.extend(listed.disagreements);
        Item {
            video: filled(page.video, listed.video),
            pinned: page.pinned || listed.pinned,
            counts,
            author: page.author.or(listed.author),
            collected_at: page.collected_at,
            disagreements,
        }
    }

    /// A post by its data and by its card.
    fn with_card(&mut self, mut seen: VideoObservation, card: Card) -> VideoObservation {
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
        if seen.video.caption.is_empty() {
            seen.video = filled(seen.video, card.video);
        }
        seen
    }
}

/// What the first layer says of a post, and from the second one what the first leaves out.
fn filled(first: Video, second: Video) -> Video {
    let (created_at, created_at_derived) = if first.created_at_derived && !second.created_at_derived {
        (second.created_at, false)
    } else {
        (first.created_at, first.created_at_derived)
    };
    Video {
        created_at,
        created_at_derived,
        duration: first.duration.or(second.duration),
        caption: if first.caption.is_empty() { second.caption } else { first.caption },
        hashtags: if first.hashtags.is_empty() { second.hashtags } else { first.hashtags },
        sound: first.sound.or(second.sound),
        language: first.language.or(second.language),
        id: first.id,
        kind: first.kind,
    }
}
