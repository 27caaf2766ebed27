//! Recommendations that are not all the same: maximal marginal relevance.

/// Chooses up to `most` of ranked candidates, each time the one with the largest λ score - (1 - λ) likeness, where likeness
/// is that to the most alike of those chosen before (Carbonell and Goldstein 1998). Gives their places in the ranking.
///
/// With λ = 1 these are the first ones. Of equals the first is chosen.
pub(super) fn diverse(
    scores: &[f64],
    most: usize,
    lambda: f64,
    mut likeness: impl FnMut(usize, usize) -> f64,
) -> Vec<usize> {
    let mut left: Vec<(usize, f64)> = (0..scores.len()).map(|place| (place, 0.0)).collect();
    let mut chosen = Vec::new();
    while chosen.len() < most && !left.is_empty() {
        let worth = |&(place, closest): &(usize, f64)| lambda * scores[place] - (1.0 - lambda) * closest;
        let mut best = 0;
        for at in 1..left.len() {
            if worth(&left[at]) > worth(&left[best]) {
                best = at;
            }
        }
        let (place, _) = left.remove(best);
        chosen.push(place);
        if lambda < 1.0 && chosen.len() < most {
            for (other, closest) in &mut left {
                *closest = likeness(place, *other).max(*closest);
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: after 0, of 1 (0.9, a twin of 0) and 2 (0.5, unlike it), λ = 0.5 gives 0.45 - 0.5 < 0.25 - 0.
    #[test]
    fn twin_of_the_first_comes_later() {
        let likeness = |a: usize, b: usize| if a + b == 1 { 1.0 } else { 0.0 };
        assert_eq!(diverse(&[1.0, 0.9, 0.5], 3, 0.5, likeness), [0, 2, 1]);
        assert_eq!(diverse(&[1.0, 0.9, 0.5], 2, 1.0, likeness), [0, 1]);
    }
}
