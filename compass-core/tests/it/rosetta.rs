//! The market's definitions of engagement, by hand.

use compass_core::analytics::{RosettaPosts, VideoTable, definitions};
use proptest::prelude::*;

const M: i64 = VideoTable::MISSING;

fn values(posts: &RosettaPosts<'_>, followers_now: Option<f64>) -> Vec<(&'static str, Option<f64>, usize)> {
    definitions(posts, followers_now).into_iter().map(|(id, value, n)| (id.0, value, n)).collect()
}

/// Two posts: 1,000 views, 100 likes, 10 comments, 40 shares; 200 views, 60, 2, 4. Followers 500 and 400, now 500.
#[test]
fn one_creator_has_six_engagement_rates() {
    let posts = RosettaPosts {
        views: &[1_000, 200],
        likes: &[100, 60],
        comments: &[10, 2],
        shares: &[40, 4],
        followers: &[Some(500.0), Some(400.0)],
    };
    let known = [
        ("rosetta.reactions_per_view.pooled@1", 216.0 / 1_200.0),
        ("rosetta.likes_per_view.of_means@1", 160.0 / 1_200.0),
        ("rosetta.reactions_per_view.mean@1", (0.15 + 0.33) / 2.0),
        ("rosetta.likes_comments_per_view.pooled@1", 172.0 / 1_200.0),
        ("rosetta.reactions_per_follower.mean@1", (150.0 / 500.0 + 66.0 / 400.0) / 2.0),
        ("rosetta.likes_comments_per_follower.12_posts@1", (110.0 + 62.0) / 2.0 / 500.0),
    ];
    for ((id, value, n), (name, expected)) in values(&posts, Some(500.0)).into_iter().zip(known) {
        assert_eq!((id, n), (name, 2));
        assert!((value.unwrap() - expected).abs() < 1e-12, "{id} is {value:?}, not {expected}");
    }
}

#[test]
fn a_post_counts_where_it_shows_what_is_needed() {
    let posts = RosettaPosts {
        views: &[1_000, 0, M],
        likes: &[100, 5, 60],
        comments: &[10, 1, 2],
        shares: &[M, 1, 4],
        followers: &[Some(500.0), None, Some(0.0)],
    };
    let posts_of: Vec<usize> = values(&posts, Some(500.0)).into_iter().map(|(_, _, n)| n).collect();
    assert_eq!(posts_of, [1, 2, 0, 2, 0, 3]);
    assert_eq!(values(&posts, None)[5].1, None);
    assert_eq!(values(&posts, Some(0.0))[5].1, None);
    let pooled = values(&posts, None)[0];
    assert_eq!(pooled.1, None, "the only post that shows all has no views");
}

#[test]
fn older_posts_than_the_definition_asks_for_do_not_count() {
    let hundred = [100; 40];
    let mut likes = [10; 40];
    likes[12..].fill(20);
    likes[30..].fill(9_000);
    let followers = [Some(1_000.0); 40];
    let posts =
        RosettaPosts { views: &hundred, likes: &likes, comments: &[0; 40], shares: &[0; 40], followers: &followers };
    let of = values(&posts, Some(1_000.0));
    assert_eq!((of[1].1, of[1].2), (Some((12.0 * 10.0 + 18.0 * 20.0) / 3_000.0), 30));
    assert_eq!(of[5].2, 12);
    assert!((of[5].1.unwrap() - 0.01).abs() < 1e-12);
}

proptest! {
    #[test]
    fn definitions_are_finite(
        rows in proptest::collection::vec([any::<i64>(), any::<i64>(), any::<i64>(), any::<i64>()], 0..40),
        followers in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..40),
        now in proptest::option::of(any::<f64>()),
    ) {
        let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<i64>>();
        let [views, likes, comments, shares] = [column(0), column(1), column(2), column(3)];
        let posts = RosettaPosts {
            views: &views, likes: &likes, comments: &comments, shares: &shares, followers: &followers,
        };
        for (id, value, n) in definitions(&posts, now) {
            prop_assert!(value.is_none_or(|v| v.is_finite() && v >= 0.0), "{id} {value:?}");
            prop_assert!(n <= 30);
        }
    }
}
