//! Counters, handles, ids and other values from outside: what is accepted, and as what.

use compass_core::{
    Count, CountError, CreatorId, Handle, HandleError, Hours, Interests, InterestsError, Text, TextError, VideoId,
    WantedAges, WantedGenders, Zone,
};
use proptest::prelude::*;

#[test]
fn shown_counters_are_read_as_what_they_may_stand_for() {
    let known = [
        ("0", 0, 0),
        ("7570", 7_570, 7_570),
        ("13K", 12_950, 13_049),
        ("13.6K", 13_550, 13_649),
        ("593.0k", 592_950, 593_049),
        ("2.2M", 2_150_000, 2_249_999),
        ("4M", 3_950_000, 4_049_999),
        ("1,2B", 1_150_000_000, 1_249_999_999),
        (" 1.2B ", 1_150_000_000, 1_249_999_999),
        ("0K", 0, 0),
        ("1,234", 1_234, 1_234),
    ];
    for (text, lo, hi) in known {
        assert_eq!(Count::parse_abbreviated(text), Count::range(lo, hi), "{text}");
    }
}

#[test]
fn what_is_no_counter_is_refused() {
    for text in [
        "",
        " ",
        "-1",
        "+1",
        "∞",
        "1.2 Mio.",
        "K",
        ".5K",
        "5.K",
        "1.25K",
        "1.2.3K",
        "1,2",
        "1,",
        ",123",
        "１２",
        "٣",
        "1\u{a0}000",
        "NaN",
    ] {
        assert!(matches!(Count::parse_abbreviated(text), Err(CountError::NotANumber(_))), "{text:?}");
    }
    for text in ["99999999999999999999", "9999999999999.9B", "9223372036854775808"] {
        assert_eq!(Count::parse_abbreviated(text), Err(CountError::TooLarge), "{text}");
    }
}

#[test]
fn whole_numbers_that_may_be_rounded_are_ranges() {
    let known = [
        (9_900, 9_900, 9_900),
        (10_000, 9_950, 10_049),
        (38_490, 38_490, 38_490),
        (38_500, 38_450, 38_549),
        (1_700_000, 1_650_000, 1_749_999),
        (1_712_300, 1_712_300, 1_712_300),
        (2_500_000_000, 2_450_000_000, 2_549_999_999),
    ];
    for (shown, lo, hi) in known {
        assert_eq!(Count::maybe_rounded(shown), Count::range(lo, hi), "{shown}");
    }
}

#[test]
fn rounding_a_true_value_gives_a_range_that_holds_it() {
    for truth in (0..3_000_000_u64).step_by(37) {
        let step = match truth {
            0..10_000 => 1,
            10_000..1_000_000 => 100,
            _ => 100_000,
        };
        let shown = (truth + step / 2) / step * step;
        let count = Count::maybe_rounded(shown).unwrap();
        assert!((count.lo()..=count.hi()).contains(&truth), "{truth} was shown as {shown}, read as {count}");
    }
}

#[test]
fn middle_of_a_range_is_the_number_shown() {
    assert_eq!(Count::maybe_rounded(38_500).unwrap().midpoint(), 38_500);
    assert_eq!(Count::parse_abbreviated("98.4K").unwrap().midpoint(), 98_400);
    assert_eq!(Count::exact(Count::MAX).unwrap().midpoint(), Count::MAX);
}

#[test]
fn handles_have_one_form() {
    for text in ["ada.lovelace_1", "@ADA.lovelace_1", "  @Ada.Lovelace_1\n"] {
        assert_eq!(Handle::parse(text).unwrap().as_str(), "ada.lovelace_1");
    }
    assert_eq!(Handle::parse("a"), Err(HandleError::Length(1)));
    assert_eq!(Handle::parse(&"a".repeat(25)), Err(HandleError::Length(25)));
    assert_eq!(Handle::parse("ada."), Err(HandleError::TrailingDot));
    assert_eq!(Handle::parse(".."), Err(HandleError::TrailingDot));
    for (text, bad) in
        [("аda", 'а'), ("a\u{200b}b", '\u{200b}'), ("%2e%2e", '%'), ("a/../b", '/'), ("a\0b", '\0'), ("@@a", '@')]
    {
        assert_eq!(Handle::parse(text), Err(HandleError::Character(bad)), "{text:?}");
    }
}

#[test]
fn ids_are_what_a_signed_integer_holds() {
    assert_eq!(VideoId::parse("7470546959699348744").unwrap().to_string(), "7470546959699348744");
    for text in ["", "0", "-1", "+5", "1e18", "9223372036854775808", "12a", "１２"] {
        assert!(CreatorId::parse(text).is_err(), "{text:?}");
    }
}

/// The post of 2025-02-12T14:57:40Z in a public data set; its upload began within the minute before.
#[test]
fn upload_time_lies_in_the_upper_half_of_the_id() {
    let started = VideoId::parse("7470546959699348744").unwrap().upload_started();
    let posted: jiff::Timestamp = "2025-02-12T14:57:40Z".parse().unwrap();
    assert!((0..60).contains(&(posted.as_second() - started.as_second())), "{started}");
}

#[test]
fn text_never_holds_a_nul() {
    assert_eq!(Text::parse("a\0b"), Err(TextError::Nul));
    assert_eq!(Text::lossy("a\0b").as_str(), "a\u{fffd}b");
    assert_eq!(Text::parse(&"x".repeat(Text::MAX_CHARS + 1)), Err(TextError::TooLong));
}

#[test]
fn interests_are_few_and_short() {
    let kept = Interests::parse([" bread ", "rye", "bread"]).unwrap();
    assert_eq!(kept.as_slice(), ["bread", "rye"]);
    assert_eq!(Interests::parse(["a"; 11]), Err(InterestsError::TooMany));
    assert_eq!(Interests::parse(["  "]), Err(InterestsError::Length));
    assert_eq!(Interests::parse(["x".repeat(61).as_str()]), Err(InterestsError::Length));
    assert_eq!(Interests::parse(["a\0b"]), Err(InterestsError::Control));
}

#[test]
fn wanted_shares_are_a_whole_of_groups_that_are_told() {
    let shares = WantedGenders::parse([("Female", 60), (" male ", 40)]).unwrap();
    assert_eq!(shares.iter().collect::<Vec<_>>(), [("female", 60), ("male", 40)]);
    assert!(WantedAges::parse([]).unwrap().is_empty());
    assert_eq!(WantedAges::parse([("55+", 100)]).unwrap().iter().collect::<Vec<_>>(), [("55+", 100)]);
    let error = WantedGenders::parse([("women", 100)]).unwrap_err();
    assert_eq!(error.to_string(), "\"women\" is no group of gender: they are female, male, other");
    let error = WantedAges::parse([("18-24", 50), ("25-34", 49)]).unwrap_err();
    assert_eq!(error.to_string(), "the shares of age add up to 99 %, and have to be 100 %");
    assert_eq!(Hours::parse([18, 7, 18]).unwrap().iter().collect::<Vec<_>>(), [7, 18]);
    assert_eq!(Hours::parse([24]).unwrap_err().to_string(), "24 is no hour of the day from 0 to 23");
}

#[test]
fn zones_are_those_of_the_database() {
    assert_eq!(Zone::parse("europe/berlin").unwrap().name(), "Europe/Berlin");
    assert!(Zone::parse("Mars/Olympus").is_err());
    assert!(Zone::parse("../../etc/passwd").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,40}") {
        let _count = Count::parse_abbreviated(&text);
        let _handle = Handle::parse(&text);
        let _id = VideoId::parse(&text);
        let _zone = Zone::parse(&text);
    }

    #[test]
    fn accepted_handle_parses_to_itself(text in "@?[A-Za-z0-9_.]{0,30}") {
        if let Ok(handle) = Handle::parse(&text) {
            prop_assert_eq!(Handle::parse(handle.as_str()).unwrap(), handle);
        }
    }

    #[test]
    fn counts_survive_json(lo in 0..=Count::MAX, width in 0_u64..1_000_000) {
        let count = Count::range(lo, lo.saturating_add(width).min(Count::MAX)).unwrap();
        let json = serde_json::to_string(&count).unwrap();
        prop_assert_eq!(serde_json::from_str::<Count>(&json).unwrap(), count);
    }
}
