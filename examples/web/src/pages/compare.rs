//! `/compare`: two to five accounts side by side.

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri, uri::PathAndQuery},
    response::Response,
};
use compass_core::{
    Handle,
    analytics::{CreatorReport, Metric, MetricId},
};
use compass_http::{CurrentUser, Problem, Query};

use super::{
    dashboard::sign_in_first,
    frame::{Frame, Tab, show},
    known::{options_for, report},
};
use crate::{
    AppState,
    seed::is_sample,
    words::{CountWords, Figure, listed},
};

/// More accounts than these do not fit beside each other.
const MOST: usize = 5;

#[derive(Debug, Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    /// What stands in the fields.
    typed: Vec<String>,
    mistakes: Vec<String>,
    /// Accounts that nobody looked at.
    unknown: Vec<Handle>,
    columns: Vec<Column>,
    counters: Vec<(&'static str, Vec<CountWords>)>,
    rows: Vec<Row>,
}

/// An account.
#[derive(Debug)]
struct Column {
    handle: Handle,
    name: String,
    /// Whether the account is made up.
    is_sample: bool,
}

impl Column {
    fn new(report: &CreatorReport) -> Self {
        let is_sample = report.id.is_some_and(is_sample);
        Self { handle: report.handle.clone(), name: report.name().to_owned(), is_sample }
    }
}

/// A figure of each account.
#[derive(Debug)]
struct Row {
    metric: &'static Metric,
    cells: Vec<Cell>,
    /// What can be said of the difference between the accounts.
    verdict: String,
}

#[derive(Debug)]
struct Cell {
    value: Option<String>,
    /// The interval, or why there is no value.
    note: String,
    thin: bool,
}

const COMPARED: [MetricId; 10] = [
    MetricId::TYPICAL_VIEWS,
    MetricId::ENGAGEMENT,
    MetricId::FOLLOWER_GROWTH,
    MetricId::POSTS_PER_WEEK,
    MetricId::VIEWS_PER_FOLLOWER,
    MetricId::LIKE_RATE,
    MetricId::COMMENT_RATE,
    MetricId::SHARE_RATE,
    MetricId::SAVE_RATE,
    MetricId::CONSISTENCY,
];

/// `/compare?handle=a&handle=b`, or `handles=a,b`.
pub(super) async fn compare(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
    uri: Uri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let Some(CurrentUser { user, .. }) = who else {
        return Ok(sign_in_first(uri.path_and_query().map_or("/compare", PathAndQuery::as_str)));
    };
    let given = pairs.iter().filter(|(name, _)| name == "handle" || name == "handles");
    let mut typed: Vec<String> =
        given.flat_map(|(_, value)| value.split([',', ' '])).map(|it| it.trim().to_owned()).collect();
    typed.retain(|text| !text.is_empty());
    if typed.is_empty() {
        typed.extend(user.preferences.handle.as_ref().map(ToString::to_string));
    }
    let (handles, mut mistakes) = read(&typed);
    if typed.len() > MOST {
        mistakes.push(format!("At most {MOST} accounts fit beside each other: the first {MOST} are shown."));
    }
    let (now, options) = (state.ports.clock.now(), options_for(user.preferences.zone.as_ref()));
    let (mut reports, mut unknown) = (Vec::new(), Vec::new());
    for handle in handles {
        match report(&state, &handle, now, options.clone()).await? {
            Some(report) => reports.push(report),
            None => unknown.push(handle),
        }
    }
    typed.truncate(MOST);
    typed.resize(MOST, String::new());
    let frame = Frame::new("Compare accounts", Some(Tab::Compare), &state, Some(&user));
    show(StatusCode::OK, &ComparePage::new(frame, typed, mistakes, unknown, &reports))
}

/// The handles, each once and no more than fit, and what is wrong with the others.
fn read(typed: &[String]) -> (Vec<Handle>, Vec<String>) {
    let (mut handles, mut mistakes) = (Vec::new(), Vec::new());
    for text in typed.iter().take(MOST) {
        match Handle::parse(text) {
            Ok(handle) if handles.contains(&handle) => {}
            Ok(handle) => handles.push(handle),
            Err(error) => mistakes.push(format!("{text}: {error}.")),
        }
    }
    (handles, mistakes)
}

impl ComparePage {
    fn new(
        frame: Frame,
        typed: Vec<String>,
        mistakes: Vec<String>,
        unknown: Vec<Handle>,
        reports: &[CreatorReport],
    ) -> Self {
        let counter = |name, count: fn(&CreatorReport) -> Option<compass_core::Count>| {
            (name, reports.iter().map(|report| CountWords::new(count(report))).collect())
        };
        Self {
            frame,
            typed,
            mistakes,
            unknown,
            columns: reports.iter().map(Column::new).collect(),
            counters: vec![
                counter("Followers", |report| report.counts.followers),
                counter("Likes of all posts", |report| report.counts.likes),
                counter("Posts", |report| report.counts.videos),
            ],
            rows: COMPARED.iter().filter_map(|&id| Row::new(id, reports)).collect(),
        }
    }

    fn fields(&self) -> impl Iterator<Item = (usize, &str)> {
        self.typed.iter().enumerate().map(|(i, text)| (i + 1, text.as_str()))
    }
}

impl Row {
    fn new(id: MetricId, reports: &[CreatorReport]) -> Option<Self> {
        let metric = Metric::find(id)?;
        let cell = |report: &CreatorReport| {
            let figure = Figure::of(report, id)?;
            let note = match figure.interval() {
                _ if figure.value().is_none() => figure.why_none.clone(),
                Some(interval) => format!("{}, {}", interval.range, figure.sample()),
                None => figure.sample(),
            };
            Some(Cell { value: figure.value(), note, thin: figure.is_thin() })
        };
        let cells = reports.iter().map(|report| {
            cell(report).unwrap_or_else(|| Cell { value: None, note: "not known".to_owned(), thin: false })
        });
        Some(Self { metric, cells: cells.collect(), verdict: verdict(id, reports) })
    }
}

/// Who has more, as far as the intervals tell: the highest account, if its interval lies above those of all others.
fn verdict(id: MetricId, reports: &[CreatorReport]) -> String {
    let known: Vec<(&CreatorReport, f64, f64)> = reports
        .iter()
        .filter_map(|report| {
            let interval = report.metrics.get(&id)?.interval?;
            Some((report, interval.lo, interval.hi))
        })
        .collect();
    if known.len() < 2 {
        return "too little is known to tell".to_owned();
    }
    let above =
        |one: &(&CreatorReport, f64, f64)| known.iter().all(|other| std::ptr::eq(one.0, other.0) || one.1 > other.2);
    let most = if known.len() == 2 { "more" } else { "the most" };
    match known.iter().find(|one| above(one)) {
        Some((report, ..)) if known.len() == reports.len() => format!("@{} has {most}", report.handle),
        Some((report, ..)) => {
            let others = known.iter().filter(|(other, ..)| !std::ptr::eq(*other, *report));
            let names: Vec<String> = others.map(|(report, ..)| format!("@{}", report.handle)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("@{} has more than {}", report.handle, listed(&names))
        }
        None => format!("too close to tell who has {most}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{HOSTILE, Pages};

    async fn pages() -> Pages {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        pages.with_history("sample.steady").await.with_history("sample.quiet").await
    }

    #[tokio::test]
    async fn accounts_stand_side_by_side_with_what_can_be_told() {
        let page = pages().await.get("/compare?handle=sample.steady&handle=%40Sample.Quiet").await;
        assert_eq!(page.status, StatusCode::OK);
        page.says(&[
            "Steady sample",
            "@sample.quiet",
            "Typical views",
            "@sample.steady has more",
            "Followers",
            "30 posts",
        ]);
        page.does_not_say(&["NaN", "style="]);
    }

    #[tokio::test]
    async fn made_up_accounts_are_called_samples_beside_real_ones() {
        let pages = pages().await.with_look_at_ada().await;
        let page = pages.get("/compare?handles=sample.steady,ada").await;
        page.says(&["@ada</span></th>", "@sample.steady</span> <span class=\"badge thin\">sample data</span></th>"]);
    }

    #[tokio::test]
    async fn ones_own_account_is_there_already_and_others_are_asked_for() {
        let page = pages().await.get("/compare").await;
        page.says(&["value=\"sample.steady\"", "Add another account"]);
        let visitor = Pages::new().get("/compare?handles=ada,b").await;
        assert_eq!(visitor.status, StatusCode::SEE_OTHER);
        assert_eq!(visitor.header("location"), "/auth/google/login?return_to=/compare%3Fhandles%3Dada%2Cb");
    }

    #[tokio::test]
    async fn what_cannot_be_shown_is_told() {
        let page = pages().await.get("/compare?handles=sample.steady,a%2Fb,ada,sample.steady,b,c,d").await;
        page.says(&["a/b: a handle has only letters", "At most 5 accounts", "Nobody has looked at", "@ada"]);
    }

    #[tokio::test]
    async fn markup_in_names_and_addresses_is_text() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_hostile_texts().await;
        let page = pages.get("/compare?handle=sample.steady&handle=%3Cscript%3Ealert(1)").await;
        page.does_not_say(&[HOSTILE, "<script>alert", "<img src=x"]);
    }
}
