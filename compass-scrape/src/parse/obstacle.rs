//! Pages that are not content, told apart by their structure and by the page's own error texts.

use std::sync::LazyLock;

use compass_core::{Handle, ports::SourceError};
use scraper::{Html, Selector};

use super::{
    container::{Scope, UNIVERSAL, sigi_json, universal_json},
    translations::{Translations, VisibleTexts, is_hidden},
    tree::tree,
};

/// What stands in the way of this page's content: a captcha, a firewall page, a shell, a sign-in; `None` if nothing does.
///
/// Words in the source of a page mean nothing: every good page carries all error texts in its table of translations.
#[must_use]
pub fn obstacle(html: &str) -> Option<SourceError> {
    obstacle_to(html, None)
}

/// What stands in the way of the account that was asked for.
pub(super) fn obstacle_to(html: &str, asked: Option<&Handle>) -> Option<SourceError> {
    let scope = universal_json(html).map(Scope::read).transpose();
    let has_data = match &scope {
        Ok(scope) => {
            scope.as_ref().is_some_and(|scope| scope.user_detail.is_some() || scope.any_video_detail().is_some())
                || sigi_json(html).is_some()
        }
        Err(_) => false,
    };
    if html.trim().is_empty() {
        return Some(SourceError::EmptyResponse);
    }
    let page = tree(html);
    if shows_captcha(&page) {
        return Some(SourceError::CaptchaRequired);
    }
    if has_data {
        return None;
    }
    match scope {
        Ok(scope) => Some(instead_of_data(&page, scope.as_ref(), asked)),
        Err(error) => Some(error),
    }
}

/// Whether a captcha lies over the page: an element for it, not a word or an address of a script.
pub(super) fn shows_captcha(page: &Html) -> bool {
    static OVERLAY: LazyLock<Selector> = LazyLock::new(|| {
        selector(
            "#captcha-verify-container-main-page, #captcha-verify-container, .captcha-verify-container, \
             .captcha_verify_container, #captcha_container, div[class^='secsdk-captcha-'], div[class*=' secsdk-captcha-']",
        )
    });
    page.select(&OVERLAY).any(|element| {
        let above = element.ancestors().filter_map(|node| node.value().as_element());
        !is_hidden(element.value()) && !above.into_iter().any(is_hidden)
    })
}

/// What the page's own texts say instead of posts or of a profile; `None` if they say nothing of the kind.
pub(super) fn said_by_the_page(page: &Html, translations: &Translations<'_>) -> Option<SourceError> {
    let texts = VisibleTexts::of(page);
    let t = translations;
    if texts.show(&[&t.private, &t.private_long]) {
        Some(SourceError::Private)
    } else if texts.show(&[&t.audience_controls]) {
        Some(SourceError::AudienceControlled)
    } else if texts.show(&[&t.region_blocked]) {
        Some(SourceError::RegionBlocked)
    } else {
        None
    }
}

/// What a page without an account's or a post's data is.
fn instead_of_data(page: &Html, scope: Option<&Scope<'_>>, asked: Option<&Handle>) -> SourceError {
    let has = |selector: &LazyLock<Selector>| page.select(selector).next().is_some();
    static FIREWALL: LazyLock<Selector> = LazyLock::new(|| selector("#wci, ._wafchallengeid, #rci, .waforiginalreid"));
    static FIREWALL_STATE: LazyLock<Selector> = LazyLock::new(|| selector("#cs, #rs"));
    static DOWNGRADE: LazyLock<Selector> = LazyLock::new(|| {
        selector("#app[data-downgrade], [data-source^='downgrade'], script#tiktok-environment-webapp")
    });
    static APP_SHELL: LazyLock<Selector> = LazyLock::new(|| selector("script#gfdatav1"));
    static APP: LazyLock<Selector> = LazyLock::new(|| selector("#app"));
    static ANY: LazyLock<Selector> = LazyLock::new(|| selector("script, link, img, input, iframe"));

    if has(&FIREWALL) && has(&FIREWALL_STATE) {
        return SourceError::WafChallenge;
    }
    if let Some(error) = by_address(page) {
        return error;
    }
    let translations = Translations::read(scope.and_then(|scope| scope.translations).map(|raw| raw.get()));
    if let Some(error) = said_by_the_page(page, &translations) {
        return error;
    }
    let texts = VisibleTexts::of(page);
    let shell = |detail: &str| SourceError::ShellPage { detail: detail.to_owned() };
    if let Some(scope) = scope {
        if texts.show(&[&translations.not_found, &translations.not_found_long]) {
            return asked.cloned().or_else(|| scope.handle()).map_or_else(
                || shell("it says that there is no such account, and nothing says which was asked for"),
                SourceError::NotFound,
            );
        }
        if texts.show(&[&translations.server_error]) {
            return shell("it says that something went wrong");
        }
        if texts.show(&[&translations.sign_in]) {
            return SourceError::LoginRequired;
        }
        return shell("generic shell: its JSON has neither webapp.user-detail nor webapp.video-detail");
    }
    if has(&DOWNGRADE) {
        return shell("downgrade shell: the site served a page without JSON that only its own script can fill");
    }
    if has(&APP_SHELL) && has(&APP) {
        return shell("app shell: the application's frame without JSON");
    }
    if texts.is_empty() && !has(&ANY) {
        return SourceError::EmptyResponse;
    }
    SourceError::LayoutChanged {
        path: UNIVERSAL.to_owned(),
        detail: "the page has no such script; is it a page of tiktok.com?".to_owned(),
    }
}

/// What the page's own address says it is.
fn by_address(page: &Html) -> Option<SourceError> {
    static ADDRESS: LazyLock<Selector> =
        LazyLock::new(|| selector("link[rel='canonical'][href], meta[property='og:url'][content]"));
    page.select(&ADDRESS).find_map(|element| {
        let address = element.attr("href").or(element.attr("content"))?;
        let path = address.split_once("://").map_or(address, |(_, rest)| rest).split_once('/')?.1;
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        match path {
            "login" => Some(SourceError::LoginRequired),
            path if path.starts_with("login/") => Some(SourceError::LoginRequired),
            path if path == "notfound" || path.ends_with("/notfound") => Some(SourceError::RegionBlocked),
            _ => None,
        }
    })
}

pub(super) fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("the selectors of this crate are well-formed")
}
