//! Which posts ran away from the creator's others, and which fell short of them.

use crate::stats::Robust;

/// How a post did among the creator's others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standout {
    /// How many robust standard deviations its log views lie above their median; `None` if its views at 30 days are not
    /// known, the creator has fewer than 8 posts that are, or they have no spread.
    pub z: Option<f64>,
    /// What the z amounts to; `None` for an ordinary post.
    pub mark: Option<Mark>,
}

/// A post that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mark {
    /// Far more views than usual.
    Breakout,
    /// Far fewer views than usual.
    Flop,
}

impl Mark {
    /// Posts further than this many robust standard deviations from the median stand out (Iglewicz and Hoaglin 1993).
    pub const FROM: f64 = 3.5;

    /// With fewer posts nothing can be said to stand out.
    pub const FEWEST_POSTS: usize = 8;
}

/// Marks posts by z = (log V - median) / (1.4826 MAD) over `log_views`, ln(1 + views at 30 days of age), `None` for a
/// post too young to say. The answers are in the order of the posts.
///
/// The base of the logarithm cancels. Where more than half of the posts have the same views, the interquartile range
/// stands in for the MAD.
#[must_use]
pub fn standouts(log_views: &[Option<f64>]) -> Vec<Standout> {
    let known: Vec<f64> = log_views.iter().copied().flatten().filter(|log| log.is_finite()).collect();
    let Some(usual) = Robust::of(&known).filter(|_| known.len() >= Mark::FEWEST_POSTS) else {
        return vec![Standout::default(); log_views.len()];
    };
    let standout = |log: f64| {
        let z = usual.z(log);
        let mark = if z > Mark::FROM {
            Some(Mark::Breakout)
        } else if z < -Mark::FROM {
            Some(Mark::Flop)
        } else {
            None
        };
        Standout { z: Some(z).filter(|z| z.is_finite()), mark: mark.filter(|_| z.is_finite()) }
    };
    log_views.iter().map(|log| log.map_or_else(Standout::default, standout)).collect()
}
