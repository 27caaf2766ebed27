//! An object of which a few fields are read, each under any of its names.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::{
    any::{Name, OfAnyKind, skip_list},
    loose::Loose,
};

/// Reads an object's fields. Gives `None` if it is none.
pub(super) struct Record<'a, const FIELDS: usize>(pub(super) &'a [&'a [&'a str]; FIELDS]);

impl<const FIELDS: usize> OfAnyKind for Record<'_, FIELDS> {
    type Value = Option<[Loose; FIELDS]>;

    fn object<'de, A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        let mut fields = std::array::from_fn(|_| Loose::Absent);
        read(self.0, &mut fields, object)?;
        Ok(Some(fields))
    }

    fn list<'de, A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        skip_list(list)?;
        Ok(None)
    }

    fn nothing(self) -> Self::Value {
        None
    }

    fn other(self) -> Self::Value {
        None
    }
}

/// Reads the fields of an object as it streams by. Of several that have one meaning the first one that says something
/// counts.
pub(super) fn read<'de, A: MapAccess<'de>, const FIELDS: usize>(
    names: &[&[&str]; FIELDS],
    fields: &mut [Loose; FIELDS],
    mut object: A,
) -> Result<(), A::Error> {
    let place = |name: &str| names.iter().position(|of_field| of_field.contains(&name));
    while let Some(place) = object.next_key_seed(Name(place))? {
        let Some(place) = place else {
            object.next_value::<IgnoredAny>()?;
            continue;
        };
        let value: Loose = object.next_value()?;
        if fields[place].says_nothing() {
            fields[place] = value;
        }
    }
    Ok(())
}
