//! What is known of the audience says.

use super::{Certainty, Evidence, Fact, InsightKind, Shown, Wording, draft::Draft};
use crate::analytics::{AudienceFit, AudienceSource, CreatorReport, DimensionFit, OwnSection};

pub(super) fn drafts(report: &CreatorReport) -> Vec<Draft> {
    let fit = report.audience.as_ref().and_then(fit);
    let hours = report.own.as_ref().and_then(active_hours);
    fit.into_iter().chain(hours).collect()
}

fn fit(fit: &AudienceFit) -> Option<Draft> {
    let (value, interval) = (fit.overall.value?, fit.overall.interval?);
    let known = || fit.parts.iter().filter_map(|part| part.value.map(|value| (part, value)));
    let is_guessed = |part: &DimensionFit| part.source.unwrap_or(fit.source) == AudienceSource::Inferred;
    // The best that is guessed is never sure to fit well: it is not the worst for that.
    let may_be_well = |part: &DimensionFit| is_guessed(part) && part.hi >= WELL;
    let worst = known().filter(|(part, value)| *value < WELL && !may_be_well(part));
    let worst = worst.min_by(|(_, a), (_, b)| a.total_cmp(b));
    let guessed = known().filter(|(part, _)| is_guessed(part)).count();
    let (subject, guessed) = match guessed {
        0 => ("Your audience matches", ""),
        parts if parts == known().count() => ("As far as your posts let guess, your audience matches", ""),
        _ => ("Your audience matches", ", in parts guessed from your posts"),
    };
    let mut template = format!(
        "{subject} what is wanted at {{{{fit.value}}}} ({{{{fit.lo}}}} to {{{{fit.hi}}}}, whatever is not known of \
         it{guessed})."
    );
    let mut slots = vec![
        ("fit.value".to_owned(), Shown::Share(value)),
        ("fit.lo".to_owned(), Shown::Share(interval.lo)),
        ("fit.hi".to_owned(), Shown::Share(interval.hi)),
    ];
    if let Some((part, value)) = worst {
        template.push_str(" Furthest from it: {{worst.name}}, at {{worst.value}}.");
        slots.push(("worst.name".to_owned(), Shown::name(&part.dimension.to_string())));
        slots.push(("worst.value".to_owned(), Shown::Share(value)));
    }
    let wording = Wording { template, slots: slots.into_iter().collect() };
    let facts = vec![Fact::of("fit", &fit.overall, Evidence::Audience)];
    let draft = Draft::known(InsightKind::AudienceFit, "audience_fit", 1.0 - value, facts, wording);
    // What is not known makes the interval wide: it says how sure this is.
    let certainty = if interval.hi - interval.lo <= 0.1 { Certainty::Sure } else { Certainty::Likely };
    Some(draft.how_sure(if interval.hi - interval.lo > 0.5 { Certainty::NotSureYet } else { certainty }))
}

/// A dimension that fits so well is not told as the worst.
const WELL: f64 = 0.9;

fn active_hours(own: &OwnSection) -> Option<Draft> {
    let top = own.active_hours.iter().max_by(|a, b| f64::total_cmp(&a.followers, &b.followers))?;
    let template = "Your followers are most active around {{active.hour}} by your clock, as your export of {{active.day}} \
                    tells. A time to try, if you have not.";
    let wording = Wording::new(
        template,
        [("active.hour", Shown::Hour(top.hour)), ("active.day", Shown::Day(own.active_hours_of?))],
    );
    let facts = vec![Fact::counted("active", f64::from(top.hour), own.active_hours.len() as u64, Evidence::Audience)];
    Some(Draft::known(InsightKind::ActiveHours, "active_hours", 0.3, facts, wording))
}
