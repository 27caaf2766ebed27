//! What a creator's posts let guess of an audience, by hand, and within its bounds whatever cannot be seen.

use compass_core::{
    Country, Handle, Interests, Language, Profile, SourceKind, TargetAudience, Text, Video, VideoCounts, VideoId,
    VideoKind, VideoObservation,
    analytics::{
        AudienceFit, AudienceShares, AudienceSource, AudienceTarget, ContentSignals, Dimension, DimensionFit,
        PostEvidence, Quality, ReportOptions, Shares, TargetError, Wanted, audience_fit, audience_gaps, creator_report,
    },
    samples::World,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use AudienceSource::{Inferred, StudioExport};

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A post with a caption, posted so many hours before noon.
fn post(hours: usize, caption: &str, language: &str) -> VideoObservation {
    let id = VideoId::try_from(7_000_000_000_000_000_000 + hours as i64).unwrap();
    let mut video = Video::from_id(id, VideoKind::Video);
    video.created_at = noon() - SignedDuration::from_hours(hours as i64);
    video.caption = Text::parse(caption).unwrap();
    video.language = Some(language.to_owned()).filter(|language| !language.is_empty());
    VideoObservation {
        video,
        observed_at: noon(),
        source: SourceKind::Sample,
        counts: VideoCounts::default(),
        pinned: false,
    }
}

fn posts(of: &[(&str, &str)]) -> Vec<VideoObservation> {
    of.iter().enumerate().map(|(hours, (caption, language))| post(hours, caption, language)).collect()
}

fn signals(of: &[(&str, &str)]) -> ContentSignals {
    ContentSignals::of(None, &posts(of))
}

fn wanted(dimension: Dimension, groups: &[&str]) -> AudienceTarget {
    AudienceTarget::default().with(dimension, Wanted::any_of(groups.iter().copied()), 1.0).unwrap()
}

fn fit(posts: &ContentSignals, target: &AudienceTarget) -> AudienceFit {
    audience_fit(None, posts, target, noon())
}

/// Value, lower and upper bound of the only part.
fn figures(part: &DimensionFit) -> [f64; 3] {
    [part.value.unwrap(), part.lo, part.hi]
}

fn assert_close(found: [f64; 3], expected: [f64; 3]) {
    assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9), "{found:?} is not {expected:?}");
}

/// Six of ten posts, and two may be in any: from 0.7 * 0.6 to 0.7 * 0.8 + 0.3.
#[test]
fn language_is_the_share_of_posts_in_it() {
    let languages = ["de", "de", "de", "en", "un", "de", "de", "", "de", "en"];
    let posts = signals(&languages.map(|language| ("x", language)));
    let found = fit(&posts, &wanted(Dimension::Language, &["de", "FR "]));
    assert_close(figures(&found.parts[0]), [0.64, 0.42, 0.86]);
    assert_eq!(found.parts[0].posts, Some(PostEvidence { posts: 10, matching: 6, unknown: 2 }));
    assert_eq!((found.source, found.parts[0].source, found.overall.n), (Inferred, Some(Inferred), 1));
    // Nothing follows from English for a country, so that four of ten posts may be of any.
    let of_italy = signals(&["it", "en", "it", "de", "it"].map(|language| ("x", language)));
    let found = fit(&of_italy, &wanted(Dimension::Territory, &["IT"]));
    assert_close(figures(&found.parts[0]), [(0.42 + 1.0) / 2.0, 0.42, 1.0]);
    assert_eq!(found.parts[0].posts, Some(PostEvidence { posts: 5, matching: 3, unknown: 2 }));
}

/// Two of four posts, and one may be of anything: from 0.7 * 0.5 to 0.7 * 0.75 + 0.3.
#[test]
fn interests_are_the_share_of_posts_that_speak_of_any() {
    let posts = signals(&[("Slow BREAD at home", ""), ("#slowbread", ""), ("bread", ""), ("\u{1f35e}", "")]);
    let found = fit(&posts, &wanted(Dimension::Interests, &["slow bread", "chess"]));
    assert_close(figures(&found.parts[0]), [0.5875, 0.35, 0.825]);
    assert_eq!(found.parts[0].posts, Some(PostEvidence { posts: 4, matching: 2, unknown: 1 }));
    let none = fit(&posts, &wanted(Dimension::Interests, &["chess"]));
    assert_close(figures(&none.parts[0]), [0.2375, 0.0, 0.475]);
}

#[test]
fn post_speaks_of_a_topic_by_its_words_or_its_hashtags() {
    for (topic, caption, speaks) in [
        ("bread", "How I bake BREAD, slowly", true),
        ("bread", "\u{1d4eb}\u{1d4fb}\u{1d4ee}\u{1d4ea}\u{1d4ed}", true),
        ("bread", "Three breads", false),
        ("bread", "#breadtok", true),
        ("bread", "#mybread", false),
        ("car", "#carnival", false),
        ("car", "my #car", true),
        ("slow bread", "bread, but slow", true),
        ("slow bread", "slow food", false),
        ("slow bread", "#SlowBreadClub", true),
        ("slow-bread", "#slowbread", true),
        ("#baking", "I love baking", true),
        ("@nike", "nike shoes", true),
        ("nike", "by @nike", false),
        ("caf\u{e9}", "CAFE\u{301}", true),
        ("\u{103}n v\u{1eb7}t", "#anvat", true),
        ("\u{103}n v\u{1eb7}t", "#\u{103}nv\u{1eb7}t", true),
        ("\u{103}n v\u{1eb7}t", "an vat", false),
        ("\u{111}\u{1ed3} \u{103}n", "#doanngon", true),
        ("\u{6771}\u{4eac}", "#\u{6771}\u{4eac}\u{30b0}\u{30eb}\u{30e1}", true),
        ("\u{732b}", "\u{4eca}\u{65e5}\u{306e}\u{732b}", true),
        ("\u{e01}\u{e32}\u{e41}\u{e1f}", "\u{e0a}\u{e07}\u{e01}\u{e32}\u{e41}\u{e1f}", true),
        (
            "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{5e2}\u{5d5}\u{5dc}\u{5dd}",
            "\u{5e2}\u{5d5}\u{5dc}\u{5dd} \u{5e9}\u{5dc}\u{5d5}\u{5dd}",
            true,
        ),
        ("\u{915}\u{93f}\u{924}\u{93e}\u{92c}", "#\u{915}\u{93f}\u{924}\u{93e}\u{92c}", true),
        ("r&b", "#rb", true),
    ] {
        let found = fit(&signals(&[(caption, ""), ("other", "")]), &wanted(Dimension::Interests, &[topic]));
        let matching = found.parts[0].posts.unwrap().matching;
        assert_eq!(matching == 1, speaks, "{topic:?} in {caption:?}");
    }
}

#[test]
fn topic_without_a_word_to_look_for_is_no_wish() {
    for topic in ["\u{1f35e}", "c", "C++", "!!!", "\u{200b}", "#", "\u{fe0f}"] {
        assert!(wanted(Dimension::Interests, &[topic]).is_empty(), "{topic:?}");
    }
    let mixed = TargetAudience { interests: Interests::parse(["\u{1f35e}", "bread"]).unwrap(), ..Default::default() };
    let found = fit(&signals(&[("bread \u{1f35e}", "")]), &AudienceTarget::from(&mixed));
    assert_eq!(found.parts[0].posts, Some(PostEvidence { posts: 1, matching: 1, unknown: 0 }));
}

#[test]
fn hashtags_that_the_source_lists_beside_the_caption_count() {
    let mut listed = post(1, "look", "");
    listed.video.hashtags = vec!["sourdoughbread".to_owned()];
    let posts = ContentSignals::of(None, &[listed]);
    let found = fit(&posts, &wanted(Dimension::Interests, &["sourdough"]));
    assert_eq!(found.parts[0].posts.unwrap().matching, 1);
}

#[test]
fn nothing_is_guessed_of_nothing() {
    let target = wanted(Dimension::Language, &["de"])
        .with(Dimension::Interests, Wanted::any_of(["bread"]), 1.0)
        .unwrap()
        .with(Dimension::Gender, Wanted::any_of(["female"]), 1.0)
        .unwrap();
    for posts in [ContentSignals::default(), signals(&[("", "un"), ("\u{1f35e}", "")])] {
        let found = fit(&posts, &target);
        assert_eq!((found.overall.value, found.overall.quality), (None, Quality::Hidden));
        assert!(found.parts.iter().all(|part| part.source.is_none() && part.posts.is_none() && part.hi == 1.0));
        assert!(posts.audience().dimensions.is_empty());
    }
    // More than half of them show nothing, so that not knowing does not stand before knowing.
    let hardly = signals(&[("bread", "de"), ("", "un"), ("", "")]);
    assert_eq!(fit(&hardly, &target).overall.value, None);
    let shares = Shares::parse(Dimension::Interests, [("bread", 1.0)]).unwrap();
    let refused = target.with(Dimension::Interests, Wanted::Distribution(shares), 1.0);
    assert_eq!(refused, Err(TargetError::Overlapping(Dimension::Interests)));
}

/// The export says 0.9 exactly; three of four posts make 0.525 to 0.825, and 0.675 in the middle.
#[test]
fn export_and_posts_each_tell_their_parts() {
    let territories = Shares::parse(Dimension::Territory, [("VN", 0.9), ("DE", 0.1)]).unwrap();
    let export = AudienceShares { source: StudioExport, dimensions: [(Dimension::Territory, territories)].into() };
    let posts = signals(&[("a", "vi"), ("a", "vi"), ("a", "en"), ("a", "vi")]);
    let target = AudienceTarget::from(&TargetAudience {
        countries: vec![Country::parse("VN").unwrap(), Country::parse("DE").unwrap()],
        languages: vec![Language::parse("vi").unwrap()],
        ..TargetAudience::default()
    });
    let found = audience_fit(Some(&export), &posts, &target, noon());
    assert_eq!(found.parts.iter().map(|part| part.source).collect::<Vec<_>>(), [Some(StudioExport), Some(Inferred)]);
    assert!(found.parts[0].posts.is_none() && (found.parts[0].lo - 1.0).abs() < 1e-12);
    assert!((found.overall.value.unwrap() - 0.675_f64.sqrt()).abs() < 1e-9, "{found:?}");
    assert_eq!((found.source, found.overall.n), (StudioExport, 2));
    let alone = wanted(Dimension::Language, &["vi"]);
    assert_eq!(audience_fit(Some(&export), &posts, &alone, noon()).source, Inferred, "it tells nothing that is wanted");
    // Of what the export does not tell, the posts let guess.
    let silent = AudienceShares { source: StudioExport, dimensions: [].into() };
    let guessed = audience_fit(Some(&silent), &posts, &target, noon());
    assert!(guessed.parts.iter().all(|part| part.source == Some(Inferred)), "{guessed:?}");
}

/// Territory as told fits at 0.5, interests at 0.5875: with territory as wanted it were sqrt(0.5875).
#[test]
fn no_gap_is_one_that_other_words_in_posts_would_close() {
    let territories = Shares::parse(Dimension::Territory, [("VN", 0.5), ("DE", 0.5)]).unwrap();
    let export = AudienceShares { source: StudioExport, dimensions: [(Dimension::Territory, territories)].into() };
    let posts = signals(&[("slow bread", ""), ("#slowbread", ""), ("bread", ""), ("", "")]);
    let target =
        wanted(Dimension::Interests, &["slow bread"]).with(Dimension::Territory, Wanted::any_of(["VN"]), 1.0).unwrap();
    let gaps = audience_gaps(Some(&export), &posts, &target, noon());
    assert_eq!(gaps.iter().map(|gap| gap.dimension).collect::<Vec<_>>(), [Dimension::Territory]);
    assert!((gaps[0].gain - (0.5875_f64.sqrt() - (0.5 * 0.5875_f64).sqrt())).abs() < 1e-9, "{gaps:?}");
    assert_eq!(audience_gaps(None, &posts, &target, noon()), []);
}

/// Languages may be wanted in shares: half of the posts in each of two, as wanted, and 30 % anywhere, make 1 at best.
#[test]
fn languages_may_be_wanted_in_shares() {
    let shares = Shares::parse(Dimension::Language, [("de", 0.5), ("en", 0.5)]).unwrap();
    let target = AudienceTarget::default().with(Dimension::Language, Wanted::Distribution(shares), 1.0).unwrap();
    let part = fit(&signals(&[("a", "de"), ("a", "en")]), &target).parts.remove(0);
    assert!(part.hi == 1.0 && part.lo < 0.9 && part.source == Some(Inferred) && part.posts.is_none(), "{part:?}");
}

#[test]
fn language_of_the_profile_counts_where_no_post_tells_one() {
    let profile = Profile { language: Some("vi".to_owned()), ..World::standard().creators()[0].profile() };
    let target = wanted(Dimension::Language, &["vi"]);
    for (posts, evidence, value) in [
        (posts(&[]), None, 0.85),
        (posts(&[("a", "un")]), None, 0.85),
        (posts(&[("a", "en"), ("a", "un")]), Some(PostEvidence { posts: 2, matching: 0, unknown: 1 }), 0.325),
    ] {
        let found = fit(&ContentSignals::of(Some(&profile), &posts), &target);
        assert_eq!(found.parts[0].posts, evidence);
        assert!((found.overall.value.unwrap() - value).abs() < 1e-9, "{found:?}");
    }
}

#[test]
fn newest_thirty_posts_count_each_as_it_was_last_seen() {
    let mut many: Vec<VideoObservation> = (0..40).map(|hours| post(hours, "bread", "de")).collect();
    for old in &mut many[30..] {
        old.video.caption = Text::parse("chess").unwrap();
    }
    let mut earlier = many[3].clone();
    earlier.observed_at -= SignedDuration::from_hours(1);
    earlier.video.caption = Text::parse("chess").unwrap();
    many.push(earlier);
    many.reverse();
    let posts = ContentSignals::of(None, &many);
    let of = |topic| fit(&posts, &wanted(Dimension::Interests, &[topic])).parts[0].posts.unwrap();
    assert_eq!((of("bread"), of("chess").matching), (PostEvidence { posts: 30, matching: 30, unknown: 0 }, 0));
}

/// The fit of a report is that of everybody else: of the newest posts, each as it was last seen by then.
#[test]
fn report_has_the_fit_that_its_posts_let_guess() {
    let world = World::standard();
    let sample = &world.creators()[0];
    let look = sample.snapshot(noon(), 30, SourceKind::Sample);
    let wanted = AudienceTarget::from(&TargetAudience {
        languages: vec![Language::parse("en").unwrap()],
        interests: Interests::parse(["recipe"]).unwrap(),
        ..TargetAudience::default()
    });
    let options = ReportOptions { wanted: wanted.clone(), ..ReportOptions::default() };
    let profile = sample.profile();
    let report = creator_report(&profile, std::slice::from_ref(&look.profile), &look.videos, noon(), &options);
    let posts = ContentSignals::of(Some(&profile), &look.videos);
    assert_eq!(report.audience, Some(audience_fit(None, &posts, &wanted, noon())));
    let before = creator_report(&profile, &[look.profile], &look.videos, Timestamp::UNIX_EPOCH, &options);
    let audience = before.audience.unwrap();
    assert!(audience.parts.iter().all(|part| part.posts.is_none()), "{audience:?}");
    assert_eq!(creator_report(&profile, &[], &[], noon(), &ReportOptions::default()).audience, None);
    assert_eq!(report.handle, Handle::parse(profile.handle.as_str()).unwrap());
}

/// As version 0.1 kept it before parts had sources.
#[test]
fn fit_that_was_kept_before_parts_had_sources_is_read() {
    let kept = r#"{"source":"studio_export","overall":{"id":"audience.match@1","value":0.5,"interval":{"lo":0.4,"hi":0.6,"level":1.0},
        "n":1,"as_of":"2026-05-01T12:00:00Z","quality":"ok","flags":[]},
        "parts":[{"dimension":"territory","weight":1.0,"value":0.5,"lo":0.4,"hi":0.6}]}"#;
    let read: AudienceFit = serde_json::from_str(kept).unwrap();
    assert_eq!((read.source, read.parts[0].source, read.parts[0].posts), (StudioExport, None, None));
    let now = fit(&signals(&[("a", "de")]), &wanted(Dimension::Language, &["de"]));
    let json = serde_json::to_value(&now).unwrap();
    assert_eq!(json["parts"][0]["posts"], serde_json::json!({"posts": 1, "matching": 1, "unknown": 0}));
    assert_eq!(serde_json::from_value::<AudienceFit>(json).unwrap(), now);
}

proptest! {
    /// Whatever the posts are of which it cannot be seen, and wherever those are whom the guess gets wrong, the fit is inside its bounds; and
    /// another post that speaks of it lowers neither the fit nor its bounds.
    #[test]
    fn bounds_hold_and_a_post_that_speaks_of_it_never_lowers_the_fit(
        kinds in proptest::collection::vec(0..3_usize, 1..29),
        truly in proptest::collection::vec(any::<bool>(), 29),
        right in 0.0..1.0_f64,
    ) {
        let of = [("bread", "de"), ("chess", "en"), ("", "un")];
        let drawn: Vec<(&str, &str)> = kinds.iter().map(|&kind| of[kind]).collect();
        prop_assume!(2 * kinds.iter().filter(|kind| **kind < 2).count() >= kinds.len());
        let more: Vec<(&str, &str)> = drawn.iter().copied().chain([of[0]]).collect();
        for target in [wanted(Dimension::Language, &["de"]), wanted(Dimension::Interests, &["bread"])] {
            let part = fit(&signals(&drawn), &target).parts.remove(0);
            let [value, lo, hi] = figures(&part);
            prop_assert!(0.0 <= lo && lo <= value && value <= hi && hi <= 1.0);
            let matching = kinds.iter().zip(&truly).filter(|(kind, truly)| **kind == 0 || (**kind == 2 && **truly));
            let truth = 0.7 * matching.count() as f64 / kinds.len() as f64 + 0.3 * right;
            prop_assert!(lo - 1e-9 <= truth && truth <= hi + 1e-9, "{truth} is outside {lo} to {hi}");
            let after = figures(&fit(&signals(&more), &target).parts[0]);
            prop_assert!(after.iter().zip([value, lo, hi]).all(|(after, before)| *after >= before - 1e-9));
        }
    }

    #[test]
    fn no_text_is_too_much(captions in proptest::collection::vec("\\PC{0,80}", 0..6), topic in "\\PC{1,60}") {
        let captions: Vec<String> = captions.into_iter().chain(["#".repeat(5_000), "\u{301}".repeat(5_000)]).collect();
        let posts: Vec<VideoObservation> = (captions.iter().enumerate())
            .map(|(hours, caption)| {
                let mut post = post(hours, "", "zz");
                post.video.caption = Text::lossy(caption);
                post.video.hashtags = vec![caption.clone()];
                post
            })
            .collect();
        let posts = ContentSignals::of(None, &posts);
        let target = wanted(Dimension::Interests, &[topic.as_str()]);
        for part in fit(&posts, &target).parts {
            let PostEvidence { posts, matching, unknown } = part.posts.unwrap_or(PostEvidence { posts: 0, matching: 0, unknown: 0 });
            prop_assert!(matching + unknown <= posts && part.lo <= part.hi);
        }
    }
}
