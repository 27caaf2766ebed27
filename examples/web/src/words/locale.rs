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
    use crate::words::{amount, separators, short, shown, thousands};
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
    }
}
