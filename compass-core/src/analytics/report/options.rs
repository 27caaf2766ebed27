//! What a report looks at.

use std::sync::{Arc, LazyLock};

use jiff::SignedDuration;

use crate::{
    Zone,
    analytics::{AudienceShares, AudienceTarget, Corpus, Cpm, Weights, Window},
};

/// What a report looks at.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// The posts behind the figures per post.
    pub window: Window,
    /// Growth is that of the observations this long before the report's moment.
    pub growth: SignedDuration,
    /// How much each reaction counts in the weighted engagement rate.
    pub weights: Weights,
    /// The zone of weekdays and hours.
    pub zone: Zone,
    /// What other creators teach.
    pub corpus: Arc<Corpus>,
    /// What a thousand views are paid; without it a post has no value.
    pub cpm: Option<Cpm>,
    /// Who watches, as a source tells it; of what it does not tell, the newest posts let guess.
    pub audience: Option<AudienceShares>,
    /// Who is wanted to watch; without a wish there is no match.
    pub wanted: AudienceTarget,
    /// The audience that is usual, such as that of the platform in the country; without it no group has an affinity.
    pub usual_audience: Option<AudienceShares>,
}

/// What is known of growth before anything was learned: made once, since every request begins with these options.
static BUILT_IN: LazyLock<Arc<Corpus>> = LazyLock::new(Arc::default);

impl Default for ReportOptions {
    /// The newest 30 posts at least 2 days old; growth over 90 days.
    fn default() -> Self {
        Self {
            window: Window::default(),
            growth: SignedDuration::from_hours(90 * 24),
            weights: Weights::default(),
            zone: Zone::utc(),
            corpus: Arc::clone(&BUILT_IN),
            cpm: None,
            audience: None,
            wanted: AudienceTarget::default(),
            usual_audience: None,
        }
    }
}
