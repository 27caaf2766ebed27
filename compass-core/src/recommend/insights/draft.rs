//! An insight before it is ranked.

use jiff::Timestamp;

use super::{
    Call, Certainty, Direction, Fact, Insight, InsightKind, Rank, Receipts, Told, Wording, family::Answer,
    ranking::novelty,
};
use crate::analytics::{Estimate, Interval, Quality};

#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) kind: InsightKind,
    pub(super) call: Call,
    pub(super) certainty: Certainty,
    pub(super) direction: Option<Direction>,
    pub(super) facts: Vec<Fact>,
    pub(super) wording: Wording,
    pub(super) receipts: Option<Receipts>,
    pub(super) impact: f64,
}

/// A q so far below what is asked that one may call the finding sure.
const SURE_AT: f64 = 0.005;

/// An interval that reaches so much of the figure to each side leaves little open.
const NARROW: f64 = 0.25;

/// Words that say that nobody is sure.
const UNSURE: [&str; 3] = ["ot sure yet", "not known yet", "Too little is known"];

impl Draft {
    /// Something to know about one figure.
    pub(super) fn known(kind: InsightKind, id: &str, impact: f64, facts: Vec<Fact>, wording: Wording) -> Self {
        let (call, certainty) = (Call::Know, Certainty::Likely);
        Self { id: id.to_owned(), kind, call, certainty, direction: None, facts, wording, receipts: None, impact }
    }

    pub(super) fn how_sure(self, certainty: Certainty) -> Self {
        Self { certainty, ..self }
    }

    pub(super) fn ranked(self, told: &[Told], now: Timestamp) -> Insight {
        let told = told.iter().filter(|told| told.id == self.id).max_by_key(|told| told.at);
        let within = self.facts.first().and_then(|fact| {
            let at = fact.value.map(|value| (value, value));
            fact.interval.map(|interval| (interval.lo, interval.hi)).or(at)
        });
        let rank = Rank::new(self.impact, self.certainty, novelty(told, within, now), self.call);
        let Self { id, kind, call, certainty, direction, facts, mut wording, receipts, .. } = self;
        if certainty == Certainty::NotSureYet && !UNSURE.iter().any(|words| wording.template.contains(words)) {
            wording.template.push_str(" Not sure yet.");
        }
        let text = wording.text();
        let receipts = receipts
            .map(|receipts| Receipts { realised: receipts.realised.or(told.and_then(|told| told.seen)), ..receipts });
        Insight { id, kind, call, certainty, direction, facts, wording, text, receipts, rank }
    }
}

impl Direction {
    /// The one that the whole interval keeps.
    pub(super) fn of(interval: Option<Interval>) -> Option<Self> {
        interval.and_then(|interval| match interval {
            Interval { lo, .. } if lo > 0.0 => Some(Self::Up),
            Interval { hi, .. } if hi < 0.0 => Some(Self::Down),
            _ => None,
        })
    }
}

impl Certainty {
    /// Of a difference that was tested.
    pub(super) fn of_test(answer: Answer, direction: Option<Direction>) -> Self {
        match direction {
            Some(_) if answer.gate <= SURE_AT => Self::Sure,
            Some(_) if answer.survives() => Self::Likely,
            _ => Self::NotSureYet,
        }
    }

    /// Of a figure that is no difference.
    pub(super) fn of_figure(figure: &Estimate) -> Self {
        match (figure.quality, figure.value, figure.interval) {
            (Quality::Ok, Some(value), Some(i)) if f64::max(i.hi - value, value - i.lo) <= NARROW * value.abs() => {
                Self::Sure
            }
            (Quality::Ok, Some(_), Some(_)) => Self::Likely,
            _ => Self::NotSureYet,
        }
    }

    /// What is said of a difference.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Sure => "This is well supported.",
            Self::Likely => "This is likely, not certain.",
            Self::NotSureYet => "Not sure yet.",
        }
    }
}
