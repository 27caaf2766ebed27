//! Creators like one's own account, with reasons that add up.

use compass_core::{
    Handle,
    app::{self, SimilarCreator},
    recommend::Search,
};
use compass_http::{ComparedCreators, Problem};

use crate::{
    AppState,
    words::{decimal, percent},
};

/// So many are shown.
const MOST: usize = 8;

/// What the comparison says.
#[derive(Clone, Debug)]
pub(super) enum Similar {
    Found(Vec<SimilarRow>),
    /// Why there is none.
    None(String),
}

/// A creator that is like the account.
#[derive(Clone, Debug)]
pub(super) struct SimilarRow {
    pub(super) handle: Handle,
    pub(super) name: String,
    /// Of 100 points.
    pub(super) points: String,
    pub(super) width: f64,
    pub(super) reasons: Vec<ReasonRow>,
}

#[derive(Clone, Debug)]
pub(super) struct ReasonRow {
    pub(super) text: String,
    pub(super) points: String,
}

/// Finds the creators that are most like an account.
pub(super) async fn similar(
    state: &AppState,
    compared: &ComparedCreators,
    handle: &Handle,
) -> Result<Similar, Problem> {
    let ports = &state.ports;
    let Some(of) = app::profile_vector(&*ports.creators, handle, ports.clock.now()).await? else {
        return Ok(Similar::None("Nobody has looked at this account yet.".to_owned()));
    };
    let search = Search { most: MOST, lambda: VARIETY, ..Search::default() };
    Ok(match compared.similar(of, search).await? {
        Ok(found) if found.is_empty() => Similar::None(
            "No other creator is known to this service yet. Every account that somebody looks at here can be compared."
                .to_owned(),
        ),
        Ok(found) => Similar::Found(found.iter().map(SimilarRow::new).collect()),
        Err(_) => Similar::None(
            "Too little is known of this account: its biography and posts have no words to compare.".to_owned(),
        ),
    })
}

/// The most alike, and a little unlike each other.
const VARIETY: f64 = 0.9;

impl SimilarRow {
    fn new(similar: &SimilarCreator) -> Self {
        let score = &similar.alike.score;
        let reason = |reason: &compass_core::recommend::Reason| ReasonRow {
            text: sentence(&reason.to_string()),
            points: decimal(&format!("{:.1}", reason.adds * 100.0)),
        };
        Self {
            handle: similar.handle.clone(),
            name: similar.nickname.to_string(),
            points: percent(score.value).trim_end_matches('%').to_owned(),
            width: (score.value * 1000.0).round() / 10.0,
            reasons: score.reasons.iter().map(reason).collect(),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
