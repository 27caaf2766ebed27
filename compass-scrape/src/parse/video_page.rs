//! The page of one post, for desktops and for telephones.

use compass_core::ports::SourceError;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Item,
    container::{Scope, first_value, universal_json, unknown_form},
    item::item,
    markup::Markup,
    moment,
    obstacle::obstacle_to,
    status::{Status, Subject},
};

/// What the page of one post says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoPage {
    /// The post, with its author where the page names one.
    pub item: Item,
    /// When the page was made, by its own evidence: at the earliest when the post was.
    pub observed_at: Timestamp,
}

/// Reads the page of one post.
///
/// # Errors
/// What the page is instead: [`SourceError::VideoUnavailable`] with TikTok's status, or what blocks it;
/// [`SourceError::SuspectValue`] for figures that cannot be true.
pub fn video_page(html: &str) -> Result<VideoPage, SourceError> {
    from_markup(html, &Markup::of(html))
}

pub(super) fn from_markup(html: &str, page: &Markup<'_>) -> Result<VideoPage, SourceError> {
    if let Some(error) = obstacle_to(html, page, None) {
        return Err(error);
    }
    let scope = universal_json(page).map(Scope::read).transpose()?.unwrap_or_default();
    let detail = scope.video_detail.ok_or_else(|| SourceError::LayoutChanged {
        path: "webapp.video-detail".to_owned(),
        detail: "it is not the page of one post".to_owned(),
    })?;
    let item = from_detail(detail)?;
    let made_at = scope.app_context.and_then(moment::of_app_context);
    Ok(VideoPage { observed_at: made_at.unwrap_or(item.video.created_at).max(item.video.created_at), item })
}

/// Reads `{"itemInfo": {"itemStruct"}, "statusCode"}`.
pub(super) fn from_detail(json: &str) -> Result<Item, SourceError> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Detail<'a> {
        #[serde(borrow)]
        item_info: Option<Info<'a>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Info<'a> {
        #[serde(borrow)]
        item_struct: Option<&'a RawValue>,
    }

    if let Some(error) = Status::of(json).error(Subject::Video) {
        return Err(error);
    }
    let detail: Detail<'_> = first_value(json).map_err(|e| unknown_form("webapp.video-detail", &e))?;
    let raw = detail.item_info.and_then(|info| info.item_struct).ok_or(SourceError::EmptyResponse)?;
    item(raw.get(), format_args!("the post")).map_err(|refusal| match refusal.reason.as_str() {
        "withheld" => SourceError::LoginRequired,
        "suspect_value" => SourceError::SuspectValue {
            field: format!("video {}", refusal.item.unwrap_or_default()),
            why: refusal.detail,
        },
        _ => SourceError::LayoutChanged {
            path: "webapp.video-detail.itemInfo.itemStruct".to_owned(),
            detail: refusal.detail,
        },
    })
}
