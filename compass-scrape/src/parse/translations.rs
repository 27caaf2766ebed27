//! The page's own table of texts, in its own language, and whether one of them is to be seen.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Node};
use serde::Deserialize;

use super::{container::first_value, lenient::Words};

/// The texts that say what happened to a page, and two that its grid is made with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Translations<'a> {
    #[serde(rename = "This account is private", borrow)]
    pub(super) private: Option<Words<'a>>,
    #[serde(rename = "err_user_private", borrow)]
    pub(super) private_long: Option<Words<'a>>,
    #[serde(rename = "Couldn't find this account", borrow)]
    pub(super) not_found: Option<Words<'a>>,
    #[serde(rename = "err_user", borrow)]
    pub(super) not_found_long: Option<Words<'a>>,
    #[serde(rename = "accountAudienceControls_profile_loggedOut_desc", borrow)]
    pub(super) audience_controls: Option<Words<'a>>,
    #[serde(rename = "acct_geo_block_restriction_error_desc", borrow)]
    pub(super) region_blocked: Option<Words<'a>>,
    #[serde(rename = "common_login_panel_title", borrow)]
    pub(super) sign_in: Option<Words<'a>>,
    #[serde(rename = "server_error_title", borrow)]
    pub(super) server_error: Option<Words<'a>>,
    #[serde(rename = "profile_page_pin", borrow)]
    pub(super) pinned: Option<Words<'a>>,
    /// What a card's `img@alt` is made with: `{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}`.
    #[serde(rename = "seo_user_video_cover", borrow)]
    pub(super) cover: Option<Words<'a>>,
}

impl<'a> Translations<'a> {
    /// Reads `webapp.i18n-translation`; a table in an unknown form is an empty one.
    pub(super) fn read(json: Option<&'a str>) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Tables<'a> {
            #[serde(rename = "Webapp", borrow)]
            webapp: Option<Translations<'a>>,
        }
        json.and_then(|json| first_value::<Tables<'a>>(json).ok()).and_then(|tables| tables.webapp).unwrap_or_default()
    }
}

/// The texts that a visitor sees, without what people wrote: biographies, names and captions.
#[derive(Debug)]
pub(super) struct VisibleTexts(HashSet<String>);

impl VisibleTexts {
    pub(super) fn of(page: &Html) -> Self {
        Self(visible_texts(page.root_element()).into_iter().map(normal).filter(|text| !text.is_empty()).collect())
    }

    /// Whether one of these texts is to be seen, as the whole of a text on the page.
    pub(super) fn show(&self, texts: &[&Option<Words<'_>>]) -> bool {
        texts.iter().copied().flatten().map(|words| normal(&words.0)).any(|t| !t.is_empty() && self.0.contains(&t))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text inside an element, without its styles and scripts, with single spaces.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let inside = visible_texts(element).concat();
    inside.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn visible_texts(root: ElementRef<'_>) -> Vec<&str> {
    const WRITTEN_BY_PEOPLE: [&str; 5] =
        ["user-bio", "user-post-item", "user-post-item-desc", "browse-video-desc", "browser-nickname"];
    let mut texts = Vec::new();
    let mut ahead: Vec<_> = root.children().rev().collect();
    while let Some(node) = ahead.pop() {
        match node.value() {
            Node::Text(text) => texts.push(&**text),
            Node::Element(element) => {
                let unseen = matches!(element.name(), "script" | "style" | "noscript" | "template" | "head" | "svg");
                let peoples = element.attr("data-e2e").is_some_and(|name| WRITTEN_BY_PEOPLE.contains(&name));
                if !unseen && !peoples && !is_hidden(element) {
                    ahead.extend(node.children().rev());
                }
            }
            _ => {}
        }
    }
    texts
}

/// Whether an element hides itself and what is in it.
pub(super) fn is_hidden(element: &scraper::node::Element) -> bool {
    let style = element.attr("style").unwrap_or_default();
    element.attr("hidden").is_some()
        || style.split(';').any(|rule| {
            rule.split_once(':')
                .is_some_and(|(name, value)| name.trim() == "display" && value.trim().starts_with("none"))
        })
}

/// Text as it is compared: one kind of apostrophe, single spaces.
fn normal(text: &str) -> String {
    text.replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}
