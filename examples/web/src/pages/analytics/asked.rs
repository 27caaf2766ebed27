//! What the address of the page asks for: the moment, the zone, a comparison, the order of the posts, a price.

use compass_core::{Zone, analytics::Cpm};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use url::form_urlencoded::Serializer;

use crate::words::localised;

/// The page of so many posts.
pub(super) const ROWS: usize = 30;
const LONGEST: usize = 100;

/// What is asked for; what cannot be is left out and told in `mistakes`.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The day whose end the figures are as of; now if `None`.
    pub(super) as_of: Option<Date>,
    /// The day to compare with.
    pub(super) since: Option<Date>,
    pub(super) zone: Option<Zone>,
    pub(super) sort: Sort,
    pub(super) show: Show,
    /// What captions have to contain, in any case of letters.
    pub(super) find: String,
    /// From 0.
    pub(super) page: usize,
    /// What a thousand views are paid: from, to and the currency, as they were typed.
    pub(super) price: [String; 3],
    pub(super) mistakes: Vec<String>,
}

/// The order of the posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    #[default]
    Newest,
    Views,
    Expected,
    Likes,
    Comments,
    Shares,
    Engagement,
}

/// Which posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    #[default]
    All,
    Growing,
    Breakouts,
    Flops,
    Photos,
    Gone,
}

impl Sort {
    pub(super) const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Newest, "newest", "Newest first"),
        (Self::Views, "views", "Most views"),
        (Self::Expected, "expected", "Most expected views"),
        (Self::Likes, "likes", "Most likes"),
        (Self::Comments, "comments", "Most comments"),
        (Self::Shares, "shares", "Most shares"),
        (Self::Engagement, "engagement", "Highest engagement"),
    ];
}

impl Show {
    pub(super) const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::All, "all", "All posts"),
        (Self::Growing, "growing", "Still growing"),
        (Self::Breakouts, "breakouts", "Breakouts"),
        (Self::Flops, "flops", "Far below the others"),
        (Self::Photos, "photos", "Photos"),
        (Self::Gone, "gone", "No longer shown"),
    ];
}

impl Asked {
    /// Reads the address; of several of one name the last counts.
    pub(super) fn read(pairs: &[(String, String)]) -> Self {
        let given = |name: &str| {
            let found = pairs.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.trim());
            found.filter(|value| !value.is_empty())
        };
        let mut mistakes = Vec::new();
        let mut day = |name: &str, what: &str| {
            let text = given(name)?;
            let day = text.parse::<Date>().ok();
            if day.is_none() {
                mistakes.push(format!("{what} has to be a day such as 2026-05-01."));
            }
            day
        };
        let (as_of, since) = (day("as_of", "The day of the figures"), day("since", "The day to compare with"));
        let zone = given("zone")
            .and_then(|name| Zone::parse(name).map_err(|error| mistakes.push(format!("The time zone: {error}."))).ok());
        let sort =
            Sort::ALL.iter().find(|(_, name, _)| given("sort") == Some(name)).map_or_else(Sort::default, |it| it.0);
        let show =
            Show::ALL.iter().find(|(_, name, _)| given("show") == Some(name)).map_or_else(Show::default, |it| it.0);
        let text = |name| given(name).map(|text| text.chars().take(LONGEST).collect::<String>()).unwrap_or_default();
        Self {
            as_of,
            since,
            zone,
            sort,
            show,
            find: text("find"),
            page: given("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).clamp(1, 10_000) - 1,
            price: [text("price_from"), text("price_to"), text("currency")],
            mistakes,
        }
    }

    /// The moment of the figures: the end of the day, and never later than now.
    pub(super) fn moment(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        self.as_of.and_then(|day| end_of(day, zone)).map_or(now, |end| end.min(now))
    }

    /// The moment to compare with: the end of the day that was asked for, or a week before the figures. A day that is not before the
    /// figures is told as a mistake.
    pub(super) fn before(&mut self, moment: Timestamp, zone: &TimeZone) -> Timestamp {
        let asked = self.since.and_then(|day| end_of(day, zone));
        if let Some(end) = asked.filter(|end| *end < moment) {
            return end;
        }
        if asked.is_some() {
            self.mistakes.push("The day to compare with has to be before the day of the figures.".to_owned());
        }
        moment.checked_sub(jiff::SignedDuration::from_hours(7 * 24)).unwrap_or(moment)
    }

    /// The price of a thousand views, if one was typed, or what is wrong with it.
    pub(super) fn cpm(&self, today: Date) -> Option<Result<Cpm, String>> {
        let [from, to, currency] = &self.price;
        if from.is_empty() && to.is_empty() {
            return None;
        }
        let number = |text: &str| text.replace(',', ".").parse::<f64>().ok();
        let (Some(from), Some(to)) = (number(from), number(if to.is_empty() { from } else { to })) else {
            return Some(Err(localised("A price is a number such as 4.50.")));
        };
        let currency = if currency.is_empty() { "USD".to_owned() } else { currency.to_uppercase() };
        Some(Cpm::new(from, to, &currency, today).map_err(|error| format!("{error}.")))
    }

    /// The same address with other values; `None` leaves a name out. It has no path: `?as_of=2026-05-01`.
    pub(super) fn with(&self, changes: &[(&str, Option<String>)]) -> String {
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let named = |name: &str, usual: &str| Some(name.to_owned()).filter(|name| name != usual);
        let [from, to, currency] = &self.price;
        let mine = [
            ("as_of", day(self.as_of)),
            ("since", day(self.since)),
            ("zone", self.zone.as_ref().map(|zone| zone.name().to_owned())),
            ("sort", named(self.sort_name(), "newest")),
            ("show", named(self.show_name(), "all")),
            ("find", some(&self.find)),
            ("page", (self.page > 0).then(|| (self.page + 1).to_string())),
            ("price_from", some(from)),
            ("price_to", some(to)),
            ("currency", some(currency)),
        ];
        let mut query = Serializer::new(String::new());
        for (name, value) in mine {
            let change = changes.iter().find(|(changed, _)| *changed == name);
            if let Some(value) = change.map_or(value, |(_, value)| value.clone()) {
                query.append_pair(name, &value);
            }
        }
        format!("?{}", query.finish())
    }

    /// What a form has to send along so that nothing else changes: names and values without those that the form has fields for.
    pub(super) fn hidden(&self, fields: &[&str]) -> Vec<(String, String)> {
        let without: Vec<(&str, Option<String>)> = fields.iter().map(|field| (*field, None)).collect();
        let query = self.with(&without);
        url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).into_owned().collect()
    }

    pub(super) fn sort_name(&self) -> &'static str {
        Sort::ALL.iter().find(|(sort, _, _)| *sort == self.sort).map_or("newest", |(_, name, _)| name)
    }

    pub(super) fn show_name(&self) -> &'static str {
        Show::ALL.iter().find(|(show, _, _)| *show == self.show).map_or("all", |(_, name, _)| name)
    }
}

/// The last second of a day.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.at(23, 59, 59, 0).to_zoned(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Asked {
        Asked::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
    }

    #[test]
    fn an_address_is_read_and_written_again() {
        let asked = read(&[("as_of", "2026-04-01"), ("sort", "views"), ("find", "a & b"), ("page", "3"), ("x", "y")]);
        assert_eq!(asked.with(&[]), "?as_of=2026-04-01&sort=views&find=a+%26+b&page=3");
        assert_eq!(asked.with(&[("page", None), ("find", None)]), "?as_of=2026-04-01&sort=views");
        assert_eq!(asked.hidden(&["sort", "find", "page"]), [("as_of".to_owned(), "2026-04-01".to_owned())]);
    }

    #[test]
    fn what_makes_no_sense_is_told_and_left_out() {
        let asked = read(&[("as_of", "yesterday"), ("zone", "Mars"), ("page", "0"), ("sort", "x")]);
        assert_eq!((asked.as_of, asked.zone.clone(), asked.page, asked.sort), (None, None, 0, Sort::Newest));
        assert_eq!(asked.mistakes.len(), 2, "{:?}", asked.mistakes);
    }

    #[test]
    fn a_day_is_told_as_of_its_end_and_none_is_to_come() {
        let (zone, now) = (TimeZone::get("Europe/Berlin").unwrap(), "2026-05-01T12:00:00Z".parse().unwrap());
        let moment = |day| read(&[("as_of", day)]).moment(now, &zone).to_string();
        assert_eq!(moment("2026-04-01"), "2026-04-01T21:59:59Z");
        assert_eq!([moment("2026-05-01"), moment("2030-01-01"), moment("")], [(); 3].map(|()| now.to_string()));
        let before = |since| read(&[("since", since)]).before(now, &zone).to_string();
        assert_eq!([before("2026-04-01"), before("2030-01-01")], ["2026-04-01T21:59:59Z", "2026-04-24T12:00:00Z"]);
    }

    #[test]
    fn a_price_is_one_number_or_two() {
        let today = jiff::civil::date(2026, 5, 1);
        let cpm =
            |from, to, currency| read(&[("price_from", from), ("price_to", to), ("currency", currency)]).cpm(today);
        assert_eq!(cpm("4,5", "", "eur").unwrap().unwrap().currency(), "EUR");
        assert!(cpm("5", "4", "EUR").unwrap().is_err() && cpm("x", "", "").unwrap().is_err());
        assert!(cpm("", "", "EUR").is_none());
    }
}
