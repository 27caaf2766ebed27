//! What the reader's own exports tell of the account: shown to the reader alone.

use askama::Template;
use compass_core::{
    Handle, UserId,
    analytics::{CreatorReport, DatedDay, Metric, MetricUnit, OwnSection, OwnSum, ReportOptions, Subject},
    app,
};
use compass_http::Problem;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    AppState,
    pages::charts::{Chart, Colour, Dot, Layer, Scale, Shape},
    words::{CountWords, Figure, amount, thousands},
};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/own.html")]
pub(in crate::pages) struct OwnFigures {
    summary: String,
    sums: Vec<Sum>,
    chart: Chart,
    chart_summary: String,
    days: Vec<Day>,
    beside: Vec<Beside>,
}

/// A sum over the days of the exports.
#[derive(Clone, Debug)]
struct Sum {
    name: &'static str,
    sum: String,
    days: String,
}

/// What happened on a day.
#[derive(Clone, Debug)]
struct Day {
    day: String,
    cells: Vec<String>,
}

/// A figure without the exports and with them.
#[derive(Clone, Debug)]
struct Beside {
    metric: &'static Metric,
    public: String,
    own: String,
}

/// The columns of the table of days.
const COLUMNS: [&str; 6] = ["Views", "Profile views", "Likes", "Comments", "Shares", "Followers"];

/// The report of an account with what a person's own exports tell of it; `None` if the person brought none that tells of that moment.
pub(in crate::pages) async fn own_report(
    state: &AppState,
    user: UserId,
    handle: &Handle,
    as_of: Timestamp,
    options: ReportOptions,
) -> Result<Option<CreatorReport>, Problem> {
    let (creators, imports) = (&*state.ports.creators, &*state.ports.imports);
    let options = ReportOptions { corpus: state.corpus.at(as_of), ..options };
    let read = async { Ok(app::own_subject(creators, imports, user, handle, as_of).await?) };
    let compute = move |subject: Option<Subject>| {
        let subject = subject?;
        subject.newest(as_of)?;
        Some(subject.report(as_of, &options))
    };
    state.computations.run(read, compute).await
}

impl OwnFigures {
    /// The section of a report with own exports; `public` is the one without them.
    pub(in crate::pages) fn new(report: &CreatorReport, public: Option<&CreatorReport>) -> Option<Self> {
        let own = report.own.as_ref()?;
        let points: Vec<(Date, i64)> = own.days.iter().filter_map(|day| Some((day.day, day.figures.views?))).collect();
        Some(Self {
            summary: summary(own),
            sums: sums(own),
            chart: chart(&points),
            chart_summary: chart_summary(&points),
            days: own.days.iter().rev().map(Day::new).collect(),
            beside: public.map_or_else(Vec::new, |public| beside(public, report)),
        })
    }

    fn columns(&self) -> [&'static str; 6] {
        COLUMNS
    }
}

fn summary(own: &OwnSection) -> String {
    let made = own.exported_on.map_or_else(String::new, |day| format!(", the newest of {}", date(day)));
    let still = (!own.followed_since.is_empty()).then(|| {
        let followers = own.followed_since.iter().map(|day| day.followers).sum();
        let (first, last) = (&own.followed_since[0], &own.followed_since[own.followed_since.len() - 1]);
        let (followers, first, last) = (thousands(followers), date(first.day), date(last.day));
        format!(" {followers} who began to follow from {first} to {last} follow still.")
    });
    format!("From the exports that you brought{made}. Nobody else sees this.{}", still.unwrap_or_default())
}

fn sums(own: &OwnSection) -> Vec<Sum> {
    let Some(totals) = &own.totals else { return Vec::new() };
    let named = [
        ("Views", totals.views),
        ("Profile views", totals.profile_views),
        ("Likes", totals.likes),
        ("Comments", totals.comments),
        ("Shares", totals.shares),
        ("Followers gained", totals.followers),
        ("New viewers", totals.new_viewers),
    ];
    let sum = |(name, sum): (&'static str, Option<OwnSum>)| {
        let sum = sum?;
        let days = if sum.days == 1 { "1 day".to_owned() } else { format!("{} days", thousands(sum.days)) };
        let range = if sum.from == sum.to { date(sum.from) } else { format!("{} to {}", date(sum.from), date(sum.to)) };
        Some(Sum { name, sum: whole(sum.sum), days: format!("{days}, {range}") })
    };
    named.into_iter().filter_map(sum).collect()
}

/// Views a day. The days have no zone: they are those of the creator's clock.
fn chart(points: &[(Date, i64)]) -> Chart {
    let dot = |&(day, views): &(Date, i64)| {
        let at = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp();
        let value = views as f64;
        Some(Dot { at, value, open: (value, value), words: format!("{}: {} views", date(day), whole(views)) })
    };
    let dots = Shape::Dots(points.iter().filter_map(dot).collect());
    let layers = vec![Layer { name: "Views on the day", colour: Colour::Series, shape: dots }];
    Chart { id: "own-views", layers, scale: Scale::Linear, zone: TimeZone::UTC }
}

fn chart_summary(points: &[(Date, i64)]) -> String {
    let most = points.iter().max_by_key(|(_, views)| *views);
    let (Some((first, _)), Some((last, _)), Some((best, views))) = (points.first(), points.last(), most) else {
        return "The exports tell no views by day.".to_owned();
    };
    let (first, last, best, views) = (date(*first), date(*last), date(*best), whole(*views));
    format!("Views over all posts on each day from {first} to {last}; most on {best}: {views}.")
}

/// The leading figures that differ, and those that only the exports tell.
fn beside(public: &CreatorReport, own: &CreatorReport) -> Vec<Beside> {
    let words = |figure: Option<Figure>| {
        let Some(figure) = figure else { return "not known".to_owned() };
        match (figure.value(), figure.interval()) {
            (Some(value), Some(interval)) => format!("{value} ({}, {})", interval.range, figure.sample()),
            (Some(value), None) => format!("{value} ({})", figure.sample()),
            (None, _) => figure.why_none,
        }
    };
    let row = |&metric: &&'static Metric| {
        let [public, own] = [public, own].map(|report| words(Figure::of(report, metric.id)));
        (public != own).then_some(Beside { metric, public, own })
    };
    Metric::headlines().iter().filter_map(row).collect()
}

impl Day {
    fn new(of: &DatedDay) -> Self {
        let figures = &of.figures;
        let gained = |n: Option<i64>| n.map_or_else(|| "not told".to_owned(), whole);
        let followers = CountWords::new(figures.followers);
        let followers = match (figures.followers, figures.followers_gained) {
            (Some(_), Some(gained)) => {
                format!("{} ({})", followers.shown, amount(MetricUnit::FollowersPerDay, gained as f64))
            }
            (Some(_), None) => followers.shown,
            (None, Some(gained)) => amount(MetricUnit::FollowersPerDay, gained as f64),
            (None, None) => "not told".to_owned(),
        };
        let [views, profile, likes, comments, shares] =
            [figures.views, figures.profile_views, figures.likes, figures.comments, figures.shares].map(gained);
        Self { day: date(of.day), cells: vec![views, profile, likes, comments, shares, followers] }
    }
}

fn date(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// A number that may be negative: likes are taken back.
fn whole(n: i64) -> String {
    format!("{}{}", if n < 0 { "\u{2212}" } else { "" }, thousands(n.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use compass_core::{
        Handle, Identity, UserId,
        analytics::{Dimension, Shares},
        app::{keep_export, read_export},
        own_data::{DatedBy, OwnExport},
        ports::{AccountStore as _, ExportFile},
        testing::SeededRandom,
    };
    use compass_scrape::studio::StudioReader;

    use crate::pages::testing::{Pages, now};

    const NAME: &str = "Overview_2026-04-29_1777600000_sample.steady.csv";
    const CSV: &str =
        "Date,Video Views,Profile Views,Likes,Comments,Shares\nApril 29,1210,21,30,1,0\nApril 30,1312,20,-3,1,0\n";

    #[tokio::test]
    async fn own_exports_are_told_to_who_brought_them() {
        let pages =
            Pages::new().with_exports().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        pages.get("/creators/sample.steady").await.does_not_say(&["Your own figures"]);
        pages.post_file("/onboarding/export", NAME, CSV).await;
        let page = pages.get("/creators/sample.steady").await;
        page.says(&[
            "<h2 id=\"own\">Your own figures",
            "href=\"#own\">Your own</a>",
            "2,522",
            "2 days, 29 Apr 2026 to 30 Apr 2026",
            "most on 30 Apr 2026: 1,312",
            "\u{2212}3",
            "Nobody else sees this",
        ]);
        page.does_not_say(&["NaN", "style="]);
        // Of another moment it tells nothing.
        pages.get("/creators/sample.steady?as_of=2026-04-10").await.does_not_say(&["1,312"]);
    }

    #[tokio::test]
    async fn an_account_that_nobody_looked_at_has_its_own_figures_alone() {
        let pages = Pages::new().with_exports().signed_in(Some("ada")).await;
        pages.post_file("/onboarding/export", "Overview_2026-04-29_1777600000_ada.csv", CSV).await;
        pages.get("/creators/ada").await.says(&[
            "So far, nothing was seen of this account",
            "Your own figures",
            "2,522",
        ]);
    }

    #[tokio::test]
    async fn what_somebody_else_brought_is_not_told() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let file = ExportFile { name: NAME, content: CSV.as_bytes(), handle: None, exported_on: None };
        let (mut brought, _) = read_export(&StudioReader::default(), &file).unwrap();
        let genders = Shares::parse(Dimension::Gender, [("female", 0.5), ("male", 0.5)]).unwrap();
        let export = brought.own.exports.entry("2026-04-30".parse().unwrap()).or_insert(OwnExport::new(DatedBy::Given));
        export.followers.dimensions.insert(Dimension::Gender, genders);
        assert_eq!(brought.own.handle, Handle::parse("sample.steady").unwrap());
        let somebody = Identity { issuer: "urn:test".to_owned(), subject: "2".to_owned(), email: None, name: None };
        let somebody = pages.store.sign_in(&somebody, UserId(uuid::Uuid::from_u128(7)), now()).await.unwrap().id;
        let random = SeededRandom::new(2);
        for owner in [Some(somebody), None] {
            keep_export(&*pages.store, &*pages.clock, &random, owner, brought.clone()).await.unwrap();
            pages.get("/creators/sample.steady").await.does_not_say(&["Your own figures", "2,522", "1,312"]);
        }
    }
}
