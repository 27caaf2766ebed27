//! `/creators/{handle}`: every section of an account's report. (The API has `/analytics/{handle}`.)

mod asked;
mod audience;
mod authenticity;
mod benchmarks;
mod breakouts;
mod changes;
mod engagement;
mod features;
mod growth;
mod own;
mod posting;
mod value;
mod videos;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use compass_core::{
    Handle, User,
    analytics::{AudienceTarget, ReportOptions},
    app,
    samples::World,
};
use compass_http::{CurrentUser, Path, Problem, Query};
use jiff::{Timestamp, tz::TimeZone};
use url::form_urlencoded;

use super::{
    dashboard::{refresh::RefreshPanel, sign_in_first},
    figures::headlines,
    frame::{Frame, Tab, show},
    known::{Known, known, options_for, report},
};
use crate::{
    AppState,
    words::{CountWords, Figure, moment, source, zone_name},
};
use asked::Asked;
use audience::AudienceSection;
pub(super) use audience::{Fit, dimension_name};
use authenticity::AuthenticitySection;
use benchmarks::BenchmarksSection;
use breakouts::BreakoutsSection;
use changes::ChangesSection;
use engagement::EngagementSection;
use features::FeaturesSection;
use growth::GrowthSection;
pub(super) use own::{OwnFigures, own_report};
use posting::PostingSection;
use value::ValueSection;
use videos::VideosSection;

#[derive(Debug, Template)]
#[template(path = "analytics/page.html")]
struct AnalyticsPage {
    frame: Frame,
    handle: Handle,
    asked: Asked,
    zone: TimeZone,
    account: Option<Account>,
    /// What the reader's own exports tell.
    own: Option<OwnFigures>,
    /// The account's last refresh, if it is news.
    refresh: Option<RefreshPanel>,
    /// Whether the reader may ask for a look.
    may_look: bool,
}

/// The sections of what is known.
#[derive(Debug)]
struct Account {
    known: Known,
    headlines: Vec<Figure>,
    changes: ChangesSection,
    engagement: EngagementSection,
    growth: GrowthSection,
    posting: PostingSection,
    features: FeaturesSection,
    breakouts: BreakoutsSection,
    videos: VideosSection,
    benchmarks: BenchmarksSection,
    audience: AudienceSection,
    value: ValueSection,
    authenticity: AuthenticitySection,
}

/// The sections by their ids, as the list at the top names them.
const SECTIONS: [(&str, &str); 11] = [
    ("changes", "Changes"),
    ("engagement", "Engagement"),
    ("growth", "Growth"),
    ("posting", "Posting"),
    ("features", "In common"),
    ("breakouts", "Standing out"),
    ("posts", "Posts"),
    ("benchmarks", "Among others"),
    ("audience", "Audience"),
    ("value", "Value"),
    ("authenticity", "Genuine?"),
];

impl AnalyticsPage {
    fn sections(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        SECTIONS.into_iter().chain(self.own.is_some().then_some(("own", "Your own")))
    }

    fn zone_name(&self) -> &str {
        zone_name(&self.zone)
    }

    fn as_of(&self) -> String {
        self.asked.as_of.map(|day| day.to_string()).unwrap_or_default()
    }

    /// The day of the figures, where one was asked for: `1 May 2026`.
    fn past_day(&self) -> Option<String> {
        self.asked.as_of.map(|day| day.strftime("%-d %b %Y").to_string())
    }

    /// Where programs find the report of this page: of its moment and in its zone.
    fn as_json(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let (Some(_), Some(account)) = (self.asked.as_of, &self.account) {
            query.append_pair("as_of", &account.known.report.as_of.to_string());
        }
        query.append_pair("zone", self.zone_name());
        format!("/analytics/{}?{}", self.handle, query.finish())
    }

    fn since(&self) -> String {
        self.asked.since.map(|day| day.to_string()).unwrap_or_default()
    }
}

impl Account {
    fn counters(&self) -> [(&'static str, CountWords); 4] {
        let counts = &self.known.report.counts;
        [
            ("Followers", CountWords::new(counts.followers)),
            ("Following", CountWords::new(counts.following)),
            ("Likes", CountWords::new(counts.likes)),
            ("Posts", CountWords::new(counts.videos)),
        ]
    }

    /// What the figures rest on: `the public page, on 1 May 2026, 12:00`.
    fn seen(&self, zone: &TimeZone) -> String {
        match &self.known.newest {
            Some(look) => format!("{}, from {}", moment(look.observed_at, zone), source(look.source)),
            None => "at an unknown time".to_owned(),
        }
    }
}

/// `/creators/{handle}`. Visitors see the sample creators only.
pub(super) async fn analytics(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
    Path(handle): Path<Handle>,
    uri: Uri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let user = who.map(|who| who.user);
    if user.is_none() && !(state.site.stand_in && World::standard().find(&handle).is_some()) {
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        return Ok(sign_in_first(&format!("/creators/{handle}{query}")));
    }
    let mut asked = Asked::read(&pairs);
    let own_zone = user.as_ref().and_then(|user| user.preferences.zone.clone());
    let options = options_for(asked.zone.as_ref().or(own_zone.as_ref()));
    let zone = options.zone.rules();
    let now = state.ports.clock.now();
    let moment = asked.moment(now, &zone);
    // Before the figures: one that has ended has them.
    let refresh = match &user {
        Some(_) => RefreshPanel::find(&*state.ports.jobs, None, &handle, &zone, now).await?,
        None => None,
    };
    let own = match &user {
        Some(user) => own_report(&state, user.id, &handle, moment, options.clone()).await?,
        None => None,
    };
    let mut account = account(&state, user.as_ref(), &handle, &mut asked, options, now).await?;
    if user.is_none() && account.as_ref().is_some_and(|account| !account.known.is_sample) {
        account = None;
    }
    let public = account.as_ref().map(|account| &account.known.report);
    let own = own.as_ref().and_then(|own| OwnFigures::new(own, public));
    let frame = Frame::new(format!("Analytics of @{handle}"), Some(Tab::Analytics), &state, user.as_ref());
    show(StatusCode::OK, &AnalyticsPage { frame, handle, asked, zone, account, own, refresh, may_look: user.is_some() })
}

async fn account(
    state: &AppState,
    user: Option<&User>,
    handle: &Handle,
    asked: &mut Asked,
    options: ReportOptions,
    now: Timestamp,
) -> Result<Option<Account>, Problem> {
    let zone = options.zone.rules();
    let moment = asked.moment(now, &zone);
    let price = asked.cpm(now.to_zoned(zone.clone()).date());
    let mistake = price.as_ref().and_then(|price| price.as_ref().err().cloned());
    let options = ReportOptions { cpm: price.and_then(Result::ok), ..options };
    let Some(known) = known(state, handle, moment, options.clone()).await? else { return Ok(None) };
    let before = asked.before(moment, &zone);
    let changes = match known.last_look() {
        // Of the same looks there is the same to tell.
        Some(last) if last <= before => ChangesSection::without_a_look(last, before, moment, &zone),
        _ => {
            let earlier = report(state, handle, before, ReportOptions { cpm: None, ..options }).await?;
            ChangesSection::new(earlier.as_ref(), &known.report, before, &zone)
        }
    };
    let viewer = user.map(|user| user.id);
    let target = user.map(|user| AudienceTarget::from(&user.preferences.target)).unwrap_or_default();
    let audience =
        app::audience(&*state.ports.creators, &*state.ports.audiences, handle, viewer, &target, moment).await?;
    let of = &known.report;
    Ok(Some(Account {
        headlines: headlines(of),
        changes,
        engagement: EngagementSection::new(of),
        growth: GrowthSection::new(&known, &zone),
        posting: PostingSection::new(of),
        features: FeaturesSection::new(of),
        breakouts: BreakoutsSection::new(of, &zone),
        videos: VideosSection::new(of, asked, &zone),
        benchmarks: BenchmarksSection::new(of),
        audience: AudienceSection::new(audience.as_ref(), &zone),
        value: ValueSection::new(of, asked, mistake),
        authenticity: AuthenticitySection::new(of),
        known,
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use axum::http::StatusCode;
    use compass_core::analytics::{CreatorReport, ReportOptions, creator_report};
    use jiff::Timestamp;

    use super::*;
    use crate::pages::testing::{HOSTILE, Pages, history, now};

    /// The report of a month of looks at a sample creator.
    pub(super) fn report_of(handle: &str) -> CreatorReport {
        report_with(handle, |_| {})
    }

    pub(super) fn report_with(handle: &str, change: impl FnOnce(&mut ReportOptions)) -> CreatorReport {
        let mut options = ReportOptions::default();
        change(&mut options);
        made(handle, now(), &options)
    }

    pub(super) fn report_as_of(handle: &str, as_of: Timestamp) -> CreatorReport {
        made(handle, as_of, &ReportOptions::default())
    }

    fn made(handle: &str, as_of: Timestamp, options: &ReportOptions) -> CreatorReport {
        let looks = history(handle);
        let profile = looks[0].profile.profile.clone();
        let videos: Vec<_> = looks.iter().flat_map(|look| look.videos.clone()).collect();
        let looks: Vec<_> = looks.into_iter().map(|look| look.profile).collect();
        creator_report(&profile, &looks, &videos, as_of, options)
    }

    /// The report of one look that shows no post.
    pub(super) fn without_posts() -> CreatorReport {
        let look = history("sample.quiet").pop().unwrap().profile;
        creator_report(&look.profile.clone(), &[look], &[], now(), &ReportOptions::default())
    }

    pub(super) fn known_of(handle: &str) -> Known {
        let history: Vec<_> = history(handle).into_iter().map(|look| look.profile).collect();
        Known { report: report_of(handle), newest: history.last().cloned(), history, is_sample: true }
    }

    #[tokio::test]
    async fn every_section_is_on_the_page_and_in_its_list() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let page = pages.get("/creators/sample.steady").await;
        assert_eq!(page.status, StatusCode::OK);
        for (id, name) in SECTIONS {
            page.says(&[&format!("<h2 id=\"{id}\">"), &format!("href=\"#{id}\">{name}</a>")]);
        }
        page.says(&[
            "What changed since 24 Apr 2026",
            "/analytics/sample.steady/export?format=csv",
            "/analytics/sample.steady/export?format=parquet",
            "href=\"/analytics/sample.steady?zone=UTC\"",
            "up to now, as files for other programs",
            "aria-current=\"page\"",
        ]);
        page.does_not_say(&["NaN", "style=", ">inf"]);
    }

    #[tokio::test]
    async fn a_media_kit_keeps_what_is_the_creators_own_business() {
        let pages = Pages::new().with_exports().signed_in(None).await.with_history("sample.steady").await;
        pages.post("/onboarding", "handle=sample.steady&countries=DE").await;
        let csv = "Top territories,Distribution\nUS,0.6\nDE,0.2\n";
        let name = "FollowerTopTerritories_2026-05-01_1777600000_sample.steady.csv";
        pages.post_file("/onboarding/export", name, csv).await;
        let page = pages.get("/creators/sample.steady?price_from=4&price_to=9").await;
        page.says(&["<p class=\"no-print\">It fits the audience that you want"]);
        for private in ["changes", "value", "authenticity", "take"] {
            page.says(&[&format!("<section class=\"sheet no-print\" aria-labelledby=\"{private}\">")]);
        }
        for shown in ["engagement", "growth", "posts", "audience"] {
            page.says(&[&format!("<section class=\"sheet\" aria-labelledby=\"{shown}\">")]);
        }
    }

    #[tokio::test]
    async fn a_past_day_is_told_as_it_was() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let page = pages.get("/creators/sample.steady?as_of=2026-04-10&since=2026-04-05&zone=Europe/Berlin").await;
        page.says(&["10 Apr 2026", "What changed since 5 Apr 2026", "value=\"2026-04-10\"", "Europe/Berlin"]);
        page.does_not_say(&["1 May 2026"]);
        page.says(&[
            "href=\"/analytics/sample.steady?as_of=2026-04-10T21%3A59%3A59Z&#38;zone=Europe%2FBerlin\"",
            "the report of this page alone, as of 10 Apr 2026",
        ]);
        let page = pages.get("/creators/sample.steady?as_of=2020-01-01&sort=views").await;
        page.says(&[
            "Nothing had been seen of this account by 1 Jan 2020.",
            "href=\"?sort=views\">Show it as of today",
        ]);
        page.says(&["name=\"as_of\" type=\"date\" value=\"2020-01-01\""]);
        let page = pages.get("/creators/sample.steady?as_of=soon").await;
        page.says(&["has to be a day such as 2026-05-01"]);
    }

    #[tokio::test]
    async fn where_nobody_looked_in_between_nothing_is_said_to_be_the_same() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        pages.clock.advance(std::time::Duration::from_secs(40 * 86_400));
        let page = pages.get("/creators/sample.steady").await;
        page.says(&[
            "What changed since 3 Jun 2026",
            "the last look before was on 1 May 2026",
            "The last look at this account was 40 days ago",
        ]);
        page.does_not_say(&["too close to tell from chance", "No new post was seen"]);
        pages.get("/creators/sample.steady?since=2026-04-20").await.says(&["Likes of all posts"]);
    }

    #[tokio::test]
    async fn a_day_to_compare_with_that_is_not_before_the_figures_is_told() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let told = "The day to compare with has to be before the day of the figures.";
        for since in ["2026-04-10", "2026-04-11"] {
            let page = pages.get(&format!("/creators/sample.steady?as_of=2026-04-10&since={since}")).await;
            page.says(&[told, "What changed since 3 Apr 2026"]);
        }
        pages.get("/creators/sample.steady?since=2026-05-01").await.says(&[told]);
        pages.get("/creators/sample.steady?as_of=2026-04-10&since=2026-04-09").await.does_not_say(&[told]);
    }

    #[tokio::test]
    async fn visitors_see_samples_and_sign_in_for_the_rest() {
        let pages = Pages::new().with_history("sample.steady").await;
        pages.get("/creators/sample.steady").await.says(&["Typical views"]);
        let page = pages.get("/creators/ada").await;
        assert_eq!(page.header("location"), "/auth/google/login?return_to=/creators/ada");
        let page = pages.get("/creators/ada?as_of=2026-04-10&sort=views").await;
        let back = "/auth/google/login?return_to=/creators/ada%3Fas_of%3D2026-04-10%26sort%3Dviews";
        assert_eq!(page.header("location"), back);
        let live = Pages::live().with_history("sample.steady").await;
        assert_eq!(live.get("/creators/sample.steady").await.status, StatusCode::SEE_OTHER);
    }

    #[tokio::test]
    async fn an_unknown_account_offers_a_look_and_a_wrong_name_is_told() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        pages.get("/creators/ada").await.says(&["nothing was seen of this account", "Look at it now"]);
        assert_eq!(pages.get("/creators/a%2Fb").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn scraped_markup_and_odd_addresses_are_text() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_hostile_texts().await;
        let odd =
            "/creators/sample.steady?find=%3Cscript%3Ealert(1)%3C/script%3E&price_from=%22%3E%3Cb%3E&sort=%3Cb%3E";
        for path in ["/creators/sample.steady", odd] {
            let page = pages.get(path).await;
            page.does_not_say(&[HOSTILE, "<script>alert", "<img src=x", "\"><b>"]);
        }
        pages.get("/creators/sample.steady").await.says(&["&#60;script&#62;alert(1)"]);
    }
}
