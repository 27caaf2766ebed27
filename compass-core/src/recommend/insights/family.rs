//! The hours, features and trends that a report tested, as one family: what is left of it that chance does not explain.

use crate::{
    analytics::{BestTime, CreatorReport, Level, LevelTrend},
    stats::benjamini_hochberg,
};

/// Something that the report tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Does the best block of hours do better than the habit?
    BestTime,
    /// Do posts with a feature do better? By its place among the lifts.
    Lift(usize),
    /// Does the daily gain of a counter tend somewhere?
    Trend(Level),
}

/// What the family says of a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answer {
    /// Its own p value.
    pub(super) p: f64,
    /// Its q value in the family.
    pub(super) q: f64,
    /// The larger of its q values in the family, and among what one could act on. A counter's trend is often real: what is
    /// found of it would carry along a difference between posts that chance made.
    pub(super) gate: f64,
}

#[derive(Debug)]
pub(super) struct Family(Vec<(Question, Answer)>);

/// Advice is given, and a finding called more than chance, up to this false discovery rate: of 500 creators without any
/// effect, 15 get advice on average, and more than 25 (5 %) in one of 180 such samples.
pub(super) const SURVIVES_AT: f64 = 0.03;

impl Family {
    pub(super) fn of(report: &CreatorReport) -> Self {
        let time = match &report.posting.best_time {
            BestTime::Evidence(comparison) | BestTime::NoEvidence(comparison) => Some(comparison.p),
            BestTime::NotEnoughVariety(_) => None,
        };
        let time = time.map(|p| (Question::BestTime, p));
        let lifts = report.lifts.lifts.iter().enumerate().map(|(i, lift)| (Question::Lift(i), lift.p));
        let growth = [&report.growth.followers, &report.growth.likes, &report.growth.videos];
        let trend = |trend: &LevelTrend| Some((Question::Trend(trend.level), trend.test?.test.p));
        let trends = growth.into_iter().flatten().filter_map(trend);
        let acted: Vec<(Question, f64)> = time.into_iter().chain(lifts).collect();
        let mut all = acted.clone();
        all.extend(trends);
        let p_of = |of: &[(Question, f64)]| -> Vec<f64> { of.iter().map(|(_, p)| *p).collect() };
        let (q, alone) = (benjamini_hochberg(&p_of(&all)), benjamini_hochberg(&p_of(&acted)));
        let answer = |(i, (question, p)): (usize, (Question, f64))| {
            let gate = alone.get(i).copied().unwrap_or(0.0).max(q[i]);
            (question, Answer { p, q: q[i], gate })
        };
        Self(all.into_iter().enumerate().map(answer).collect())
    }

    pub(super) fn answer(&self, question: Question) -> Option<Answer> {
        self.0.iter().find(|(asked, _)| *asked == question).map(|(_, answer)| *answer)
    }

    pub(super) fn tested(&self) -> u64 {
        self.0.len() as u64
    }

    pub(super) fn survived(&self) -> u64 {
        self.0.iter().filter(|(_, answer)| answer.survives()).count() as u64
    }
}

impl Answer {
    pub(super) fn survives(self) -> bool {
        self.gate <= SURVIVES_AT
    }
}
