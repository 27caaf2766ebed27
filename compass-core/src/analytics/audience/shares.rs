//! The shares of an audience: checked, each group once, and what is not told kept apart.

use std::{collections::BTreeMap, fmt};

/// What people in an audience are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Dimension {
    /// Gender.
    Gender,
    /// Country or territory, as ISO 3166-1 alpha-2 codes.
    Territory,
    /// Age group.
    Age,
    /// Hours of the day at which they are active.
    ActiveHours,
    /// Language, as ISO 639-1 codes. No source tells of it: it is guessed from posts.
    Language,
    /// What they like. No source tells of it: it is guessed from posts.
    Interests,
}

impl Dimension {
    /// Those that sources tell shares of.
    pub const TOLD: [Self; 4] = [Self::Gender, Self::Territory, Self::Age, Self::ActiveHours];

    /// The stable name, as in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gender => "gender",
            Self::Territory => "territory",
            Self::Age => "age",
            Self::ActiveHours => "active_hours",
            Self::Language => "language",
            Self::Interests => "interests",
        }
    }

    /// The dimension of that name, of those that sources tell shares of; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::TOLD.into_iter().find(|dimension| dimension.as_str() == name)
    }
}

/// Where the shares come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AudienceSource {
    /// The creator's own TikTok Studio export.
    StudioExport,
    /// A file from a partner.
    PartnerFile,
    /// Guessed from what the public pages show.
    Inferred,
}

impl AudienceSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::StudioExport, Self::PartnerFile, Self::Inferred];

    /// The stable name, as in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StudioExport => "studio_export",
            Self::PartnerFile => "partner_file",
            Self::Inferred => "inferred",
        }
    }

    /// The source of that name; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// The groups of one dimension and their shares.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Told"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shares {
    /// The groups that are told, by name, in lower case.
    known: BTreeMap<String, f64>,
    /// The share of all groups that are not told.
    rest: f64,
}

/// Shares as they were written down; what is written is not rounded again.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Told {
    known: BTreeMap<String, f64>,
    rest: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Told> for Shares {
    type Error = String;

    fn try_from(Told { known, rest }: Told) -> Result<Self, String> {
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        if !known.values().all(is_share) || !is_share(&rest) {
            return Err("a share is not from 0 to 1".to_owned());
        }
        Ok(Self { known, rest })
    }
}

/// An audience: the shares of the dimensions that its source tells of.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceShares {
    /// Where they come from.
    pub source: AudienceSource,
    /// The dimensions.
    pub dimensions: BTreeMap<Dimension, Shares>,
}

impl AudienceShares {
    /// The shares of an export from TikTok Studio, of which nothing is told yet.
    #[must_use]
    pub fn of_studio() -> Self {
        Self { source: AudienceSource::StudioExport, dimensions: BTreeMap::new() }
    }
}

/// Why shares are refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SharesError {
    /// A share is no number from 0 to 1.
    #[error("{dimension} {bucket:?} has the share {share}, which is not from 0 to 1")]
    Share {
        /// Of which dimension.
        dimension: Dimension,
        /// Of which group.
        bucket: String,
        /// The share.
        share: f64,
    },
    /// A group stands twice.
    #[error("{dimension} {bucket:?} stands twice")]
    Duplicate {
        /// Of which dimension.
        dimension: Dimension,
        /// Which group.
        bucket: String,
    },
    /// The shares are more than a whole, even if each was rounded up by half a percent.
    #[error("shares of {dimension} add up to {sum}, with {bucket:?} as the largest")]
    Sum {
        /// Of which dimension.
        dimension: Dimension,
        /// The largest group.
        bucket: String,
        /// What they add up to.
        sum: f64,
    },
}

impl Shares {
    /// How far rounding may have raised each share.
    pub const ROUNDING: f64 = 0.005;

    /// Reads groups and their shares. Names are compared without outer white space and in lower case.
    ///
    /// "Others", and for all but genders "Other", is no group: it belongs to [`Shares::rest`]. Shares that add up to
    /// more than 1 by no more than rounding explains are divided by their sum.
    ///
    /// # Errors
    /// [`SharesError`] for a share that is not from 0 to 1, a group that stands twice, and shares that add up to more
    /// than 1 by more than [`Shares::ROUNDING`] for each.
    pub fn parse<'a>(
        dimension: Dimension,
        rows: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<Self, SharesError> {
        let mut told = BTreeMap::new();
        for (name, share) in rows {
            let bucket = bucket(name);
            if !(0.0..=1.0).contains(&share) {
                return Err(SharesError::Share { dimension, bucket, share });
            }
            if told.contains_key(&bucket) {
                return Err(SharesError::Duplicate { dimension, bucket });
            }
            told.insert(bucket, share);
        }
        let sum: f64 = told.values().sum();
        // Decimal shares that add up to the bound exactly may exceed it in binary.
        if sum > 1.0 + Self::ROUNDING * told.len() as f64 + 1e-9 {
            let largest = told.iter().max_by(|a, b| a.1.total_cmp(b.1));
            let bucket = largest.map(|(bucket, _)| bucket.clone()).unwrap_or_default();
            return Err(SharesError::Sum { dimension, bucket, sum });
        }
        let known: BTreeMap<String, f64> = told
            .into_iter()
            .filter(|(bucket, _)| !is_rest(dimension, bucket))
            .map(|(bucket, share)| (bucket, share / sum.max(1.0)))
            .collect();
        let rest = (1.0 - known.values().sum::<f64>()).clamp(0.0, 1.0);
        Ok(Self { known, rest })
    }

    /// The share of a group; `None` if it is not told, and may be anything from 0 to [`Shares::rest`].
    #[must_use]
    pub fn of(&self, name: &str) -> Option<f64> {
        self.known.get(&bucket(name)).copied()
    }

    /// The groups that are told, by name, in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.known.iter().map(|(bucket, share)| (bucket.as_str(), *share))
    }

    /// The share of all groups that are not told.
    #[must_use]
    pub fn rest(&self) -> f64 {
        self.rest
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gender => "gender",
            Self::Territory => "territory",
            Self::Age => "age",
            Self::ActiveHours => "active hours",
            Self::Language => "language",
            Self::Interests => "interests",
        })
    }
}

/// The form in which names of groups are compared.
pub(super) fn bucket(name: &str) -> String {
    name.trim().to_lowercase()
}

fn is_rest(dimension: Dimension, bucket: &str) -> bool {
    bucket.is_empty() || bucket == "others" || (bucket == "other" && dimension != Dimension::Gender)
}
