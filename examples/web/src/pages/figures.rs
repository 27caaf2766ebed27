//! Figures in plain words: what each is called, what it says, how sure it is, and how it is defined.

use compass_core::analytics::{CreatorReport, Estimate, Flag, MetricId, Quality};

use super::words::{Unit, thousands};

/// What people are told of a metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    id: MetricId,
    /// Its everyday name.
    name: &'static str,
    unit: Unit,
    /// What stands after the number, such as "a day".
    after: &'static str,
    /// What the number says, in a sentence.
    meaning: &'static str,
    /// How it is computed.
    definition: &'static str,
    /// What its sample is made of.
    sample: Sample,
}

/// What a sample is made of.
#[derive(Clone, Copy, Debug)]
enum Sample {
    Posts,
    Gaps,
    Looks,
}

impl Sample {
    fn count(self, n: u64) -> String {
        let (one, many) = match self {
            Self::Posts => ("post", "posts"),
            Self::Gaps => ("gap between posts", "gaps between posts"),
            Self::Looks => ("look at the profile", "looks at the profile"),
        };
        format!("{} {}", thousands(n), if n == 1 { one } else { many })
    }
}

/// The figures that lead a report.
const HEADLINES: [Metric; 4] = [
    Metric {
        id: MetricId("views.typical@1"),
        name: "Typical views",
        unit: Unit::Views,
        after: "a post",
        meaning: "Half of the recent posts got more views than this, half got fewer.",
        definition: "Median of views over the newest 30 posts that are at least 2 days old.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("er.views.median@1"),
        name: "Engagement rate",
        unit: Unit::Share,
        after: "of views",
        meaning: "On a typical post, this share of views led to a like, a comment or a share.",
        definition: "Median over posts of (likes + comments + shares) / views, posts with at least 100 views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("growth.followers.slope@1"),
        name: "Follower growth",
        unit: Unit::PerDay,
        after: "a day",
        meaning: "Followers gained or lost on a usual day of the last 90; single jumps hardly move it.",
        definition: "Theil-Sen slope of the follower count over the looks of the last 90 days.",
        sample: Sample::Looks,
    },
    Metric {
        id: MetricId("posting.per_week@1"),
        name: "Posts a week",
        unit: Unit::PerWeek,
        after: "posts",
        meaning: "How often something new appears.",
        definition: "168 hours divided by the mean gap between neighbouring posts, in hours.",
        sample: Sample::Gaps,
    },
];

/// The figures that follow.
const OTHERS: [Metric; 11] = [
    Metric {
        id: MetricId("rate.like@1"),
        name: "Likes per view",
        unit: Unit::Share,
        after: "",
        meaning: "How many views end in a like.",
        definition: "Sum of likes / sum of views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("rate.comment@1"),
        name: "Comments per view",
        unit: Unit::Share,
        after: "",
        meaning: "How many views end in a comment.",
        definition: "Sum of comments / sum of views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("rate.share@1"),
        name: "Shares per view",
        unit: Unit::Share,
        after: "",
        meaning: "How many views end in a share.",
        definition: "Sum of shares / sum of views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("rate.save@1"),
        name: "Saves per view",
        unit: Unit::Share,
        after: "",
        meaning: "How many views end in a save.",
        definition: "Sum of saves / sum of views, posts that show their saves.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("er.views.pooled@1"),
        name: "Engagement, all posts together",
        unit: Unit::Share,
        after: "",
        meaning: "Posts with many views weigh more than in the typical rate.",
        definition: "Sum of (likes + comments + shares) / sum of views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("er.views.mean@1"),
        name: "Engagement, mean of posts",
        unit: Unit::Share,
        after: "",
        meaning: "The plain average of the posts' rates: one odd post can move it.",
        definition: "Mean over posts of (likes + comments + shares) / views.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("er.followers.mean@1"),
        name: "Engagement by followers",
        unit: Unit::Share,
        after: "",
        meaning: "Another question than engagement by views: the two are hardly related.",
        definition: "Mean over posts of (likes + comments + shares) / followers at the time of posting.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("view_rate.median@1"),
        name: "Views per follower",
        unit: Unit::Ratio,
        after: "",
        meaning: "Above 1, a typical post reaches more people than follow the account.",
        definition: "Median of views / followers now.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("views.typical.geometric@1"),
        name: "Typical views, geometric mean",
        unit: Unit::Views,
        after: "",
        meaning: "A second way to say typical that uses every post and is not ruled by the largest.",
        definition: "Geometric mean of 1 + views, less 1; t interval on the logarithms.",
        sample: Sample::Posts,
    },
    Metric {
        id: MetricId("posting.gap_median@1"),
        name: "Time between posts",
        unit: Unit::Hours,
        after: "",
        meaning: "The usual wait from one post to the next.",
        definition: "Median gap between neighbouring posts.",
        sample: Sample::Gaps,
    },
    Metric {
        id: MetricId("growth.followers.rate@1"),
        name: "Relative follower growth",
        unit: Unit::GrowthPerDay,
        after: "a day",
        meaning: "Growth in proportion to the account's size, to compare accounts.",
        definition: "ln(followers now / followers then) / days; the interval is what rounded counters leave open.",
        sample: Sample::Looks,
    },
];

/// One figure, ready to be shown.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub(super) metric: Metric,
    estimate: Estimate,
}

/// Where a figure and its interval lie between zero and a little beyond the interval, in percent of a line's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whisker {
    pub(super) lo: f64,
    pub(super) width: f64,
    pub(super) value: f64,
    pub(super) zero: f64,
}

/// The leading figures of a report, those that it has.
pub(super) fn headlines(report: &CreatorReport) -> Vec<Figure> {
    figures(&HEADLINES, report)
}

/// The other figures of a report, those that it has.
pub(super) fn others(report: &CreatorReport) -> Vec<Figure> {
    figures(&OTHERS, report)
}

fn figures(metrics: &[Metric], report: &CreatorReport) -> Vec<Figure> {
    let figure = |metric: &Metric| Some(Figure { metric: *metric, estimate: report.metrics.get(&metric.id)?.clone() });
    metrics.iter().filter_map(figure).collect()
}

impl Metric {
    pub(super) fn id(&self) -> MetricId {
        self.id
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn after(&self) -> &'static str {
        self.after
    }

    pub(super) fn meaning(&self) -> &'static str {
        self.meaning
    }

    pub(super) fn definition(&self) -> &'static str {
        self.definition
    }
}

impl Figure {
    /// The number; `None` if there is not enough to say one.
    pub(super) fn value(&self) -> Option<String> {
        self.estimate.value.map(|value| self.metric.unit.write(value))
    }

    /// Why there is no number, and what it takes.
    pub(super) fn why_none(&self) -> String {
        match self.estimate.quality {
            Quality::TooFew { needed } => {
                let missing = needed.saturating_sub(self.estimate.n).max(1);
                format!("not sure yet: {missing} more {}", if missing == 1 { "post" } else { "posts" })
            }
            Quality::NoViews => "not sure yet: no post has enough views".to_owned(),
            Quality::Hidden => "the source does not show this".to_owned(),
            Quality::NoHistory => "not sure yet: one more look on another day".to_owned(),
            Quality::Ok | Quality::Thin => "not sure yet".to_owned(),
        }
    }

    /// The interval in words; `None` if there is none.
    pub(super) fn interval(&self) -> Option<String> {
        let interval = self.estimate.interval?;
        let (lo, hi) = (self.metric.unit.write(interval.lo), self.metric.unit.write(interval.hi));
        let certainty = if interval.level >= 1.0 {
            "certain".to_owned()
        } else {
            format!("{:.0}% interval", interval.level * 100.0)
        };
        Some(if lo == hi { format!("{lo} ({certainty})") } else { format!("{lo} to {hi} ({certainty})") })
    }

    /// The sample in words.
    pub(super) fn sample(&self) -> String {
        self.metric.sample.count(self.estimate.n)
    }

    /// Whether the sample is so small that the figure is a first impression.
    pub(super) fn is_thin(&self) -> bool {
        self.estimate.quality == Quality::Thin
    }

    /// How far the figure can be trusted, in words.
    pub(super) fn trust(&self) -> &'static str {
        match self.estimate.quality {
            Quality::Ok => "enough data",
            Quality::Thin => "first impression",
            _ => "not sure yet",
        }
    }

    /// What else a reader should know.
    pub(super) fn remarks(&self) -> Vec<&'static str> {
        let remark = |flag: &Flag| match flag {
            Flag::FollowersNotAtPosting => "For some posts only a later follower count is known.",
            Flag::RoundedCounters => "Some of the counters behind it were rounded by TikTok.",
            Flag::SomeHidden => "Posts that do not show the counter were left out.",
        };
        self.estimate.flags.iter().map(remark).collect()
    }

    /// The interval as a picture; `None` if there is no interval.
    pub(super) fn whisker(&self) -> Option<Whisker> {
        let (value, interval) = (self.estimate.value?, self.estimate.interval?);
        let (left, right) = (interval.lo.min(0.0) * 1.15, interval.hi.max(0.0) * 1.15);
        let length = right - left;
        if length <= 0.0 {
            return None;
        }
        let place = |x: f64| ((x - left) / length * 1000.0).round() / 10.0;
        let (lo, hi) = (place(interval.lo), place(interval.hi));
        Some(Whisker { lo, width: (hi - lo).max(0.5), value: place(value), zero: place(0.0) })
    }
}

#[cfg(test)]
mod tests {
    use compass_core::{
        analytics::{Interval, ReportOptions, creator_report},
        samples::World,
    };
    use jiff::Timestamp;

    use super::*;

    fn report() -> CreatorReport {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let world = World::standard();
        let creator = &world.creators()[0];
        let (profiles, videos): (Vec<_>, Vec<_>) =
            creator.history(now, 30).into_iter().map(|look| (look.profile, look.videos)).unzip();
        creator_report(&creator.profile(), &profiles, &videos.concat(), now, &ReportOptions::default())
    }

    fn figure(metric: usize, estimate: impl FnOnce(MetricId, Timestamp) -> Estimate) -> Figure {
        Figure { metric: HEADLINES[metric], estimate: estimate(HEADLINES[metric].id, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn every_metric_of_a_report_has_words() {
        let report = report();
        let told: Vec<MetricId> =
            headlines(&report).iter().chain(&others(&report)).map(|figure| figure.metric.id).collect();
        assert_eq!(told.len(), report.metrics.len());
        assert!(report.metrics.keys().all(|id| told.contains(id)), "{:?}", report.metrics.keys());
    }

    #[test]
    fn a_figure_says_its_interval_and_sample() {
        let interval = Interval { lo: 17_930.0, hi: 25_120.0, level: 0.95 };
        let views = figure(0, |id, at| Estimate::new(id, at, 30, 21_347.0, Some(interval)));
        assert_eq!(views.value().as_deref(), Some("21,300"));
        assert_eq!(views.interval().as_deref(), Some("17,900 to 25,100 (95% interval)"));
        assert_eq!((views.sample().as_str(), views.trust()), ("30 posts", "enough data"));
    }

    #[test]
    fn a_missing_figure_says_what_it_takes() {
        let none = |n, why| figure(1, |id, at| Estimate::none(id, at, n, why));
        assert_eq!(none(2, Quality::TooFew { needed: 5 }).why_none(), "not sure yet: 3 more posts");
        assert_eq!(none(0, Quality::TooFew { needed: 1 }).why_none(), "not sure yet: 1 more post");
        assert_eq!(none(0, Quality::NoHistory).value(), None);
        assert_eq!(none(4, Quality::Hidden).whisker(), None);
    }

    #[test]
    fn a_whisker_lies_on_its_line_and_shows_where_zero_is() {
        let losing = Interval { lo: -4.0, hi: 2.0, level: 0.95 };
        let whisker = figure(2, |id, at| Estimate::new(id, at, 90, -1.0, Some(losing))).whisker().unwrap();
        assert!(0.0 < whisker.lo && whisker.lo < whisker.value && whisker.value < whisker.zero);
        assert!(whisker.lo + whisker.width < 100.0);
    }
}
