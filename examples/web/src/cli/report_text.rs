//! A report in plain words, for the terminal.

use std::fmt::{self, Write};

use compass_core::{
    Count, VideoKind,
    analytics::{CreatorReport, Flag, Report, ReportVideo},
    recommend::{InsightOptions, insights},
};
use jiff::{Timestamp, tz::TimeZone};

use super::{figure_text::figures, own_text::write_own, refused_text::refused};
use crate::words::{Finding, findings, source, thousands};

/// Posts that the table shows.
const NEWEST: usize = 10;
/// Characters of a caption that the table shows.
const CAPTION: usize = 48;

/// Writes every creator of the report, then what was refused. Times are told in `zone`.
///
/// # Errors
/// If `out` takes no more.
pub(super) fn write_report(out: &mut impl Write, report: &Report, zone: &TimeZone) -> fmt::Result {
    if report.creators.len() > 1 {
        let posts: usize = report.creators.iter().map(|creator| creator.videos.len()).sum();
        writeln!(out, "{} creators, {} posts\n", report.creators.len(), thousands(posts as u64))?;
    }
    for (i, creator) in report.creators.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        write_creator(out, creator, zone)?;
    }
    if !report.refused.is_empty() {
        writeln!(out, "\nNot accepted")?;
        refused(&report.refused).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

fn write_creator(out: &mut impl Write, creator: &CreatorReport, zone: &TimeZone) -> fmt::Result {
    let verified = if creator.verified == Some(true) { ", verified" } else { "" };
    match &creator.nickname {
        Some(nickname) => writeln!(out, "@{} ({}{verified})", creator.handle, plain(nickname.as_str()))?,
        None => writeln!(out, "@{}", creator.handle)?,
    }
    let sources: Vec<&str> = creator.sources.iter().map(|kind| source(*kind)).collect();
    let id = creator.id.map_or_else(|| "id not told by the export".to_owned(), |id| format!("id {id}"));
    writeln!(out, "  {id}, as of {}, from {}", moment(creator.as_of, zone), sources.join("; "))?;
    let counts = [
        ("followers", creator.counts.followers),
        ("following", creator.counts.following),
        ("likes", creator.counts.likes),
        ("posts", creator.counts.videos),
    ];
    for (what, count) in counts {
        writeln!(out, "  {what:<10} {}", count.map_or_else(|| "not shown".to_owned(), in_words))?;
    }
    writeln!(out, "\nFigures (in brackets: the 95% interval or another that is named, and how much is behind it)")?;
    figures(creator).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    if creator.metrics.values().any(|figure| figure.flags.contains(&Flag::BestPostsOnly)) {
        writeln!(
            out,
            "  An export names only the posts that did best: figures per post would be lower for all posts, and how often and \
             when there is a new one these do not tell."
        )?;
    }
    writeln!(out, "\nFindings")?;
    for Finding { about, sentence } in findings(creator) {
        writeln!(out, "  {about:<15} {}", plain(&sentence))?;
    }
    write_insights(out, creator)?;
    if let Some(own) = &creator.own {
        write_own(out, own)?;
    }
    if creator.videos.is_empty() {
        return writeln!(out, "\nNo posts were read.");
    }
    let all = creator.videos.len();
    match all {
        0..=NEWEST => writeln!(out, "\nPosts: {all}")?,
        _ => writeln!(out, "\nPosts: the newest {NEWEST} of {all}")?,
    }
    write_videos(out, &creator.videos[..all.min(NEWEST)], zone)
}

/// What the report means, the most useful first.
fn write_insights(out: &mut impl Write, creator: &CreatorReport) -> fmt::Result {
    let told = insights(creator, &InsightOptions::default());
    if told.insights.is_empty() {
        return Ok(());
    }
    let (tested, survived) = (told.tested, told.survived);
    writeln!(
        out,
        "\nInsights ({tested} questions were tested together; {survived} of the answers are more than chance)"
    )?;
    let first = told.insights.iter().take(INSIGHTS);
    first.into_iter().try_for_each(|insight| writeln!(out, "  {:<15} {}", insight.call.as_str(), plain(&insight.text)))
}

/// Insights that are told; JSON has all.
const INSIGHTS: usize = 5;

fn write_videos(out: &mut impl Write, videos: &[ReportVideo], zone: &TimeZone) -> fmt::Result {
    let headings = ["posted", "views", "likes", "comments", "shares", "saves"].map(str::to_owned);
    let rows = videos.iter().map(|video| {
        let counts = &video.counts;
        let cells = [counts.views, counts.likes, counts.comments, counts.shares, counts.saves].map(in_brief);
        let [views, likes, comments, shares, saves] = cells;
        [moment(video.created_at, zone), views, likes, comments, shares, saves]
    });
    let rows: Vec<[String; 6]> = std::iter::once(headings).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let notes = videos.iter().map(note);
    for (row, note) in rows.iter().zip(std::iter::once(String::new()).chain(notes)) {
        write!(out, "  {:<1$}", row[0], widths[0])?;
        for (cell, width) in row.iter().zip(widths).skip(1) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out, "{}{note}", if note.is_empty() { "" } else { "  " })?;
    }
    if rows.iter().flatten().any(|cell| cell.starts_with(ROUNDED)) {
        writeln!(out, "  {ROUNDED} rounded by TikTok")?;
    }
    if rows.iter().flatten().any(|cell| cell == HIDDEN) {
        writeln!(out, "  {HIDDEN} not shown by the source")?;
    }
    if videos.iter().any(|video| video.created_at_derived) {
        writeln!(out, "  Times of posting come from the posts' ids: they tell when the upload began.")?;
    }
    Ok(())
}

/// What else is to be said of a post: pinned, pictures, and how its caption begins.
fn note(video: &ReportVideo) -> String {
    let caption = plain(video.caption.as_str());
    let mut short: String = caption.chars().take(CAPTION).collect();
    if short.len() < caption.len() {
        short = short.trim_end().to_owned() + "…";
    }
    let marks = [video.pinned.then_some("[pinned]"), (video.kind == VideoKind::Photo).then_some("[pictures]")];
    let parts: Vec<&str> = marks.into_iter().flatten().chain(Some(short.as_str()).filter(|s| !s.is_empty())).collect();
    parts.join(" ")
}

const HIDDEN: &str = "-";
const ROUNDED: char = '~';

fn in_brief(count: Option<Count>) -> String {
    match count {
        None => HIDDEN.to_owned(),
        Some(count) if count.is_exact() => thousands(count.lo()),
        Some(count) => format!("{ROUNDED}{}", thousands(count.midpoint())),
    }
}

fn in_words(count: Count) -> String {
    if count.is_exact() {
        thousands(count.lo())
    } else {
        format!("{} to {} (rounded by TikTok)", thousands(count.lo()), thousands(count.hi()))
    }
}

/// One line of somebody else's text: nothing in it can move the cursor or turn the direction of writing.
pub(super) fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    zoned.strftime("%Y-%m-%d %H:%M %Z").to_string()
}
