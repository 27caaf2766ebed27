//! The figures of a report that need nothing but what was seen of the creator.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Observed, ReportOptions,
    looks::{PostLooks, looks},
    own::{BestOnly, may_tell_views, with_own_posts},
};
use crate::{
    AccountLook, Count, Language, ProfileCounts,
    analytics::{
        Columns, DailySeries, Estimate, Flag, VideoTable, Window,
        engagement::engagement,
        followers::{FollowerSeries, levels},
        growth::growth,
        posting::posting,
        views::views,
    },
};

/// What was seen of a creator by a moment.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    /// The account's counters, oldest first.
    pub(super) history: Vec<AccountLook>,
    /// The posts, newest first.
    pub(super) posts: Vec<PostLooks<'a>>,
    pub(super) best_only: BestOnly,
    pub(super) followers: FollowerSeries,
    /// Followers, likes and posts, day by day.
    pub(super) levels: [DailySeries; 3],
}

/// The posts as columns.
#[derive(Debug)]
pub(super) struct Tables {
    listed: VideoTable,
    viewed: VideoTable,
    grown: VideoTable,
}

impl<'a> Seen<'a> {
    pub(super) fn of(observed: Observed<'a>, as_of: Timestamp) -> Self {
        let mut history: Vec<AccountLook> = observed
            .history
            .iter()
            .map(AccountLook::from)
            .chain(observed.own.iter().flat_map(|own| own.looks()))
            .filter(|look| look.observed_at <= as_of)
            .collect();
        history.sort_by_key(|look| (look.observed_at, look.source));
        Self {
            posts: looks(with_own_posts(observed.videos, observed.own, as_of), as_of),
            best_only: BestOnly::of(observed.videos, observed.own, as_of),
            followers: FollowerSeries::new(&history),
            levels: levels(&history),
            history,
        }
    }

    pub(super) fn tables(&self, window: Window) -> Tables {
        // A post that was last seen when it was young tells nothing of posts that are not.
        let was_old_enough = |post: &&PostLooks<'_>| {
            post.newest.observed_at.duration_since(post.newest.video.created_at) >= window.min_age
        };
        let grown = || self.posts.iter().filter(was_old_enough);
        Tables {
            listed: table(self.posts.iter().filter(|post| !self.best_only.is_unlisted(post))),
            // Of those, the ones of which a source may tell views: others would push them out of the window.
            viewed: table(grown().filter(|post| may_tell_views(post))),
            grown: table(grown()),
        }
    }

    /// The figures of the account and of the posts of the window.
    pub(super) fn figures(
        &self,
        tables: &Tables,
        options: &ReportOptions,
        as_of: Timestamp,
    ) -> impl Iterator<Item = Estimate> {
        let [listed, viewed, grown] =
            [tables.listed(), only(&tables.viewed), tables.grown()].map(|posts| posts.window(options.window, as_of));
        let of_posts = views(&viewed, self.followers.latest(), as_of)
            .into_iter()
            .chain(engagement(&grown, &self.followers, &options.weights, as_of))
            .map(|figure| self.of_posts(figure));
        of_posts
            // The posts that did best do not tell how often there was one.
            .chain(posting(&listed, as_of))
            .chain(growth(&self.levels, as_of, options.growth))
    }

    /// A figure of posts says so where some of them were chosen because they did best.
    pub(super) fn of_posts(&self, figure: Estimate) -> Estimate {
        figure.flagged(Flag::BestPostsOnly, self.best_only.has_any_of(&self.posts))
    }

    /// Each counter of the account from the newest look that shows it.
    pub(super) fn counts(&self) -> ProfileCounts {
        let newest =
            |count: fn(&ProfileCounts) -> Option<Count>| self.history.iter().rev().find_map(|look| count(&look.counts));
        ProfileCounts {
            followers: newest(|counts| counts.followers),
            following: newest(|counts| counts.following),
            likes: newest(|counts| counts.likes),
            videos: newest(|counts| counts.videos),
        }
    }

    /// The language that most posts are in; of several the first in the alphabet.
    pub(super) fn language(&self) -> Option<Language> {
        let mut posts_in: BTreeMap<Language, usize> = BTreeMap::new();
        for code in self.posts.iter().filter_map(|post| post.newest.video.language.as_deref()) {
            if let Ok(language) = Language::parse(code) {
                *posts_in.entry(language).or_default() += 1;
            }
        }
        let most = posts_in.values().max().copied()?;
        posts_in.into_iter().find(|&(_, posts)| posts == most).map(|(language, _)| language)
    }
}

impl Tables {
    /// Those that a source lists, young ones, too.
    pub(super) fn listed(&self) -> Columns<'_> {
        only(&self.listed)
    }

    /// Those that were old enough when they were last seen.
    pub(super) fn grown(&self) -> Columns<'_> {
        only(&self.grown)
    }
}

fn only(table: &VideoTable) -> Columns<'_> {
    table.creator(0).expect("one was pushed")
}

fn table<'a>(posts: impl Iterator<Item = &'a PostLooks<'a>>) -> VideoTable {
    let mut table = VideoTable::default();
    table.push_creator(posts.map(|post| post.newest));
    table
}
