//! What the tables of followers tell: gender, territories, and the hours in which they are active.

use compass_core::{
    ActiveHour, Count, Country,
    analytics::{Dimension, Shares, SharesError},
    own_data::mean_by_hour,
};
use jiff::civil::Date;

use super::{
    Bad,
    cell::{Cell, Row},
    daily::count,
    layout::Layout,
    told,
};

/// The shares of a table; `refuse` hears of the lines that are not accepted. `None` if no group has a share.
pub(super) fn shares(
    dimension: Dimension,
    layout: &Layout,
    rows: &[Row],
    mut refuse: impl FnMut(usize, Bad),
) -> Result<Option<Shares>, Bad> {
    let mut groups = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let name = layout.cell(row, 0).text();
        match group(dimension, name, place + 1 == rows.len(), layout.cell(row, 1)) {
            Ok(Some(group)) => groups.push(group),
            Ok(None) => {}
            Err(bad) => refuse(row.line, bad),
        }
    }
    let named = groups.iter().map(|(name, share)| (name.as_str(), *share));
    let shares = Shares::parse(dimension, named).map_err(|e: SharesError| Bad::new("suspect_value", e.to_string()))?;
    Ok((!groups.is_empty()).then_some(shares))
}

/// The name of a group and its share; `None` if the share is missing.
fn group(dimension: Dimension, name: &str, is_last: bool, share: &Cell) -> Result<Option<(String, f64)>, Bad> {
    if name.is_empty() {
        return Err(Bad::new("missing_field", "the group has no name"));
    }
    let Some(share) = share.share()? else { return Ok(None) };
    if dimension != Dimension::Territory || Country::parse(name).is_ok() {
        return Ok(Some((name.to_owned(), share)));
    }
    // The rest is the last row, in the language of the interface.
    if is_last || matches!(name.to_lowercase().as_str(), "others" | "other") {
        return Ok(Some(("Others".to_owned(), share)));
    }
    Err(Bad::new("unknown_territory", format!("{} is not the two-letter code of a country or territory", told(name))))
}

/// Reads a row of activity.
pub(super) fn active_hour(layout: &Layout, row: &Row, day: Date) -> Result<ActiveHour, Bad> {
    let hour = layout.cell(row, 1);
    let of_day = hour.whole()?.and_then(|hour| u8::try_from(hour).ok()).filter(|hour| *hour < 24);
    let hour = of_day.ok_or_else(|| Bad::new("not_an_hour", format!("{} is not an hour from 0 to 23", hour.told())))?;
    Ok(ActiveHour { day, hour, followers: count(layout.cell(row, 2))? })
}

/// Takes back the zeros at the end of the last day: its last hours had not been counted when the export was made.
pub(super) fn without_uncounted(hours: &mut [ActiveHour]) {
    let Some(last_day) = hours.iter().map(|hour| hour.day).max() else { return };
    let last = hours.iter_mut().rev().skip_while(|hour| hour.day != last_day);
    for hour in last.take_while(|hour| hour.day == last_day && hour.followers == Count::exact(0).ok()) {
        hour.followers = None;
    }
}

/// The hours of the day as a dimension of the audience: each hour's part of the mean day.
pub(super) fn shares_of_hours(hours: &[ActiveHour]) -> Option<Shares> {
    let means = mean_by_hour(hours);
    let sum: f64 = means.iter().flatten().sum();
    if sum <= 0.0 {
        return None;
    }
    let names: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let rows = names.iter().zip(means).filter_map(|(name, mean)| Some((name.as_str(), mean? / sum)));
    Shares::parse(Dimension::ActiveHours, rows).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn hours(counts: &[u64]) -> Vec<ActiveHour> {
        let of_hour = |(i, count): (usize, &u64)| ActiveHour {
            day: date(2026, 2, 26 + (i / 24) as i8),
            hour: (i % 24) as u8,
            followers: Count::exact(*count).ok(),
        };
        counts.iter().enumerate().map(of_hour).collect()
    }

    #[test]
    fn hours_that_had_not_been_counted_are_not_zero() {
        let mut counts = [5; 48];
        counts[3] = 0;
        counts[42..].fill(0);
        let mut hours = hours(&counts);
        without_uncounted(&mut hours);
        assert_eq!(hours[3].followers, Count::exact(0).ok(), "a zero within the days is one");
        assert!(hours[42..].iter().all(|hour| hour.followers.is_none()));
        assert_eq!(hours[41].followers, Count::exact(5).ok());
    }

    #[test]
    fn shares_of_hours_are_parts_of_the_mean_day() {
        let mut counts = [0; 24];
        (counts[20], counts[8]) = (30, 10);
        let shares = shares_of_hours(&hours(&counts)).unwrap();
        assert_eq!((shares.of("20"), shares.of("08"), shares.of("00")), (Some(0.75), Some(0.25), Some(0.0)));
        assert_eq!(shares_of_hours(&[]), None);
    }
}
