//! How the reader's country writes numbers. The words stay English.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

/// What stands between thousands, and before decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    pub(super) group: char,
    pub(super) point: char,
}

tokio::task_local! {
    /// That of the request that is answered.
    static OF_READER: Locale;
}

const ENGLISH: Locale = Locale { group: ',', point: '.' };
const CONTINENTAL: Locale = Locale { group: '.', point: ',' };
/// A narrow space that does not break, as in the International System of Units.
const SPACED: Locale = Locale { group: '\u{202f}', point: ',' };
const SWISS: Locale = Locale { group: '’', point: '.' };

impl Locale {
    /// That of whoever is answered now; English where nobody is, as in a terminal.
    pub(super) fn of_reader() -> Self {
        OF_READER.try_with(|locale| *locale).unwrap_or(ENGLISH)
    }

    /// That of the language that the reader likes best, as browsers tell it.
    fn wanted(headers: &HeaderMap) -> Self {
        let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // Browsers name the best one first.
        let first = value.split([',', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
        let language = first.split('-').next().unwrap_or_default();
        match (first.as_str(), language) {
            ("de-ch" | "fr-ch" | "it-ch" | "de-li", _) => SWISS,
            ("es-mx" | "es-us" | "es-pr" | "es-gt" | "es-hn" | "es-pa" | "es-pe" | "es-sv" | "es-ni" | "es-do", _) => {
                ENGLISH
            }
            (
                _,
                "de" | "es" | "it" | "nl" | "pt" | "id" | "tr" | "da" | "el" | "ro" | "hr" | "sl" | "sr" | "vi" | "is",
            ) => CONTINENTAL,
            (
                _,
                "fr" | "ru" | "uk" | "pl" | "cs" | "sk" | "sv" | "nb" | "no" | "nn" | "fi" | "hu" | "bg" | "et" | "lv"
                | "lt",
            ) => SPACED,
            _ => ENGLISH,
        }
    }
}

/// Lets everything that answers a request write numbers as its reader does.
pub(crate) async fn for_reader(request: Request, next: Next) -> Response {
    let locale = Locale::wanted(request.headers());
    OF_READER.scope(locale, next.run(request)).await
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::{
        pages::testing::Pages,
        words::{amount, localised, separators, short, shown, thousands},
    };
    use compass_core::{analytics::MetricUnit, recommend::Shown};

    fn wanted(value: &'static str) -> Locale {
        Locale::wanted(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_best_liked_language_decides() {
        for (value, locale) in [
            ("de-DE,de;q=0.9,en;q=0.8", CONTINENTAL),
            ("de-CH", SWISS),
            ("fr", SPACED),
            ("en-US,de;q=0.5", ENGLISH),
            ("ja", ENGLISH),
            ("es-MX", ENGLISH),
            ("", ENGLISH),
            ("*", ENGLISH),
        ] {
            assert_eq!(wanted(value), locale, "{value}");
        }
    }

    #[tokio::test]
    async fn numbers_are_written_as_the_reader_does() {
        let told = OF_READER
            .scope(CONTINENTAL, async {
                [
                    thousands(48_912),
                    amount(MetricUnit::Fraction, 0.0716),
                    short(1_250_000.0),
                    amount(MetricUnit::Followers, 7.0),
                ]
            })
            .await;
        assert_eq!(told, ["48.912", "7,2%", "1,25M", "7"]);
        let told = OF_READER
            .scope(CONTINENTAL, async {
                let values = [
                    Shown::Count(1_234_567.0),
                    Shown::Rate(0.0731),
                    Shown::Gain(-3.4),
                    Shown::Day("2026-05-01".parse().unwrap()),
                    Shown::Hour(18),
                    Shown::name("1,000 likes a day, 2.0"),
                ];
                (values.map(|value| shown(&value)), separators())
            })
            .await;
        let names = ["1.234.567", "7,3%", "\u{2212}3,4", "1 May 2026", "18:00", "1,000 likes a day, 2.0"];
        assert_eq!(told, (names.map(str::to_owned), ",.".to_owned()));
        assert_eq!(thousands(48_912), "48,912");
        let text = "For 1,000 likes, 2.5 each; of er.views.median@1.";
        let told = OF_READER.scope(CONTINENTAL, async { localised(text) }).await;
        assert_eq!(told, "For 1.000 likes, 2,5 each; of er.views.median@1.");
        assert_eq!(localised(text), text);
    }

    /// What a page says to its reader: neither tags with their attributes nor scripts nor code.
    fn said(html: &str) -> String {
        let (mut text, mut rest) = (String::new(), html);
        while let Some((before, tag)) = rest.split_once('<') {
            text += before;
            let end = match tag {
                _ if tag.starts_with("script") => "</script>",
                _ if tag.starts_with("code") => "</code>",
                _ => ">",
            };
            rest = tag.split_once(end).map_or("", |(_, rest)| rest);
            text.push(' ');
        }
        text + rest
    }

    /// Whether somebody on the continent wrote it: groups of three behind points, decimals behind a comma; or a year.
    fn is_continental(number: &str) -> bool {
        let (whole, decimals) = number.split_once(',').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
        let groups: Vec<&str> = whole.split('.').collect();
        let grouped = groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
        let begun = groups.len() == 1 || !groups[0].starts_with('0');
        // Three decimals stand only behind a zero: more would be thousands of the English.
        let parted = decimals.is_none_or(|it| !it.contains(['.', ',']) && (it.len() != 3 || whole == "0"));
        (grouped && begun && parted) || (1_900..2_100).any(|year| number == year.to_string())
    }

    #[tokio::test]
    async fn every_number_of_a_page_is_written_as_its_reader_does() {
        for (number, expected) in [
            ("48.912", true),
            ("0,001", true),
            ("7,2", true),
            ("2026", true),
            ("7.2", false),
            ("0.001", false),
            ("1,000", false),
            ("48912", false),
        ] {
            assert_eq!(is_continental(number), expected, "{number}");
        }
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let pages = pages.with_history("sample.quiet").await;
        for path in [
            "/",
            "/definitions",
            "/dashboard",
            "/creators/sample.steady?price_from=2,5&price_to=1600",
            "/recommendations",
            "/compare?handles=sample.steady,sample.quiet",
            "/experiment?hours=9,18&names=early,late&lift=0.5&start=2026-03-10&zone=UTC&seed=7&posts_each=6&posts_per_week=7",
            "/onboarding",
        ] {
            let page = pages.get_in("de-DE,de;q=0.9", path).await;
            let text = said(&page.html);
            let numbers = text.split(|c: char| !c.is_ascii_digit() && !".,".contains(c));
            let numbers = numbers.map(|number| number.trim_matches(['.', ','])).filter(|number| !number.is_empty());
            let others: Vec<&str> = numbers.filter(|number| !is_continental(number)).collect();
            assert!(others.is_empty(), "{path} writes {others:?}:\n{text}");
        }
    }
}
