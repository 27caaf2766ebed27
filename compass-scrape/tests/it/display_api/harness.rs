//! What must hold of the API's answers as they are read, whatever they are. The fuzz target includes this file.

use std::time::Duration;

use compass_core::Count;
use compass_scrape::parse::display_api::{revoked, tokens, user, videos};
use secrecy::ExposeSecret as _;

/// Reads bytes as each of the answers.
///
/// # Panics
/// If one is read as something that cannot be.
pub(super) fn assert_answers_are_sound(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let exact = |count: Option<Count>| count.is_none_or(|count| count.is_exact() && count.hi() <= Count::MAX);
    if let Ok(user) = user(&text) {
        let counts = user.counts;
        assert!([counts.followers, counts.following, counts.likes, counts.videos].into_iter().all(exact));
        assert!(user.open_id.chars().count() <= 128);
    }
    if let Ok(page) = videos(&text) {
        for post in page.videos {
            let counts = post.counts;
            assert!([counts.views, counts.likes, counts.comments, counts.shares].into_iter().all(exact));
            assert!(counts.saves.is_none());
            assert!(counts.likes.zip(counts.views).is_none_or(|(likes, views)| likes.lo() <= views.hi()));
            assert!(post.video.hashtags.iter().all(|tag| !tag.is_empty() && !tag.contains('\0')));
            assert!(post.video.duration != Some(0));
        }
        assert!(page.refused.iter().all(|refusal| refusal.item.is_some()));
    }
    match tokens(&text) {
        Ok(bought) => {
            let header_safe = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
            assert!(header_safe(bought.access_token.expose_secret()));
            assert!(bought.refresh_token.is_none_or(|token| header_safe(token.expose_secret())));
            assert!(bought.expires_in > Duration::ZERO);
            assert!(bought.scopes.iter().all(|scope| !scope.is_empty()));
        }
        Err(error) => assert!(error.to_string().chars().count() < 700),
    }
    let _ = revoked(&text);
}
