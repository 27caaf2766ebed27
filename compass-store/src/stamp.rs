//! A moment as both databases keep it.

use jiff::Timestamp;
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

/// A moment to the microsecond: a `timestamptz` in PostgreSQL, an integer since 1970 in SQLite.
///
/// Moments before PostgreSQL's calendar become its first, so that "from the beginning of time" can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(Timestamp);

impl Stamp {
    /// The last whole second of jiff's calendar, in the year 9999.
    pub(crate) const MAX: Self = Self(Timestamp::constant(253_402_207_200, 0));

    /// 1 January 4713 BC.
    const MIN: Self = Self(Timestamp::constant(-210_863_520_000, 0));

    /// Microseconds since 1970.
    #[cfg(feature = "postgres")]
    pub(crate) fn micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The moment so many microseconds since 1970, or the nearest that there is.
    #[cfg(feature = "postgres")]
    pub(crate) fn from_micros(micros: i64) -> Self {
        let seconds = micros.clamp(Self::MIN.micros(), Self::MAX.micros());
        Self(Timestamp::from_microsecond(seconds).expect("it lies between two timestamps"))
    }

    pub(crate) fn get(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for Stamp {
    fn from(moment: Timestamp) -> Self {
        let micros = moment.clamp(Self::MIN.0, Self::MAX.0).as_microsecond();
        Self(Timestamp::from_microsecond(micros).expect("it lies between two timestamps"))
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::Sqlite;

    use super::{BoxDynError, Database, Decode, Encode, IsNull, Stamp, Timestamp, Type};

    impl Type<Sqlite> for Stamp {
        fn type_info() -> <Sqlite as Database>::TypeInfo {
            <i64 as Type<Sqlite>>::type_info()
        }
    }

    impl<'q> Encode<'q, Sqlite> for Stamp {
        fn encode_by_ref(&self, buffer: &mut <Sqlite as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Encode::<'q, Sqlite>::encode(self.0.as_microsecond(), buffer)
        }
    }

    impl<'r> Decode<'r, Sqlite> for Stamp {
        fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
            Ok(Self(Timestamp::from_microsecond(<i64 as Decode<'r, Sqlite>>::decode(value)?)?))
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use jiff_sqlx::{Timestamp as PgTimestamp, ToSqlx};
    use sqlx::{
        Postgres,
        postgres::{PgHasArrayType, PgTypeInfo},
    };

    use super::{BoxDynError, Database, Decode, Encode, IsNull, Stamp, Type};

    impl Type<Postgres> for Stamp {
        fn type_info() -> <Postgres as Database>::TypeInfo {
            <PgTimestamp as Type<Postgres>>::type_info()
        }
    }

    impl PgHasArrayType for Stamp {
        fn array_type_info() -> PgTypeInfo {
            PgTypeInfo::with_name("_timestamptz")
        }
    }

    impl<'q> Encode<'q, Postgres> for Stamp {
        fn encode_by_ref(&self, buffer: &mut <Postgres as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Encode::<'q, Postgres>::encode(self.0.to_sqlx(), buffer)
        }
    }

    impl<'r> Decode<'r, Postgres> for Stamp {
        fn decode(value: <Postgres as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
            Ok(Self(<PgTimestamp as Decode<'r, Postgres>>::decode(value)?.to_jiff()))
        }
    }
}
