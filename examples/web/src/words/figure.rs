//! A figure in words: its value, how sure it is, what is behind it, and why there is none.

use compass_core::analytics::{
    Counter, CreatorReport, Estimate, Flag, Metric, MetricId, MetricUnit, Quality, SampleOf, Window,
};

use super::{decimal, listed, localised, thousands};

/// A figure of a report and what the catalogue tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) metric: &'static Metric,
    pub(crate) estimate: Estimate,
    /// Why there is no value, and what it takes; empty if there is one.
    pub(crate) why_none: String,
}

/// An interval in words.
#[derive(Clone, Debug)]
pub(crate) struct IntervalWords {
    /// `17,900 to 25,100`
    pub(crate) range: String,
    /// `95% interval`
    pub(crate) certainty: String,
}

impl Figure {
    /// The figure of that name; `None` if the report does not have it.
    pub(crate) fn of(report: &CreatorReport, id: MetricId) -> Option<Self> {
        let (metric, estimate) = (Metric::find(id)?, report.metrics.get(&id)?.clone());
        let why_none = if estimate.value.is_some() { String::new() } else { why_none(metric, &estimate, report) };
        Some(Self { metric, estimate, why_none })
    }

    /// The figures of these metrics, in their order.
    pub(crate) fn all(report: &CreatorReport, metrics: &[&Metric]) -> Vec<Self> {
        metrics.iter().filter_map(|metric| Self::of(report, metric.id)).collect()
    }

    /// The value with its unit; `None` if there is not enough to say one.
    pub(crate) fn value(&self) -> Option<String> {
        self.estimate.value.map(|value| amount(self.metric.unit, value))
    }

    /// The interval; `None` if there is none.
    pub(crate) fn interval(&self) -> Option<IntervalWords> {
        let interval = self.estimate.interval?;
        let [lo, hi] = [interval.lo, interval.hi].map(|end| amount(self.metric.unit, end));
        let certainty = if interval.level < 1.0 {
            format!("{:.0}% interval", interval.level * 100.0)
        } else {
            "what rounding leaves open".to_owned()
        };
        Some(IntervalWords { range: format!("{lo} to {hi}"), certainty })
    }

    /// How much is behind it: `30 posts`.
    pub(crate) fn sample(&self) -> String {
        let (one, many) = match self.metric.sample {
            SampleOf::Posts => ("post", "posts"),
            SampleOf::Gaps => ("gap between posts", "gaps between posts"),
            SampleOf::Looks => ("day with a look", "days with a look"),
        };
        format!("{} {}", thousands(self.estimate.n), if self.estimate.n == 1 { one } else { many })
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        localised(self.metric.name)
    }

    /// What follows the value: `of viewers`.
    pub(crate) fn after(&self) -> String {
        localised(self.metric.after)
    }

    /// What it says, in a sentence.
    pub(crate) fn meaning(&self) -> String {
        localised(self.metric.meaning)
    }

    /// How it is computed.
    pub(crate) fn definition(&self) -> String {
        localised(self.metric.definition)
    }

    /// Whether the sample is so small that the figure is a first impression.
    pub(crate) fn is_thin(&self) -> bool {
        self.estimate.quality == Quality::Thin
    }

    /// How far the figure can be trusted.
    pub(crate) fn trust(&self) -> &'static str {
        match self.estimate.quality {
            Quality::Ok => "enough data",
            Quality::Thin => "first impression",
            Quality::Hidden => "not shown",
            Quality::NoViews | Quality::TooFew { .. } | Quality::NoHistory => "not sure yet",
        }
    }
}

/// What else a reader should know.
pub(crate) fn remark(flag: Flag) -> &'static str {
    match flag {
        Flag::FollowersNotAtPosting => "the followers at posting are not known for every post",
        Flag::RoundedCounters => "some counters behind it were rounded by TikTok",
        Flag::SomeHidden => "posts that hide a counter were left out",
        Flag::BestPostsOnly => "of some posts only those that did best are known, from an export",
    }
}

/// The number with its unit.
pub(crate) fn amount(unit: MetricUnit, x: f64) -> String {
    match unit {
        MetricUnit::Views | MetricUnit::Followers | MetricUnit::Posts => thousands(three_digits(x)),
        MetricUnit::Fraction => format!("{}%", number(x * 100.0)),
        MetricUnit::Ratio
        | MetricUnit::PostsPerWeek
        | MetricUnit::PostsPerDay
        | MetricUnit::PerThousand
        | MetricUnit::Decades
        | MetricUnit::Score
        | MetricUnit::Money => number(x),
        MetricUnit::Days => format!("{} days", number(x)),
        MetricUnit::Hours if x < 1.0 => format!("{:.0} min", x * 60.0),
        MetricUnit::Hours if x < 48.0 => format!("{} h", number(x)),
        MetricUnit::Hours => format!("{} days", number(x / 24.0)),
        MetricUnit::FollowersPerDay | MetricUnit::LikesPerDay | MetricUnit::ViewsPerDay => signed(x),
        MetricUnit::GrowthPerDay | MetricUnit::GrowthPerYear | MetricUnit::Lift => format!("{}%", signed(x * 100.0)),
    }
}

const NOBODY_FOLLOWS: &str = "nobody follows the account";

fn why_none(metric: &Metric, estimate: &Estimate, report: &CreatorReport) -> String {
    let nobody_follows = || {
        metric.counters.contains(&Counter::Followers) && report.counts.followers.is_some_and(|count| count.hi() == 0)
    };
    match estimate.quality {
        Quality::Hidden => {
            let hidden: Vec<&str> = metric.hidden_in(report).into_iter().map(|counter| counter.name()).collect();
            match (hidden.as_slice(), metric.sample) {
                ([], _) if nobody_follows() => NOBODY_FOLLOWS.to_owned(),
                ([], SampleOf::Looks) if metric.counters.contains(&Counter::Followers) => {
                    "no recent look shows the followers".to_owned()
                }
                ([], SampleOf::Looks) => "no look shows the count".to_owned(),
                ([], _) => "no post shows every counter that it needs".to_owned(),
                (names, _) => format!("the source does not show {}", listed(names)),
            }
        }
        Quality::TooFew { needed } => {
            // So many gaps lie between one post more.
            let needed = if metric.sample == SampleOf::Gaps { needed + 1 } else { needed };
            let Window { min_age, .. } = Window::default();
            let old_enough =
                report.videos.iter().filter(|post| report.as_of.duration_since(post.created_at) >= min_age).count();
            let days = min_age.as_hours() / 24;
            match needed.saturating_sub(old_enough as u64) {
                0 | 1 => format!("not sure yet: 1 more post that is at least {days} days old"),
                more => format!("not sure yet: {more} more posts that are at least {days} days old"),
            }
        }
        Quality::NoViews if nobody_follows() => NOBODY_FOLLOWS.to_owned(),
        Quality::NoViews => "not sure yet: no post has enough views".to_owned(),
        Quality::NoHistory if estimate.n == 0 => "not sure yet: looks on two days".to_owned(),
        Quality::NoHistory if estimate.n == 1 => "not sure yet: one more look on another day".to_owned(),
        Quality::NoHistory if metric.id == MetricId::FOLLOWER_GROWTH_ANNUAL => {
            "not sure yet: looks over at least 90 days".to_owned()
        }
        Quality::NoHistory => "the follower count was zero".to_owned(),
        Quality::Ok | Quality::Thin => "not sure yet".to_owned(),
    }
}

/// Views: more than three digits are more than their spread deserves.
fn three_digits(x: f64) -> u64 {
    let x = x.max(0.0);
    let digits = if x < 1.0 { 1 } else { x.log10().floor() as i32 + 1 };
    let step = 10_f64.powi((digits - 3).max(0));
    ((x / step).round() * step) as u64
}

/// At least two digits that mean something, and no false precision; a minus is as wide as a plus.
fn number(x: f64) -> String {
    let size = x.abs();
    let digits = match size {
        0.0..0.01 => decimal(&format!("{size:.4}")),
        0.01..0.1 => decimal(&format!("{size:.3}")),
        0.1..1.0 => decimal(&format!("{size:.2}")),
        1.0..100.0 => decimal(&format!("{size:.1}")),
        _ => thousands(size.round() as u64),
    };
    match digits.bytes().all(|b| matches!(b, b'0' | b'.' | b',')) {
        true => "0".to_owned(),
        false if x < 0.0 => format!("\u{2212}{digits}"),
        false => digits,
    }
}

fn signed(x: f64) -> String {
    let digits = number(x);
    if x > 0.0 && digits != "0" { format!("+{digits}") } else { digits }
}

#[cfg(test)]
mod tests {
    use compass_core::{
        Count, ProfileObservation, VideoObservation,
        analytics::{Interval, ReportOptions, creator_report},
        samples::World,
    };
    use jiff::Timestamp;

    use super::*;

    /// A report of one look at a sample that was changed by `edit`.
    fn report(edit: impl FnOnce(&mut ProfileObservation, &mut Vec<VideoObservation>)) -> CreatorReport {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let world = World::standard();
        let creator = &world.creators()[0];
        let mut look = creator.history(now, 1).pop().unwrap();
        edit(&mut look.profile, &mut look.videos);
        creator_report(&creator.profile(), &[look.profile], &look.videos, now, &ReportOptions::default())
    }

    fn why_none(id: MetricId, report: &CreatorReport) -> String {
        let figure = Figure::of(report, id).unwrap();
        assert_eq!(figure.value(), None);
        figure.why_none
    }

    #[test]
    fn a_figure_says_its_interval_and_sample() {
        let mut report = report(|_, _| {});
        let interval = |level| Some(Interval { lo: 17_930.0, hi: 25_120.0, level });
        let id = MetricId::TYPICAL_VIEWS;
        report.metrics.insert(id, Estimate::new(id, report.as_of, 30, 21_347.0, interval(0.95)));
        let views = Figure::of(&report, id).unwrap();
        assert_eq!(views.value().as_deref(), Some("21,300"));
        let words = views.interval().unwrap();
        assert_eq!((words.range.as_str(), words.certainty.as_str()), ("17,900 to 25,100", "95% interval"));
        assert_eq!((views.sample().as_str(), views.trust(), views.why_none.as_str()), ("30 posts", "enough data", ""));
        report.metrics.insert(id, Estimate::new(id, report.as_of, 3, 21_347.0, interval(1.0)));
        let views = Figure::of(&report, id).unwrap();
        assert_eq!(views.interval().unwrap().certainty, "what rounding leaves open");
        assert!(views.is_thin());
    }

    #[test]
    fn samples_are_counted_in_their_own_words() {
        let report = report(|_, videos| videos.truncate(2));
        let sample = |id| Figure::of(&report, id).unwrap().sample();
        assert_eq!(sample(MetricId::FOLLOWER_GROWTH), "1 day with a look");
        assert!(sample(MetricId::POSTING_GAP).contains("between posts"));
        assert!(sample(MetricId::TYPICAL_VIEWS).contains("post"));
    }

    #[test]
    fn a_missing_figure_says_what_it_takes() {
        let none = report(|_, videos| videos.clear());
        assert_eq!(why_none(MetricId::TYPICAL_VIEWS, &none), "not sure yet: 1 more post that is at least 2 days old");
        assert_eq!(
            why_none(MetricId::POSTS_PER_WEEK, &none),
            "not sure yet: 2 more posts that are at least 2 days old"
        );
        let one = report(|_, videos| *videos = videos.split_off(videos.len() - 1));
        assert_eq!(why_none(MetricId::POSTS_PER_WEEK, &one), "not sure yet: 1 more post that is at least 2 days old");
        assert_eq!(why_none(MetricId::FOLLOWER_GROWTH, &one), "not sure yet: one more look on another day");
        let unseen = report(|_, videos| videos.iter_mut().for_each(|v| v.counts.views = Count::exact(0).ok()));
        assert_eq!(why_none(MetricId::ENGAGEMENT, &unseen), "not sure yet: no post has enough views");
    }

    #[test]
    fn a_missing_figure_names_what_is_hidden() {
        let hidden = report(|profile, videos| {
            profile.counts.followers = None;
            videos.iter_mut().for_each(|v| (v.counts.likes, v.counts.shares) = (None, None));
        });
        assert_eq!(why_none(MetricId::ENGAGEMENT, &hidden), "the source does not show likes and shares");
        assert_eq!(
            why_none(MetricId::ENGAGEMENT_BY_FOLLOWERS, &hidden),
            "the source does not show likes, shares and followers"
        );
        assert_eq!(why_none(MetricId::FOLLOWER_GROWTH, &hidden), "the source does not show followers");
        assert_eq!(Figure::of(&hidden, MetricId::ENGAGEMENT).unwrap().trust(), "not shown");
        let in_turns = report(|_, videos| {
            videos.iter_mut().enumerate().for_each(|(i, v)| match i % 2 {
                0 => v.counts.likes = None,
                _ => v.counts.shares = None,
            });
        });
        assert_eq!(why_none(MetricId::ENGAGEMENT, &in_turns), "no post shows every counter that it needs");
    }

    #[test]
    fn an_account_without_followers_has_no_figures_per_follower() {
        let alone = report(|profile, _| profile.counts.followers = Count::exact(0).ok());
        for id in [MetricId::VIEWS_PER_FOLLOWER, MetricId::ENGAGEMENT_BY_FOLLOWERS] {
            assert_eq!(why_none(id, &alone), "nobody follows the account", "{id}");
        }
    }

    #[test]
    fn growth_in_proportion_to_nothing_is_none() {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let world = World::standard();
        let mut looks: Vec<_> = world.creators()[0].history(now, 2).into_iter().map(|look| look.profile).collect();
        looks[0].counts.followers = Count::exact(0).ok();
        let profile = world.creators()[0].profile();
        let report = creator_report(&profile, &looks, &[], now, &ReportOptions::default());
        assert_eq!(why_none(MetricId::FOLLOWER_GROWTH_RATE, &report), "the follower count was zero");
    }

    #[test]
    fn figures_have_the_digits_that_mean_something() {
        let cases = [
            (MetricUnit::Views, 21_347.0, "21,300"),
            (MetricUnit::Views, 999.6, "1,000"),
            (MetricUnit::Views, 7.4, "7"),
            (MetricUnit::Views, 0.0, "0"),
            (MetricUnit::Views, 2_899_999.6, "2,900,000"),
            (MetricUnit::Fraction, 0.0716, "7.2%"),
            (MetricUnit::Fraction, 0.0036, "0.36%"),
            (MetricUnit::Fraction, 0.000_367, "0.037%"),
            (MetricUnit::Fraction, 0.0, "0%"),
            (MetricUnit::Fraction, 3.114, "311%"),
            (MetricUnit::FollowersPerDay, 61.24, "+61.2"),
            (MetricUnit::FollowersPerDay, 240.4, "+240"),
            (MetricUnit::FollowersPerDay, -1_234.6, "\u{2212}1,235"),
            (MetricUnit::FollowersPerDay, -0.26, "\u{2212}0.26"),
            (MetricUnit::FollowersPerDay, -0.000_01, "0"),
            (MetricUnit::PostsPerWeek, 4.52, "4.5"),
            (MetricUnit::Hours, 0.8, "48 min"),
            (MetricUnit::Hours, 36.84, "36.8 h"),
            (MetricUnit::Hours, 60.0, "2.5 days"),
            (MetricUnit::Ratio, 0.436, "0.44"),
            (MetricUnit::GrowthPerDay, 0.00127, "+0.13%"),
            (MetricUnit::GrowthPerDay, -0.000_043, "\u{2212}0.0043%"),
        ];
        for (unit, x, text) in cases {
            assert_eq!(amount(unit, x), text, "{unit:?} {x}");
        }
    }
}
