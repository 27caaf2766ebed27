//! Layers that say different things of one account, and which of them is believed.

use compass_core::{Count, Snapshot, SourceKind, ports::SourceError};
use compass_scrape::parse::{Grid, Item, ItemList, Layers, grid, item_list, reconcile, user_detail};

use super::fixtures::{BOTH_TABLES, ROUNDED_TABLE, WEB_ID_TIME, ada, card};

const ID: &str = "7470546959699348744";

/// A post with these figures, and this besides.
fn item(views: &str, likes: u32, more: &str) -> Item {
    let item = format!(
        r#"{{"id": "{ID}", "createTime": 1739372260, "stats": {{"playCount": {views}, "diggCount": {likes}}}{more}}}"#
    );
    item_list(&format!(r#"{{"itemList": [{item}], "statusCode": 0}}"#)).unwrap().items.remove(0)
}

fn layers(table: &str, pages: Vec<Item>, listed: Vec<Item>, shown: Grid) -> Layers {
    let account = user_detail(&format!(r#"{{"__DEFAULT_SCOPE__": {{{}}}}}"#, ada(table, "")), None).unwrap();
    Layers { account, pages, items: ItemList { items: listed, ..ItemList::default() }, grid: shown }
}

fn joined(layers: Layers) -> Result<Snapshot, SourceError> {
    reconcile(layers, WEB_ID_TIME.parse().unwrap(), SourceKind::WebDriver)
}

fn header(followers: &str, nickname: &str) -> Grid {
    grid(
        &format!(
            r#"<div data-e2e="user-page"><h1 data-e2e="user-title">{nickname}</h1><h2 data-e2e="user-subtitle">ada.l</h2>
            <strong data-e2e="followers-count">{followers}</strong></div>"#
        ),
        None,
    )
}

#[test]
fn page_of_a_post_that_is_more_exact_than_the_list_is_believed_and_they_agree() {
    // 98,400 in a list stands for anything from 98,350 to 98,449.
    let seen = joined(layers(BOTH_TABLES, vec![item("98371", 177, "")], vec![item("98400", 177, "")], Grid::default()));
    let seen = seen.unwrap();
    assert_eq!(seen.videos[0].counts.views, Count::exact(98_371).ok());
    assert_eq!(seen.disagreements, Vec::<String>::new());
}

#[test]
fn list_that_is_more_exact_than_the_page_of_a_post_is_believed() {
    let seen = joined(layers(BOTH_TABLES, vec![item("98400", 177, "")], vec![item("98371", 177, "")], Grid::default()));
    assert_eq!(seen.unwrap().videos[0].counts.views, Count::exact(98_371).ok());
}

#[test]
fn of_two_exact_figures_the_page_of_the_post_is_believed_and_both_are_told() {
    let seen = joined(layers(BOTH_TABLES, vec![item("98371", 180, "")], vec![item("98371", 177, "")], Grid::default()));
    let seen = seen.unwrap();
    assert_eq!(seen.videos[0].counts.likes, Count::exact(180).ok());
    assert_eq!(seen.disagreements, [format!("{ID} likes: its page says 180, the list says 177")]);
}

#[test]
fn exact_figure_of_a_list_stands_against_a_card_that_cannot_be_true_with_it() {
    let shown = grid(&card(&format!("/video/{ID}"), "tea", "1.2M", ""), None);
    let seen = joined(layers(BOTH_TABLES, Vec::new(), vec![item("98371", 177, "")], shown)).unwrap();
    assert_eq!(seen.videos[0].counts.views, Count::exact(98_371).ok());
    assert_eq!(seen.disagreements, [format!("{ID} views: the data says 98371, the card says 1150000-1249999")]);
}

#[test]
fn what_the_page_of_a_post_leaves_out_comes_from_the_list_and_from_the_card() {
    let page = item("98371", 177, "");
    let listed = item("98400", 177, r#", "desc": "tea #tea", "isPinnedItem": true, "video": {"duration": 12}"#);
    let seen = joined(layers(BOTH_TABLES, vec![page.clone()], vec![listed], Grid::default())).unwrap();
    let post = &seen.videos[0];
    assert_eq!((post.video.caption.as_str(), post.video.duration, post.pinned), ("tea #tea", Some(12), true));

    let shown = grid(&card(&format!("/video/{ID}"), "milk", "98.4K", "Pinned"), None);
    let seen = joined(layers(BOTH_TABLES, vec![page], Vec::new(), shown)).unwrap();
    assert_eq!((seen.videos[0].video.caption.as_str(), seen.videos[0].pinned), ("milk", true));
}

#[test]
fn header_that_cannot_be_true_with_the_data_is_told_and_not_believed() {
    let seen = joined(layers(BOTH_TABLES, Vec::new(), vec![item("98371", 177, "")], header("38.5K", "Ada L"))).unwrap();
    assert_eq!(seen.profile.counts.followers, Count::exact(38_490).ok());
    assert_eq!(seen.disagreements, Vec::<String>::new());

    let seen = joined(layers(BOTH_TABLES, Vec::new(), vec![item("98371", 177, "")], header("41.2K", "Ada"))).unwrap();
    assert_eq!(seen.profile.counts.followers, Count::exact(38_490).ok());
    assert_eq!(
        seen.disagreements,
        [
            "followers: the data says 38490, the header says 41150-41249",
            r#"nickname: the data says "Ada L", the header says "Ada""#,
        ]
    );
}

#[test]
fn what_a_post_says_of_its_author_is_compared_and_fills_gaps_but_replaces_nothing() {
    let author = |followers: u32, videos: u32| {
        let stats = format!(
            r#"{{"followerCount": {followers}, "followingCount": 0, "heartCount": 0, "videoCount": {videos}}}"#
        );
        let author = r#"{"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L"}"#;
        item("98371", 177, &format!(r#", "author": {author}, "authorStats": {stats}"#))
    };
    // Zeros are withheld figures.
    let seen = joined(layers(ROUNDED_TABLE, Vec::new(), vec![author(0, 0)], Grid::default())).unwrap();
    assert_eq!(seen.disagreements, Vec::<String>::new());
    assert_eq!(seen.profile.counts.videos, Count::exact(927).ok());

    let seen = joined(layers(ROUNDED_TABLE, Vec::new(), vec![author(38_461, 930)], Grid::default())).unwrap();
    assert_eq!(seen.profile.counts.followers, Count::range(38_450, 38_549).ok(), "it may be of yesterday");
    assert_eq!(seen.disagreements, ["videos: the page says 927, a post says 930"]);
}

#[test]
fn post_of_another_account_is_refused_whichever_layer_shows_it() {
    let theirs =
        item("98371", 177, r#", "author": {"id": "6900000000000000001", "uniqueId": "grace", "nickname": "Grace"}"#);
    for (pages, listed) in [(vec![theirs.clone()], Vec::new()), (Vec::new(), vec![theirs.clone()])] {
        let shown = grid(&card(&format!("/video/{ID}"), "tea", "98.4K", ""), None);
        let seen = joined(layers(BOTH_TABLES, pages, listed, shown)).unwrap();
        assert_eq!(seen.videos, []);
        assert_eq!(seen.refused[0].reason, "other_author");
    }
}
