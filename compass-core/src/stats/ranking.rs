//! How well a list is ranked when the grades of its items are known.

/// What an item of a grade is worth at the top of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    /// Its grade (Järvelin and Kekäläinen 2002).
    Linear,
    /// 2 to the power of its grade, less 1 (Burges et al. 2005).
    Exponential,
}

/// The discounted cumulative gain of grades in the order of the list: the gain at place i, counted from 1, over
/// log2(1 + i).
///
/// 0 for an empty list. `None` if a grade is negative or not finite, or the sum is too large for a float.
#[must_use]
pub fn dcg(grades: &[f64], gain: Gain) -> Option<f64> {
    let worth = |grade: f64| match gain {
        Gain::Linear => grade,
        Gain::Exponential => grade.exp2() - 1.0,
    };
    if grades.iter().any(|grade| !(0.0..f64::INFINITY).contains(grade)) {
        return None;
    }
    let sum: f64 = grades.iter().enumerate().map(|(i, &grade)| worth(grade) / (i as f64 + 2.0).log2()).sum();
    sum.is_finite().then_some(sum)
}

/// The gain as a share of what the best order of the same items gains.
///
/// `None` where there is no gain to have: no grades, all 0, one negative or not finite.
#[must_use]
pub fn ndcg(grades: &[f64], gain: Gain) -> Option<f64> {
    let mut best = grades.to_vec();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    let best = dcg(&best, gain)?;
    (best > 0.0).then_some(dcg(grades, gain)? / best)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The grades of the article "Discounted cumulative gain" in the English Wikipedia; values by numpy 2.4.6.
    const GRADES: [f64; 6] = [3.0, 2.0, 3.0, 0.0, 1.0, 2.0];

    #[test]
    fn gains_are_numpys() {
        assert!((dcg(&GRADES, Gain::Exponential).unwrap() - 13.848_263_629_272_981).abs() < 1e-12);
        assert!((ndcg(&GRADES, Gain::Exponential).unwrap() - 0.948_810_748_567_897_8).abs() < 1e-12);
        assert!((ndcg(&GRADES, Gain::Linear).unwrap() - 0.960_808_194_336_061_7).abs() < 1e-12);
    }

    #[test]
    fn no_gain_has_no_share() {
        assert_eq!(dcg(&[], Gain::Linear), Some(0.0));
        assert_eq!(ndcg(&[], Gain::Linear), None);
        assert_eq!(ndcg(&[0.0, 0.0], Gain::Exponential), None);
        assert_eq!(ndcg(&[1.0, -1.0], Gain::Linear), None);
        assert_eq!(ndcg(&[1.0, f64::NAN], Gain::Linear), None);
        assert_eq!(ndcg(&[1e4], Gain::Exponential), None);
    }

    proptest! {
        #[test]
        fn best_order_gains_everything(grades in proptest::collection::vec(0.0..5_f64, 1..20)) {
            for gain in [Gain::Linear, Gain::Exponential] {
                let mut best = grades.clone();
                best.sort_unstable_by(|a, b| b.total_cmp(a));
                let Some(share) = ndcg(&grades, gain) else { return Ok(()) };
                prop_assert!((0.0..=1.0 + 1e-12).contains(&share));
                prop_assert!((ndcg(&best, gain).unwrap() - 1.0).abs() < 1e-12);
            }
        }
    }
}
