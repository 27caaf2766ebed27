//! What all pages share: the frame around their content, and how they become an answer.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use compass_core::{Handle, User};
use compass_http::{Problem, ProblemKind};

use super::assets;
use crate::AppState;

/// Everything around a page's own content.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    title: String,
    tab: Option<Tab>,
    development: bool,
    stand_in: bool,
    provider: String,
    visitor: Option<Visitor>,
}

/// The pages that every page leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Dashboard,
    Analytics,
    Recommendations,
    Compare,
    Account,
}

/// The person who looks at a page.
#[derive(Clone, Debug)]
struct Visitor {
    name: String,
    handle: Option<Handle>,
}

/// A page that the navigation leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) to: String,
    pub(super) name: &'static str,
    pub(super) current: bool,
}

impl Frame {
    /// The frame of a page with this title, for a signed-in person or a visitor.
    pub(super) fn new(title: impl Into<String>, tab: Option<Tab>, state: &AppState, user: Option<&User>) -> Self {
        let visitor = user.map(|user| Visitor {
            name: user.identity.name.clone().or_else(|| user.identity.email.clone()).unwrap_or_default(),
            handle: user.preferences.handle.clone(),
        });
        Self {
            title: title.into(),
            tab,
            development: state.site.development_sign_in,
            stand_in: state.site.stand_in,
            provider: state.ports.identity.name().to_owned(),
            visitor,
        }
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Where the navigation leads; a visitor has none.
    pub(super) fn links(&self) -> Vec<Link> {
        let Some(visitor) = &self.visitor else { return Vec::new() };
        let own = visitor.handle.as_ref().map_or_else(Vec::new, |handle| {
            vec![
                (Tab::Dashboard, "Dashboard", "/dashboard".to_owned()),
                (Tab::Analytics, "Analytics", format!("/creators/{handle}")),
                (Tab::Recommendations, "Recommendations", "/recommendations".to_owned()),
                (Tab::Compare, "Compare", "/compare".to_owned()),
            ]
        });
        let account = (Tab::Account, "Account", "/account".to_owned());
        let link = |(tab, name, to)| Link { to, name, current: self.tab == Some(tab) };
        own.into_iter().chain([account]).map(link).collect()
    }

    pub(super) fn development(&self) -> bool {
        self.development
    }

    pub(super) fn stand_in(&self) -> bool {
        self.stand_in
    }

    pub(super) fn signed_in(&self) -> bool {
        self.visitor.is_some()
    }

    pub(super) fn has_handle(&self) -> bool {
        self.visitor.as_ref().is_some_and(|visitor| visitor.handle.is_some())
    }

    /// The signed-in person's name; `None` if the provider does not know it.
    pub(super) fn name(&self) -> Option<&str> {
        self.visitor.as_ref().map(|visitor| visitor.name.as_str()).filter(|name| !name.is_empty())
    }

    /// What the button to sign in says.
    pub(super) fn sign_in_words(&self) -> String {
        if self.development { "Development sign-in".to_owned() } else { format!("Sign in with {}", self.provider) }
    }

    pub(super) fn css(&self) -> String {
        assets::CSS.url()
    }

    pub(super) fn script(&self) -> String {
        assets::SCRIPT.url()
    }

    pub(super) fn icon(&self) -> String {
        assets::ICON.url()
    }
}

/// A page as an answer.
pub(super) fn show(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| Problem::new(ProblemKind::Internal).with_cause(error))?;
    Ok((status, Html(html)).into_response())
}
