//! What was not accepted, in a few lines: alike ones together.

use compass_core::analytics::Refused;

use super::report_text::plain;

/// So many refusals are told one by one.
const ONE_BY_ONE: usize = 5;

/// One line for each refusal, or for each reason of each input where there are many.
pub(super) fn refused(all: &[Refused]) -> Vec<String> {
    if all.len() <= ONE_BY_ONE {
        return all.iter().map(one).collect();
    }
    let mut groups: Vec<Vec<&Refused>> = Vec::new();
    for refusal in all {
        match groups.iter_mut().find(|group| group[0].input == refusal.input && group[0].reason == refusal.reason) {
            Some(group) => group.push(refusal),
            None => groups.push(vec![refusal]),
        }
    }
    groups.iter().map(|group| several(group)).collect()
}

fn several(group: &[&Refused]) -> String {
    let first = group[0];
    match group.len() {
        1 => one(first),
        n => format!("{}: {n} times {}, first {}", plain(&first.input), first.reason, of_item(first)),
    }
}

fn one(refusal: &Refused) -> String {
    format!("{}: {}: {}", plain(&refusal.input), refusal.reason, of_item(refusal))
}

fn of_item(refusal: &Refused) -> String {
    let detail = plain(&refusal.detail);
    match &refusal.item {
        Some(item) if !detail.contains(item.as_str()) => format!("{}: {detail}", plain(item)),
        _ => detail,
    }
}
