//! The audience, as an own export tells it, and how well it fits the one that is wanted.

use askama::Template;
use compass_core::{
    analytics::{AudienceFit, AudienceSource, Dimension, DimensionFit, Shares},
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
    known: bool,
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
}

/// So many groups of a dimension are told.
const MOST_GROUPS: usize = 12;

impl AudienceSection {
    pub(super) fn new(known: Option<&KnownAudience>, zone: &TimeZone) -> Self {
        let Some(known) = known else {
            let summary = "Not known: who watches is not on the public page. Bring your own TikTok Studio export, and this section \
                           shows gender, places and active hours of your followers, to you alone.";
            return Self { summary: summary.to_owned(), dimensions: Vec::new(), fit: None, known: false };
        };
        let shares = &known.audience.shares;
        let from = match shares.source {
            AudienceSource::StudioExport => "the account's own TikTok Studio export",
            AudienceSource::PartnerFile => "a file of a partner",
            AudienceSource::Inferred => "a guess from what is public: take it as a hint",
        };
        let summary = format!("From {from}, as of {}.", day(known.audience.observed_at, zone));
        let dimensions = shares.dimensions.iter().map(|(&dimension, shares)| DimensionShares::new(dimension, shares));
        Self { summary, dimensions: dimensions.collect(), fit: known.fit.as_ref().map(Fit::new), known: true }
    }
}

impl DimensionShares {
    fn new(dimension: Dimension, shares: &Shares) -> Self {
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
        Self { name: dimension_name(dimension), shares: told_shares }
    }
}

impl Fit {
    pub(in crate::pages) fn new(fit: &AudienceFit) -> Self {
        let words = match (fit.overall.value, fit.overall.interval) {
            (Some(value), Some(interval)) if interval.hi - interval.lo >= 0.005 => format!(
                "It fits the audience that you want to {}; what is not told leaves open {} to {}.",
                percent(value),
                percent(interval.lo),
                percent(interval.hi)
            ),
            (Some(value), _) => format!("It fits the audience that you want to {}.", percent(value)),
            (None, _) => "How well it fits the audience that you want is not known.".to_owned(),
        };
        let part = |part: &DimensionFit| match part.value {
            Some(_) if part.hi - part.lo < 0.005 => format!("{}: {}", dimension_name(part.dimension), percent(part.lo)),
            Some(_) => {
                format!("{}: {} to {}", dimension_name(part.dimension), percent(part.lo), percent(part.hi))
            }
            None => format!("{}: not known", dimension_name(part.dimension)),
        };
        Self { words, parts: fit.parts.iter().map(part).collect() }
    }
}

pub(in crate::pages) fn dimension_name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Gender => "Gender",
        Dimension::Territory => "Places",
        Dimension::Age => "Age",
        Dimension::ActiveHours => "Active hours",
    }
}

#[cfg(test)]
mod tests {
    use compass_core::{
        AudienceObservation, Country, ImportId, TargetAudience,
        analytics::{AudienceShares, AudienceTarget, audience_fit},
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
        let fit = Some(audience_fit(&shares, &AudienceTarget::from(&target), now()));
        let audience = AudienceObservation { import: ImportId(uuid::Uuid::nil()), observed_at: now(), shares };
        let html =
            AudienceSection::new(Some(&KnownAudience { audience, fit, gaps: Vec::new() }), &TimeZone::UTC).to_string();
        for text in
            ["TikTok Studio export", "Places", "50%", "others, or not told", "It fits", "leaves open 50% to 80%"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn an_unknown_audience_says_how_to_make_it_known() {
        let html = AudienceSection::new(None, &TimeZone::UTC).to_string();
        assert!(html.contains("Bring your own TikTok Studio export") && html.contains("/onboarding"), "{html}");
    }
}
