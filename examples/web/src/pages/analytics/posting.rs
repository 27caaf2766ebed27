//! Posting: how often, when, and whether the time makes a difference.

use askama::Template;
use compass_core::analytics::{BestTime, CreatorReport, MetricId, MetricUnit, TimeCell, TimeComparison};

use crate::words::{Figure, amount, best_time, block, percent, thousands};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const BLOCK: usize = 3;
/// Shades of the heat map beside the empty one.
const SHADES: u64 = 5;

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/posting.html")]
pub(super) struct PostingSection {
    figures: Vec<Figure>,
    zone: String,
    blocks: Vec<HeatRow>,
    hours: Vec<HeatRow>,
    summary: String,
    best_time: String,
    /// Each part of the day that was compared, where more than chance lies between them.
    compared: Vec<Compared>,
    experiment: Option<String>,
}

/// A part of the day, from Monday to Sunday.
#[derive(Clone, Debug, PartialEq)]
struct HeatRow {
    name: String,
    cells: Vec<HeatCell>,
}

#[derive(Clone, Debug, PartialEq)]
struct HeatCell {
    posts: u64,
    shade: u64,
}

/// How posts of a part of the day do.
#[derive(Clone, Debug)]
struct Compared {
    name: String,
    n: String,
    lift: String,
    best: String,
}

const SHOWN: [MetricId; 5] = [
    MetricId::POSTS_PER_WEEK,
    MetricId::POSTING_GAP,
    MetricId::POSTING_GAP_VARIATION,
    MetricId::LONGEST_PAUSE,
    MetricId::POSTS_GONE,
];

impl PostingSection {
    pub(super) fn new(report: &CreatorReport) -> Self {
        let posts = &report.posting.times.posts;
        let in_block = |first: usize| {
            let of_day = |day: &[u64; 24]| day[first..first + BLOCK].iter().sum();
            (block(u8::try_from(first).unwrap_or(0)), posts.iter().map(of_day).collect())
        };
        let in_hour = |hour: usize| (format!("{hour:02} h"), posts.iter().map(|day| day[hour]).collect());
        let compared = match &report.posting.best_time {
            BestTime::Evidence(times) => compared(times),
            // Where chance explains the differences, a list of them would only be read as a ranking.
            BestTime::NoEvidence(_) | BestTime::NotEnoughVariety(_) => Vec::new(),
        };
        Self {
            figures: SHOWN.iter().filter_map(|&id| Figure::of(report, id)).collect(),
            zone: report.posting.zone.name().to_owned(),
            blocks: shaded((0..24).step_by(BLOCK).map(in_block).collect()),
            hours: shaded((0..24).map(in_hour).collect()),
            summary: summary(posts),
            best_time: best_time(report),
            compared,
            experiment: report.posting.experiment.value.map(|posts| {
                format!(
                    "To see whether one time brings half as many views again as another, post about {} times at each, \
                     taking turns: this account's views differ so much from post to post that fewer would tell nothing.",
                    thousands(posts.round() as u64)
                )
            }),
        }
    }

    fn days(&self) -> [&'static str; 7] {
        DAYS
    }
}

fn shaded(rows: Vec<(String, Vec<u64>)>) -> Vec<HeatRow> {
    let most = rows.iter().flat_map(|(_, cells)| cells).copied().max().unwrap_or(0);
    let cell = |posts: u64| HeatCell { posts, shade: if most == 0 { 0 } else { (posts * SHADES).div_ceil(most) } };
    rows.into_iter().map(|(name, cells)| HeatRow { name, cells: cells.into_iter().map(cell).collect() }).collect()
}

fn summary(posts: &[[u64; 24]; 7]) -> String {
    let all: u64 = posts.iter().flatten().sum();
    if all == 0 {
        return "No post was seen yet.".to_owned();
    }
    let of_block = |first: usize| posts.iter().map(|day| day[first..first + BLOCK].iter().sum::<u64>()).sum::<u64>();
    let busiest = (0..24).step_by(BLOCK).max_by_key(|&first| (of_block(first), 24 - first)).unwrap_or(0);
    let of_day = |day: usize| posts[day].iter().sum::<u64>();
    let day = (0..7).max_by_key(|&day| (of_day(day), 7 - day)).unwrap_or(0);
    format!(
        "Most often at {} ({} of {} posts), and on {} ({}).",
        block(u8::try_from(busiest).unwrap_or(0)),
        thousands(of_block(busiest)),
        thousands(all),
        ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"][day],
        thousands(of_day(day))
    )
}

fn compared(times: &TimeComparison) -> Vec<Compared> {
    let row = |name: String, cell: &TimeCell| Compared {
        name,
        n: thousands(cell.n),
        lift: amount(MetricUnit::Lift, cell.lift),
        best: percent(cell.probability_best),
    };
    times.blocks.iter().map(|cell| row(block(cell.at), cell)).collect()
}

#[cfg(test)]
mod tests {
    use compass_core::{
        analytics::{ReportOptions, creator_report},
        testing::planted::Plan,
    };

    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    #[test]
    fn the_hours_are_a_table_with_shades_and_an_honest_answer() {
        let html = PostingSection::new(&report_of("sample.steady")).to_string();
        for text in ["Best time", "class=\"heat\"", "<th scope=\"col\">Mon</th>", "Most often at", "UTC", "h5"] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn parts_of_the_day_are_compared_only_where_more_than_chance_lies_between_them() {
        const COMPARED: &str = "How the parts of the day compare";
        let section = |plan: &Plan| {
            let (creator, options) = (plan.creator(1), ReportOptions::default());
            let report = creator_report(&creator.profile(), &creator.looks(), &creator.videos(), plan.as_of, &options);
            PostingSection::new(&report).to_string()
        };
        let without = section(&Plan { posts: 120, ..Plan::default() });
        assert!(without.contains("chance alone explains") && !without.contains(COMPARED), "{without}");
        let mut hour_lift = [0.0; 8];
        hour_lift[6] = 1.5;
        let with = section(&Plan { posts: 200, views_spread: 0.4, hour_lift, ..Plan::default() });
        assert!(with.contains(COMPARED), "{with}");
    }

    #[test]
    fn the_busiest_cell_has_the_darkest_shade_and_an_empty_one_none() {
        let rows = shaded(vec![("a".to_owned(), vec![0, 1, 10]), ("b".to_owned(), vec![5, 6, 2])]);
        let shades: Vec<u64> = rows.iter().flat_map(|row| row.cells.iter().map(|cell| cell.shade)).collect();
        assert_eq!(shades, [0, 1, 5, 3, 3, 1]);
        assert_eq!(shaded(vec![("a".to_owned(), vec![0])])[0].cells[0].shade, 0);
    }

    #[test]
    fn without_posts_there_is_no_busiest_hour() {
        let html = PostingSection::new(&without_posts()).to_string();
        assert!(html.contains("No post was seen yet.") && html.contains("Not sure yet"), "{html}");
    }
}
