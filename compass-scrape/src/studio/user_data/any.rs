//! A value of JSON that may be of any kind: what it is is told, and never fails those beside it.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// What is done with a value of each kind.
pub(super) trait OfAnyKind: Sized {
    /// What comes of it.
    type Value;

    fn object<'de, A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error>;

    fn list<'de, A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error>;

    /// For null.
    fn nothing(self) -> Self::Value;

    /// For a text, a number or a truth value, which is not kept.
    fn other(self) -> Self::Value;
}

/// Reads a value as it streams by.
#[derive(Debug)]
pub(super) struct Any<K>(pub(super) K);

impl<'de, K: OfAnyKind> DeserializeSeed<'de> for Any<K> {
    type Value = K::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, K: OfAnyKind> Visitor<'de> for Any<K> {
    type Value = K::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<K::Value, A::Error> {
        self.0.object(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<K::Value, A::Error> {
        self.0.list(list)
    }

    fn visit_unit<E>(self) -> Result<K::Value, E> {
        Ok(self.0.nothing())
    }

    fn visit_str<E>(self, _: &str) -> Result<K::Value, E> {
        Ok(self.0.other())
    }

    fn visit_i64<E>(self, _: i64) -> Result<K::Value, E> {
        Ok(self.0.other())
    }

    fn visit_u64<E>(self, _: u64) -> Result<K::Value, E> {
        Ok(self.0.other())
    }

    fn visit_f64<E>(self, _: f64) -> Result<K::Value, E> {
        Ok(self.0.other())
    }

    fn visit_bool<E>(self, _: bool) -> Result<K::Value, E> {
        Ok(self.0.other())
    }
}

/// Reads the name of a field and keeps what is made of it.
pub(super) struct Name<F>(pub(super) F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for Name<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> T> Visitor<'_> for Name<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<T, E> {
        Ok((self.0)(name))
    }
}

/// Leaves an object unread.
pub(super) fn skip_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<(), A::Error> {
    while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Leaves a list unread.
pub(super) fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}
