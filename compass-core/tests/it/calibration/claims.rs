//! How often there is a claim.

use statrs::distribution::{Binomial, DiscreteCDF as _};

/// Of claims that chance alone makes on one creator in twenty at most: the most that so many creators may get, with a
/// confidence of 97.5 %.
fn most_by_chance(creators: u64) -> u64 {
    Binomial::new(0.05, creators).unwrap().inverse_cdf(0.975)
}

/// Prints how often there was a claim, and how many false ones there may be.
pub(super) fn assert_few_claims(name: &str, claims: &[bool]) {
    let (made, most) = (claims.iter().filter(|&&claim| claim).count() as u64, most_by_chance(claims.len() as u64));
    println!("{name}: {made} false claims on {} creators, at most {most} wanted", claims.len());
    assert!(made <= most, "{name}: {made} of {}", claims.len());
}

/// The share of creators for which there was a claim, printed, and above a floor.
pub(super) fn assert_power(name: &str, claims: &[bool], floor: f64) {
    let share = claims.iter().filter(|&&claim| claim).count() as f64 / claims.len() as f64;
    println!("{name}: found in {:.1} % of {} creators", 100.0 * share, claims.len());
    assert!(share >= floor, "{name}: {share}");
}
