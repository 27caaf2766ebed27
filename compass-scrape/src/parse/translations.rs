//! The page's own table of texts, in its own language, and whether one of them is to be seen.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use memchr::memmem::Finder;

use super::{
    container::{first_value, value_of},
    lenient::Words,
    markup::{Markup, Part, Seen},
    tag::{Tag, decoded},
};

/// The texts that a page may show in its own language, by the names that they have in every language.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Translations<'a>(&'a str);

/// Names of texts that say what happened to a page, and of two that its grid is made with.
pub(super) mod text {
    pub(in super::super) const PRIVATE: &[&str] = &["This account is private", "err_user_private"];
    pub(in super::super) const NOT_FOUND: &[&str] = &["Couldn't find this account", "err_user"];
    pub(in super::super) const AUDIENCE_CONTROLS: &[&str] = &["accountAudienceControls_profile_loggedOut_desc"];
    pub(in super::super) const REGION_BLOCKED: &[&str] = &["acct_geo_block_restriction_error_desc"];
    pub(in super::super) const SIGN_IN: &[&str] = &["common_login_panel_title"];
    pub(in super::super) const SERVER_ERROR: &[&str] = &["server_error_title"];
    pub(in super::super) const REFRESH: &str = "refresh";
    /// Above a grid of which some posts are left out.
    pub(in super::super) const PARTIAL: &[&str] = &["CL1v3webapp_profile_banner"];
    pub(in super::super) const PINNED: &str = "profile_page_pin";
    /// What a card's `img@alt` is made with: `{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}`.
    pub(in super::super) const COVER: &str = "seo_user_video_cover";
}

impl<'a> Translations<'a> {
    /// Those of `webapp.i18n-translation`; without it there are none.
    pub(super) fn of(json: Option<&'a str>) -> Self {
        Self(json.unwrap_or_default())
    }

    pub(super) fn get(self, name: &str) -> Option<String> {
        let words: Words<'_> = first_value(value_of(self.0, name)?).ok()?;
        Some(words.0.into_owned())
    }
}

/// The texts that a visitor sees, without what people wrote: biographies, names and captions.
#[derive(Debug)]
pub(super) struct VisibleTexts(HashSet<String>);

impl VisibleTexts {
    pub(super) fn of(page: &Markup<'_>) -> Self {
        Self(visible_texts(page.all()).into_iter().map(|text| normal(&text)).filter(|text| !text.is_empty()).collect())
    }

    /// Whether one of these texts is to be seen, as the whole of a text on the page.
    pub(super) fn show(&self, translations: Translations<'_>, names: &[&str]) -> bool {
        let texts = names.iter().filter_map(|name| translations.get(name));
        texts.map(|text| normal(&text)).any(|text| !text.is_empty() && self.0.contains(&text))
    }

    /// Whether this text is to be seen, as the whole of a text on the page.
    pub(super) fn has(&self, text: &str) -> bool {
        self.0.contains(&normal(text))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text inside an element, without its styles and scripts, with single spaces.
pub(super) fn text_of(part: Part<'_, '_>) -> String {
    single_spaced(&visible_texts(part).concat())
}

fn visible_texts<'a>(part: Part<'_, 'a>) -> Vec<Cow<'a, str>> {
    const UNSEEN: [&str; 7] = ["script", "style", "noscript", "template", "head", "title", "svg"];
    const WRITTEN_BY_PEOPLE: [&str; 5] =
        ["user-bio", "user-post-item", "user-post-item-desc", "browse-video-desc", "browser-nickname"];
    let seen = |tag: Tag<'_>| {
        let peoples = tag.mark.is_some_and(|mark| WRITTEN_BY_PEOPLE.contains(&mark));
        !peoples && !is_hidden(tag) && !UNSEEN.iter().any(|name| tag.is(name))
    };
    let mut texts = Vec::new();
    part.visible(seen, |seen| {
        if let Seen::Text(text) = seen {
            texts.push(decoded(text));
        }
    });
    texts
}

/// Whether an element hides itself and what is in it.
pub(super) fn is_hidden(tag: Tag<'_>) -> bool {
    static HIDDEN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("hidden"));
    static DISPLAY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("display"));
    (tag.mentions(&HIDDEN) && tag.attribute("hidden").is_some())
        || (tag.mentions(&DISPLAY)
            && tag.attribute("style").is_some_and(|style| {
                style.split(';').any(|rule| {
                    rule.split_once(':')
                        .is_some_and(|(name, value)| name.trim() == "display" && value.trim().starts_with("none"))
                })
            }))
}

/// Text as it is compared: one kind of apostrophe, single spaces.
fn normal(text: &str) -> String {
    single_spaced(&text.replace('’', "'"))
}

fn single_spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        spaced.push_str(if spaced.is_empty() { "" } else { " " });
        spaced.push_str(word);
    }
    spaced
}
