//! What there is to compare where nobody says: the creator's usual hours and others.

use super::Arm;
use crate::analytics::{BestTime, CreatorReport};

/// The usual hours of a creator and one other block of three hours, each in its middle: the one that looks best, if hours were compared,
/// or one without posts. `None` if the creator has no usual hours.
#[must_use]
pub fn usual_arms(report: &CreatorReport) -> Option<Vec<Arm>> {
    let (usual, other) = match &report.posting.best_time {
        BestTime::NotEnoughVariety(experiment) => match experiment.first_hours[..] {
            [usual, other, ..] => (usual, other),
            _ => return None,
        },
        BestTime::Evidence(compared) | BestTime::NoEvidence(compared) => {
            // Of several, the earliest.
            let most = |cells: &mut dyn Iterator<Item = (u8, f64)>| {
                cells.fold(None, |best: Option<(u8, f64)>, cell| match best {
                    Some(best) if best.1 >= cell.1 => Some(best),
                    _ => Some(cell),
                })
            };
            let (usual, _) = most(&mut compared.blocks.iter().map(|cell| (cell.at, cell.n as f64)))?;
            let others = compared.blocks.iter().filter(|cell| cell.at != usual);
            let (other, _) = most(&mut others.map(|cell| (cell.at, cell.log_lift)))?;
            (usual, other)
        }
    };
    let arm = |name: &str, first_hour: u8| {
        let hour = (first_hour + 1) % 24;
        Arm { name: format!("{name} {hour:02}:00"), hour }
    };
    Some(vec![arm("as usual at", usual), arm("at", other)])
}
