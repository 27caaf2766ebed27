//! The fuzz target's questions, asked of random bytes.

mod observed;

use compass_core::{ports::Random as _, testing::SeededRandom};

use observed::Observed;

#[test]
fn report_of_random_observations_is_sound() {
    let random = SeededRandom::new(7);
    // From an empty input to several hundred posts.
    for length in (0..1_000).map(|i| i * 7 % 3_001) {
        let mut bytes = vec![0; length];
        random.fill(&mut bytes);
        Observed::from_bytes(&bytes).assert_report_is_sound();
    }
}

#[test]
fn random_bytes_reach_what_a_report_is_made_of() {
    let random = SeededRandom::new(8);
    let mut bytes = vec![0; 4_000];
    let (mut figures, mut intervals, mut most_posts) = (0, 0, 0);
    for _ in 0..50 {
        random.fill(&mut bytes);
        let report = Observed::from_bytes(&bytes).report();
        figures += report.metrics.values().filter(|f| f.value.is_some()).count();
        intervals += report.metrics.values().filter(|f| f.interval.is_some()).count();
        most_posts = most_posts.max(report.videos.len());
    }
    assert!(figures > 200 && intervals > 100 && most_posts > 50, "{figures} {intervals} {most_posts}");
}
