//! The onboarding form: what was typed, and what is wrong with it.

use compass_core::{Country, Handle, Interests, Language, Preferences, TargetAudience, Zone};
use serde::Deserialize;

/// What was typed, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    pub(super) handle: String,
    pub(super) countries: String,
    pub(super) languages: String,
    pub(super) interests: String,
    pub(super) zone: String,
}

/// What is wrong, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mistakes {
    pub(super) handle: Option<String>,
    pub(super) countries: Option<String>,
    pub(super) languages: Option<String>,
    pub(super) interests: Option<String>,
    pub(super) zone: Option<String>,
}

impl Mistakes {
    /// How many fields need mending.
    pub(super) fn count(&self) -> usize {
        [&self.handle, &self.countries, &self.languages, &self.interests, &self.zone]
            .into_iter()
            .filter(|mistake| mistake.is_some())
            .count()
    }
}

impl Typed {
    /// What somebody would have typed to ask for this.
    pub(super) fn from_preferences(preferences: &Preferences) -> Self {
        Self {
            handle: preferences.handle.as_ref().map(ToString::to_string).unwrap_or_default(),
            countries: joined(&preferences.target.countries),
            languages: joined(&preferences.target.languages),
            interests: joined(preferences.target.interests.as_slice()),
            zone: preferences.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// What it asks for, or everything that is wrong with it.
    pub(super) fn read(&self) -> Result<Preferences, Mistakes> {
        let mut mistakes = Mistakes::default();
        let handle = note(&mut mistakes.handle, Handle::parse(&self.handle).map_err(|error| error.to_string()));
        let countries = note(&mut mistakes.countries, codes(&self.countries, Country::parse));
        let languages = note(&mut mistakes.languages, codes(&self.languages, Language::parse));
        let interests = note(&mut mistakes.interests, interests(&self.interests));
        let zone = match self.zone.trim() {
            "" => None,
            name => note(&mut mistakes.zone, Zone::parse(name).map_err(|error| error.to_string())),
        };
        match (handle, countries, languages, interests) {
            (Some(handle), Some(countries), Some(languages), Some(interests)) if mistakes.zone.is_none() => {
                Ok(Preferences {
                    handle: Some(handle),
                    target: TargetAudience { countries, languages, interests, ..TargetAudience::default() },
                    zone,
                })
            }
            _ => Err(mistakes),
        }
    }
}

fn note<T>(place: &mut Option<String>, outcome: Result<T, String>) -> Option<T> {
    outcome.map_err(|mistake| *place = Some(mistake)).ok()
}

/// Codes between commas or white space, each once.
fn codes<T: PartialEq, E: ToString>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, String> {
    let mut codes = Vec::new();
    for item in text.split([',', ';', ' ', '\n', '\t']).filter(|item| !item.is_empty()) {
        let code = parse(item).map_err(|error| error.to_string())?;
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    Ok(codes)
}

fn interests(text: &str) -> Result<Interests, String> {
    let topics = text.split(',').filter(|topic| !topic.trim().is_empty());
    Interests::parse(topics).map_err(|error| error.to_string())
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(handle: &str) -> Typed {
        Typed { handle: handle.to_owned(), ..Typed::default() }
    }

    #[test]
    fn a_handle_is_enough() {
        let preferences = typed(" @Ada.Lovelace ").read().unwrap();
        assert_eq!(preferences.handle.unwrap().as_str(), "ada.lovelace");
        assert_eq!((preferences.target, preferences.zone), (TargetAudience::default(), None));
    }

    #[test]
    fn lists_are_read_as_people_type_them() {
        let typed = Typed {
            countries: "de, AT;ch  de".to_owned(),
            languages: "DE".to_owned(),
            interests: " slow bread , rye,, slow bread".to_owned(),
            zone: " Europe/Berlin ".to_owned(),
            ..typed("ada")
        };
        let preferences = typed.read().unwrap();
        assert_eq!(joined(&preferences.target.languages), "de");
        assert_eq!(preferences.target.interests.as_slice(), ["slow bread", "rye"]);
        assert_eq!(preferences.zone.unwrap().name(), "Europe/Berlin");
        assert_eq!(joined(&preferences.target.countries), "DE, AT, CH");
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let typed = Typed {
            countries: "Germany".to_owned(),
            languages: "german".to_owned(),
            interests: "x".repeat(61),
            zone: "Mars/Olympus".to_owned(),
            ..typed("a/../b")
        };
        let mistakes = typed.read().unwrap_err();
        assert_eq!(mistakes.count(), 5);
        assert!(mistakes.handle.unwrap().contains("not '/'"));
        assert!(mistakes.zone.unwrap().contains("Europe/Berlin"));
    }

    #[test]
    fn what_was_saved_can_be_typed_again() {
        let typed = Typed { countries: "DE, AT".to_owned(), interests: "rye, oats".to_owned(), ..typed("ada") };
        let preferences = typed.read().unwrap();
        assert_eq!(Typed::from_preferences(&preferences).read().unwrap(), preferences);
    }
}
