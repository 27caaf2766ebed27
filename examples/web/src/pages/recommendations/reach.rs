//! How well the account's audience fits the one that is wanted, and what would have to be different.

use compass_core::{
    Handle, User,
    analytics::{AudienceGap, AudienceSource, AudienceTarget},
    app,
};
use compass_http::Problem;

use crate::{
    AppState,
    pages::analytics::{Fit, dimension_name},
    words::percent,
};

/// What can be told.
#[derive(Clone, Debug)]
pub(super) enum Reach {
    /// Nobody said which audience is wanted.
    NoTarget,
    /// Who watches is not known.
    Unknown,
    Known {
        fit: Fit,
        /// Where the shares come from, if that is no export of the account.
        hint: &'static str,
        /// Whether an export would tell more than the posts that it is guessed from.
        may_bring_export: bool,
        /// What would raise the fit, the most worthwhile first.
        gaps: Vec<String>,
    },
}

/// Holds the audience of an account against the one that a person wants.
pub(super) async fn reach(state: &AppState, user: &User, handle: &Handle) -> Result<Reach, Problem> {
    let target = AudienceTarget::from(&user.preferences.target);
    if target.is_empty() {
        return Ok(Reach::NoTarget);
    }
    let ports = &state.ports;
    let known =
        app::audience(&*ports.creators, &*ports.audiences, handle, Some(user.id), &target, ports.clock.now()).await?;
    let Some((fit, known)) = known.and_then(|mut known| Some((known.fit.take()?, known))) else {
        return Ok(Reach::Unknown);
    };
    let hint = match fit.source {
        AudienceSource::StudioExport => "",
        AudienceSource::PartnerFile => "The shares are those of a file of a partner.",
        AudienceSource::Inferred => "It is a guess from what is public: take it as a hint.",
    };
    let may_bring_export = known.observed_at.is_none();
    Ok(Reach::Known { fit: Fit::new(&fit), hint, may_bring_export, gaps: known.gaps.iter().map(gap).collect() })
}

/// What the fit would be, and what for: never what would bring it about.
fn gap(gap: &AudienceGap) -> String {
    let groups: Vec<String> = (gap.groups.iter().take(MOST_GROUPS))
        .map(|group| format!("{} {}, wanted {}", group.group, percent(group.share), percent(group.wanted)))
        .collect();
    let groups = if groups.is_empty() { String::new() } else { format!(" ({})", groups.join("; ")) };
    let points = match (gap.gain * 100.0).round() {
        ..1.0 => "less than a point".to_owned(),
        1.0 => "a point".to_owned(),
        points => format!("{points} points"),
    };
    format!("{}: exactly as wanted, the fit would be {points} higher{groups}.", dimension_name(gap.dimension))
}

/// So many groups of a dimension are told.
const MOST_GROUPS: usize = 4;
