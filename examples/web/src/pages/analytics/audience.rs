//! The audience, as an own export tells it, and how well it fits the one that is wanted.

use askama::Template;
use compass_core::{
    analytics::{AudienceFit, AudienceSource, Dimension, DimensionFit, PostEvidence, Shares},
    app::KnownAudience,
};
use jiff::tz::TimeZone;

use crate::words::{day, percent};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/audience.html")]
pub(super) struct AudienceSection {
    summary: String,
    dimensions: Vec<DimensionShares>,
    fit: Option<Fit>,
    /// Whether a file tells it.
    is_told: bool,
}

#[derive(Clone, Debug)]
struct DimensionShares {
    name: &'static str,
    shares: Vec<Share>,
}

#[derive(Clone, Debug)]
struct Share {
    name: String,
    words: String,
    /// In hundredths of the whole.
    width: f64,
}

/// How well the audience fits.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Fit {
    pub(in crate::pages) words: String,
    pub(in crate::pages) parts: Vec<String>,
    /// Those of the parts that are guessed.
    pub(in crate::pages) guesses: Vec<String>,
}

/// So many groups of a dimension are told.
const MOST_GROUPS: usize = 12;

impl AudienceSection {
    pub(super) fn new(known: Option<&KnownAudience>, zone: &TimeZone) -> Self {
        let Some(known) = known else {
            let summary = "Not known: who watches is not on the public page. Bring your own TikTok Studio export, and this section \
                           shows gender, places and active hours of your followers, to you alone.";
            return Self { summary: summary.to_owned(), dimensions: Vec::new(), fit: None, is_told: false };
        };
        let shares = &known.shares;
        let from = match shares.source {
            AudienceSource::StudioExport => "From the account's own TikTok Studio export",
            AudienceSource::PartnerFile => "From a file of a partner",
            AudienceSource::Inferred => {
                "A guess from the account's newest posts, take it as a hint: who watches is not on the public page"
            }
        };
        let made = known.observed_at.map_or_else(String::new, |at| format!(", as of {}", day(at, zone)));
        let summary = format!("{from}{made}.");
        let dimensions = shares
            .dimensions
            .iter()
            .map(|(&dimension, of)| DimensionShares::new(dimension, of, known.observed_at.is_some()));
        Self {
            summary,
            dimensions: dimensions.collect(),
            fit: known.fit.as_ref().map(Fit::new),
            is_told: known.observed_at.is_some(),
        }
    }
}

impl DimensionShares {
    fn new(dimension: Dimension, shares: &Shares, is_told: bool) -> Self {
        let mut groups: Vec<(&str, f64)> = shares.iter().collect();
        if dimension != Dimension::ActiveHours {
            groups.sort_by(|a, b| b.1.total_cmp(&a.1));
            groups.truncate(MOST_GROUPS);
        }
        let share =
            |name: String, share: f64| Share { name, words: percent(share), width: (share * 1000.0).round() / 10.0 };
        let told: f64 = groups.iter().map(|(_, share)| share).sum();
        let mut told_shares: Vec<Share> = groups.into_iter().map(|(name, part)| share(name.to_owned(), part)).collect();
        if dimension != Dimension::ActiveHours && told < 0.995 {
            told_shares.push(share("others, or not told".to_owned(), 1.0 - told));
        }
        let name = match dimension {
            Dimension::Territory if !is_told => "Places, guessed from the languages of its newest posts",
            Dimension::Language if !is_told => "Languages of its newest posts",
            _ => dimension_name(dimension),
        };
        Self { name, shares: told_shares }
    }
}

impl Fit {
    pub(in crate::pages) fn new(fit: &AudienceFit) -> Self {
        let words = match (fit.overall.value, fit.overall.interval) {
            (Some(value), Some(interval)) if interval.hi - interval.lo >= 0.005 => format!(
                "It fits the audience that you want to {}; what is not known leaves open {} to {}.",
                percent(value),
                percent(interval.lo),
                percent(interval.hi)
            ),
            (Some(value), _) => format!("It fits the audience that you want to {}.", percent(value)),
            (None, _) => "How well it fits the audience that you want is not known.".to_owned(),
        };
        let guesses = fit.parts.iter().filter(|part| part.source == Some(AudienceSource::Inferred)).map(part_words);
        Self { words, parts: fit.parts.iter().map(part_words).collect(), guesses: guesses.collect() }
    }
}

fn part_words(part: &DimensionFit) -> String {
    let name = dimension_name(part.dimension);
    if part.value.is_none() {
        return format!("{name}: not known");
    }
    let open = if part.hi - part.lo < 0.005 {
        percent(part.lo)
    } else {
        format!("{} to {}", percent(part.lo), percent(part.hi))
    };
    match part.source {
        Some(AudienceSource::Inferred) => format!("{name}: {open}, a guess: {}", evidence(part)),
        _ => format!("{name}: {open}"),
    }
}

fn evidence(part: &DimensionFit) -> String {
    let Some(PostEvidence { posts, matching, unknown }) = part.posts else {
        return "from the languages that the account uses".to_owned();
    };
    let what = match (part.dimension, matching) {
        (Dimension::Language, 1) => "is in a language that you want",
        (Dimension::Language, _) => "are in a language that you want",
        (Dimension::Interests, 1) => "speaks of what you want",
        (Dimension::Interests, _) => "speak of what you want",
        (_, 1) => "is in a language of the places that you want",
        _ => "are in a language of the places that you want",
    };
    let unknown = match unknown {
        0 => String::new(),
        1 => ", and 1 cannot be told".to_owned(),
        unknown => format!(", and {unknown} cannot be told"),
    };
    match posts {
        1 => format!("{matching} of 1 post {what}{unknown}"),
        posts => format!("{matching} of the {posts} newest posts {what}{unknown}"),
    }
}

pub(in crate::pages) fn dimension_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Gender => "Gender",
        Dimension::Territory => "Places",
        Dimension::Age => "Age",
        Dimension::ActiveHours => "Active hours",
        Dimension::Language => "Language",
        Dimension::Interests => "Interests",
    }
}

#[cfg(test)]
mod tests {
    use compass_core::{
        Country, Interests, Language, SourceKind, TargetAudience,
        analytics::{AudienceShares, AudienceTarget, ContentSignals, audience_fit},
        samples::World,
    };

    use super::*;
    use crate::pages::testing::now;

    #[test]
    fn shares_and_fit_are_told_with_what_they_leave_open() {
        let mut shares = AudienceShares::of_studio();
        let places = Shares::parse(Dimension::Territory, [("DE", 0.5), ("AT", 0.2)]).unwrap();
        shares.dimensions.insert(Dimension::Territory, places);
        let target = TargetAudience {
            countries: ["DE", "FR"].map(|code| Country::parse(code).unwrap()).into(),
            ..TargetAudience::default()
        };
        let posts = ContentSignals::default();
        let fit = Some(audience_fit(Some(&shares), &posts, &AudienceTarget::from(&target), now()));
        let known = KnownAudience { shares, observed_at: Some(now()), fit, gaps: Vec::new() };
        let html = AudienceSection::new(Some(&known), &TimeZone::UTC).to_string();
        for text in
            ["TikTok Studio export", "Places", "50%", "others, or not told", "It fits", "leaves open 50% to 80%"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("Bring an export") && !html.contains("a guess"), "{html}");
    }

    /// The sample's posts are in English: 10 of 10 leave 70 % to 100 %, and none of them speaks of quantum chess, which leaves 0 to 30 %.
    #[test]
    fn what_posts_let_guess_is_told_with_the_posts() {
        let posts =
            ContentSignals::of(None, &World::standard().creators()[0].snapshot(now(), 10, SourceKind::Sample).videos);
        let target = TargetAudience {
            languages: vec![Language::parse("en").unwrap()],
            interests: Interests::parse(["quantum chess"]).unwrap(),
            ..TargetAudience::default()
        };
        let fit = Some(audience_fit(None, &posts, &AudienceTarget::from(&target), now()));
        let known = KnownAudience { shares: posts.audience(), observed_at: None, fit, gaps: Vec::new() };
        let html = AudienceSection::new(Some(&known), &TimeZone::UTC).to_string();
        for text in [
            "A guess from the account",
            "Language: 70% to 100%, a guess: 10 of the 10 newest posts are in a language that you want",
            "Interests: 0% to 30%, a guess: 0 of the 10 newest posts speak of what you want",
            "Bring an export",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn an_unknown_audience_says_how_to_make_it_known() {
        let html = AudienceSection::new(None, &TimeZone::UTC).to_string();
        assert!(html.contains("Bring your own TikTok Studio export") && html.contains("/onboarding"), "{html}");
    }
}
