use std::{collections::HashSet, io::Cursor};

use compass_core::{Count, SourceKind, VideoKind, analytics::Dimension};
use compass_scrape::studio::{Import, ImportOptions};

use super::{exported_on, fixtures, import, newest, only, reasons};

#[test]
fn all_tables_make_one_creator() {
    let (activity, content) = (fixtures::activity(), fixtures::content("Tea #Tea"));
    let imported = import(
        "2026-01-02",
        &[
            ("Overview.csv", fixtures::OVERVIEW.as_bytes()),
            ("FollowerHistory.csv", fixtures::HISTORY.as_bytes()),
            ("FollowerActivity.csv", activity.as_bytes()),
            ("FollowerGender.csv", fixtures::GENDER.as_bytes()),
            ("FollowerTopTerritories.csv", fixtures::TERRITORIES.as_bytes()),
            ("Viewers.csv", fixtures::VIEWERS.as_bytes()),
            ("Content.csv", content.as_bytes()),
        ],
    );
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let own = only(&imported);
    let days: Vec<_> = own.days.values().collect();
    assert_eq!(days.iter().map(|day| day.views.unwrap()).sum::<i64>(), 600);
    assert_eq!(days.iter().map(|day| day.comments.unwrap()).sum::<i64>(), -2, "comments are taken back");
    assert_eq!((days[0].followers, days[0].followers_gained), (None, None), "undefined is not zero");
    assert_eq!((days[2].followers, days[2].followers_gained), (Count::exact(5_013).ok(), Some(3)));
    assert_eq!((days[1].viewers, days[1].new_viewers), (None, None));
    assert_eq!((days[2].viewers, days[2].returning_viewers), (Count::exact(30).ok(), Count::exact(10).ok()));

    let gender = &newest(own).followers.dimensions[&Dimension::Gender];
    assert_eq!((gender.of("Female"), gender.of("other"), gender.rest()), (Some(0.59), Some(0.0), 0.0));
    let territories = &newest(own).followers.dimensions[&Dimension::Territory];
    assert_eq!((territories.of("us"), territories.of("others")), (Some(0.462), None));
    assert!((territories.rest() - 0.338).abs() < 1e-12, "{}", territories.rest());
    assert_eq!(newest(own).active_hours.len(), 48);
    assert_eq!(newest(own).active_hours.iter().filter(|hour| hour.followers.is_none()).count(), 6);
    // Each hour from 18 on was counted on the first day alone.
    let hours = &newest(own).followers.dimensions[&Dimension::ActiveHours];
    assert!(hours.of("23").unwrap() > hours.of("17").unwrap());

    let [post] = own.posts.as_slice() else { panic!("{} posts", own.posts.len()) };
    assert_eq!(
        (post.video.id.get(), post.video.kind, post.source),
        (fixtures::POST, VideoKind::Video, SourceKind::StudioExport)
    );
    assert_eq!(post.video.created_at.to_string(), "2025-12-20T10:00:00Z");
    assert!(post.video.created_at_derived);
    assert_eq!(post.observed_at.to_string(), "2026-01-02T12:00:00Z");
    assert_eq!((post.video.caption.as_str(), post.video.hashtags.as_slice()), ("Tea #Tea", &["tea".to_owned()][..]));
    let counts = post.counts;
    assert_eq!((counts.views, counts.likes), (Count::exact(191_265).ok(), Count::exact(533).ok()));
    assert_eq!((counts.comments, counts.shares, counts.saves), (Count::exact(32).ok(), Count::exact(16).ok(), None));
}

#[test]
fn followers_are_looks_at_the_end_of_each_day() {
    let imported = import("2026-01-02", &[("FollowerHistory.csv", fixtures::HISTORY.as_bytes())]);
    let looks: Vec<(String, Option<Count>)> =
        only(&imported).looks().map(|look| (look.observed_at.to_string(), look.counts.followers)).collect();
    assert_eq!(
        looks,
        [
            ("2025-12-31T23:59:59Z".to_owned(), Count::exact(5_010).ok()),
            ("2026-01-01T23:59:59Z".to_owned(), Count::exact(5_013).ok())
        ]
    );
}

#[test]
fn the_handle_comes_from_the_links_where_no_name_tells_it() {
    let content = fixtures::content("tea");
    let mut import = Import::new(ImportOptions { exported_on: "2026-01-02".parse().ok(), ..Default::default() });
    import.add("folder", "Content.csv", None, Cursor::new(content));
    import.add("folder", "Overview.csv", None, Cursor::new(fixtures::OVERVIEW));
    import.add("elsewhere.csv", "elsewhere.csv", None, Cursor::new(fixtures::GENDER));
    let imported = import.finish(None);
    let own = only(&imported);
    assert_eq!((own.handle.as_str(), own.days.len(), newest(own).followers.dimensions.len()), ("ada", 3, 1));
}

#[test]
fn a_title_with_quotes_and_formulas_stays_the_text_that_it_is() {
    for title in ["he said \"hi\", twice", "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2", "a \"quoted\" end\""] {
        let content = fixtures::content(title);
        let imported = import("2026-01-02", &[("Content.csv", content.as_bytes())]);
        assert!(imported.refused.is_empty(), "{title}: {:?}", imported.refused);
        assert_eq!(only(&imported).posts[0].video.caption.as_str(), title);
    }
}

#[test]
fn figures_that_cannot_be_true_are_refused_with_their_line() {
    let cases = [
        ("FollowerHistory.csv", "Date,Followers\nMay 1,-5", "suspect_value"),
        ("FollowerHistory.csv", "Date,Followers\nMay 1,1.5", "not_a_number"),
        ("FollowerHistory.csv", "Date,Followers\nMay 1,=1+1", "not_a_number"),
        ("Viewers.csv", "Date,Total Viewers\nMay 1,-1", "suspect_value"),
        ("FollowerActivity.csv", "Date,Hour,Active followers\nMay 1,24,5", "not_an_hour"),
        ("FollowerGender.csv", "Gender,Distribution\nFemale,59", "not_a_share"),
        ("FollowerTopTerritories.csv", "Top territories,Distribution\nUSA,0.4\nOthers,0.6", "unknown_territory"),
        ("Overview.csv", "Date,Likes,Shares\nMay 1,5", "malformed"),
        ("Content.csv", "Video link,Total views\nhttps://example.com/@ada/video/75,5", "not_a_post"),
        ("Content.csv", "Video link,Total views\nhttps://www.tiktok.com/@ada/video/75,5", "suspect_value"),
    ];
    for (file, table, reason) in cases {
        let imported = import("2026-05-02", &[(file, table.as_bytes())]);
        assert_eq!(reasons(&imported.refused), [(format!("{file} line 2").as_str(), reason)], "{table}");
    }
}

#[test]
fn more_likes_than_views_are_not_believed() {
    let content = fixtures::content("tea").replace("\"533\"", "\"191266\"");
    let imported = import("2026-01-02", &[("Content.csv", content.as_bytes())]);
    assert_eq!(reasons(&imported.refused), [("Content.csv line 2", "suspect_value")]);
}

#[test]
fn tables_that_hold_nothing_say_so() {
    let imported = import(
        "2026-01-02",
        &[
            ("FollowerGender.csv", "\u{FEFF}\"Gender\",\"Distribution\"".as_bytes()),
            ("Overview.csv", b""),
            ("notes.csv", b"a,b\n1,2"),
            ("Viewers.csv", b"Date,Likes\n\xFF,1"),
        ],
    );
    let expected = [
        ("FollowerGender.csv", "empty_table"),
        ("Overview.csv", "empty_response"),
        ("notes.csv", "unknown_table"),
        ("Viewers.csv", "unknown_format"),
    ];
    assert_eq!(reasons(&imported.refused), expected);
    assert!(imported.creators.is_empty());
}

#[test]
fn translated_tables_are_known_by_their_names() {
    let history = "\u{FEFF}\"Fecha\",\"Seguidores\",\"Diferencia\"\n\"31 de diciembre\",\"5.010\",\"−1\"\n\
                   \"1 de enero\",\"5.013\",\"3\"";
    let gender = "\u{FEFF}\"Género\",\"Distribución\"\n\"Femenino\",\"59 %\"\n\"Masculino\",\"41,0 %\"";
    let territories = "\u{FEFF}\"Territorios\",\"Distribución\"\n\"ES\",\"60 %\"\n\"Otros\",\"40 %\"";
    let imported = import(
        "2026-01-02",
        &[
            ("FollowerHistory.csv", history.as_bytes()),
            ("FollowerGender.csv", gender.as_bytes()),
            ("FollowerTopTerritories.csv", territories.as_bytes()),
        ],
    );
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(imported.notes.len(), 3, "each says that its columns were read by their place: {:?}", imported.notes);
    let own = only(&imported);
    assert_eq!(own.looks().last().unwrap().counts.followers, Count::exact(5_013).ok());
    assert_eq!(newest(own).followers.dimensions[&Dimension::Gender].of("femenino"), Some(0.59));
    assert!((newest(own).followers.dimensions[&Dimension::Territory].rest() - 0.4).abs() < 1e-12);
}

#[test]
fn a_french_table_has_a_heading_in_common_with_an_english_one() {
    let history = "\"Date\",\"Abonnés\",\"Écart\"\n\"31 décembre\",\"5010\",\"-1\"\n\"1 janvier\",\"5013\",\"3\"";
    let imported = import("2026-01-02", &[("FollowerHistory.csv", history.as_bytes())]);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(only(&imported).looks().last().unwrap().counts.followers, Count::exact(5_013).ok());
}

#[test]
fn headings_that_are_new_or_elsewhere_are_not_read_by_their_place() {
    for (file, table) in [
        ("FollowerHistory.csv", "Date,New followers,Lost followers\nJanuary 1,9,2"),
        ("FollowerHistory.csv", "Date,New followers,Lost followers\n2026-01-01,9,2"),
        ("Overview.csv", "Fecha,Likes,Video Views,Profile Views,Comments,Shares\n1 de enero,1,2,3,4,5"),
        ("Viewers.csv", "Fecha,Followers,Nuevos,Otros\n1 de enero,1,2,3"),
    ] {
        let imported = import("2026-01-02", &[(file, table.as_bytes())]);
        assert_eq!(reasons(&imported.refused), [(file, "unknown_table")], "{table}");
        assert!(imported.creators.is_empty());
    }
}

#[test]
fn of_two_exports_the_later_one_counts() {
    let table = |likes: u32| format!("Date,Likes,Shares\n2026-05-01,{likes},1\n2026-05-02,7,undefined");
    let mut import = Import::new(ImportOptions { handle: Some(super::ada()), ..Default::default() });
    let later = table(5) + "\n2026-05-03,9,9";
    import.add("later", "Overview.csv", None, Cursor::new(later));
    import.add("earlier", "Overview.csv", None, Cursor::new(table(4)));
    let imported = import.finish(None);
    let own = only(&imported);
    assert_eq!(own.days.values().map(|day| day.likes).collect::<Vec<_>>(), [Some(5), Some(7), Some(9)]);
    assert_eq!(exported_on(own), "2026-05-04");
}

#[test]
fn of_very_many_bad_lines_some_are_told_and_the_others_counted() {
    let table = format!("Date,Followers\nMay 1,5{}", "\nMay 2,many".repeat(5_000));
    let imported = import("2026-05-04", &[("FollowerHistory.csv", table.as_bytes())]);
    assert_eq!(imported.refused.len(), 101);
    assert!(imported.refused[100].detail.contains("4900 more"), "{:?}", imported.refused[100]);
}

#[test]
fn a_post_of_the_evening_of_the_export_is_kept_where_the_day_has_changed_in_utc() {
    // 1767405600 is 2026-01-03T02:00:00Z, when it was the evening of 2 January in America.
    let content = fixtures::content("tea").replace(&fixtures::POST.to_string(), &(1_767_405_600_u64 << 32).to_string());
    let imported = import("2026-01-02", &[("Content.csv", content.as_bytes())]);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(only(&imported).posts.len(), 1);
}

#[test]
fn exports_of_two_years_are_kept_apart() {
    let gender = |women: &str| format!("Gender,Distribution\nFemale,{women}\nMale,0.1");
    let activity = |followers: u32| format!("Date,Hour,Active followers\nFebruary 26,20,{followers}");
    let mut import = Import::new(ImportOptions { handle: Some(super::ada()), ..ImportOptions::default() });
    for (folder, day, women, followers) in [("a", "2026-02-28", "0.9", 900), ("b", "2025-02-28", "0.6", 600)] {
        let modified = day.parse().ok();
        import.add(folder, "FollowerGender.csv", modified, Cursor::new(gender(women)));
        import.add(folder, "FollowerActivity.csv", modified, Cursor::new(activity(followers)));
        let user = format!(
            r#"{{"Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada", "followerCount": {followers}}}}}}},
                "Your Activity": {{"Follower": {{"FansList": [{{"Date": "2024-05-0{} 10:00:00"}}]}}}}}}"#,
            followers / 300
        );
        import.add(folder, "user_data_tiktok.json", modified, Cursor::new(user));
    }
    let imported = import.finish(None);
    let own = only(&imported);
    let days: Vec<String> = own.exports.keys().map(ToString::to_string).collect();
    assert_eq!(
        days,
        ["2025-02-27", "2025-02-28", "2026-02-27", "2026-02-28"],
        "tables are of the day after their last one, the data of a user of that of its file"
    );
    let exports: Vec<_> = own.exports.values().collect();
    for (exports, (women, followers, since)) in
        exports.chunks(2).zip([(0.6, 600, "2024-05-02"), (0.9, 900, "2024-05-03")])
    {
        let [tables, user] = exports else { panic!("{} exports", exports.len()) };
        assert_eq!(tables.followers.dimensions[&Dimension::Gender].of("female"), Some(women));
        let hours: Vec<_> = tables.active_hours.iter().map(|hour| hour.followers).collect();
        assert_eq!(hours, [Count::exact(followers).ok()]);
        assert_eq!(user.account.as_ref().unwrap().counts.followers, Count::exact(followers).ok());
        assert_eq!(user.followed_since.keys().map(ToString::to_string).collect::<Vec<_>>(), [since]);
        assert!(tables.account.is_none() && user.active_hours.is_empty());
    }
}

#[test]
fn a_table_that_would_end_long_after_the_others_is_of_the_year_before() {
    let import = |short: &str| {
        let mut import = Import::new(ImportOptions { handle: Some(super::ada()), ..ImportOptions::default() });
        for (file, table) in [
            ("FollowerHistory.csv", "Date,Followers\nFebruary 27,7"),
            ("Overview-7-days.csv", short),
            ("Overview.csv", "Date,Likes,Shares\nFebruary 26,1,1\nFebruary 27,2,2"),
            ("Viewers.csv", "Date,Total Viewers\nFebruary 27,5"),
        ] {
            import.add("folder", file, "2026-11-22".parse().ok(), Cursor::new(table));
        }
        import.finish(None)
    };
    let imported = import("Date,Likes,Shares\nApril 18,5,5");
    let own = only(&imported);
    assert_eq!(own.days.keys().next().unwrap().to_string(), "2025-04-18");
    assert_eq!(exported_on(own), "2026-02-28");
    assert!(imported.notes.iter().any(|note| note.contains("Overview-7-days.csv")), "{:?}", imported.notes);

    // Of two tables of one day the one that ends later counts, whatever their names are.
    let imported = import("Date,Likes,Shares\nFebruary 26,5,1\nFebruary 27,9,2\nFebruary 28,3,3");
    let likes: Vec<_> = only(&imported).days.values().map(|day| day.likes).collect();
    assert_eq!(likes, [Some(5), Some(9), Some(3)]);
    assert!(imported.notes.iter().any(|note| note.contains("different figures of 2 days")), "{:?}", imported.notes);
}

#[test]
fn posts_of_one_table_are_not_compared_each_with_all_the_others() {
    use std::fmt::Write as _;
    // Each with all before it would be 400,000 * 400,000 / 2 = 80,000,000,000 comparisons. As tests are built one takes some
    // nanoseconds, so that this test would not end within many minutes; it takes some seconds.
    const POSTS: u64 = 400_000;
    let mut table = "Video link,Total views".to_owned();
    for number in 0..POSTS {
        write!(table, "\nhttps://www.tiktok.com/@ada/video/{},5", fixtures::POST + number).unwrap();
    }
    let imported = import("2026-01-02", &[("Content.csv", table.as_bytes())]);
    let posts: HashSet<_> = only(&imported).posts.iter().map(|post| post.video.id).collect();
    assert_eq!((posts.len() as u64, imported.refused.len()), (POSTS, 0));
}
