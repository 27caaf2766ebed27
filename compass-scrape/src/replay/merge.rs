//! What several inputs say, put together by creator.

use std::collections::{HashMap, HashSet};

use compass_core::{
    CreatorId, Handle, OwnData, ProfileObservation, Refusal, Snapshot, SourceKind, VideoId, VideoObservation,
    analytics::Refused,
};
use jiff::Timestamp;

use super::{RecordedCreator, Recording};
use crate::{
    parse::{Account, Document, Item, VideoPage, observation},
    studio::Imported,
};

/// Collects what the inputs say.
#[derive(Debug, Default)]
pub(super) struct Merge {
    creators: Vec<Gathered>,
    by_id: HashMap<CreatorId, usize>,
    /// Posts that do not say whose they are, with the input that they are in.
    ownerless: Vec<(String, VideoObservation)>,
    seen: HashSet<(VideoId, Timestamp)>,
    refused: Vec<Refused>,
    exports: Vec<OwnData>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Gathered {
    id: CreatorId,
    profiles: Vec<ProfileObservation>,
    videos: Vec<VideoObservation>,
    disagreements: Vec<String>,
    /// Accounts that do not say when they were observed, with the input that they are in.
    undated: Vec<(String, Account)>,
    /// The account as its newest post describes it, with the input that it is in.
    author: Option<(String, Timestamp, Account)>,
}

impl Merge {
    pub(super) fn refuse(&mut self, refused: Refused) {
        self.refused.push(refused);
    }

    /// Adds a profile page.
    pub(super) fn snapshot(&mut self, input: &str, snapshot: Snapshot) {
        let id = snapshot.creator();
        let gathered = self.gathered(id);
        gathered.profiles.push(snapshot.profile);
        gathered.disagreements.extend(snapshot.disagreements);
        self.refuse_all(input, snapshot.refused);
        for video in snapshot.videos {
            self.video(input, Some(id), video);
        }
    }

    /// Adds the page of one post.
    pub(super) fn video_page(&mut self, input: &str, page: VideoPage) {
        self.item(input, page.item, page.observed_at, None);
    }

    /// Adds saved JSON.
    pub(super) fn document(&mut self, input: &str, document: Document) {
        let Document { accounts, posts } = document;
        self.refuse_all(input, posts.refused);
        let owner = match accounts.as_slice() {
            [only] => Some(only.profile.id),
            _ => None,
        };
        // Nobody sees a list before its newest post exists.
        let newest = posts.items.iter().map(|item| item.video.created_at).max();
        let made_at = posts.observed_at.or(newest);
        for account in accounts {
            let gathered = self.gathered(account.profile.id);
            match account.observed_at {
                Some(at) => {
                    let notes = gathered.profile(account, at);
                    self.refuse_all(input, notes);
                }
                None => gathered.undated.push((input.to_owned(), account)),
            }
        }
        for item in posts.items {
            let at = item.collected_at.or(made_at).unwrap_or(item.video.created_at);
            self.item(input, item, at, owner);
        }
    }

    /// Adds what creators exported of their own accounts.
    pub(super) fn exports(&mut self, imported: Imported) {
        self.exports.extend(imported.creators);
        self.refused.extend(imported.refused);
        self.notes.extend(imported.notes);
    }

    /// The handle of the only creator so far; `None` if there are none, or several.
    pub(super) fn only_handle(&self) -> Option<&Handle> {
        match self.creators.as_slice() {
            [only] => only.handle(),
            _ => None,
        }
    }

    /// Puts everything together; `observed_at` is for accounts of which nothing says when they were observed.
    pub(super) fn finish(mut self, observed_at: Option<Timestamp>) -> Recording {
        let only = match self.creators.as_slice() {
            [only] => Some(only.id),
            _ => None,
        };
        for (input, video) in std::mem::take(&mut self.ownerless) {
            match only {
                Some(id) => self.video(&input, Some(id), video),
                None => self.refused.push(Refused {
                    input,
                    item: Some(video.video.id.to_string()),
                    reason: "missing_author".to_owned(),
                    detail: "nothing says whose post it is; give the account's user detail with it".to_owned(),
                }),
            }
        }
        for gathered in &mut self.creators {
            gathered.date_accounts(observed_at, &mut self.refused);
            gathered.fall_back_on_author(&mut self.refused);
        }
        let mut creators: Vec<RecordedCreator> =
            self.creators.into_iter().filter_map(Gathered::into_recorded).collect();
        for own in self.exports {
            // A handle belongs to the account that was seen with it last.
            let seen = |creator: &RecordedCreator| creator.profiles.iter().map(|profile| profile.observed_at).max();
            let same =
                creators.iter_mut().filter(|creator| creator.handle == own.handle).max_by_key(|creator| seen(creator));
            match same {
                Some(creator) => creator.own = Some(own),
                None => creators.push(RecordedCreator {
                    id: None,
                    handle: own.handle.clone(),
                    profiles: Vec::new(),
                    videos: Vec::new(),
                    own: Some(own),
                    disagreements: Vec::new(),
                }),
            }
        }
        Recording { creators, refused: self.refused, notes: self.notes }
    }

    fn gathered(&mut self, id: CreatorId) -> &mut Gathered {
        let at = *self.by_id.entry(id).or_insert_with(|| {
            self.creators.push(Gathered {
                id,
                profiles: Vec::new(),
                videos: Vec::new(),
                disagreements: Vec::new(),
                undated: Vec::new(),
                author: None,
            });
            self.creators.len() - 1
        });
        &mut self.creators[at]
    }

    fn item(&mut self, input: &str, mut item: Item, at: Timestamp, owner: Option<CreatorId>) {
        let author = item.author.take();
        let id = author.as_ref().map(|author| author.profile.id).or(owner);
        let disagreements = std::mem::take(&mut item.disagreements);
        if let Some(id) = id {
            let gathered = self.gathered(id);
            gathered.disagreements.extend(disagreements);
            if let Some(author) = author.filter(|_| gathered.author.as_ref().is_none_or(|(_, seen, _)| at > *seen)) {
                gathered.author = Some((input.to_owned(), at, author));
            }
        }
        self.video(input, id, observation(item, at, SourceKind::Replay));
    }

    fn video(&mut self, input: &str, owner: Option<CreatorId>, video: VideoObservation) {
        let Some(owner) = owner else {
            return self.ownerless.push((input.to_owned(), video));
        };
        if self.seen.insert((video.video.id, video.observed_at)) {
            self.gathered(owner).videos.push(video);
        } else {
            self.refused.push(Refused {
                input: input.to_owned(),
                item: Some(video.video.id.to_string()),
                reason: "duplicate".to_owned(),
                detail: format!("an input before it has the same post as of {}", video.observed_at),
            });
        }
    }

    fn refuse_all(&mut self, input: &str, refusals: Vec<Refusal>) {
        self.refused.extend(refusals.into_iter().map(|refusal| in_input(input, refusal)));
    }
}

impl Gathered {
    /// The newest handle.
    fn handle(&self) -> Option<&Handle> {
        let newest = self.profiles.iter().max_by_key(|profile| profile.observed_at);
        let undated = self.undated.first().map(|(_, account)| &account.profile);
        let author = self.author.as_ref().map(|(_, _, author)| &author.profile);
        newest.map(|newest| &newest.profile).or(undated).or(author).map(|profile| &profile.handle)
    }

    /// `None` if there is no observation of the account.
    fn into_recorded(self) -> Option<RecordedCreator> {
        let Self { id, profiles, videos, disagreements, .. } = self;
        let newest = profiles.iter().max_by_key(|profile| profile.observed_at)?;
        let handle = newest.profile.handle.clone();
        Some(RecordedCreator { id: Some(id), handle, profiles, videos, own: None, disagreements })
    }

    /// Adds an observation of the account; gives back what was wrong with its counters.
    fn profile(&mut self, account: Account, observed_at: Timestamp) -> Vec<Refusal> {
        self.disagreements.extend(account.disagreements);
        let Account { profile, counts, refused, .. } = account;
        self.profiles.push(ProfileObservation { profile, observed_at, source: SourceKind::Replay, counts });
        refused
    }

    /// An account without a time was seen when its newest other observation was made.
    fn date_accounts(&mut self, given: Option<Timestamp>, refused: &mut Vec<Refused>) {
        let others = self.profiles.iter().map(|profile| profile.observed_at);
        let at = others.chain(self.videos.iter().map(|video| video.observed_at)).max().or(given);
        for (input, account) in std::mem::take(&mut self.undated) {
            match at {
                Some(at) => {
                    let notes = self.profile(account, at);
                    refused.extend(notes.into_iter().map(|refusal| in_input(&input, refusal)));
                }
                None => refused.push(Refused {
                    input,
                    item: Some(account.profile.handle.to_string()),
                    reason: "missing_time".to_owned(),
                    detail: "nothing says when this account was observed; give the time, or its posts with it"
                        .to_owned(),
                }),
            }
        }
    }

    fn fall_back_on_author(&mut self, refused: &mut Vec<Refused>) {
        let Some((input, at, author)) = self.author.take() else { return };
        if self.profiles.is_empty() {
            let notes = self.profile(author, at);
            refused.extend(notes.into_iter().map(|refusal| in_input(&input, refusal)));
        }
    }
}

fn in_input(input: &str, refusal: Refusal) -> Refused {
    Refused { input: input.to_owned(), item: refusal.item, reason: refusal.reason, detail: refusal.detail }
}
