//! Similar creators: what scores are made of, who is given, and why.

use compass_core::{
    Country, CreatorId, Language,
    analytics::Tier,
    ports::Embedder as _,
    recommend::{
        Filter, Known, KnownPost, LexicalEmbedder, Match, PartWeights, ProfileIndex, ProfileVector, Search, Shared,
        Trait, words,
    },
};
use proptest::prelude::*;

const NOTHING: PartWeights =
    PartWeights { words: 0.0, spelling: 0.0, engagement: 0.0, language: 0.0, size: 0.0, meaning: 0.0 };

/// Worked by hand: "red" has ln(4/3), "green" ln(4/2), so the cosine of (red) with (red, green) is 0.28768 / 0.75048.
#[test]
fn score_of_a_shared_word_is_the_cosine() {
    let vectors = [(1, "red blue"), (2, "red green"), (3, "sun moon")].map(|(id, text)| writes(id, text));
    let profiles = ProfileIndex::with_weights(vectors.to_vec(), PartWeights { words: 1.0, ..NOTHING });
    let scores = profiles.scores(&writes(4, "red"));
    for (score, expected) in scores.iter().zip([0.383_33, 0.383_33, 0.0]) {
        assert!((score - expected).abs() < 1e-5, "{scores:?}");
    }
}

/// Worked by hand: log10 of views is 3, 4 and 5, their standard deviation 1; a difference of 1 is exp(-1/2) of a sixth.
#[test]
fn score_of_alike_posts_is_a_sixth_for_each_side() {
    let vectors = [(1, 999), (2, 9_999), (3, 99_999)].map(|(id, views)| {
        let post = KnownPost { caption: "word", views: Some(views), ..KnownPost::default() };
        ProfileVector::of(&Known { posts: &[post], ..creator(id) })
    });
    let profiles = ProfileIndex::with_weights(vectors.to_vec(), PartWeights { engagement: 1.0, ..NOTHING });
    let scores = profiles.scores(&vectors[0]);
    for (score, distance) in scores.iter().zip([0.0_f64, 1.0, 2.0]) {
        assert!((score - (-distance * distance / 2.0).exp() / 6.0).abs() < 1e-12, "{scores:?}");
    }
}

#[test]
fn size_counts_whole_in_a_tier_and_half_in_the_next() {
    let of = |id, followers| ProfileVector::of(&Known { followers: Some(followers), bio: "word", ..creator(id) });
    let vectors = vec![of(1, 9_999), of(2, 10_000), of(3, 499_999), of(4, 100_000)];
    let profiles = ProfileIndex::with_weights(vectors, PartWeights { size: 1.0, ..NOTHING });
    assert_eq!(profiles.scores(&of(9, 100)), [1.0, 0.5, 0.0, 0.0]);
    assert_eq!(profiles.scores(&of(9, 200_000)), [0.0, 0.5, 1.0, 1.0]);
}

#[test]
fn reasons_name_what_is_shared_in_plain_words() {
    let of = |id, caption, views| {
        let posts = [KnownPost { caption, views: Some(views), language: language("vi"), ..KnownPost::default() }];
        ProfileVector::of(&Known { posts: &posts, followers: Some(20_000), ..creator(id) })
    };
    let profiles = ProfileIndex::new(vec![
        of(2, "Cơm tấm sườn #MonNgon", 1_000),
        of(3, "Trail running", 900_000),
        of(4, "Marathon training", 50_000),
    ]);
    let found = profiles.similar(&of(1, "Sườn nướng #monngon", 1_000), &Search::default()).unwrap();
    let said: Vec<String> = found[0].score.reasons.iter().map(ToString::to_string).collect();
    for sentence in [
        "both use #monngon",
        "both write \"sườn\"",
        "their posts are alike in views",
        "both post in vi",
        "both have 10,000 to 99,999 followers",
    ] {
        assert!(said.iter().any(|said| said == sentence), "{sentence} is not in {said:?}");
    }
}

#[test]
fn what_everybody_writes_is_no_reason() {
    let vectors = ["cooking #fyp", "running #fyp", "singing #fyp"];
    let vectors = vectors.iter().zip(2..).map(|(text, id)| writes(id, text)).collect();
    let profiles = ProfileIndex::with_weights(vectors, PartWeights { spelling: 0.0, ..PartWeights::default() });
    let found = profiles.similar(&writes(1, "painting #fyp"), &Search::default()).unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|found| found.score.reasons.is_empty() && found.score.value == 0.0), "{found:?}");
}

#[test]
fn creator_without_words_has_too_little_known() {
    let profiles = ProfileIndex::new(vec![writes(1, "cooking"), writes(2, "❤️ 🫰🏻")]);
    let error = profiles.similar(&writes(3, "🍜 @friend"), &Search::default()).unwrap_err();
    assert_eq!(error.to_string(), "too little is known of account 3: neither its biography nor a caption has a word");
    let found = profiles.similar(&writes(4, "cooking"), &Search::default()).unwrap();
    assert_eq!(ids(&found), [1_u64], "a creator without words is not given either");
}

#[test]
fn nobody_is_similar_to_itself() {
    let profiles = ProfileIndex::new(vec![writes(1, "cooking"), writes(2, "cooking")]);
    assert_eq!(ids(&profiles.similar(&writes(1, "cooking"), &Search::default()).unwrap()), [2]);
}

#[test]
fn filters_leave_out_whoever_is_not_known_to_be_right() {
    let of = |id, followers: Option<u64>, code: &str, region: &str| {
        let posts = [KnownPost { caption: "cooking", language: language(code), ..KnownPost::default() }];
        ProfileVector::of(&Known { posts: &posts, followers, region: Country::parse(region).ok(), ..creator(id) })
    };
    let profiles =
        ProfileIndex::new(vec![of(1, Some(50), "vi", "VN"), of(2, Some(50_000), "en", "US"), of(3, None, "", "")]);
    let given = |filter: Filter| {
        let found = profiles.similar(&writes(9, "cooking"), &Search { filter, ..Search::default() }).unwrap();
        let mut ids = ids(&found);
        ids.sort_unstable();
        ids
    };
    assert_eq!(given(Filter::default()), [1, 2, 3]);
    assert_eq!(given(Filter { tiers: vec![Tier::Nano], ..Filter::default() }), [1]);
    assert_eq!(given(Filter { tiers: vec![Tier::Nano, Tier::Micro], ..Filter::default() }), [1, 2]);
    assert_eq!(given(Filter { languages: vec![language("en").unwrap()], ..Filter::default() }), [2]);
    assert_eq!(given(Filter { regions: vec![Country::parse("vn").unwrap()], ..Filter::default() }), [1]);
    assert_eq!(given(Filter { exclude: vec![id(2)], ..Filter::default() }), [1, 3]);
}

#[test]
fn variety_puts_another_before_the_twin_of_the_first() {
    let twins = "phở bò tái chín nước trong";
    let vectors = vec![writes(1, twins), writes(2, twins), writes(3, "phở gà xé"), writes(4, "running shoes")];
    let profiles = ProfileIndex::new(vectors);
    let of = writes(9, "phở bò tái chín gà");
    let given = |lambda| ids(&profiles.similar(&of, &Search { most: 3, lambda, ..Search::default() }).unwrap());
    assert_eq!(given(1.0), [1, 2, 3]);
    assert_eq!(given(0.5), [1, 3, 4], "the twin has nothing to add");
}

#[test]
fn listed_hashtags_of_the_caption_count_once() {
    let tags = ["MonNgon".to_owned(), "pho".to_owned()];
    let of = |caption, hashtags| {
        ProfileVector::of(&Known { posts: &[KnownPost { caption, hashtags, ..KnownPost::default() }], ..creator(1) })
    };
    assert_eq!(of("ăn #monngon", &tags[..]), of("ăn #monngon #pho", &[]));
}

#[test]
fn posts_of_few_views_tell_no_rates() {
    let post = |views| KnownPost { views: Some(views), reactions: [Some(10); 4], ..KnownPost::default() };
    let of = |views| ProfileVector::of(&Known { posts: &[post(views)], ..creator(1) });
    assert_eq!(of(99).value(Trait::LikeRate), None);
    assert_eq!(of(100).value(Trait::LikeRate), Some((10.5_f64 / 101.0).log10()));
    assert_eq!(of(99).value(Trait::Views), Some(2.0));
}

#[tokio::test]
async fn lexical_vectors_have_length_one_or_say_nothing() {
    let embedder = LexicalEmbedder::new(64);
    let vectors = embedder.embed(&["phở bò #monngon".to_owned(), "❤️".to_owned()]).await.unwrap();
    let length: f32 = vectors[0].iter().map(|value| value * value).sum();
    assert!((length - 1.0).abs() < 1e-5);
    assert_eq!(vectors[1], [0.0; 64]);
    assert_eq!(embedder.dimensions(), 64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reasons_add_up_to_the_score_and_lambda_one_is_the_plain_ranking(people in people(), of in person()) {
        let vectors = drawn(&people);
        let profiles = ProfileIndex::new(vectors.clone());
        let of = vector(99, &of);
        let search = Search { most: people.len(), ..Search::default() };
        let Ok(found) = profiles.similar(&of, &search) else {
            prop_assert!(!of.has_words());
            return Ok(());
        };
        let mut plain: Vec<(f64, CreatorId)> =
            profiles.scores(&of).into_iter().zip(profiles.vectors()).filter(|(_, other)| other.has_words())
                .map(|(score, other)| (score, other.id())).collect();
        plain.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        prop_assert_eq!(found.len(), plain.len());
        for (found, (score, id)) in found.iter().zip(plain) {
            prop_assert_eq!(found.id, id);
            prop_assert!((found.score.value - score).abs() < 1e-12);
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&score));
            let sum: f64 = found.score.reasons.iter().map(|reason| reason.adds).sum();
            prop_assert_eq!(sum, found.score.value);
            for reason in &found.score.reasons {
                prop_assert!(reason.adds > 0.0);
                prop_assert!((parts(&reason.shared).unwrap_or(reason.adds) - reason.adds).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn order_of_creators_and_posts_does_not_matter(people in people(), of in person()) {
        let there = ProfileIndex::new(drawn(&people)).similar(&vector(99, &of), &Search::default());
        let mut back = drawn(&people);
        back.reverse();
        let mut reversed = of.clone();
        reversed.posts.reverse();
        prop_assert_eq!(there, ProfileIndex::new(back).similar(&vector(99, &reversed), &Search::default()));
    }

    #[test]
    fn words_of_any_text_are_lower_case_and_read_alike_again(text in ".{0,60}") {
        let told = words(&text);
        prop_assert!(told.iter().all(|word| !word.is_empty() && !word.contains(char::is_whitespace)), "{:?}", told);
        prop_assert!(told.iter().all(|word| !word.contains('@')), "{:?}", told);
    }
}

/// A made person: posts as caption, views, likes and length; followers; a language.
#[derive(Clone, Debug)]
struct Person {
    posts: Vec<(String, u64, u64, u32)>,
    followers: Option<u64>,
    language: Option<Language>,
}

fn person() -> impl Strategy<Value = Person> {
    let word =
        prop::sample::select(vec!["phở", "bún", "#monngon", "#fyp", "chạy", "giày", "❤️", "fyp", "running", "run"]);
    let caption = prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "));
    let posts = prop::collection::vec((caption, 0_u64..1_000_000, 0_u64..50_000, 0_u32..600), 0..5);
    let language =
        prop::option::of(prop::sample::select(vec!["vi", "en", "th"]).prop_map(|code| language(code).unwrap()));
    (posts, prop::option::of(0_u64..3_000_000), language).prop_map(|(posts, followers, language)| Person {
        posts,
        followers,
        language,
    })
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    prop::collection::vec(person(), 1..8)
}

fn drawn(people: &[Person]) -> Vec<ProfileVector> {
    people.iter().zip(1..).map(|(person, id)| vector(id, person)).collect()
}

fn vector(id: i64, person: &Person) -> ProfileVector {
    let posts: Vec<KnownPost<'_>> = (person.posts.iter())
        .map(|(caption, views, likes, seconds)| KnownPost {
            caption,
            views: Some(*views),
            reactions: [Some(*likes), None, Some(likes / 7), None],
            duration: Some(*seconds),
            ..KnownPost::default()
        })
        .collect();
    ProfileVector::of(&Known { posts: &posts, followers: person.followers, language: person.language, ..creator(id) })
}

/// What the listed parts of a reason add; `None` where there is no list.
fn parts(shared: &Shared) -> Option<f64> {
    match shared {
        Shared::Hashtags(parts) | Shared::Words(parts) => Some(parts.iter().map(|(_, adds)| adds).sum()),
        Shared::Engagement(parts) => Some(parts.iter().map(|(_, adds)| adds).sum()),
        Shared::Languages(parts) => Some(parts.iter().map(|(_, adds)| adds).sum()),
        Shared::Spelling | Shared::Meaning | Shared::Size(..) => None,
    }
}

fn writes(id: i64, bio: &str) -> ProfileVector {
    ProfileVector::of(&Known { bio, ..creator(id) })
}

fn creator(number: i64) -> Known<'static> {
    Known { id: id(number), bio: "", posts: &[], followers: None, language: None, region: None }
}

fn id(number: i64) -> CreatorId {
    CreatorId::try_from(number).unwrap()
}

fn ids(found: &[Match]) -> Vec<u64> {
    found.iter().map(|found| found.id.get()).collect()
}

fn language(code: &str) -> Option<Language> {
    Language::parse(code).ok()
}
