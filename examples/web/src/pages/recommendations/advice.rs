//! Insights as cards with their receipts, and how earlier advice did.

use std::sync::Arc;

use compass_core::{Handle, User};
use compass_core::{
    analytics::MetricUnit,
    app::{Advisor, Gathered, PastAdvice, PersonalInsights},
    recommend::{AdviceVerdict, Call, Certainty, Insight, Receipts},
};
use compass_http::{Problem, Shown};
use jiff::tz::TimeZone;

use crate::{
    AppState,
    words::{amount, day, false_discovery_rate, shown, thousands},
};

/// An insight as a page shows it.
#[derive(Clone, Debug)]
pub(in crate::pages) struct InsightCard {
    pub(in crate::pages) text: String,
    pub(in crate::pages) call: &'static str,
    pub(in crate::pages) certainty: &'static str,
    pub(in crate::pages) is_sure: bool,
    /// What it rests on.
    pub(in crate::pages) basis: String,
    /// What was claimed, what is left, and what came; empty where not all are known.
    pub(in crate::pages) receipts: Vec<Receipt>,
}

/// A figure of a receipt, with what it is.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Receipt {
    pub(in crate::pages) name: &'static str,
    pub(in crate::pages) value: String,
}

/// A piece of earlier advice and what came of it.
#[derive(Clone, Debug)]
pub(super) struct PastRow {
    pub(super) text: String,
    pub(super) given: String,
    pub(super) outcome: String,
}

/// Tells a person what the report on an account says, and keeps it as told where it is shown; `None` if nothing of it was observed.
pub(in crate::pages) async fn advice(
    state: &AppState,
    user: &User,
    handle: &Handle,
    Shown(is_shown): Shown,
) -> Result<Option<PersonalInsights>, Problem> {
    let ports = &state.ports;
    let advisor = Advisor {
        creators: Arc::clone(&ports.creators),
        imports: Arc::clone(&ports.imports),
        audiences: Arc::clone(&ports.audiences),
        reports: Arc::clone(&ports.reports),
        ledger: Arc::clone(&ports.ledger),
        clock: Arc::clone(&ports.clock),
        random: Arc::clone(&ports.random),
        corpus: state.corpus.at(ports.clock.now()),
    };
    let gather = async { Ok(advisor.gather(user.id, handle, &user.preferences).await?) };
    let compute = |gathered: Option<Gathered>| gathered.map(Gathered::compute);
    let Some(computed) = state.computations.run(gather, compute).await? else { return Ok(None) };
    Ok(Some(advisor.tell(if is_shown { computed } else { computed.untold() }).await?))
}

impl InsightCard {
    pub(in crate::pages) fn new(insight: &Insight) -> Self {
        Self {
            text: insight.wording.text_with(shown),
            call: match insight.call {
                Call::Do => "Do it",
                Call::Try => "Try it",
                Call::Wait => "Wait",
                Call::Know => "Good to know",
            },
            certainty: match insight.certainty {
                Certainty::Sure => "sure",
                Certainty::Likely => "likely",
                Certainty::NotSureYet => "not sure yet",
            },
            is_sure: insight.certainty != Certainty::NotSureYet,
            basis: basis(insight),
            receipts: insight.receipts.as_ref().map_or_else(Vec::new, receipts),
        }
    }
}

fn basis(insight: &Insight) -> String {
    let Some(fact) = insight.facts.first() else { return String::new() };
    let mut parts = Vec::new();
    if fact.n > 0 {
        parts.push(format!("Rests on {} observations", thousands(fact.n)));
    }
    if let Some(q) = fact.q {
        parts.push(format!("false discovery rate {} over everything that was tested", false_discovery_rate(q)));
    }
    if let Some(interval) = fact.interval {
        parts.push(format!("{:.0}% interval", interval.level * 100.0));
    }
    parts.join("; ")
}

fn receipts(receipts: &Receipts) -> Vec<Receipt> {
    let lift = |x| amount(MetricUnit::Lift, x);
    let known = [
        ("As read off the posts", receipts.claimed),
        ("After taking chance out", Some(receipts.shrunken)),
        ("Tried on posts that were not used to choose", receipts.realised),
    ];
    known.into_iter().filter_map(|(name, value)| Some(Receipt { name, value: lift(value?) })).collect()
}

impl PastRow {
    pub(super) fn new(advice: &PastAdvice, zone: &TimeZone) -> Self {
        let outcome = match advice.verdict {
            None => format!("open until {}", day(advice.due_at, zone)),
            Some(AdviceVerdict::Hit) => "came true".to_owned(),
            Some(AdviceVerdict::Missed) => "did not come true".to_owned(),
            Some(AdviceVerdict::CannotTell) => "cannot be told: too little was seen since".to_owned(),
        };
        Self { text: advice.text.clone(), given: day(advice.given_at, zone), outcome }
    }
}
