//! The stand-in read without a browser, for machines that have none.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot, SourceKind,
    ports::{Clock, CollectRequest, ProfileSource, ProgressSink, SourceError},
    samples::World,
};

use super::{
    json,
    site::{Answer, ListQuery, Site},
};
use crate::{
    parse::{self, Layers},
    posts::{Posts, explains_an_empty_grid},
};

/// A longer answer is left alone.
const LARGEST_ANSWER: usize = 16_000_000;

/// Reads the stand-in's pages and lists as a browser would get them, with the same parsers, in this process.
#[derive(Clone, Debug)]
pub struct DirectSource {
    site: Site,
}

impl DirectSource {
    /// A source of these creators at the clock's present moment.
    #[must_use]
    pub fn new(world: World, clock: Arc<dyn Clock>) -> Self {
        Self { site: Site::new(world, clock) }
    }
}

#[async_trait]
impl ProfileSource for DirectSource {
    fn kind(&self) -> SourceKind {
        SourceKind::Sample
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        let handle = &request.handle;
        progress.report(Progress::Opening { source: SourceKind::Sample }).await;
        let html = text(self.site.profile(handle))?;
        if let Some(obstacle) = parse::obstacle(&html) {
            return Err(obstacle);
        }
        let account = parse::user_detail(embedded_json(&html)?, Some(handle))?;
        let stated = account.counts.videos.map(|count| count.midpoint());
        progress.report(Progress::ProfileRead { videos: stated }).await;

        let most = usize::try_from(request.max_videos).unwrap_or(usize::MAX);
        // One at least, so that an account of which no posts are wanted is not taken for one that withholds them.
        let wanted = u64::from(request.max_videos.max(1)).min(stated.unwrap_or(u64::MAX));
        let mut posts = Posts::default();
        let mut failure = None;
        let mut cursor = 0;
        while posts.list().items.len() < most.max(1) && posts.list().has_more != Some(false) && !account.profile.private
        {
            let query = ListQuery { sec_uid: json::sec_uid(account.profile.id), count: 35, cursor };
            match text(self.site.item_list(&query)) {
                Ok(body) => posts.absorb(&body)?,
                Err(error) => posts.fail(error),
            }
            failure = posts.take_failure();
            if failure.is_some() {
                break;
            }
            let got = u64::try_from(posts.list().items.len()).unwrap_or(u64::MAX).min(wanted);
            progress.report(Progress::VideosRead { got, wanted }).await;
            cursor = posts.list().cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        }
        posts.note_if_partial(wanted);
        if let Some(error) = failure.filter(|error| posts.list().items.is_empty() && explains_an_empty_grid(error)) {
            return Err(error);
        }
        let grid = parse::grid(&html, Some(handle));
        let layers = Layers { account, items: posts.into_list(), grid };
        let mut snapshot = parse::reconcile(layers, request.observed_at, SourceKind::Sample)?;
        snapshot.videos.truncate(most);
        Ok(snapshot)
    }
}

/// The content of an answer, or what the answer is instead.
fn text(answer: Answer) -> Result<String, SourceError> {
    match answer {
        Answer::Html(text) | Answer::Json(text) if text.len() > LARGEST_ANSWER => Err(SourceError::LayoutChanged {
            path: "document".to_owned(),
            detail: format!("at most {LARGEST_ANSWER} bytes are read, the page has {}", text.len()),
        }),
        Answer::Html(text) | Answer::Json(text) => Ok(text),
        Answer::Redirect(to) if to.starts_with("/login") => Err(SourceError::LoginRequired),
        Answer::Redirect(to) => {
            Err(SourceError::Network { detail: format!("the page led away to {to}"), source: None })
        }
        Answer::TooMany(seconds) => {
            Err(SourceError::RateLimited { retry_after: Some(Duration::from_secs(u64::from(seconds))) })
        }
        Answer::Never => Err(SourceError::Network { detail: "the page never came".to_owned(), source: None }),
    }
}

/// The text of the page's embedded JSON.
fn embedded_json(html: &str) -> Result<&str, SourceError> {
    html.split_once(r#"type="application/json">"#)
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(json, _)| json)
        .ok_or_else(|| SourceError::ShellPage { detail: "no embedded JSON".to_owned() })
}
