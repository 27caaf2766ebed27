//! The three layouts of a profile page, and the page of a post.

use compass_core::{Count, Handle, Snapshot, SourceKind, ports::SourceError, samples::World};
use compass_scrape::{
    parse,
    testing::{Account, Language, Layout, Scene},
};

use super::http::{get, get_with, stand_in};
use crate::truth::{NOON, assert_rounded};

/// A scene with one account, and what is true of it at noon.
fn ada(layout: Layout, language: Language) -> (Scene, Snapshot) {
    let handle = Handle::parse("ada").unwrap();
    let account = Account::like(handle, &World::standard().creators()[0]).layout(layout).language(language);
    let truth = account.truth(NOON);
    (Scene { accounts: vec![account], ..Scene::default() }, truth)
}

fn read(html: &str) -> Result<Snapshot, SourceError> {
    parse::profile_page(html, Some(&Handle::parse("ada").unwrap()), Some(NOON), SourceKind::Page)
}

#[tokio::test]
async fn page_of_2023_holds_thirty_posts_and_rounded_counters() {
    for language in [Language::English, Language::French] {
        let (scene, truth) = ada(Layout::Sigi2023, language);
        let (site, _) = stand_in(scene).await;
        let page = get(&site, "/@ada").await;
        let seen = read(page.text()).unwrap();
        assert_eq!(seen.videos.len(), 30);
        assert_eq!(seen.disagreements, Vec::<String>::new());
        assert_eq!(seen.profile.profile.nickname, truth.profile.profile.nickname);
        assert_rounded(seen.profile.counts.followers, truth.profile.counts.followers);
        assert!(!seen.profile.counts.likes.unwrap().is_exact());
        for (seen, truth) in seen.videos.iter().zip(&truth.videos) {
            assert_eq!((seen.video.id, seen.pinned), (truth.video.id, truth.pinned));
            assert_eq!(seen.video.created_at, truth.video.created_at);
            assert_eq!(seen.video.hashtags, truth.video.hashtags);
            assert_rounded(seen.counts.views, truth.counts.views);
            assert_eq!(seen.counts.saves, None, "there were no saves then");
        }
    }
}

#[tokio::test]
async fn page_of_2025_counts_roughly_and_page_of_2026_to_the_unit_and_neither_holds_posts() {
    for (layout, exact) in [(Layout::Universal2025, false), (Layout::Universal2026, true)] {
        let (scene, truth) = ada(layout, Language::English);
        let (site, _) = stand_in(scene).await;
        let page = get(&site, "/@ada").await;
        let Err(SourceError::GridUnavailable { expected: 40, got: 0, header: Some(header) }) = read(page.text()) else {
            panic!("{:?}", read(page.text()));
        };
        assert_eq!(header.profile, truth.profile.profile);
        assert_eq!(header.counts.likes.unwrap().is_exact(), exact, "{layout:?}");
        assert_rounded(header.counts.likes, truth.profile.counts.likes);
        assert_eq!(header.counts.videos, Count::exact(40).ok());
    }
}

#[tokio::test]
async fn handle_and_nickname_changed_places_after_2025() {
    for (layout, title) in
        [(Layout::Sigi2023, "ada"), (Layout::Universal2025, "ada"), (Layout::Universal2026, "Steady sample")]
    {
        let (scene, _) = ada(layout, Language::English);
        let (site, _) = stand_in(scene).await;
        let page = get(&site, "/@ada").await;
        assert!(page.text().contains(&format!("data-e2e=\"user-title\">{title}<")), "{layout:?}");
        let grid = parse::grid(page.text(), None);
        assert_eq!(grid.header.counts.followers.map(|count| count.midpoint()), Some(55_500), "{layout:?}");
    }
}

#[tokio::test]
async fn page_of_a_post_gives_its_counters_and_an_unknown_one_says_so() {
    let (scene, truth) = ada(Layout::Universal2026, Language::English);
    let (site, _) = stand_in(scene).await;
    let telephone =
        "User-Agent: Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36\r\n";
    for (post, kind) in truth.videos.iter().zip(["video", "photo"]) {
        for agent in ["", telephone] {
            let page = get_with(&site, &format!("/@ada/{kind}/{}", post.video.id), agent).await;
            let item = parse::video_page(page.text()).unwrap().item;
            assert_eq!(item.video.id, post.video.id);
            assert_eq!(item.video.created_at, post.video.created_at);
            assert_rounded(item.counts.likes, post.counts.likes);
            assert_eq!(page.text().contains("webapp.reflow.video.detail"), !agent.is_empty());
        }
    }
    let page = get(&site, "/@ada/video/7000000000000000001").await;
    let missing = parse::video_page(page.text());
    assert!(matches!(missing, Err(SourceError::VideoUnavailable { status: 10204, .. })), "{missing:?}");
}

#[tokio::test]
async fn hostile_texts_cannot_end_the_script_that_holds_them() {
    let (site, _) = stand_in(World::standard()).await;
    for layout in Layout::ALL {
        site.scene(|scene| scene.accounts.iter_mut().for_each(|account| account.layout = layout));
        let page = get(&site, "/@trouble.hostiletext").await;
        assert!(page.text().contains("document.title = 'taken over'"), "{layout:?}");
        assert!(!page.text().contains("</script><script>document.title"), "{layout:?}");
        let tree = scraper::Html::parse_document(page.text());
        let picture = scraper::Selector::parse("img[onerror]").unwrap();
        assert_eq!(tree.select(&picture).count(), 0, "{layout:?}");
    }
}
