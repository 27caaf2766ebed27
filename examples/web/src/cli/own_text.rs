//! What a creator's own export tells, in plain words for the terminal.

use std::fmt::{self, Write};

use compass_core::analytics::{Dimension, FollowerShares, HourOfDay, OwnSection, OwnSum, OwnTotals};
use jiff::civil::Date;

use super::report_text::plain;
use crate::words::{listed, thousands};

/// Groups of followers that are named.
const GROUPS: usize = 10;
/// The hours that are named, of those in which most followers are active.
const HOURS: usize = 3;

/// Writes what the export tells.
///
/// # Errors
/// If `out` takes no more.
pub(super) fn write_own(out: &mut impl Write, own: &OwnSection) -> fmt::Result {
    let of_day = own.exported_on.map_or_else(|| ", made later".to_owned(), |day| format!(" of {day}"));
    writeln!(out, "\nOwn export{of_day} (days and hours are those of the creator's clock)")?;
    // An older export may tell what the newest one does not.
    let dated = |told: String, day: Option<Date>| match day.filter(|_| day != own.exported_on) {
        Some(day) => format!("{told} (export of {day})"),
        None => told,
    };
    let totals = own.totals.iter().flat_map(days).map(|told| ("days", told));
    let shares = own.followers.iter();
    let shares = shares.map(|shares| (dimension(shares.dimension), dated(groups(shares), Some(shares.exported_on))));
    let hours =
        (!own.active_hours.is_empty()).then(|| ("active", dated(busiest(&own.active_hours), own.active_hours_of)));
    let since = (!own.followed_since.is_empty()).then(|| {
        let followers: u64 = own.followed_since.iter().map(|day| day.followers).sum();
        let (first, last) = (&own.followed_since[0], &own.followed_since[own.followed_since.len() - 1]);
        let told = format!("{} who follow still, from {} to {}", thousands(followers), first.day, last.day);
        ("followed", dated(told, own.followed_since_of))
    });
    for (about, told) in totals.chain(shares).chain(hours).chain(since) {
        writeln!(out, "  {about:<11} {told}")?;
    }
    Ok(())
}

/// The sums by the days that they are of: tables of one export may reach back differently far.
fn days(totals: &OwnTotals) -> Vec<String> {
    let told = [
        (totals.views, "views"),
        (totals.profile_views, "profile views"),
        (totals.likes, "likes"),
        (totals.comments, "comments"),
        (totals.shares, "shares"),
        (totals.followers, "followers gained"),
        (totals.new_viewers, "new viewers"),
    ];
    let mut ranges: Vec<(OwnSum, Vec<String>)> = Vec::new();
    for (sum, what) in told.into_iter().filter_map(|(sum, what)| Some((sum?, what))) {
        let told = format!("{} {what}", signed(sum.sum));
        let days = |of: &OwnSum| (of.from, of.to, of.days);
        match ranges.iter_mut().find(|(range, _)| days(range) == days(&sum)) {
            Some((_, of_range)) => of_range.push(told),
            None => ranges.push((sum, vec![told])),
        }
    }
    if ranges.is_empty() {
        return vec!["no figures are summed".to_owned()];
    }
    let line = |(range, told): (OwnSum, Vec<String>)| {
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        let told = listed(&told);
        if range.from == range.to {
            format!("1, {}: {told}", range.from)
        } else {
            format!("{}, {} to {}: {told}", range.days, range.from, range.to)
        }
    };
    ranges.into_iter().map(line).collect()
}

fn signed(sum: i64) -> String {
    format!("{}{}", if sum < 0 { "-" } else { "" }, thousands(sum.unsigned_abs()))
}

fn dimension(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Gender => "gender",
        Dimension::Territory => "territories",
        Dimension::Age => "ages",
        Dimension::ActiveHours => "hours",
        Dimension::Language => "language",
        Dimension::Interests => "interests",
    }
}

fn groups(shares: &FollowerShares) -> String {
    let name = |name: &str| match shares.dimension {
        Dimension::Territory => plain(name).to_uppercase(),
        _ => plain(name),
    };
    let named = shares.groups.iter().take(GROUPS);
    let mut told: Vec<String> = named.map(|group| format!("{} {}", name(&group.name), percent(group.share))).collect();
    let unnamed: f64 = shares.groups.iter().skip(GROUPS).map(|group| group.share).sum();
    // What rounding leaves is nobody.
    if shares.rest + unnamed >= 0.005 {
        told.push(format!("others {}", percent(shares.rest + unnamed)));
    }
    told.join(", ")
}

fn percent(share: f64) -> String {
    let percent = format!("{:.1}", share * 100.0);
    format!("{}%", percent.strip_suffix(".0").unwrap_or(&percent))
}

fn busiest(hours: &[HourOfDay]) -> String {
    let mut hours: Vec<&HourOfDay> = hours.iter().collect();
    hours.sort_by(|a, b| b.followers.total_cmp(&a.followers).then(a.hour.cmp(&b.hour)));
    let told = hours.iter().take(HOURS).map(|hour| format!("{:02}:00 ({:.0})", hour.hour, hour.followers));
    format!("most followers at {}", told.collect::<Vec<_>>().join(", "))
}
