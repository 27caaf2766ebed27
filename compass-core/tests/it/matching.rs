//! Which creators' audiences are those that are wanted.

use compass_core::{
    AudienceObservation, Country, CreatorId, Handle, Identity, Import, ImportId, Interests, Language, Snapshot,
    SourceKind, TargetAudience, Text, UserId,
    analytics::{AudienceShares, AudienceSource, AudienceTarget, Dimension, PostEvidence, Shares, audience_fit},
    app::{self, MatchSearch, Matching},
    ports::{AccountStore as _, CreatorStore as _, ImportStore as _, VideoPage},
    recommend::Filter,
    samples::World,
    testing::MemoryStore,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use AudienceSource::{Inferred, PartnerFile, StudioExport};

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    noon() + SignedDuration::from_hours(1)
}

fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

/// An account whose posts are in languages.
async fn account(store: &MemoryStore, number: i64, handle: &str, languages: &[&str]) {
    let mut look = World::standard().creators()[0].snapshot(noon(), languages.len() as u32, SourceKind::Sample);
    look.profile.profile.id = number.try_into().unwrap();
    look.profile.profile.handle = Handle::parse(handle).unwrap();
    look.profile.profile.language = None;
    for (place, (post, language)) in look.videos.iter_mut().zip(languages).enumerate() {
        post.video.id = (1_000 * number + place as i64).try_into().unwrap();
        post.video.language = Some((*language).to_owned());
    }
    store.record(&look).await.unwrap();
}

/// An account's newest post has a caption, as it is seen later.
async fn caption(store: &MemoryStore, number: i64, caption: &str) {
    let id = CreatorId::try_from(number).unwrap();
    let mut profile = store.latest(id, noon()).await.unwrap().unwrap();
    let mut newest = store.videos(id, noon(), VideoPage::first(1)).await.unwrap().remove(0);
    newest.video.caption = Text::parse(caption).unwrap();
    (profile.observed_at, newest.observed_at) = (later(), later());
    store
        .record(&Snapshot {
            profile,
            videos: vec![newest],
            refused: Vec::new(),
            disagreements: Vec::new(),
            block: None,
        })
        .await
        .unwrap();
}

/// A file on an account, brought by somebody, with the share of an audience in Vietnam.
async fn file(store: &MemoryStore, n: u128, by: Option<UserId>, handle: &str, source: AudienceSource, vietnam: f64) {
    if let Some(by) = by {
        let identity = Identity { issuer: "test".to_owned(), subject: by.0.to_string(), email: None, name: None };
        store.sign_in(&identity, by, noon()).await.unwrap();
    }
    let territories = Shares::parse(Dimension::Territory, [("VN", vietnam), ("DE", 0.1)]).unwrap();
    let shares = AudienceShares { source, dimensions: [(Dimension::Territory, territories)].into() };
    let id = ImportId(Uuid::from_u128(n));
    let import = Import {
        id,
        user: by,
        handle: Handle::parse(handle).unwrap(),
        source: SourceKind::StudioExport,
        digest: [n as u8; 32],
        imported_at: noon(),
        accepted: 1,
        refused: 0,
        refusals: Vec::new(),
        own: None,
    };
    let observed_at = noon() - SignedDuration::from_hours(n as i64);
    store.add(&import, &[AudienceObservation { import: id, observed_at, shares }]).await.unwrap();
}

fn wants(countries: &[&str]) -> AudienceTarget {
    let countries = countries.iter().map(|code| Country::parse(code).unwrap()).collect();
    AudienceTarget::from(&TargetAudience { countries, ..TargetAudience::default() })
}

fn search() -> MatchSearch {
    MatchSearch { most: 30, filter: Filter::default(), sources: Vec::new() }
}

async fn matching(store: &MemoryStore, viewer: UserId, target: &AudienceTarget, search: &MatchSearch) -> Matching {
    let audiences = app::visible_audiences(store, viewer, noon()).await.unwrap();
    let everybody = app::SimilarCreators::new(app::everybody(store).await.unwrap());
    everybody.matching(&audiences, target, search, noon())
}

fn listed(found: &Matching) -> Vec<(&str, AudienceSource)> {
    found.creators.iter().map(|creator| (creator.handle.as_str(), creator.fit.source)).collect()
}

/// Five accounts, of which two are known by files.
async fn store() -> MemoryStore {
    let store = MemoryStore::default();
    account(&store, 1, "hanoi", &["vi", "vi", "vi", "en"]).await;
    account(&store, 2, "london", &["en", "en"]).await;
    account(&store, 3, "partner", &["en"]).await;
    account(&store, 4, "mine", &["th"]).await;
    account(&store, 5, "bangkok", &["th"]).await;
    file(&store, 1, None, "partner", PartnerFile, 0.7).await;
    file(&store, 2, Some(user(1)), "mine", StudioExport, 0.9).await;
    // Another's, who says the best of all of London.
    file(&store, 3, Some(user(2)), "london", StudioExport, 0.9).await;
    store
}

#[tokio::test]
async fn the_best_fit_comes_first_with_its_source_and_others_private_files_never_show() {
    let store = store().await;
    let found = matching(&store, user(1), &wants(&["VN"]), &search()).await;
    let expected = [("mine", StudioExport), ("hanoi", Inferred), ("partner", PartnerFile), ("bangkok", Inferred)];
    assert_eq!(listed(&found), expected);
    assert_eq!((found.ranked, found.unknown), (4, 1), "nothing follows from English posts");
    let to_other = matching(&store, user(2), &wants(&["VN"]), &search()).await;
    let expected = [
        ("london", StudioExport),
        ("hanoi", Inferred),
        ("partner", PartnerFile),
        ("mine", Inferred),
        ("bangkok", Inferred),
    ];
    assert_eq!(listed(&to_other), expected);
    let to_nobody = matching(&store, user(3), &wants(&["VN"]), &search()).await;
    assert!(listed(&to_nobody).iter().all(|(_, source)| *source != StudioExport), "{to_nobody:?}");
}

#[tokio::test]
async fn the_fit_is_that_of_the_account_alone() {
    let store = store().await;
    let target = wants(&["VN", "TH"]);
    let found = matching(&store, user(1), &target, &search()).await;
    for handle in ["partner", "hanoi"] {
        let name = Handle::parse(handle).unwrap();
        let audiences = app::visible_audiences(&store, user(1), noon()).await.unwrap();
        let told = audiences.of(&name).map(|told| &told.shares);
        let posts = app::content_signals(&store, &name, noon()).await.unwrap();
        let creator = found.creators.iter().find(|creator| creator.handle.as_str() == handle).unwrap();
        assert_eq!(creator.fit, audience_fit(told, &posts, &target, noon()));
        assert_eq!(creator.observed_at.is_none(), creator.fit.source == Inferred);
    }
    let alone =
        app::audience(&store, &store, &Handle::parse("mine").unwrap(), Some(user(1)), &target, noon()).await.unwrap();
    let mine = found.creators.iter().find(|creator| creator.handle.as_str() == "mine").unwrap();
    assert_eq!(Some(&mine.fit), alone.unwrap().fit.as_ref());
}

/// Worked by hand: three of four posts are Vietnamese, and up to 30 % may be guessed wrong; the language of the fourth tells nothing.
#[tokio::test]
async fn what_is_inferred_is_wide_and_what_is_missing_is_wider() {
    let store = store().await;
    let found = matching(&store, user(3), &wants(&["VN"]), &search()).await;
    let hanoi = found.creators.iter().find(|creator| creator.handle.as_str() == "hanoi").unwrap();
    let interval = hanoi.fit.overall.interval.unwrap();
    assert!((interval.lo - 0.7 * 0.75).abs() < 1e-12 && (interval.hi - 1.0).abs() < 1e-12, "{interval:?}");
    // Ages, too, are wanted, and nobody tells of them: they may fit from not at all to wholly.
    let ages = compass_core::WantedAges::parse([("18-24", 100)]).unwrap();
    let countries = vec![Country::parse("VN").unwrap()];
    let target = AudienceTarget::from(&TargetAudience { countries, ages, ..TargetAudience::default() });
    let found = matching(&store, user(1), &target, &search()).await;
    let mine = &found.creators[0];
    let interval = mine.fit.overall.interval.unwrap();
    assert_eq!((mine.handle.as_str(), mine.fit.parts.len()), ("mine", 2));
    assert!(interval.lo == 0.0 && (interval.hi - 0.9_f64.sqrt()).abs() < 1e-12, "{interval:?}");
}

#[tokio::test]
async fn sources_and_filters_narrow_the_list() {
    let store = store().await;
    let of = async |search: MatchSearch| matching(&store, user(1), &wants(&["VN"]), &search).await;
    let files = of(MatchSearch { sources: vec![PartnerFile, StudioExport], ..search() }).await;
    assert_eq!(listed(&files), [("mine", StudioExport), ("partner", PartnerFile)]);
    assert_eq!(files.unknown, 0, "whoever is known otherwise is not asked about");
    let thai = Filter { languages: vec![Language::parse("th").unwrap()], ..Filter::default() };
    let thai = of(MatchSearch { filter: thai, ..search() }).await;
    assert_eq!(listed(&thai), [("mine", StudioExport), ("bangkok", Inferred)]);
    let exclude = vec![CreatorId::try_from(4).unwrap()];
    let without = of(MatchSearch { filter: Filter { exclude, ..Filter::default() }, most: 1, ..search() }).await;
    assert_eq!((listed(&without), without.ranked), (vec![("hanoi", Inferred)], 3));
}

fn target(languages: &[&str], interests: &[&str], countries: &[&str]) -> AudienceTarget {
    AudienceTarget::from(&TargetAudience {
        countries: countries.iter().map(|code| Country::parse(code).unwrap()).collect(),
        languages: languages.iter().map(|code| Language::parse(code).unwrap()).collect(),
        interests: Interests::parse(interests.iter().copied()).unwrap(),
        ..TargetAudience::default()
    })
}

/// Worked by hand. Of Vietnamese alone: 1 of 1 post or 3 of 4 in it make 0.7 to 1 and 0.525 to 0.825, none 0 to 0.3.
#[tokio::test]
async fn languages_and_interests_alone_rank_creators_by_their_posts() {
    let store = store().await;
    account(&store, 6, "unread", &["un"]).await;
    let of = async |target| matching(&store, user(1), &target, &search()).await;
    let thai = of(target(&["th"], &[], &[])).await;
    assert_eq!(
        (listed(&thai), thai.unknown),
        (["mine", "bangkok", "hanoi", "london", "partner"].map(|handle| (handle, Inferred)).to_vec(), 1),
        "no file tells languages"
    );
    assert!(thai.creators.iter().all(|creator| creator.observed_at.is_none()), "{thai:?}");
    let hanoi = &of(target(&["vi"], &[], &[])).await.creators[0];
    assert_eq!(hanoi.handle.as_str(), "hanoi");
    assert_eq!(hanoi.fit.parts[0].posts, Some(PostEvidence { posts: 4, matching: 3, unknown: 0 }));
    assert!((hanoi.fit.overall.value.unwrap() - 0.675).abs() < 1e-12, "{hanoi:?}");
    caption(&store, 2, "Slow bread, and how I bake it").await;
    let bakers = of(target(&[], &["slow bread", "rye"], &[])).await;
    let best = &bakers.creators[0];
    assert_eq!((best.handle.as_str(), bakers.ranked, bakers.unknown), ("london", 6, 0));
    assert_eq!(best.fit.parts[0].posts, Some(PostEvidence { posts: 2, matching: 1, unknown: 0 }));
}

/// Worked by hand: the export says 0.9 of Vietnam; of one Thai post none is Vietnamese, which makes 0 to 0.3 and 0.15 in the middle.
#[tokio::test]
async fn export_tells_territories_and_posts_the_language_each_labelled() {
    let store = store().await;
    let wanted = target(&["vi"], &[], &["VN"]);
    let found = matching(&store, user(1), &wanted, &search()).await;
    let of = |found: &Matching, handle: &str| {
        found.creators.iter().find(|creator| creator.handle.as_str() == handle).cloned().unwrap()
    };
    let mine = of(&found, "mine");
    let sources: Vec<Option<AudienceSource>> = mine.fit.parts.iter().map(|part| part.source).collect();
    assert_eq!((mine.fit.source, sources), (StudioExport, vec![Some(StudioExport), Some(Inferred)]));
    assert!((mine.fit.overall.value.unwrap() - (0.9_f64 * 0.15).sqrt()).abs() < 1e-12, "{mine:?}");
    assert!(mine.observed_at.is_some());
    // Where guesses are left out, languages are not known of anybody, and whoever has no file is not asked about.
    let files = MatchSearch { sources: vec![PartnerFile, StudioExport], ..search() };
    let told = matching(&store, user(1), &wanted, &files).await;
    assert_eq!(listed(&told), [("mine", StudioExport), ("partner", PartnerFile)]);
    assert_eq!(of(&told, "mine").fit.parts[1].value, None);
    // Where guesses alone count, what a file tells does not.
    let guesses = MatchSearch { sources: vec![Inferred], ..search() };
    let guessed = matching(&store, user(1), &wanted, &guesses).await;
    let mine = of(&guessed, "mine");
    assert_eq!((mine.fit.source, mine.observed_at), (Inferred, None));
    assert!((mine.fit.overall.value.unwrap() - 0.15).abs() < 1e-12, "{mine:?}");
}

/// Of one fit, the one that is surer to be so comes first, and then the smaller id.
#[tokio::test]
async fn equals_have_an_order() {
    let store = MemoryStore::default();
    for (number, handle) in [(3, "first"), (2, "second"), (1, "wide")] {
        account(&store, number, handle, &["th"]).await;
    }
    // Half of the audience of either, once told and once the middle of what may be.
    file(&store, 1, None, "first", PartnerFile, 0.15).await;
    file(&store, 2, None, "second", PartnerFile, 0.15).await;
    let found = matching(&store, user(1), &wants(&["VN"]), &search()).await;
    let fits: Vec<(f64, f64)> = found
        .creators
        .iter()
        .map(|creator| (creator.fit.overall.value.unwrap(), creator.fit.overall.interval.unwrap().lo))
        .collect();
    assert!(fits.iter().all(|(fit, _)| (fit - 0.15).abs() < 1e-12), "{fits:?}");
    assert_eq!(
        found.creators.iter().map(|creator| creator.handle.as_str()).collect::<Vec<_>>(),
        ["second", "first", "wide"]
    );
    assert_eq!(found.creators[0].nickname, World::standard().creators()[0].profile().nickname);
}
