//! What must hold of pages, answers and words as they are read, whatever they are. The fuzz targets include this file.

use std::collections::HashSet;

use compass_core::{Count, Handle, Refusal, Snapshot, SourceKind, VideoCounts};
use compass_scrape::parse::{self, Account, Page};

/// Reads bytes as each kind of page.
///
/// # Panics
/// If one is read as something that cannot be.
pub(crate) fn assert_pages_are_sound(bytes: &[u8]) {
    let html = String::from_utf8_lossy(bytes);
    let profile = parse::profile_page(&html, None, None, SourceKind::Replay);
    if let Ok(snapshot) = &profile {
        assert_snapshot_is_sound(snapshot);
    }
    if let Ok(video) = parse::video_page(&html) {
        assert_counts_are_sound(video.item.counts);
        assert!(video.item.video.created_at <= video.observed_at);
    }
    if let Ok(Page::Profile(snapshot)) = parse::page(&html, None, SourceKind::Replay) {
        assert_eq!(profile.ok().as_ref(), Some(&*snapshot));
    }
    let _ = parse::obstacle(&html);
    let grid = parse::grid(&html, None);
    let ids: HashSet<_> = grid.cards.iter().map(|card| card.video.id).collect();
    assert_eq!(ids.len(), grid.cards.len());
    grid.cards.iter().for_each(|card| assert_counts_are_sound(card.counts));
    assert_refusals_say_why(&grid.refused);
}

/// Reads bytes as each kind of JSON.
///
/// # Panics
/// If one is read as something that cannot be.
pub(crate) fn assert_answers_are_sound(bytes: &[u8]) {
    let json = String::from_utf8_lossy(bytes);
    if let Ok(account) = parse::user_detail(&json, None) {
        assert_account_is_sound(&account);
    }
    let _ = parse::document(&json, None);
    let Ok(list) = parse::item_list(&json) else { return };
    let ids: HashSet<_> = list.items.iter().map(|item| item.video.id).collect();
    assert_eq!(ids.len(), list.items.len());
    for item in &list.items {
        assert_counts_are_sound(item.counts);
        assert!(item.video.hashtags.iter().all(|tag| !tag.is_empty() && !tag.contains('\0')));
        item.author.iter().for_each(assert_account_is_sound);
    }
    assert_refusals_say_why(&list.refused);
}

/// Reads bytes as what a person or a page writes in few letters: a counter, a handle.
///
/// # Panics
/// If one is read as something that cannot be.
pub(crate) fn assert_words_are_sound(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(count) = Count::parse_abbreviated(&text) {
        assert!(count.lo() <= count.hi() && count.hi() <= Count::MAX);
        assert!(text.bytes().any(|byte| byte.is_ascii_digit()));
    }
    if let Ok(handle) = Handle::parse(&text) {
        let canonical = handle.as_str();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.';
        assert!((2..=24).contains(&canonical.len()) && canonical.bytes().all(allowed) && !canonical.ends_with('.'));
        assert_eq!(Handle::parse(canonical).as_ref(), Ok(&handle));
    }
}

fn assert_snapshot_is_sound(snapshot: &Snapshot) {
    let ids: HashSet<_> = snapshot.videos.iter().map(|look| look.video.id).collect();
    assert_eq!(ids.len(), snapshot.videos.len());
    for look in &snapshot.videos {
        assert_counts_are_sound(look.counts);
    }
    assert_refusals_say_why(&snapshot.refused);
}

fn assert_account_is_sound(account: &Account) {
    let counts = account.counts;
    let all = [counts.followers, counts.following, counts.likes, counts.videos];
    assert!(all.into_iter().flatten().all(|count| count.hi() <= Count::MAX));
    assert_refusals_say_why(&account.refused);
}

fn assert_counts_are_sound(counts: VideoCounts) {
    assert!(counts.likes.zip(counts.views).is_none_or(|(likes, views)| likes.lo() <= views.hi()));
    let all = [counts.views, counts.likes, counts.comments, counts.shares, counts.saves];
    assert!(all.into_iter().flatten().all(|count| count.lo() <= count.hi() && count.hi() <= Count::MAX));
}

fn assert_refusals_say_why(refused: &[Refusal]) {
    assert!(refused.iter().all(|refusal| !refusal.reason.is_empty() && !refusal.detail.is_empty()));
}
