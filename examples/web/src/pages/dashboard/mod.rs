//! `/dashboard`: one account's figures, how sure they are, and how fresh.

mod advice;
pub(super) mod refresh;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{Handle, JobId, app::PersonalInsights};
use compass_http::{CurrentUser, Problem, Query, Shown};
use jiff::tz::TimeZone;
use url::form_urlencoded;

use super::{
    analytics::{OwnFigures, own_report},
    figures::headlines,
    followers::FollowerChart,
    frame::{Frame, Tab, show},
    known::{Known, options_for, zone_of},
    posts::{self, VideoRow},
    recommendations::{InsightCard, advice},
};
use crate::{
    AppState,
    words::{CountWords, Figure, moment, source, thousands, zone_name},
};
use refresh::RefreshPanel;

/// More than these nobody acts on.
const MOST_INSIGHTS: usize = 3;

#[derive(Debug, Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    frame: Frame,
    handle: Handle,
    refresh: Option<RefreshPanel>,
    account: Option<Account>,
    /// What the person's own exports tell, where nobody has looked at the account.
    own: Option<OwnFigures>,
}

/// What is known of the account.
#[derive(Debug)]
struct Account {
    known: Known,
    chart: FollowerChart,
    /// What matters most, three at most.
    insights: Vec<InsightCard>,
    /// Young posts with views to come.
    growing: Vec<VideoRow>,
    zone: TimeZone,
}

impl DashboardPage {
    fn is_under_way(&self) -> bool {
        self.refresh.as_ref().is_some_and(RefreshPanel::is_under_way)
    }

    /// After how many seconds the page has to come again by itself, for browsers without scripts.
    fn comes_again(&self) -> Option<u32> {
        self.refresh.as_ref().and_then(RefreshPanel::comes_again)
    }
}

impl Account {
    fn new(known: Known, insights: Vec<InsightCard>, zone: TimeZone) -> Self {
        let chart = FollowerChart::new(&known.history, &known.report, zone.clone());
        let growing = posts::still_growing(&known.report, &zone);
        Self { known, chart, insights, growing, zone }
    }

    /// The name's first letter, in place of a picture that would have to be fetched from TikTok.
    fn initial(&self) -> String {
        let first = self.known.report.name().chars().find(|c| c.is_alphanumeric());
        first.map_or_else(|| "@".to_owned(), |c| c.to_uppercase().collect())
    }

    /// The account's counters with their names.
    fn counters(&self) -> [(&'static str, CountWords); 4] {
        let counts = &self.known.report.counts;
        [
            ("Followers", CountWords::new(counts.followers)),
            ("Following", CountWords::new(counts.following)),
            ("Likes", CountWords::new(counts.likes)),
            ("Posts", CountWords::new(counts.videos)),
        ]
    }

    fn last_seen(&self) -> String {
        moment(self.known.newest.as_ref().map_or(self.known.report.as_of, |look| look.observed_at), &self.zone)
    }

    fn source(&self) -> &'static str {
        self.known.newest.as_ref().map_or("an unknown source", |look| source(look.source))
    }

    fn zone_name(&self) -> &str {
        zone_name(&self.zone)
    }

    fn headlines(&self) -> Vec<Figure> {
        headlines(&self.known.report)
    }

    fn chart_summary(&self) -> String {
        self.chart.summary(&self.known.report)
    }

    fn videos(&self) -> Vec<VideoRow> {
        posts::rows(&self.known.report, &self.zone)
    }

    /// Which posts the table has.
    fn videos_words(&self) -> String {
        let (shown, seen) = (self.videos().len(), self.known.report.videos.len());
        if shown < seen {
            let seen = thousands(seen as u64);
            format!("What is pinned, then the newest: {shown} of the {seen} posts that were seen.")
        } else {
            "Every post that was seen.".to_owned()
        }
    }
}

/// `/dashboard`, with the refresh to show as `job`; of several the last counts, and one that is none is nothing.
pub(super) async fn dashboard(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
    shown: Shown,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let Some(CurrentUser { user, .. }) = who else {
        return Ok(sign_in_first("/dashboard"));
    };
    let Some(handle) = user.preferences.handle.clone() else {
        return Ok(Redirect::to("/onboarding").into_response());
    };
    let ports = &state.ports;
    let (now, zone) = (ports.clock.now(), zone_of(&user));
    // Before the figures: one that has ended has them.
    let job = asked.iter().rfind(|(name, _)| name == "job").and_then(|(_, id)| id.parse().ok()).map(JobId);
    let refresh = RefreshPanel::find(&*ports.jobs, job, &handle, &zone, now).await?;
    let account = match advice(&state, &user, &handle, shown).await? {
        Some(PersonalInsights { report, insights, .. }) => {
            let cards = insights.insights.iter().take(MOST_INSIGHTS).map(InsightCard::new).collect();
            Known::behind(&state, report, now).await?.map(|known| Account::new(known, cards, zone.clone()))
        }
        None => None,
    };
    let own = match &account {
        Some(_) => None,
        None => {
            let options = options_for(user.preferences.zone.as_ref());
            let report = own_report(&state, user.id, &handle, now, options).await?;
            report.as_ref().and_then(|report| OwnFigures::new(report, None))
        }
    };
    let page = DashboardPage {
        frame: Frame::new("Dashboard", Some(Tab::Dashboard), &state, Some(&user)),
        handle,
        refresh,
        account,
        own,
    };
    show(StatusCode::OK, &page)
}

/// Where the dashboard is found, with the refresh that it is to show.
pub(super) fn address(job: Option<JobId>) -> String {
    job.map_or_else(|| "/dashboard".to_owned(), |id| format!("/dashboard?job={id}"))
}

/// Sends a visitor to sign in, and then back to a page: its path, and its query if it has one.
pub(super) fn sign_in_first(page: &str) -> Response {
    let page: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
    // In a query, the slash stands for itself.
    Redirect::to(&format!("/auth/google/login?return_to={}", page.replace("%2F", "/"))).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;
    use compass_core::{Count, CreatorId, Handle, SourceKind, ports::CreatorStore as _, samples::World};

    use crate::pages::testing::{HOSTILE, Page, Pages, history, now};

    #[tokio::test]
    async fn visitors_sign_in_first_and_people_without_an_account_name_one() {
        let page = Pages::new().get("/dashboard").await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/auth/google/login?return_to=/dashboard")
        );
        let page = Pages::new().signed_in(None).await.get("/dashboard").await;
        assert_eq!((page.status, page.header("location")), (StatusCode::SEE_OTHER, "/onboarding"));
    }

    #[tokio::test]
    async fn an_accounts_figures_carry_interval_sample_definition_and_freshness() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let page = pages.get("/dashboard").await;
        assert_eq!(page.status, StatusCode::OK);
        page.says(&[
            "<bdi>Steady sample</bdi>",
            "@sample.steady",
            "Sourdough, slowly.",
            "<span class=\"exactness\">exact</span>",
            "Typical views",
            "95% interval",
            "30 posts",
            "er.views.median@1",
            "Theil-Sen slope",
            "Last seen 1 May 2026, 12:00",
            "from generated sample data",
            "<span class=\"badge thin\">sample data</span>",
            "Not TikTok.",
            "<caption>Followers at the last look of each day, the newest first. Times are those of UTC.</caption>",
            "Development sign-in.",
            "data-plotly=\"/assets/plotly-",
            "Followers grew from",
            "data-label=\"Views\"",
            "action=\"/auth/logout?return_to=/\"",
            "action=\"/dashboard/refresh\"",
        ]);
        page.does_not_say(&["NaN", "http-equiv=\"refresh\"", "style="]);
    }

    #[tokio::test]
    async fn young_posts_are_told_apart_with_the_views_to_come() {
        let pages = Pages::new().signed_in(Some("sample.rising")).await.with_history("sample.rising").await;
        let page = pages.get("/dashboard").await;
        let (_, growing) = page.html.split_once("<h2 id=\"growing\">Still growing</h2>").expect("it posts daily");
        let (growing, _) = growing.split_once("</section>").unwrap();
        let posts = growing.matches("<li>").count();
        assert!((1..=5).contains(&posts), "{growing}");
        assert_eq!(growing.matches("views so far, about ").count(), posts, "{growing}");
        assert_eq!(growing.matches(" expected <span class=\"exactness\">").count(), posts, "{growing}");
        let mut old = history("sample.rising").pop().unwrap();
        old.videos.retain(|look| now().duration_since(look.video.created_at).as_hours() >= 14 * 24);
        let pages = Pages::new().signed_in(Some("sample.rising")).await;
        pages.store.record(&old).await.unwrap();
        pages.get("/dashboard").await.does_not_say(&["Still growing"]);
    }

    #[tokio::test]
    async fn at_most_three_insights_lead_the_page() {
        let pages = Pages::new().signed_in(Some("sample.rising")).await.with_history("sample.rising").await;
        let insights = |page: &Page| page.html.matches("<article class=\"insight").count();
        let all = insights(&pages.get("/recommendations").await);
        assert!(all > 3, "{all} are too few to tell");
        assert_eq!(insights(&pages.get("/dashboard").await), 3);
    }

    #[tokio::test]
    async fn a_rounded_counter_is_shown_as_its_range() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        let mut look = history("sample.steady").pop().unwrap();
        look.profile.counts.followers = Count::parse_abbreviated("98.4K").ok();
        look.profile.counts.likes = None;
        look.videos[0].counts.views = Count::parse_abbreviated("13.6K").ok();
        look.videos[0].counts.saves = None;
        pages.store.record(&look).await.unwrap();
        let page = pages.get("/dashboard").await;
        page.says(&[
            "98,400 <span class=\"exactness\">between 98,350 and 98,449</span>",
            "not shown <span class=\"exactness\">the source withholds it</span>",
            "title=\"between 13,550 and 13,649\"",
            "not sure yet: one more look on another day",
            "a course needs a look on another day",
        ]);
    }

    #[tokio::test]
    async fn an_account_is_called_a_sample_for_what_it_is_wherever_it_is_shown() {
        const BADGE: &str = "sample data</span>";
        let mut real = history("sample.steady").pop().unwrap();
        let elsewhere = CreatorId::parse("7065").unwrap();
        (real.profile.profile.id, real.profile.source) = (elsewhere, SourceKind::WebDriver);
        real.profile.profile.handle = Handle::parse("ada").unwrap();
        real.videos.clear();
        for pages in [Pages::new(), Pages::live()] {
            let pages = pages.with_history("sample.steady").await.signed_in(Some("sample.steady")).await;
            pages.get("/dashboard").await.says(&[BADGE]);
            let mut look = history("sample.steady").pop().unwrap();
            look.profile.source = SourceKind::WebDriver;
            look.videos.clear();
            look.profile.observed_at += Duration::from_secs(1);
            pages.clock.advance(Duration::from_secs(1));
            pages.store.record(&look).await.unwrap();
            let page = pages.get("/dashboard").await;
            page.says(&[BADGE, "from the public page, opened in a browser"]);

            pages.store.record(&real).await.unwrap();
            let pages = pages.signed_in(Some("ada")).await;
            pages.get("/dashboard").await.does_not_say(&[BADGE]);
        }
    }

    #[tokio::test]
    async fn an_account_that_was_not_looked_at_for_long_says_when_it_was() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        let world = World::standard();
        let long_ago = now() - Duration::from_secs(100 * 86_400);
        let look = world.creators()[0].snapshot(long_ago, 5, SourceKind::WebDriver);
        pages.store.record(&look).await.unwrap();
        pages.get("/dashboard").await.says(&[
            "Last seen 21 Jan 2026, 12:00",
            "opened in a browser",
            "The last look at this account was 100 days ago",
        ]);
        let fresh = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        fresh.get("/dashboard").await.does_not_say(&["The last look at this account was"]);
    }

    #[tokio::test]
    async fn too_few_posts_are_said_rather_than_guessed() {
        let pages = Pages::new().signed_in(Some("sample.fresh")).await;
        let mut look = history("sample.fresh").pop().unwrap();
        look.videos.truncate(3);
        pages.store.record(&look).await.unwrap();
        pages.get("/dashboard").await.says(&["first impression", "3 posts"]);
        let mut empty = history("sample.quiet").pop().unwrap();
        empty.videos.clear();
        let pages = Pages::new().signed_in(Some("sample.quiet")).await;
        pages.store.record(&empty).await.unwrap();
        pages.get("/dashboard").await.says(&["not sure yet: 1 more post", "No post was seen yet."]);
    }

    #[tokio::test]
    async fn scraped_markup_is_shown_as_text() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_hostile_texts().await;
        let page = pages.get("/dashboard").await;
        page.says(&["&#60;script&#62;alert(1)", "&#60;img src=x", "{{ 7*7 }}"]);
        page.does_not_say(&[HOSTILE, "<script>alert", "<img src=x"]);
        let scripts = page.html.matches("<script").count();
        assert_eq!((scripts, page.html.matches("</script>").count()), (2, 2), "ours, and the chart's data");
    }

    #[tokio::test]
    async fn an_export_of_an_account_that_nobody_looked_at_has_its_figures_here() {
        let pages = Pages::new().with_exports().signed_in(None).await;
        let csv =
            "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\nApril 30,1312,20,33,1,0\n";
        let answer = pages.post_file("/onboarding/export", "Overview_2026-04-30_1777600000_ada.csv", csv).await;
        // While its first look is under way, and after one that did not work.
        for address in [answer.header("location"), "/dashboard"] {
            let page = pages.get(address).await;
            page.says(&["<h1>@ada</h1>", "Your own figures", "2,522", "Nobody else sees this"]);
            page.does_not_say(&["There are no figures of this account yet"]);
        }
    }

    #[tokio::test]
    async fn an_account_that_nobody_looked_at_offers_the_first_look() {
        let page = Pages::new().signed_in(Some("ada.lovelace")).await.get("/dashboard").await;
        page.says(&["There are no figures of this account yet", "Look at it now"]);
    }
}
