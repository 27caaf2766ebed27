//! Observations of every kind: made by proptest, and a few whose texts are hard to keep.

use compass_core::{
    Batch, Count, CreatorId, Handle, Look, Post, Profile, ProfileCounts, ProfileLook, ProfileObservation, SourceKind,
    Text, Video, VideoCounts, VideoId, VideoKind,
};
use jiff::Timestamp;
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Texts that a format, a spreadsheet or a careless program would change.
pub(crate) const HARD: [&str; 32] = [
    "",
    "'",
    "''",
    "'=1+1",
    "=HYPERLINK(\"http://x\")",
    "+49 30",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u{FEFF}=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "a,b",
    "say \"hi\"",
    "two\nlines",
    "two\r\nlines",
    "a\rb",
    "  both ends  ",
    "NULL",
    "nan",
    "true",
    "1e5",
    "007",
    "[\"tea\"]",
    "\u{FEFF}bom",
    "日本語 🫖 e\u{301}\u{202E}",
    "a\\b\u{1}\u{7F}\u{2028}",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![select(&HARD[..]).prop_map(str::to_owned), "\\PC{0,12}", "[a-z ,\"'=\r\n]{0,9}"]
}

fn words() -> impl Strategy<Value = Text> {
    text().prop_map(|text| Text::parse(&text).unwrap())
}

fn count() -> impl Strategy<Value = Option<Count>> {
    let lo = prop_oneof![Just(0), Just(Count::MAX), 0..20_000_u64];
    let width = prop_oneof![Just(0), 0..100_000_u64];
    option::of((lo, width).prop_map(|(lo, width)| Count::range(lo, lo.saturating_add(width).min(Count::MAX)).unwrap()))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let micros = prop_oneof![
        -1_000_000_i64..2_000_000,
        1_700_000_000_000_000..1_800_000_000_000_000_i64,
        Just(Timestamp::MIN.as_second() * 1_000_000),
        Just(Timestamp::MAX.as_second() * 1_000_000),
    ];
    micros.prop_map(|micros| Timestamp::from_microsecond(micros).unwrap())
}

fn source() -> impl Strategy<Value = SourceKind> {
    select(&SourceKind::ALL[..])
}

/// One of three accounts, so that several observations meet.
fn creator() -> impl Strategy<Value = u64> {
    select(&[1, 7_065_499_344_158_344_198, i64::MAX as u64][..])
}

fn creator_id(id: u64) -> CreatorId {
    CreatorId::parse(&id.to_string()).unwrap()
}

fn profile_look() -> impl Strategy<Value = ProfileLook> {
    let said = (creator(), "[a-z0-9_]{2,24}", words(), words(), any::<[bool; 2]>(), option::of(text()));
    let seen = (option::of(moment()), moment(), source(), [count(), count(), count(), count()], moment());
    (said, seen).prop_map(|((id, handle, nickname, bio, [verified, private], language), seen)| {
        let (created_at, observed_at, source, [followers, following, likes, videos], recorded_at) = seen;
        let (id, handle) = (creator_id(id), Handle::parse(&handle).unwrap());
        let profile = Profile { id, handle, nickname, bio, verified, private, language, created_at };
        let counts = ProfileCounts { followers, following, likes, videos };
        let observation = ProfileObservation { profile, observed_at, source, counts };
        ProfileLook { observation, recorded_at: Some(recorded_at) }
    })
}

fn post() -> impl Strategy<Value = Post> {
    let said = (creator(), 1..5_u64, moment(), any::<bool>(), select(&[VideoKind::Video, VideoKind::Photo][..]));
    let more = (option::of(any::<u32>()), words(), vec(text(), 0..4), option::of(text()), option::of(text()));
    (said, more).prop_map(|((creator, id, created_at, created_at_derived, kind), more)| {
        let (duration, caption, hashtags, sound, language) = more;
        // A post is one account's.
        let id = VideoId::parse(&(creator / 2 + id).to_string()).unwrap();
        let video = Video { id, created_at, created_at_derived, kind, duration, caption, hashtags, sound, language };
        Post { creator: creator_id(creator), video }
    })
}

fn post_look() -> impl Strategy<Value = (Post, Look)> {
    let counts = [count(), count(), count(), count(), count()];
    (post(), moment(), source(), moment(), any::<bool>(), counts).prop_map(
        |(post, observed_at, source, recorded_at, pinned, [views, likes, comments, shares, saves])| {
            let counts = VideoCounts { views, likes, comments, shares, saves };
            (post, Look { post: 0, observed_at, source, recorded_at: Some(recorded_at), pinned, counts })
        },
    )
}

/// Batches that a store takes: each account has a profile.
pub(crate) fn batch() -> impl Strategy<Value = Batch> {
    (vec(profile_look(), 0..8), vec(post_look(), 0..24)).prop_map(|(mut profiles, seen)| {
        let (posts, looks): (Vec<Post>, Vec<Look>) = seen.into_iter().unzip();
        for Post { creator, .. } in &posts {
            if !profiles.iter().any(|look| look.observation.profile.id == *creator) {
                profiles.push(plain_profile(*creator));
            }
        }
        let looks = (0..).zip(looks).map(|(post, look)| Look { post, ..look }).collect();
        Batch { profiles, posts, looks }
    })
}

/// Every hard text as nickname, biography and caption, and as all the others.
pub(crate) fn hard() -> Batch {
    let mut batch = Batch::default();
    for (number, text) in (1..).zip(HARD) {
        let words = Text::parse(text).unwrap();
        let mut look = plain_profile(creator_id(number));
        look.observation.profile.nickname = words.clone();
        look.observation.profile.bio = words.clone();
        look.observation.profile.language = Some(text.to_owned());
        let at = look.observation.observed_at;
        batch.profiles.push(look);
        let id = VideoId::parse(&number.to_string()).unwrap();
        let video = Video {
            caption: words,
            hashtags: vec![text.to_owned(), "tea".to_owned()],
            sound: Some(text.to_owned()),
            language: Some(text.to_owned()),
            ..Video::from_id(id, VideoKind::Video)
        };
        let counts = VideoCounts { views: Some(Count::range(number - 1, number).unwrap()), ..VideoCounts::default() };
        let look = Look {
            post: u32::try_from(number - 1).unwrap(),
            observed_at: at,
            source: SourceKind::Replay,
            recorded_at: None,
            pinned: false,
            counts,
        };
        batch.posts.push(Post { creator: creator_id(number), video });
        batch.looks.push(look);
    }
    batch
}

fn plain_profile(id: CreatorId) -> ProfileLook {
    let profile = Profile {
        id,
        handle: Handle::parse("ada").unwrap(),
        nickname: Text::default(),
        bio: Text::default(),
        verified: false,
        private: true,
        language: None,
        created_at: None,
    };
    let observed_at = "2026-05-01T12:00:00.000001Z".parse().unwrap();
    let counts = ProfileCounts { followers: Some(Count::exact(38_490).unwrap()), ..ProfileCounts::default() };
    let observation = ProfileObservation { profile, observed_at, source: SourceKind::Page, counts };
    ProfileLook { observation, recorded_at: None }
}
