//! What public pages let guess of an audience: where it is, from the languages of posts, and nothing else.

use std::collections::BTreeMap;

use super::{AudienceShares, AudienceSource, Dimension, Shares};
use crate::Language;

/// Languages that are spoken mostly in one country, and that country. Of the others (English, Spanish, Arabic, ...) nothing follows.
///
/// An assumption about who watches, which no public figure measures: [`audience_fit`](super::audience_fit) therefore lets a wide part of an
/// inferred audience be anywhere.
const SPOKEN_IN: [(&str, &str); 32] = [
    ("az", "AZ"),
    ("bg", "BG"),
    ("cs", "CZ"),
    ("da", "DK"),
    ("el", "GR"),
    ("et", "EE"),
    ("fi", "FI"),
    ("he", "IL"),
    ("hi", "IN"),
    ("hu", "HU"),
    ("hy", "AM"),
    ("id", "ID"),
    ("is", "IS"),
    ("it", "IT"),
    ("ja", "JP"),
    ("ka", "GE"),
    ("km", "KH"),
    ("ko", "KR"),
    ("lo", "LA"),
    ("lt", "LT"),
    ("lv", "LV"),
    ("mk", "MK"),
    ("mn", "MN"),
    ("my", "MM"),
    ("ne", "NP"),
    ("pl", "PL"),
    ("ro", "RO"),
    ("si", "LK"),
    ("th", "TH"),
    ("tr", "TR"),
    ("uk", "UA"),
    ("vi", "VN"),
];

impl AudienceShares {
    /// The territories that the shares of the languages of posts let guess, labelled as inferred: a language that is spoken mostly in one
    /// country counts for that country, and every other is left in the rest. No dimension if nothing follows from any.
    #[must_use]
    pub fn inferred(languages: impl IntoIterator<Item = (Language, f64)>) -> Self {
        let mut territories: BTreeMap<&str, f64> = BTreeMap::new();
        for (language, share) in languages {
            let code = language.to_string();
            if let Some((_, country)) = SPOKEN_IN.iter().find(|(known, _)| *known == code) {
                *territories.entry(country).or_default() += share;
            }
        }
        let told = Shares::parse(Dimension::Territory, territories).ok().filter(|told| told.iter().next().is_some());
        let dimensions = told.map(|told| (Dimension::Territory, told)).into_iter().collect();
        Self { source: AudienceSource::Inferred, dimensions }
    }
}
