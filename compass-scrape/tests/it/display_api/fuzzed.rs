//! The fuzz target's questions, asked of random and of damaged answers.

#[path = "harness.rs"]
mod harness;

use proptest::prelude::*;

use harness::assert_answers_are_sound;

const ANSWERS: [&str; 4] = [
    r#"{"data": {"user": {"open_id": "o1", "username": "ada", "display_name": "Ada", "follower_count": 38490}},
        "error": {"code": "ok", "message": "", "log_id": "2026"}}"#,
    r#"{"data": {"videos": [{"id": "7470546959699348744", "create_time": 1739372260, "video_description": "a #b",
        "like_count": 1, "view_count": 2}], "cursor": 1739372260000, "has_more": true}, "error": {"code": "ok"}}"#,
    r#"{"access_token": "act.1", "expires_in": 86400, "open_id": "o1", "refresh_expires_in": 31536000,
        "refresh_token": "rft.1", "scope": "user.info.basic,video.list", "token_type": "Bearer"}"#,
    r#"{"error": "invalid_grant", "error_description": "no", "log_id": "1"}"#,
];

#[test]
fn good_answers_are_sound() {
    for answer in ANSWERS {
        assert_answers_are_sound(answer.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_sound(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        assert_answers_are_sound(&bytes);
    }

    #[test]
    fn damaged_answers_are_sound(
        answer in prop::sample::select(ANSWERS.to_vec()),
        at in any::<prop::sample::Index>(),
        length in 0_usize..12,
        patch in prop::sample::select(vec!["", "-1", "null", "[]", "{}", "\"\"", "1e999", "\\ud83d", "99999999999999999999", "\0"]),
    ) {
        let mut bytes = answer.as_bytes().to_vec();
        let start = at.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, patch.bytes());
        assert_answers_are_sound(&bytes);
    }
}
