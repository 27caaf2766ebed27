//! The person who uses the service: identity and preferences.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use crate::{Handle, TargetAudience};

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}
pub(crate) use uuid_id;

uuid_id!(
    /// A person's identity in this service.
    UserId
);

/// Who an identity provider says somebody is. `issuer` and `subject` together are the identity; the e-mail is not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Identity {
    /// The provider's issuer, canonical.
    pub issuer: String,
    /// The provider's lasting id of the person.
    pub subject: String,
    /// The address the provider knows, for show only.
    pub email: Option<String>,
    /// The name the provider knows, for show only.
    pub name: Option<String>,
}

/// A person who signed in at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// Who the provider said it is, at the last sign-in.
    pub identity: Identity,
    /// When the person first signed in.
    pub created_at: Timestamp,
    /// What the person asked for.
    pub preferences: Preferences,
}

/// What a person asked for in onboarding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// The account the person wants to learn about.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Handle>))]
    pub handle: Option<Handle>,
    /// The audience the person wants.
    pub target: TargetAudience,
    /// The zone for hours and days; UTC if `None`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Zone>))]
    pub zone: Option<Zone>,
}

/// What to change of a person's [`Preferences`]: `None` leaves as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreferencesChange {
    /// The account, or none.
    pub handle: Option<Option<Handle>>,
    /// The audience.
    pub target: Option<TargetAudience>,
    /// The zone, or UTC.
    pub zone: Option<Option<Zone>>,
}

impl PreferencesChange {
    /// What the preferences are afterwards.
    #[must_use]
    pub fn of(&self, before: Preferences) -> Preferences {
        Preferences {
            handle: self.handle.clone().unwrap_or(before.handle),
            target: self.target.clone().unwrap_or(before.target),
            zone: self.zone.clone().unwrap_or(before.zone),
        }
    }
}

/// Changes everything.
impl From<Preferences> for PreferencesChange {
    fn from(Preferences { handle, target, zone }: Preferences) -> Self {
        Self { handle: Some(handle), target: Some(target), zone: Some(zone) }
    }
}

/// A time zone of the IANA database, by name (`"Europe/Berlin"`).
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(String);

impl Zone {
    /// Looks the name up in the zone database.
    ///
    /// # Errors
    /// [`ZoneError`] if the database has no such zone.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let name = name.trim();
        TimeZone::get(name)
            .ok()
            .and_then(|zone| zone.iana_name().map(|canonical| Self(canonical.to_owned())))
            .ok_or_else(|| ZoneError(name.chars().take(64).collect()))
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The zone's rules; UTC if the database has lost the zone since it was parsed.
    #[must_use]
    pub fn rules(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone of the IANA database, such as \"Europe/Berlin\"")]
pub struct ZoneError(String);

#[cfg(feature = "serde")]
mod json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::Zone;

    impl Serialize for Zone {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Zone {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
        }
    }
}
