//! Creators whose audiences are like the one that the person wants.

use compass_core::{
    Handle, User,
    analytics::{AudienceSource, AudienceTarget},
    app::{MatchSearch, Matching, MatchingCreator},
    recommend::Filter,
};
use compass_http::{ComparedCreators, Problem};
use jiff::tz::TimeZone;

use crate::{
    AppState,
    pages::{analytics::Fit, known::zone_of},
    words::{day, percent, thousands},
};

/// So many are shown.
const MOST: usize = 5;

/// The creators that fit best.
#[derive(Clone, Debug)]
pub(super) struct Matches {
    pub(super) rows: Vec<MatchRow>,
    pub(super) summary: String,
}

/// A creator, and how well its audience fits.
#[derive(Clone, Debug)]
pub(super) struct MatchRow {
    pub(super) handle: Handle,
    pub(super) name: String,
    pub(super) percent: String,
    pub(super) width: f64,
    /// What the figure leaves open, and where it comes from.
    pub(super) words: String,
    pub(super) source: String,
    /// What is guessed, and from which posts.
    pub(super) guesses: Vec<String>,
}

/// Ranks creators by how well their audiences fit the one that a person wants; `None` where none is wanted.
pub(super) async fn matches(
    state: &AppState,
    compared: &ComparedCreators,
    user: &User,
    own: &Handle,
) -> Result<Option<Matches>, Problem> {
    let target = AudienceTarget::from(&user.preferences.target);
    if target.is_empty() {
        return Ok(None);
    }
    let (ports, now) = (&state.ports, state.ports.clock.now());
    let exclude = ports.creators.find(own).await?.map(|profile| profile.id).into_iter().collect();
    let search = MatchSearch { most: MOST, filter: Filter { exclude, ..Filter::default() }, sources: Vec::new() };
    let Matching { creators, ranked, unknown } = compared.matching(user.id, target, search, now).await?;
    let zone = zone_of(user);
    let summary = match (ranked, unknown) {
        (0, 0) => "No other creator is known to this service yet.".to_owned(),
        (0, unknown) => {
            format!("Of none of the {} other creators is anything known of what you want.", thousands(unknown as u64))
        }
        (ranked, 0) => format!("The best of {}, by what is known or can be guessed of them.", thousands(ranked as u64)),
        (ranked, unknown) => format!(
            "The best of {} of whose audience anything that you want is known or can be guessed; of {} nothing.",
            thousands(ranked as u64),
            thousands(unknown as u64)
        ),
    };
    Ok(Some(Matches { rows: creators.iter().map(|creator| MatchRow::new(creator, &zone)).collect(), summary }))
}

impl MatchRow {
    fn new(creator: &MatchingCreator, zone: &TimeZone) -> Self {
        let value = creator.fit.overall.value.unwrap_or_default();
        let made = creator.observed_at.map_or_else(String::new, |at| format!(", as of {}", day(at, zone)));
        let source = match creator.fit.source {
            AudienceSource::StudioExport => "From an export of the account",
            AudienceSource::PartnerFile => "From a file of a partner",
            AudienceSource::Inferred => "A guess from what is public: take it as a hint",
        };
        let fit = Fit::new(&creator.fit);
        Self {
            handle: creator.handle.clone(),
            name: creator.nickname.to_string(),
            percent: percent(value),
            width: (value * 1000.0).round() / 10.0,
            words: fit.words,
            source: format!("{source}{made}."),
            guesses: fit.guesses,
        }
    }
}
