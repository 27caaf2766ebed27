//! What looks unlike an account whose followers and reactions came by themselves: signals with evidence, no verdict.

use std::collections::BTreeMap;

use super::{Estimate, FollowerJump, MetricId, Standing};

/// One thing to look at, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signal {
    /// What is looked at.
    pub kind: SignalKind,
    /// Its value: that of the first figure, or the followers gained on the day of the jump.
    pub value: f64,
    /// Where the creator stands with it among its peers; `None` if they are too few, and for a jump.
    pub standing: Option<Standing>,
    /// The figures it rests on; none for a jump.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::openapi::Estimate>))]
    pub figures: Vec<Estimate>,
    /// The jump; `None` for the other kinds.
    pub jump: Option<FollowerJump>,
}

/// What a signal looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SignalKind {
    /// Views of a typical post per follower: bought followers do not watch.
    ViewsPerFollower,
    /// Reactions per view: bought views bring none, bought likes come without views.
    EngagementRate,
    /// Comments for every 1,000 likes: bought likes come without words.
    CommentsPerLike,
    /// How far views spread from post to post: bought views come in even lots.
    UniformViews,
    /// A day that brought far more followers than usual, with no post to explain it.
    FollowerJump,
}

impl SignalKind {
    /// The figures that the signal rests on, the one that it is about first.
    #[must_use]
    pub fn figures(self) -> &'static [MetricId] {
        match self {
            Self::ViewsPerFollower => &[MetricId::VIEWS_PER_FOLLOWER, MetricId::TYPICAL_VIEWS],
            Self::EngagementRate => &[MetricId::ENGAGEMENT, MetricId::ENGAGEMENT_POOLED],
            Self::CommentsPerLike => {
                &[MetricId::COMMENTS_PER_THOUSAND_LIKES, MetricId::COMMENT_RATE, MetricId::LIKE_RATE]
            }
            Self::UniformViews => &[MetricId::CONSISTENCY, MetricId::TYPICAL_VIEWS],
            Self::FollowerJump => &[],
        }
    }
}

/// The signals of a creator: each kind whose figure has a value, then the jumps of its followers.
#[must_use]
pub fn signals(
    metrics: &BTreeMap<MetricId, Estimate>,
    standings: &[Standing],
    jumps: impl IntoIterator<Item = FollowerJump>,
) -> Vec<Signal> {
    let of_figures = |kind: SignalKind| {
        let figures: Vec<Estimate> = kind.figures().iter().filter_map(|id| metrics.get(id)).cloned().collect();
        let about = *kind.figures().first()?;
        let value = figures.first().filter(|figure| figure.id == about)?.value?;
        let among_enough = |standing: &&Standing| standing.metric == about && standing.percentile.value.is_some();
        let standing = standings.iter().find(among_enough).cloned();
        Some(Signal { kind, value, standing, figures, jump: None })
    };
    let kinds = [
        SignalKind::ViewsPerFollower,
        SignalKind::EngagementRate,
        SignalKind::CommentsPerLike,
        SignalKind::UniformViews,
    ];
    let of_jump = |jump: FollowerJump| Signal {
        kind: SignalKind::FollowerJump,
        value: jump.gained,
        standing: None,
        figures: Vec::new(),
        jump: Some(jump),
    };
    kinds.into_iter().filter_map(of_figures).chain(jumps.into_iter().map(of_jump)).collect()
}
