//! One collection: the account, then its posts page by page.

use std::collections::HashSet;

use compass_core::{
    Block, CreatorId, Profile, ProfileObservation, Progress, Refusal, Snapshot, SourceKind, VideoId, VideoObservation,
    ports::{CollectRequest, CreatorGrant, ProgressSink, SourceError},
};

use super::{DisplayApiSource, LIST, User, api::MOST_AT_ONCE, not_allowed, outcome::CallError, tokens::check_account};
use crate::{parse::display_api::ApiVideos, posts::says_stop};

/// What is asked of each post.
const VIDEO_FIELDS: &str = "id,create_time,share_url,video_description,title,duration,\
                            view_count,like_count,comment_count,share_count";

/// The API may leave out posts it does not show, so a page can be empty; this many in a row are taken for the end.
const MOST_EMPTY: u32 = 5;

/// Looks at one account.
pub(super) async fn look(
    source: &DisplayApiSource,
    request: &CollectRequest,
    progress: &dyn ProgressSink,
) -> Result<Snapshot, SourceError> {
    progress.report(Progress::Opening { source: SourceKind::DisplayApi }).await;
    let grant = source.tokens.current(&request.handle).await?;
    let id = match grant.creator {
        Some(id) => id,
        None => source
            .known_id(&request.handle)
            .await?
            .ok_or_else(|| SourceError::UnknownIdentity(request.handle.clone()))?,
    };
    let mut look = Look { source, request, progress, grant, renewed: false };
    let user = look.user().await?;
    let stated = user.counts.videos.map(|count| count.midpoint());
    progress.report(Progress::ProfileRead { videos: stated }).await;

    let mut posts = Posts::default();
    if request.max_videos > 0 {
        look.list(&mut posts, stated).await?;
    }
    let mut snapshot = look.snapshot(user, id);
    snapshot.videos = posts.videos;
    snapshot.refused.extend(posts.refused);
    snapshot.block = posts.block;
    Ok(snapshot)
}

struct Look<'a> {
    source: &'a DisplayApiSource,
    request: &'a CollectRequest,
    progress: &'a dyn ProgressSink,
    grant: CreatorGrant,
    /// Whether the token was renewed because TikTok did not accept it.
    renewed: bool,
}

/// The posts that the pages have listed so far.
#[derive(Debug, Default)]
struct Posts {
    videos: Vec<VideoObservation>,
    refused: Vec<Refusal>,
    block: Option<Block>,
    known: HashSet<VideoId>,
    /// Accepted or not.
    listed: u64,
}

impl Look<'_> {
    async fn user(&mut self) -> Result<User, SourceError> {
        self.progress.may_open().await?;
        let user = match self.source.user(&self.grant.access_token, &self.grant.scopes).await {
            Err(CallError::TokenInvalid(detail)) => {
                self.renew(detail).await?;
                self.source.user(&self.grant.access_token, &self.grant.scopes).await
            }
            other => other,
        };
        let user = user.map_err(|error| error.outcome(&self.request.handle))?;
        check_account(&self.grant.open_id, &user.open_id)?;
        if user.handle != self.request.handle {
            return Err(SourceError::SuspectValue {
                field: "username".to_owned(),
                why: format!(
                    "@{} was asked for, and its tokens are those of @{}: it was renamed and has to be connected again",
                    self.request.handle, user.handle
                ),
            });
        }
        Ok(user)
    }

    async fn page(&mut self, cursor: Option<i64>, max_count: u32) -> Result<ApiVideos, SourceError> {
        self.progress.may_open().await?;
        let at = self.request.observed_at;
        let api = &self.source.api;
        let page = match api.videos(&self.grant.access_token, VIDEO_FIELDS, cursor, max_count, at).await {
            Err(CallError::TokenInvalid(detail)) => {
                self.renew(detail).await?;
                api.videos(&self.grant.access_token, VIDEO_FIELDS, cursor, max_count, at).await
            }
            other => other,
        };
        page.map_err(|error| error.outcome(&self.request.handle))
    }

    /// Gets another access token, once in a collection.
    async fn renew(&mut self, refusal: String) -> Result<(), SourceError> {
        if std::mem::replace(&mut self.renewed, true) {
            return Err(SourceError::AccessRevoked { handle: self.request.handle.clone(), detail: refusal });
        }
        self.grant = self.source.tokens.renewed(self.grant.clone()).await?;
        Ok(())
    }

    async fn list(&mut self, posts: &mut Posts, stated: Option<u64>) -> Result<(), SourceError> {
        if !self.grant.allows(LIST) {
            posts.refused.push(not_allowed(LIST, "the posts"));
            return Ok(());
        }
        let most = u64::from(self.request.max_videos);
        let wanted = most.min(stated.unwrap_or(most));
        let mut cursors = HashSet::new();
        let mut cursor = None;
        let mut empty = 0;
        let end = loop {
            let rest = u32::try_from(most - posts.listed).unwrap_or(MOST_AT_ONCE).min(MOST_AT_ONCE);
            let page = match self.page(cursor, rest).await {
                Ok(page) => page,
                Err(SourceError::ScopeMissing { scope }) if cursor.is_none() => {
                    posts.refused.push(not_allowed(&scope, "the posts"));
                    return Ok(());
                }
                Err(error) if cursor.is_none() => return Err(error),
                Err(error) => {
                    if says_stop(&error) {
                        posts.refused.push(error.refusal(None));
                        posts.block = Block::of(&error);
                    }
                    break Some(error.to_string());
                }
            };
            let (next, has_more) = (page.cursor, page.has_more);
            let nothing = page.videos.is_empty() && page.refused.is_empty();
            let news = posts.add(page, self.request);
            let got = posts.listed.min(most);
            self.progress.report(Progress::VideosRead { got, wanted: wanted.max(got) }).await;
            if !has_more || posts.listed >= most {
                break None;
            }
            let Some(next) = next else { break Some("the API promised more and did not say where".to_owned()) };
            if !cursors.insert(next) || (news == 0 && !nothing) {
                return Err(SourceError::PaginationLoop { got: posts.listed });
            }
            empty = if nothing { empty + 1 } else { 0 };
            if empty == MOST_EMPTY {
                break Some(format!("{MOST_EMPTY} pages in a row were empty"));
            }
            cursor = Some(next);
        };
        posts.videos.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        if posts.listed < wanted || end.is_some() {
            let why = end.unwrap_or_else(|| "the API counts more public posts than it lists".to_owned());
            posts.refused.push(Refusal {
                item: None,
                reason: "partial_list".to_owned(),
                detail: format!("{} of {wanted} posts were listed: {why}", posts.listed),
            });
        }
        Ok(())
    }

    fn snapshot(&self, user: User, id: CreatorId) -> Snapshot {
        Snapshot {
            profile: ProfileObservation {
                profile: Profile {
                    id,
                    handle: user.handle,
                    nickname: user.nickname,
                    bio: user.bio,
                    verified: user.verified,
                    private: false,
                    language: None,
                    created_at: None,
                },
                observed_at: self.request.observed_at,
                source: SourceKind::DisplayApi,
                counts: user.counts,
            },
            videos: Vec::new(),
            refused: user.refused,
            block: None,
            disagreements: Vec::new(),
        }
    }
}

impl Posts {
    /// Adds a page; gives how many of its posts were not listed before.
    fn add(&mut self, page: ApiVideos, request: &CollectRequest) -> u64 {
        let before = self.listed;
        for post in page.videos {
            if self.known.insert(post.video.id) {
                self.listed += 1;
                self.videos.push(VideoObservation {
                    video: post.video,
                    observed_at: request.observed_at,
                    source: SourceKind::DisplayApi,
                    pinned: false,
                    counts: post.counts,
                });
            }
        }
        for refusal in page.refused {
            if !self.refused.contains(&refusal) {
                self.listed += 1;
                self.refused.push(refusal);
            }
        }
        self.listed - before
    }
}
