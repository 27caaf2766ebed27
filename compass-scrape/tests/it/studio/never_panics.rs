//! Whatever a file holds, it is read or refused.

use proptest::prelude::*;

use super::{
    fixtures,
    sound::{assert_bytes_are_sound, assert_sound, read},
};

fn inputs() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let rows = fixtures::row(1, &["Date", "Likes"]) + &fixtures::row(2, &["May 1", "7"]);
    prop::sample::select(vec![
        ("Overview.csv", fixtures::OVERVIEW.into()),
        ("FollowerHistory.csv", fixtures::HISTORY.into()),
        ("FollowerActivity.csv", fixtures::activity().into_bytes()),
        ("FollowerTopTerritories.csv", fixtures::TERRITORIES.into()),
        ("Content.csv", fixtures::content("a \"tea\"").into_bytes()),
        ("Overview.xlsx", fixtures::workbook("Overview", &rows)),
        ("Overview_ada.zip", fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())])),
        ("user_data_tiktok.json", br#"{"Post": {"Posts": {"VideoList": [{"Date": "2025-01-26 15:50:46", "Link": "https://www.tiktokv.com/share/video/7585883755111710727/", "Likes": "58"}]}}}"#.to_vec()),
    ])
}

/// What to put in the place of some bytes.
fn patch() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "-1",
        "\"",
        ",",
        "\n",
        "February 29",
        "undefined",
        "99999999999999999999",
        "%",
        "٣",
        "\u{FEFF}",
        "=1",
        "2026-01-01",
    ];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(known.to_vec()).prop_map(|patch| patch.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_only_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        assert_bytes_are_sound(&bytes);
    }

    #[test]
    fn damaged_exports_are_only_refused(
        (file, mut bytes) in inputs(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, patch()), 1..6),
    ) {
        for (at, length, patch) in damage {
            let start = at.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, patch);
        }
        assert_sound(read(file, &bytes));
    }

    #[test]
    fn exports_that_break_off_are_only_refused((file, bytes) in inputs(), at in any::<prop::sample::Index>()) {
        assert_sound(read(file, &bytes[..at.index(bytes.len() + 1)]));
    }

    #[test]
    fn any_text_for_a_day_is_only_refused(text in "\\PC{0,24}", figure in "[-+0-9.,% ٠-٩]{0,8}") {
        assert_sound(read("Overview.csv", format!("Date,Likes\n{text},{figure}").as_bytes()));
    }

    #[test]
    fn any_days_in_any_order_are_only_refused(days in prop::collection::vec((1_u8..13, 1_u8..32), 1..40)) {
        let rows: String = days.iter().map(|(month, day)| format!("\n{month}月{day}日,1")).collect();
        assert_sound(read("Overview.csv", format!("Date,Likes{rows}").as_bytes()));
    }
}
