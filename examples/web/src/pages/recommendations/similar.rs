//! Creators like one's own account, with reasons that add up.

use compass_core::{
    Handle,
    app::{self, SimilarCreator},
    recommend::{Reason, Search, Shared},
};
use compass_http::{Compared, ComparedCreators, Problem};

use crate::{
    AppState,
    seed::is_sample,
    words::{capital, decimal, localised, percent},
};

/// So many are shown.
const MOST: usize = 8;

/// What the comparison says.
#[derive(Clone, Debug)]
pub(super) enum Similar {
    Found {
        rows: Vec<SimilarRow>,
        /// What the comparison had to do without, if anything.
        notice: Option<String>,
    },
    /// Why there is none.
    None(String),
}

/// A creator that is like the account.
#[derive(Clone, Debug)]
pub(super) struct SimilarRow {
    pub(super) handle: Handle,
    pub(super) name: String,
    /// Whether the creator is made up.
    pub(super) is_sample: bool,
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
    let Compared { found, notice } = compared.similar(of, search).await?;
    let Ok(found) = found else {
        let why = "Too little is known of this account: its biography and posts have no words to compare.";
        return Ok(Similar::None(why.to_owned()));
    };
    if found.is_empty() {
        let why =
            "No other creator is known to this service yet. Every account that somebody looks at here can be compared.";
        return Ok(Similar::None(why.to_owned()));
    }
    Ok(Similar::Found { rows: found.iter().map(SimilarRow::new).collect(), notice })
}

/// The most alike, and a little unlike each other.
const VARIETY: f64 = 0.9;

impl SimilarRow {
    fn new(similar: &SimilarCreator) -> Self {
        let score = &similar.alike.score;
        let reason = |reason: &Reason| ReasonRow {
            text: capital(&words(reason)),
            points: decimal(&format!("{:.1}", reason.adds * 100.0)),
        };
        Self {
            handle: similar.handle.clone(),
            name: similar.nickname.to_string(),
            is_sample: is_sample(similar.alike.id),
            points: percent(score.value).trim_end_matches('%').to_owned(),
            width: (score.value * 1000.0).round() / 10.0,
            reasons: score.reasons.iter().map(reason).collect(),
        }
    }
}

/// A reason as the reader writes numbers: those of a size are ours, those of hashtags and words are the creators'.
fn words(reason: &Reason) -> String {
    match reason.shared {
        Shared::Size(..) => localised(&reason.to_string()),
        _ => reason.to_string(),
    }
}
