//! A whole profile page, saved or rendered.

use compass_core::{Handle, Refusal, Snapshot, SourceKind, ports::SourceError};
use jiff::Timestamp;

use super::{
    Account, Grid, ItemList, Layers,
    container::{Scope, Sigi, first_value, sigi_json, universal_json, unknown_form},
    grid, list,
    markup::Markup,
    obstacle::{obstacle_to, said_by_the_page, shows_captcha},
    reconcile,
    reconcile::join,
    translations::{Translations, VisibleTexts, text},
    user,
};

/// Reads a profile page: its embedded JSON, its embedded posts where it has them, and its rendered grid.
///
/// `asked` is the handle in the page's address. Without `observed_at` the latest moment that the page itself gives
/// evidence of is used: when its visitor's id was made, or when its newest post was.
///
/// # Errors
/// What the page is instead of a profile, by its structure and status codes; [`SourceError::GridUnavailable`] if the
/// header counts posts and the page shows none.
pub fn profile_page(
    html: &str,
    asked: Option<&Handle>,
    observed_at: Option<Timestamp>,
    source: SourceKind,
) -> Result<Snapshot, SourceError> {
    from_markup(html, &Markup::of(html), asked, observed_at, source)
}

/// Reads a profile page as the server sent it, before any script fetched posts: the header, and posts only where the page's
/// data has some.
///
/// # Errors
/// Those of [`profile_page`], but posts that are not there say nothing.
pub(crate) fn profile_header(
    html: &str,
    asked: &Handle,
    observed_at: Timestamp,
    source: SourceKind,
) -> Result<Snapshot, SourceError> {
    join(layers(html, &Markup::of(html), Some(asked))?, observed_at, source)
}

pub(super) fn from_markup(
    html: &str,
    page: &Markup<'_>,
    asked: Option<&Handle>,
    observed_at: Option<Timestamp>,
    source: SourceKind,
) -> Result<Snapshot, SourceError> {
    let layers = layers(html, page, asked)?;
    let observed_at = observed_at.or_else(|| own_time(&layers)).ok_or_else(|| SourceError::LayoutChanged {
        path: "webapp.app-context.webIdCreatedTime".to_owned(),
        detail: "nothing in the page says when it was made".to_owned(),
    })?;
    reconcile(layers, observed_at, source)
}

fn layers(html: &str, page: &Markup<'_>, asked: Option<&Handle>) -> Result<Layers, SourceError> {
    let scope = universal_json(page).map(Scope::read).transpose()?.unwrap_or_default();
    let (account, items, grid) = parts(html, page, &scope, asked)?;
    if shows_captcha(page) {
        return Err(SourceError::CaptchaRequired);
    }
    if items.items.is_empty()
        && grid.cards.is_empty()
        && let Some(error) = said_by_the_page(page, Translations::of(scope.translations))
    {
        return Err(error);
    }
    Ok(Layers { account, pages: Vec::new(), items, grid })
}

/// What a profile page says by itself, before lists and other pages add to it.
#[derive(Debug)]
pub(crate) struct ProfileParts {
    pub(crate) account: Account,
    /// The posts in its data: older pages have some there.
    pub(crate) embedded: ItemList,
    pub(crate) grid: Grid,
    /// Whether a captcha lies over it.
    pub(crate) captcha: bool,
    /// What it says instead of posts.
    pub(crate) said: Option<SourceError>,
    pub(crate) grid_error: GridErrorWords,
}

/// What a grid that failed says in the page's language, and what the button beside it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GridErrorWords {
    pub(crate) title: String,
    pub(crate) refresh: String,
}

/// Reads a profile page without judging whether its posts are all there.
///
/// # Errors
/// What the page is instead of a profile, by its structure and status codes.
pub(crate) fn profile_parts(html: &str, asked: Option<&Handle>) -> Result<ProfileParts, SourceError> {
    let page = &Markup::of(html);
    let scope = universal_json(page).map(Scope::read).transpose()?.unwrap_or_default();
    let (account, embedded, mut grid) = parts(html, page, &scope, asked)?;
    let translations = Translations::of(scope.translations);
    if VisibleTexts::of(page).show(translations, text::PARTIAL) {
        grid.refused.push(Refusal {
            item: None,
            reason: "partial_list".to_owned(),
            detail: "the page says that some posts are shown only after a sign-in".to_owned(),
        });
    }
    let words = |name, english: &str| translations.get(name).unwrap_or_else(|| english.to_owned());
    Ok(ProfileParts {
        account,
        embedded,
        grid,
        captcha: shows_captcha(page),
        said: said_by_the_page(page, translations),
        grid_error: GridErrorWords {
            title: words(text::SERVER_ERROR[0], "Something went wrong"),
            refresh: words(text::REFRESH, "Refresh"),
        },
    })
}

/// The account, its embedded posts and the rendered page.
fn parts(
    html: &str,
    page: &Markup<'_>,
    scope: &Scope<'_>,
    asked: Option<&Handle>,
) -> Result<(Account, ItemList, Grid), SourceError> {
    let (mut account, items) = match data(page, scope, asked)? {
        Some(data) => data,
        None if scope.video_detail.is_some() => {
            return Err(SourceError::LayoutChanged {
                path: "webapp.user-detail".to_owned(),
                detail: "it is the page of one post, not of a profile".to_owned(),
            });
        }
        None => {
            let no_user = || SourceError::ShellPage { detail: "the page's data has no user in it".to_owned() };
            return Err(obstacle_to(html, page, asked).unwrap_or_else(no_user));
        }
    };
    let translations = Translations::of(scope.translations);
    let handle = account.profile.handle.clone();
    let grid = grid::from_page(page, Some(&handle), Some(account.profile.nickname.as_str()), translations);
    if let Some(asked) = asked.filter(|asked| **asked != handle) {
        account.disagreements.push(format!("handle: @{asked} was asked for, the page is of @{handle}"));
    }
    Ok((account, items, grid))
}

/// What the page's JSON says of the account, and the posts that come with it; `None` if there is no such JSON.
fn data(
    page: &Markup<'_>,
    scope: &Scope<'_>,
    asked: Option<&Handle>,
) -> Result<Option<(Account, ItemList)>, SourceError> {
    if let Some(detail) = scope.user_detail {
        let account = user::from_page(scope, detail, asked)?;
        let items = scope.user_post.map_or_else(|| Ok(ItemList::default()), list::envelope)?;
        return Ok(Some((account, items)));
    }
    let Some(json) = sigi_json(page) else { return Ok(None) };
    let sigi: Sigi<'_> = first_value(json).map_err(|e| unknown_form("SIGI_STATE", &e))?;
    let account = user::from_sigi(&sigi, asked)?;
    Ok(Some((account, list::from_sigi(&sigi))))
}

/// The latest moment that the page gives evidence of; nobody can have seen it before.
fn own_time(layers: &Layers) -> Option<Timestamp> {
    let items = layers.items.items.iter().map(|item| item.video.created_at);
    let cards = layers.grid.cards.iter().map(|card| card.video.created_at);
    layers.account.observed_at.into_iter().chain(layers.items.observed_at).chain(items).chain(cards).max()
}
