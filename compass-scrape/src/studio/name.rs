//! What the name of an export tells: whose it is, and of when.

use compass_core::Handle;
use jiff::{Timestamp, civil::Date, tz::Offset};

/// What a name tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) handle: Option<Handle>,
    /// The first day of the range.
    pub(super) first: Option<Date>,
    /// The day (UTC) on which the range ends.
    pub(super) end: Option<Date>,
}

/// Reads a file's name: `Overview_2025-02-28_1772236799_ada.zip`, `Followers_ada.zip`, `TikTok_Data_1772236799.zip`.
///
/// A handle without the range before it counts in the name of a ZIP only: `Overview_old.csv` is not by @old.
pub(super) fn named(file: &str) -> Named {
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    // A browser numbers what it downloads twice.
    let stem = match stem.rsplit_once(" (") {
        Some((stem, number)) if number.ends_with(')') => stem,
        _ => stem,
    };
    if let Some(second) = stem.strip_prefix("TikTok_Data_") {
        return Named { end: day_of(second), ..Named::default() };
    }
    let Some((section, rest)) = stem.split_once('_') else { return Named::default() };
    if !is_section(section) {
        return Named::default();
    }
    let range = rest.split_once('_').and_then(|(first, rest)| Some((first.parse::<Date>().ok()?, rest)));
    let (first, rest) = range.map_or((None, rest), |(first, rest)| (Some(first), rest));
    let end = rest.split_once('_').and_then(|(second, rest)| Some((day_of(second)?, rest))).filter(|_| first.is_some());
    let (end, rest) = end.map_or((None, rest), |(end, rest)| (Some(end), rest));
    let is_whole_name = first.is_some() || ending.eq_ignore_ascii_case("zip");
    Named { handle: Handle::parse(rest).ok().filter(|_| is_whole_name), first, end }
}

fn is_section(name: &str) -> bool {
    const SECTIONS: [&str; 4] = ["Overview", "Followers", "Content", "Viewers"];
    name.starts_with("Follower") || SECTIONS.contains(&name)
}

/// The day (UTC) of a moment in seconds or milliseconds since 1970.
fn day_of(second: &str) -> Option<Date> {
    let number: i64 = second.parse().ok()?;
    let at = match second.len() {
        10 => Timestamp::from_second(number).ok()?,
        13 => Timestamp::from_millisecond(number).ok()?,
        _ => return None,
    };
    Some(Offset::UTC.to_datetime(at).date())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn handle(file: &str) -> Option<String> {
        named(file).handle.map(|handle| handle.to_string())
    }

    #[test]
    fn a_name_tells_handle_and_range() {
        for name in [
            "Overview_2025-02-28_1772236799_ada_l.2.zip",
            "Overview_2025-02-28_1772236799000_ada_l.2.zip",
            "Overview_2025-02-28_1772236799_ada_l.2 (1).zip",
            "Overview_2025-02-28_1772236799_ada_l.2.xlsx",
        ] {
            let named = named(name);
            assert_eq!(named.handle.map(|h| h.to_string()).as_deref(), Some("ada_l.2"), "{name}");
            // 1772236799 is 2026-02-27T23:59:59Z.
            assert_eq!((named.first, named.end), (Some(date(2025, 2, 28)), Some(date(2026, 2, 27))), "{name}");
        }
        assert_eq!(named("TikTok_Data_1772236799.zip").end, Some(date(2026, 2, 27)));
    }

    #[test]
    fn other_sections_tell_the_handle_alone() {
        assert_eq!(handle("Followers_ada.zip").as_deref(), Some("ada"));
        assert_eq!(handle("Content_1234567890.zip").as_deref(), Some("1234567890"));
        assert_eq!(handle("Viewers_ada_.zip").as_deref(), Some("ada_"));
    }

    #[test]
    fn what_is_no_handle_is_none() {
        for name in [
            "Overview.zip",
            "Overview_old.csv",
            "Overview-7-days.xlsx",
            "holiday_ada.zip",
            "Followers_a b.zip",
            "",
            "_",
            "Followers_.zip",
        ] {
            assert_eq!(handle(name), None, "{name}");
        }
    }
}
