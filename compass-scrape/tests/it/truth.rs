//! What a look at a sample creator must give, by what is true of it.

use compass_core::{Count, Handle, Snapshot, SourceKind, samples::World};
use compass_scrape::testing::Trouble;
use jiff::Timestamp;

/// 2026-05-01T12:00:00Z
pub(crate) const NOON: Timestamp = Timestamp::constant(1_777_636_800, 0);

/// The code of the error that a trouble ends in, however the site is read.
pub(crate) const OUTCOMES: [(Trouble, &str); 12] = [
    (Trouble::NotFound, "not_found"),
    (Trouble::Private, "private"),
    (Trouble::Captcha, "captcha_required"),
    (Trouble::GridError, "grid_unavailable"),
    (Trouble::EmptyList, "grid_unavailable"),
    (Trouble::EndlessList, "pagination_loop"),
    (Trouble::DowngradeShell, "shell_page"),
    (Trouble::Waf, "waf_challenge"),
    (Trouble::EmptyPage, "empty_response"),
    (Trouble::Login, "login_required"),
    (Trouble::Elsewhere, "network"),
    (Trouble::RateLimited, "rate_limited"),
];

/// Checks every figure of a look at noon against the world: the profile to the unit, posts within what their source
/// rounds to.
pub(crate) fn assert_true(seen: &Snapshot, handle: &str, max_videos: u32, source: SourceKind) {
    let world = World::standard();
    let creator = world.find(&Handle::parse(handle).unwrap()).unwrap();
    let truth = creator.snapshot(NOON, max_videos, source);
    assert_eq!(seen.profile, truth.profile);
    assert_eq!(seen.disagreements, Vec::<String>::new());
    assert_eq!(seen.refused, []);
    assert_eq!(seen.videos.len(), truth.videos.len(), "posts of {handle}");
    for (seen, truth) in seen.videos.iter().zip(&truth.videos) {
        assert_eq!(seen.video, truth.video);
        assert_eq!(seen.pinned, truth.pinned, "{:?}", seen.video.id);
        assert_eq!((seen.observed_at, seen.source), (truth.observed_at, truth.source));
        assert_rounded(seen.counts.views, truth.counts.views);
        assert_rounded(seen.counts.likes, truth.counts.likes);
        assert_rounded(seen.counts.comments, truth.counts.comments);
        assert_rounded(seen.counts.shares, truth.counts.shares);
        // The list gives them to the unit; a hundredfold above ten thousand may still be a rounded one.
        let may_be_rounded = truth.counts.saves.is_some_and(|saves| saves.lo() >= 10_000 && saves.lo() % 100 == 0);
        if may_be_rounded {
            assert_rounded(seen.counts.saves, truth.counts.saves);
        } else {
            assert_eq!(seen.counts.saves, truth.counts.saves);
        }
    }
}

/// Whether a counter is the true one, or the range that TikTok's rounding makes of it.
pub(crate) fn assert_rounded(seen: Option<Count>, truth: Option<Count>) {
    let (Some(seen), Some(truth)) = (seen, truth) else {
        panic!("saw {seen:?} of {truth:?}");
    };
    assert!(seen.agrees_with(truth), "saw {seen}, true is {truth}");
    let width = seen.hi() - seen.lo();
    assert!(width <= truth.hi() / 10, "{seen} is a wide range for {truth}");
    assert!(truth.hi() >= 9_950 || seen.is_exact(), "small counters are not rounded: {seen}");
}
