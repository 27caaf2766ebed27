//! The stand-in read without a browser, for machines that have none.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot, SourceKind,
    ports::{Clock, CollectRequest, ProfileSource, ProgressSink, SourceError},
};

use super::{
    Reply, Scene, json,
    site::{Answer, ListQuery, Site, Visitor},
};
use crate::{
    fetch, parse,
    posts::{Posts, Wanted},
    telemetry, visit,
};

/// A longer answer is left alone.
const LARGEST_ANSWER: usize = 16_000_000;

/// A host where nobody answers.
const NOBODY: &str = "http://127.0.0.2:9";

/// Reads the stand-in's pages and lists as a browser would get them, with the same parsers, in this process.
///
/// No script runs: what a page would do in a browser it does not do here, and a grid has only the cards that are in the
/// page already.
#[derive(Clone, Debug)]
pub struct DirectSource {
    site: Site,
}

impl DirectSource {
    /// A source of this scene at the clock's present moment.
    #[must_use]
    pub fn new(scene: impl Into<Scene>, clock: Arc<dyn Clock>) -> Self {
        Self { site: Site::new(scene.into(), clock) }
    }
}

#[async_trait]
impl ProfileSource for DirectSource {
    fn kind(&self) -> SourceKind {
        SourceKind::Sample
    }

    fn host(&self) -> Option<String> {
        None
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        telemetry::collection(self.kind(), request, self.look(request, progress)).await
    }
}

impl DirectSource {
    async fn look(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        let handle = &request.handle;
        let visitor = Visitor { elsewhere: NOBODY.to_owned(), ..Visitor::default() };
        progress.report(Progress::Opening { source: SourceKind::Sample }).await;
        let html = text(self.site.profile(handle, &visitor))?;
        if let Some(obstacle) = parse::obstacle(&html) {
            return Err(obstacle);
        }
        let profile = parse::profile_parts(&html, Some(handle))?;
        let account = &profile.account;
        let stated = account.counts.videos.map(|count| count.midpoint());
        progress.report(Progress::ProfileRead { videos: stated }).await;

        let most = usize::try_from(request.max_videos).unwrap_or(usize::MAX);
        // One at least, so that an account of which no posts are wanted is not taken for one that withholds them.
        let asked = Wanted { most: u64::from(request.max_videos), since: request.since, stated };
        let wanted = asked.count();
        let mut posts = Posts::default();
        let mut cursor = 0;
        while posts.list().items.len() < most.max(1) && posts.list().has_more != Some(false) && !account.profile.private
        {
            let query = ListQuery { sec_uid: json::sec_uid(account.profile.id), count: 35, cursor };
            match text(self.site.item_list(&query, &visitor)) {
                Ok(body) => posts.absorb(&body)?,
                Err(error) => posts.fail(error),
            }
            if posts.failure().is_some() {
                break;
            }
            let got = u64::try_from(posts.list().items.len()).unwrap_or(u64::MAX).min(wanted);
            progress.report(Progress::VideosRead { got, wanted }).await;
            cursor = posts.list().cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        }
        visit::look(profile, posts, Some(&asked), (request.observed_at, SourceKind::Sample))
    }
}

/// The content of an answer, or what the answer is instead.
fn text(answer: Answer) -> Result<String, SourceError> {
    let network = |detail: &str| SourceError::Network { detail: detail.to_owned(), source: None };
    let too_large = |size: usize| SourceError::LayoutChanged {
        path: "document".to_owned(),
        detail: format!("at most {LARGEST_ANSWER} bytes are read, the page has {size}"),
    };
    match answer {
        Answer::Html(text) | Answer::Json(text) if text.len() > LARGEST_ANSWER => Err(too_large(text.len())),
        Answer::Html(text) | Answer::Json(text) => Ok(text),
        Answer::Filled { before, filler, times, after } => {
            let size = before.len() + filler.len() * times + after.len();
            if size > LARGEST_ANSWER { Err(too_large(size)) } else { Ok(before + &filler.repeat(times) + &after) }
        }
        Answer::Reply(reply) => content_of(reply),
        Answer::Late(_, answer) => text(*answer),
        Answer::Half { .. } => Err(network("the page broke off")),
        Answer::Never => Err(network("the page never came")),
    }
}

fn content_of(reply: Reply) -> Result<String, SourceError> {
    let header = |name: &str| reply.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let network = |detail: String| SourceError::Network { detail, source: None };
    match reply.status {
        200..300 => Ok(String::from_utf8_lossy(&reply.body).into_owned()),
        300..400 => Err(match header("location").unwrap_or_default() {
            to if to.starts_with("/login") => SourceError::LoginRequired,
            to if to.ends_with("/notfound") => SourceError::RegionBlocked,
            to => network(format!("the page led away to {to}")),
        }),
        status => {
            let seconds = header("retry-after").and_then(|text| text.parse().ok());
            let refusal = fetch::refusal(status, seconds.map(Duration::from_secs));
            Err(refusal.unwrap_or_else(|| network(format!("the page came with HTTP status {status}"))))
        }
    }
}
