//! Posts that stand out among a creator's others.

use compass_core::analytics::{Mark, Standout, standouts};
use proptest::prelude::*;

fn logs(views: &[f64]) -> Vec<Option<f64>> {
    views.iter().map(|v| Some(v.ln_1p())).collect()
}

/// scipy 1.17.1: `x = log10(1 + V)`, `(x - median(x)) / median_abs_deviation(x, scale="normal")` is 29.5468 for the
/// post of 250,000 views and -40.0342 for the one of 0; the next furthest is -1.47.
#[test]
fn a_runaway_and_a_dud_are_marked() {
    let posts = standouts(&logs(&[1200., 1500., 980., 1100., 1300., 250_000., 1400., 1250., 0., 1350.]));
    let marks: Vec<Option<Mark>> = posts.iter().map(|post| post.mark).collect();
    let (none, breakout, flop) = (None, Some(Mark::Breakout), Some(Mark::Flop));
    assert_eq!(marks, [none, none, none, none, none, breakout, none, none, flop, none]);
    // Natural logarithms give the z of decimal ones, but for rounding.
    assert!((posts[5].z.unwrap() - 29.546_796_130_785_89).abs() < 1e-9);
    assert!((posts[8].z.unwrap() + 40.034_245_049_131_79).abs() < 1e-9);
}

#[test]
fn young_posts_have_no_z_and_do_not_count() {
    let mut views = logs(&[1200., 1500., 980., 1100., 1300., 1400., 1250.]);
    views.push(None);
    assert_eq!(standouts(&views), vec![Standout::default(); 8], "seven posts are too few");
    views.push(Some(90_000_f64.ln_1p()));
    let posts = standouts(&views);
    assert_eq!(posts[7], Standout::default());
    assert_eq!(posts[8].mark, Some(Mark::Breakout));
}

#[test]
fn mostly_equal_views_are_measured_by_their_quartiles() {
    let posts = standouts(&logs(&[500., 500., 500., 500., 500., 500., 700., 800., 900., 1e6]));
    assert_eq!(posts[9].mark, Some(Mark::Breakout));
    assert_eq!(standouts(&logs(&[500.; 20])), vec![Standout::default(); 20], "equal views have no spread");
    assert_eq!(standouts(&[]), []);
}

proptest! {
    #[test]
    fn marks_are_what_z_says(views in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..40)) {
        let posts = standouts(&views);
        prop_assert_eq!(posts.len(), views.len());
        for (post, log) in posts.iter().zip(&views) {
            prop_assert!(post.z.is_none_or(f64::is_finite));
            prop_assert!(log.is_some() || post.z.is_none());
            let expected = post.z.and_then(|z| {
                if z > 3.5 { Some(Mark::Breakout) } else if z < -3.5 { Some(Mark::Flop) } else { None }
            });
            prop_assert_eq!(post.mark, expected);
        }
    }
}
