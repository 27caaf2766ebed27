//! The onboarding form: what was typed, and what is wrong with it.

use compass_core::{
    Country, Handle, Hours, Interests, Language, Preferences, TargetAudience, WantedAges, WantedGenders, Zone,
    analytics::{AudienceTarget, Dimension, Wanted},
};

/// What was typed, as it was typed.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Typed {
    pub(super) handle: String,
    pub(super) countries: String,
    pub(super) languages: String,
    pub(super) interests: String,
    pub(super) genders: String,
    pub(super) ages: String,
    pub(super) active_hours: String,
    pub(super) zone: String,
}

/// What is wrong, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mistakes {
    pub(super) handle: Option<String>,
    pub(super) countries: Option<String>,
    pub(super) languages: Option<String>,
    pub(super) interests: Option<String>,
    pub(super) genders: Option<String>,
    pub(super) ages: Option<String>,
    pub(super) active_hours: Option<String>,
    pub(super) zone: Option<String>,
}

impl Mistakes {
    /// The fields that need mending: id, name and what is wrong.
    pub(super) fn all(&self) -> Vec<(&'static str, &'static str, &str)> {
        let fields = [
            ("handle", "TikTok handle", &self.handle),
            ("countries", "Countries", &self.countries),
            ("languages", "Languages", &self.languages),
            ("interests", "Interests", &self.interests),
            ("genders", "Gender", &self.genders),
            ("ages", "Age", &self.ages),
            ("active_hours", "Active hours", &self.active_hours),
            ("zone", "Time zone", &self.zone),
        ];
        fields.into_iter().filter_map(|(id, name, mistake)| Some((id, name, mistake.as_deref()?))).collect()
    }

    /// Whether something is wrong with the part of the form that is folded away.
    pub(super) fn is_folded(&self) -> bool {
        self.genders.is_some() || self.ages.is_some() || self.active_hours.is_some()
    }
}

impl Typed {
    /// What somebody would have typed to ask for this.
    pub(super) fn from_preferences(preferences: &Preferences) -> Self {
        let target = &preferences.target;
        Self {
            handle: preferences.handle.as_ref().map(ToString::to_string).unwrap_or_default(),
            countries: joined(&target.countries),
            languages: joined(&target.languages),
            interests: joined(target.interests.as_slice()),
            genders: shares_joined(target.genders.iter()),
            ages: shares_joined(target.ages.iter()),
            active_hours: joined(&target.active_hours.iter().collect::<Vec<_>>()),
            zone: preferences.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// What a form says, over what is kept: a field that it leaves out stays as it was.
    pub(super) fn over(kept: &Preferences, fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::from_preferences(kept);
        for (name, value) in fields {
            let field = match name.as_str() {
                "handle" => &mut typed.handle,
                "countries" => &mut typed.countries,
                "languages" => &mut typed.languages,
                "interests" => &mut typed.interests,
                "genders" => &mut typed.genders,
                "ages" => &mut typed.ages,
                "active_hours" => &mut typed.active_hours,
                "zone" => &mut typed.zone,
                _ => continue,
            };
            *field = value;
        }
        typed
    }

    /// Whether the part of the form that is folded away says anything.
    pub(super) fn is_folded(&self) -> bool {
        !(self.genders.is_empty() && self.ages.is_empty() && self.active_hours.is_empty())
    }

    /// What it asks for, or everything that is wrong with it.
    pub(super) fn read(&self) -> Result<Preferences, Box<Mistakes>> {
        let mut wrong = Mistakes::default();
        let handle = note(&mut wrong.handle, Handle::parse(&self.handle).map_err(|error| error.to_string()));
        let target = TargetAudience {
            countries: note(&mut wrong.countries, codes(&self.countries, Country::parse)).unwrap_or_default(),
            languages: note(&mut wrong.languages, codes(&self.languages, Language::parse)).unwrap_or_default(),
            interests: note(&mut wrong.interests, interests(&self.interests)).unwrap_or_default(),
            genders: note(&mut wrong.genders, genders(&self.genders)).unwrap_or_default(),
            ages: note(&mut wrong.ages, ages(&self.ages)).unwrap_or_default(),
            active_hours: note(&mut wrong.active_hours, hours(&self.active_hours)).unwrap_or_default(),
        };
        let zone = match self.zone.trim() {
            "" => None,
            name => note(&mut wrong.zone, Zone::parse(name).map_err(|error| error.to_string())),
        };
        if wrong == Mistakes::default() { Ok(Preferences { handle, target, zone }) } else { Err(Box::new(wrong)) }
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
    let interests = Interests::parse(topics).map_err(|error| error.to_string())?;
    let is_looked_for = |topic: &&String| {
        let wanted = Wanted::any_of([topic.as_str()]);
        AudienceTarget::default().with(Dimension::Interests, wanted, 1.0).is_ok_and(|target| !target.is_empty())
    };
    match interests.as_slice().iter().find(|topic| !is_looked_for(topic)) {
        Some(topic) => Err(format!("{topic:?} has no word of two letters or more that posts could be searched for")),
        None => Ok(interests),
    }
}

fn genders(text: &str) -> Result<WantedGenders, String> {
    let shares = shares(text, "female 60, male 40")?;
    WantedGenders::parse(shares.iter().map(|(group, share)| (*group, *share))).map_err(|error| error.to_string())
}

fn ages(text: &str) -> Result<WantedAges, String> {
    let shares = shares(text, "18-24 70, 25-34 30")?;
    WantedAges::parse(shares.iter().map(|(group, share)| (*group, *share))).map_err(|error| error.to_string())
}

/// Groups with their shares in whole percent: `female 60 %, male 40 %`.
fn shares<'a>(text: &'a str, example: &str) -> Result<Vec<(&'a str, u8)>, String> {
    let items = text.split([',', ';']).map(str::trim).filter(|item| !item.is_empty());
    let share = |item: &'a str| {
        let (group, share) = item.trim_end_matches('%').trim_end().rsplit_once([' ', ':'])?;
        Some((group.trim_end_matches([' ', ':']), share.parse().ok()?))
    };
    let wrong = |item: &str| {
        let item: String = item.chars().take(LONGEST_QUOTE).collect();
        format!("{item:?} is not a group and its share in whole percent, as in {example:?}")
    };
    items.map(|item| share(item).ok_or_else(|| wrong(item))).collect()
}

/// Hours, one by one or from one to another: `7, 18-21`.
fn hours(text: &str) -> Result<Hours, String> {
    let mut hours = Vec::new();
    for item in text.split([',', ';', ' ']).filter(|item| !item.is_empty()) {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        let (Ok(from), Ok(to)) = (from.parse::<u8>(), to.parse::<u8>()) else {
            let item: String = item.chars().take(LONGEST_QUOTE).collect();
            return Err(format!("{item:?} is not an hour from 0 to 23, nor one hour to another as in \"18-21\""));
        };
        // From 22 to 1 is over midnight.
        if from <= to || to > 23 { hours.extend(from..=to) } else { hours.extend((from..=23).chain(0..=to)) }
    }
    Hours::parse(hours).map_err(|error| error.to_string())
}

/// So much of what cannot be read is said again.
const LONGEST_QUOTE: usize = 40;

fn shares_joined<'a>(shares: impl Iterator<Item = (&'a str, u8)>) -> String {
    joined(&shares.map(|(group, share)| format!("{group} {share}")).collect::<Vec<_>>())
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
    fn interest_that_no_post_can_be_searched_for_is_a_mistake() {
        for topics in ["bread, \u{1f35e}", "c"] {
            let typed = Typed { interests: topics.to_owned(), ..typed("ada") };
            let mistake = typed.read().unwrap_err().interests.unwrap();
            assert!(mistake.contains("no word of two letters or more"), "{mistake}");
        }
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let typed = Typed {
            countries: "Germany".to_owned(),
            languages: "german".to_owned(),
            interests: "x".repeat(61),
            genders: "female".to_owned(),
            ages: "18-24 50".to_owned(),
            active_hours: "25".to_owned(),
            zone: "Mars/Olympus".to_owned(),
            ..typed("a/../b")
        };
        let mistakes = *typed.read().unwrap_err();
        assert_eq!(mistakes.all().len(), 8);
        assert!(mistakes.handle.unwrap().contains("not '/'"));
        assert!(mistakes.zone.unwrap().contains("Europe/Berlin"));
        assert!(mistakes.genders.unwrap().contains("\"female 60, male 40\""));
        assert!(mistakes.ages.unwrap().contains("have to be 100 %"));
        assert!(mistakes.active_hours.unwrap().contains("25 is no hour"));
    }

    #[test]
    fn what_was_saved_can_be_typed_again() {
        let typed = Typed {
            countries: "DE, AT".to_owned(),
            interests: "rye, oats".to_owned(),
            genders: "female: 60 %; male 40%".to_owned(),
            ages: "55+ 100".to_owned(),
            active_hours: "22-1 7".to_owned(),
            ..typed("ada")
        };
        let preferences = typed.read().unwrap();
        assert_eq!(preferences.target.active_hours.iter().collect::<Vec<_>>(), [0, 1, 7, 22, 23]);
        assert_eq!(preferences.target.genders.iter().collect::<Vec<_>>(), [("female", 60), ("male", 40)]);
        assert_eq!(Typed::from_preferences(&preferences).read().unwrap(), preferences);
    }
}
