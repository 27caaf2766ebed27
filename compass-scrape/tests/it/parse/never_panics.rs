use proptest::prelude::*;

use super::{fixtures, sound};

fn ask_all(text: &str) {
    sound::assert_pages_are_sound(text.as_bytes());
    sound::assert_answers_are_sound(text.as_bytes());
    sound::assert_words_are_sound(text.as_bytes());
}

fn fixture() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        fixtures::profile(),
        fixtures::sigi_profile(),
        fixtures::video_page(),
        fixtures::envelope(fixtures::ITEM),
        fixtures::ITEM.to_owned(),
        fixtures::SIGI_STATE.to_owned(),
        format!("{{{}}}", fixtures::ada(fixtures::BOTH_TABLES, "")),
    ])
}

/// What to put in the place of some bytes.
fn patch() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(vec![
            "-1",
            "null",
            "[]",
            "{}",
            "\"\"",
            "1e999",
            "\\ud83d",
            "99999999999999999999",
            "</script>",
            "<",
            "\0"
        ])
        .prop_map(|patch| patch.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_only_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        ask_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_pages_are_only_refused(
        fixture in fixture(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, patch()), 1..6),
    ) {
        let mut bytes = fixture.into_bytes();
        for (at, length, patch) in damage {
            let start = at.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, patch);
        }
        ask_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn pages_that_break_off_are_only_refused(fixture in fixture(), at in any::<prop::sample::Index>()) {
        let end = at.index(fixture.len() + 1);
        ask_all(&String::from_utf8_lossy(&fixture.as_bytes()[..end]));
    }
}
