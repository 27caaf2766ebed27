//! Which creators may be recommended at all.

use super::ProfileVector;
use crate::{Country, CreatorId, Language, analytics::Tier};

/// What recommended creators must be; an empty list means "no matter".
///
/// A creator of whom something is not known is not among those of whom it is demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Their sizes.
    pub tiers: Vec<Tier>,
    /// The language of most of their posts.
    pub languages: Vec<Language>,
    /// Where they are.
    pub regions: Vec<Country>,
    /// Who is not wanted.
    pub exclude: Vec<CreatorId>,
}

impl Filter {
    /// Whether a creator may be recommended.
    #[must_use]
    pub fn admits(&self, vector: &ProfileVector) -> bool {
        admits(&self.tiers, vector.tier)
            && admits(&self.languages, vector.language())
            && admits(&self.regions, vector.region)
            && !self.exclude.contains(&vector.id)
    }
}

fn admits<T: PartialEq>(wanted: &[T], value: Option<T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(&value))
}
