//! Pages that are not content, told apart by their structure and by the page's own error texts.

use std::sync::LazyLock;

use compass_core::{Handle, ports::SourceError};
use memchr::memmem::Finder;

use super::{
    container::{Scope, UNIVERSAL, sigi_json, universal_json},
    markup::{Markup, Seen},
    tag::Tag,
    translations::{Translations, VisibleTexts, is_hidden, text},
};

/// What stands in the way of this page's content: a captcha, a firewall page, a shell, a sign-in; `None` if nothing does.
///
/// Words in the source of a page mean nothing: every good page carries all error texts in its table of translations.
#[must_use]
pub fn obstacle(html: &str) -> Option<SourceError> {
    obstacle_to(html, &Markup::of(html), None)
}

/// What stands in the way of the account that was asked for.
pub(super) fn obstacle_to(html: &str, page: &Markup<'_>, asked: Option<&Handle>) -> Option<SourceError> {
    let scope = universal_json(page).map(Scope::read).transpose();
    let has_data = match &scope {
        Ok(scope) => {
            scope.as_ref().is_some_and(|scope| scope.user_detail.is_some() || scope.video_detail.is_some())
                || sigi_json(page).is_some()
        }
        Err(_) => false,
    };
    if html.trim().is_empty() {
        return Some(SourceError::EmptyResponse);
    }
    if shows_captcha(page) {
        return Some(SourceError::CaptchaRequired);
    }
    if has_data {
        return None;
    }
    match scope {
        Ok(scope) => Some(instead_of_data(page, scope.as_ref(), asked)),
        Err(error) => Some(error),
    }
}

/// Whether a captcha lies over the page: an element for it, not a word or an address of a script.
pub(super) fn shows_captcha(page: &Markup<'_>) -> bool {
    const IDS: [&str; 3] = ["captcha-verify-container-main-page", "captcha-verify-container", "captcha_container"];
    const CLASSES: [&str; 2] = ["captcha-verify-container", "captcha_verify_container"];
    let is_overlay = |tag: Tag<'_>| {
        IDS.iter().any(|id| tag.has_id(id))
            || CLASSES.iter().any(|class| tag.has_class(class))
            || (tag.is("div")
                && tag.attribute("class").is_some_and(|classes| {
                    classes.split_ascii_whitespace().any(|class| class.starts_with("secsdk-captcha-"))
                }))
    };
    static CAPTCHA: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("captcha"));
    if !page.all().tags().any(|tag| tag.mentions(&CAPTCHA) && is_overlay(tag)) {
        return false;
    }
    let mut shown = false;
    page.all().visible(|tag| !is_hidden(tag), |seen| shown |= matches!(seen, Seen::Tag(tag) if is_overlay(tag)));
    shown
}

/// What the page's own texts say instead of posts or of a profile; `None` if they say nothing of the kind.
pub(super) fn said_by_the_page(page: &Markup<'_>, translations: Translations<'_>) -> Option<SourceError> {
    let texts = VisibleTexts::of(page);
    let says = |names| texts.show(translations, names);
    if says(text::PRIVATE) {
        Some(SourceError::Private)
    } else if says(text::AUDIENCE_CONTROLS) {
        Some(SourceError::AudienceControlled)
    } else if says(text::REGION_BLOCKED) {
        Some(SourceError::RegionBlocked)
    } else {
        None
    }
}

/// What a page without an account's or a post's data is.
fn instead_of_data(page: &Markup<'_>, scope: Option<&Scope<'_>>, asked: Option<&Handle>) -> SourceError {
    let scripts = || page.scripts().iter().map(|script| script.tag);
    let has = |is_it: &dyn Fn(Tag<'_>) -> bool| page.all().tags().chain(scripts()).any(is_it);
    let has_script = |id| scripts().any(|tag| tag.has_id(id));
    let firewall = |tag: Tag<'_>| {
        tag.has_id("wci") || tag.has_class("_wafchallengeid") || tag.has_id("rci") || tag.has_class("waforiginalreid")
    };
    let downgrade = |tag: Tag<'_>| {
        (tag.has_id("app") && tag.attribute("data-downgrade").is_some())
            || tag.attribute("data-source").is_some_and(|source| source.starts_with("downgrade"))
    };
    let anything = |tag: Tag<'_>| ["link", "img", "input", "iframe"].iter().any(|name| tag.is(name));

    if has(&firewall) && has(&|tag| tag.has_id("cs") || tag.has_id("rs")) {
        return SourceError::WafChallenge;
    }
    if let Some(error) = by_address(page) {
        return error;
    }
    let translations = Translations::of(scope.and_then(|scope| scope.translations));
    if let Some(error) = said_by_the_page(page, translations) {
        return error;
    }
    let texts = VisibleTexts::of(page);
    let says = |names| texts.show(translations, names);
    let shell = |detail: &str| SourceError::ShellPage { detail: detail.to_owned() };
    if let Some(scope) = scope {
        if says(text::NOT_FOUND) {
            return asked.cloned().or_else(|| scope.handle()).map_or_else(
                || shell("it says that there is no such account, and nothing says which was asked for"),
                SourceError::NotFound,
            );
        }
        if says(text::SERVER_ERROR) {
            return shell("it says that something went wrong");
        }
        if says(text::SIGN_IN) {
            return SourceError::LoginRequired;
        }
        return shell("generic shell: its JSON has neither webapp.user-detail nor webapp.video-detail");
    }
    if has(&downgrade) || has_script("tiktok-environment-webapp") {
        return shell("downgrade shell: the site served a page without JSON that only its own script can fill");
    }
    if has_script("gfdatav1") && has(&|tag| tag.has_id("app")) {
        return shell("app shell: the application's frame without JSON");
    }
    // This page comes before any application, and so without a table of texts.
    if texts.has("Sorry, TikTok isn't available right now") {
        return SourceError::RegionBlocked;
    }
    if texts.is_empty() && page.scripts().is_empty() && !has(&anything) {
        return SourceError::EmptyResponse;
    }
    SourceError::LayoutChanged {
        path: UNIVERSAL.to_owned(),
        detail: "the page has no such script; is it a page of tiktok.com?".to_owned(),
    }
}

/// What the page's own address says it is.
fn by_address(page: &Markup<'_>) -> Option<SourceError> {
    let is = |tag: Tag<'_>, name, attribute, value: &str| {
        tag.is(name) && tag.attribute(attribute).is_some_and(|found| found == value)
    };
    page.all().tags().find_map(|tag| {
        let address = if is(tag, "link", "rel", "canonical") {
            tag.attribute("href")?
        } else if is(tag, "meta", "property", "og:url") {
            tag.attribute("content")?
        } else {
            return None;
        };
        let path = address.split_once("://").map_or(&*address, |(_, rest)| rest).split_once('/')?.1;
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        match path {
            "login" => Some(SourceError::LoginRequired),
            path if path.starts_with("login/") => Some(SourceError::LoginRequired),
            path if path == "notfound" || path.ends_with("/notfound") => Some(SourceError::RegionBlocked),
            _ => None,
        }
    })
}
