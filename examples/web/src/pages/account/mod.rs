//! `/account`: where somebody is signed in, access for programs, files that were brought, and everything that is kept: to take, or to erase.

mod erase;
mod imports;
mod sessions;
mod token;

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use compass_core::{
    Import, ImportId, Session, SessionId,
    app::{Accounts, MOST_IMPORTS},
};
use compass_http::{Credential, CurrentUser, Problem, ProblemKind};
use jiff::tz::TimeZone;

use super::{
    dashboard::sign_in_first,
    frame::{Frame, Tab, show},
    known::zone_of,
};
use crate::{
    AppState,
    words::{listed, moment, source, thousands, zone_name},
};

pub(super) use erase::{ask as ask_to_erase, erase};
pub(super) use imports::delete as delete_import;
pub(super) use sessions::{end, end_all};
pub(super) use token::open as open_token;

#[derive(Debug, Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    email: Option<String>,
    handle: Option<String>,
    target: String,
    zone: TimeZone,
    sessions: Vec<SessionRow>,
    imports: Vec<ImportRow>,
}

/// Where the person is signed in.
#[derive(Debug)]
struct SessionRow {
    id: SessionId,
    current: bool,
    device: String,
    details: String,
}

/// A file that the person brought.
#[derive(Debug)]
struct ImportRow {
    id: ImportId,
    handle: String,
    what: &'static str,
    when: String,
    accepted: String,
    refused: Option<String>,
    why: Vec<String>,
}

impl AccountPage {
    fn zone_name(&self) -> &str {
        zone_name(&self.zone)
    }
}

impl SessionRow {
    fn new(session: &Session, current: SessionId, zone: &TimeZone) -> Self {
        let agent = session.client.user_agent.as_ref().map(|name| device(name.as_str()));
        let from = session.client.ip.map_or_else(String::new, |ip| format!(", from {ip}"));
        Self {
            id: session.id,
            current: session.id == current,
            device: agent.unwrap_or_else(|| "A browser or program that does not say what it is".to_owned()),
            details: format!(
                "Last used {}{from}; since {}, until {} at the latest.",
                moment(session.last_seen_at, zone),
                moment(session.opened_at, zone),
                moment(session.expires_at, zone)
            ),
        }
    }
}

impl ImportRow {
    fn new(import: &Import, zone: &TimeZone) -> Self {
        const TOLD: usize = 5;
        let n = |n: u64| format!("{} {}", thousands(n), if n == 1 { "item" } else { "items" });
        Self {
            id: import.id,
            handle: import.handle.to_string(),
            what: source(import.source),
            when: moment(import.imported_at, zone),
            accepted: n(import.accepted),
            refused: (import.refused > 0).then(|| n(import.refused)),
            why: import.refusals.iter().take(TOLD).map(|refusal| refusal.detail.clone()).collect(),
        }
    }
}

/// A browser's name for itself in words: `Firefox on Linux`; what is not known is shown as it is.
fn device(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|it| it.1);
    // Each browser says the names of those that came before it.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => agent.to_owned(),
    }
}

/// `GET /account`
pub(super) async fn account(State(state): State<AppState>, who: Option<CurrentUser>) -> Result<Response, Problem> {
    let Some(CurrentUser { user, session, .. }) = who else {
        return Ok(sign_in_first("/account"));
    };
    let zone = zone_of(&user);
    let sessions = accounts(&state).sessions(user.id).await?;
    let imports = state.ports.imports.imports(user.id, MOST_IMPORTS).await?;
    let target = &user.preferences.target;
    let countries = target.countries.iter().map(ToString::to_string);
    let languages = target.languages.iter().map(ToString::to_string);
    let wished: Vec<String> = countries.chain(languages).chain(target.interests.as_slice().iter().cloned()).collect();
    let wished: Vec<&str> = wished.iter().map(String::as_str).collect();
    let page = AccountPage {
        frame: Frame::new("Your account", Some(Tab::Account), &state, Some(&user)),
        email: user.identity.email.clone(),
        handle: user.preferences.handle.as_ref().map(ToString::to_string),
        target: if wished.is_empty() { "not said".to_owned() } else { listed(&wished) },
        sessions: sessions.iter().map(|it| SessionRow::new(it, session.id, &zone)).collect(),
        imports: imports.iter().map(|import| ImportRow::new(import, &zone)).collect(),
        zone,
    };
    show(StatusCode::OK, &page)
}

/// The use cases of accounts over the state's ports.
fn accounts(state: &AppState) -> Accounts {
    let ports = &state.ports;
    Accounts {
        store: Arc::clone(&ports.accounts),
        refresh_tokens: Arc::clone(&ports.refresh_tokens),
        data: Arc::clone(&ports.account_data),
        audit: Arc::clone(&ports.audit),
        clock: Arc::clone(&ports.clock),
        random: Arc::clone(&ports.random),
    }
}

/// Refuses a program's access token: what these pages do is for people.
fn only_in_a_browser(who: &CurrentUser) -> Result<(), Problem> {
    match who.credential {
        Credential::Cookie => Ok(()),
        Credential::Bearer => {
            Err(Problem::new(ProblemKind::NotSignedIn).with_detail("this is a page for people; use the API instead"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn it_shows_who_is_signed_in_and_where_and_what_can_be_done() {
        let page = Pages::new().signed_in(Some("sample.steady")).await.get("/account").await;
        assert_eq!(page.status, StatusCode::OK);
        page.says(&[
            "Ada &#60;b&#62;",
            "ada@example.test",
            "@sample.steady",
            "this browser",
            "Last used 1 May 2026, 12:00",
            "action=\"/account/sessions/end\"",
            "action=\"/account/token\"",
            "href=\"/users/me/export\"",
            "href=\"/account/erase\"",
            "No file was brought yet",
        ]);
        let visitor = Pages::new().get("/account").await;
        assert_eq!(visitor.header("location"), "/auth/google/login?return_to=/account");
    }

    #[tokio::test]
    async fn every_file_that_is_kept_can_be_taken_away() {
        let pages = Pages::new().with_exports().signed_in(Some("ada")).await;
        for views in 0..51 {
            let csv = format!(
                "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 30,{views},2,3,1,0\nMay 1,10,2,3,1,0\n"
            );
            let answer = pages.post_file("/onboarding/export", "Overview_2026-05-01_1777600000_ada.csv", &csv).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.html);
        }
        assert_eq!(pages.get("/account").await.html.matches(">Take away<").count(), 51);
    }

    #[test]
    fn devices_are_told_by_their_usual_names() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(device(chrome), "Chrome on Linux");
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1";
        assert_eq!(device(safari), "Safari on iPhone");
        assert_eq!(device("my-program/1 <b>"), "my-program/1 <b>");
    }
}
