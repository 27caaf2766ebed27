//! Sample creators with seeded history and known truth: figures are a function of the creator and the time alone.

mod creator;
mod post;

pub use creator::{SampleCreator, Truth};

use crate::Handle;

/// A set of sample creators.
#[derive(Clone, Debug)]
pub struct World {
    creators: Vec<SampleCreator>,
}

impl World {
    /// The five creators that the samples are made of, each with a different story.
    ///
    /// # Panics
    /// Never: the handles are constants and a test makes the world.
    #[must_use]
    pub fn standard() -> Self {
        let story = |index: u32, name: &str, nickname: &str, bio: &str, truth: Truth| SampleCreator {
            handle: Handle::parse(name).expect("sample handles are valid"),
            nickname: nickname.to_owned(),
            bio: bio.to_owned(),
            index,
            truth,
        };
        let steady = Truth {
            followers: 48_200.0,
            followers_per_day: 61.0,
            posts_per_week: 4.5,
            typical_views: 21_000.0,
            views_spread: 0.55,
            engagement_rate: 0.072,
            keeps: None,
        };
        Self {
            creators: vec![
                story(1, "sample.steady", "Steady sample", "Sourdough, slowly.\nNew bread every week 🍞", steady),
                story(
                    2,
                    "sample.rising",
                    "Rising sample",
                    "City cycling, one ride a day 🚲",
                    Truth {
                        followers: 9_400.0,
                        followers_per_day: 240.0,
                        posts_per_week: 7.0,
                        typical_views: 38_000.0,
                        views_spread: 0.8,
                        engagement_rate: 0.094,
                        keeps: None,
                    },
                ),
                story(
                    3,
                    "sample.spiky",
                    "Spiky sample",
                    "Street football tricks. Most flop, some fly.",
                    Truth {
                        followers: 1_250_000.0,
                        followers_per_day: 900.0,
                        posts_per_week: 5.0,
                        typical_views: 160_000.0,
                        views_spread: 1.5,
                        engagement_rate: 0.058,
                        keeps: None,
                    },
                ),
                story(
                    4,
                    "sample.quiet",
                    "Quiet sample",
                    "Birds of the estuary. Posts when they do.",
                    Truth {
                        followers: 3_150.0,
                        followers_per_day: -2.0,
                        posts_per_week: 0.8,
                        typical_views: 1_400.0,
                        views_spread: 0.5,
                        engagement_rate: 0.11,
                        keeps: None,
                    },
                ),
                story(
                    5,
                    "sample.fresh",
                    "Fresh sample",
                    "",
                    Truth {
                        followers: 180.0,
                        followers_per_day: 1.5,
                        posts_per_week: 2.0,
                        typical_views: 420.0,
                        views_spread: 0.7,
                        engagement_rate: 0.085,
                        keeps: Some(5),
                    },
                ),
            ],
        }
    }

    /// Every creator.
    #[must_use]
    pub fn creators(&self) -> &[SampleCreator] {
        &self.creators
    }

    /// The creator with a handle; `None` if the world has none.
    #[must_use]
    pub fn find(&self, handle: &Handle) -> Option<&SampleCreator> {
        self.creators.iter().find(|creator| creator.handle() == handle)
    }
}
