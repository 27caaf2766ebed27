//! Rows in PostgreSQL's binary COPY format.

use compass_core::ports::StoreError;

use crate::stamp::Stamp;

/// Eleven bytes that begin every file, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Instead of the number of fields: there are no more rows.
const END: i16 = -1;

/// Instead of a field's length: it is NULL.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// From PostgreSQL's first moment, 2000, back to 1970.
const MICROS_BEFORE_2000: i64 = 946_684_800_000_000;

/// Writes rows.
#[derive(Debug)]
pub(super) struct Rows(Vec<u8>);

impl Rows {
    pub(super) fn new() -> Self {
        Self(HEADER.to_vec())
    }

    /// Begins a row of so many fields.
    pub(super) fn row(&mut self, fields: i16) {
        self.0.extend(fields.to_be_bytes());
    }

    pub(super) fn int(&mut self, value: i64) {
        let mut field = [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
        field[4..].copy_from_slice(&value.to_be_bytes());
        self.0.extend(field);
    }

    pub(super) fn int_or_null(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.int(value),
            None => self.0.extend(NULL),
        }
    }

    pub(super) fn moment(&mut self, moment: Stamp) {
        self.int(moment.micros() - MICROS_BEFORE_2000);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.0.extend([0, 0, 0, 1, u8::from(value)]);
    }

    /// A text much shorter than the format's limit of 2 GiB.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Bytes, much fewer than the format's limit of 2 GiB.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend((bytes.len() as u32).to_be_bytes());
        self.0.extend(bytes);
    }

    pub(super) fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.extend(NULL),
        }
    }

    /// A text that is JSON, as `jsonb`: after the number of the format.
    pub(super) fn json(&mut self, text: &str) {
        self.0.extend((text.len() as u32 + 1).to_be_bytes());
        self.0.push(1);
        self.0.extend(text.as_bytes());
    }

    pub(super) fn end(&mut self) {
        self.0.extend(END.to_be_bytes());
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What was written since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let room = self.0.capacity();
        std::mem::replace(&mut self.0, Vec::with_capacity(room))
    }
}

/// Reads rows of `N` fields from pieces that may end anywhere.
#[derive(Debug)]
pub(super) struct Reader<const N: usize> {
    rest: Vec<u8>,
    begun: bool,
}

/// The fields of a row; `None` is NULL.
pub(super) type Fields<'r, const N: usize> = [Option<&'r [u8]>; N];

impl<const N: usize> Reader<N> {
    pub(super) fn new() -> Self {
        Self { rest: Vec::new(), begun: false }
    }

    /// Gives each row that is complete with this piece.
    pub(super) fn read(
        &mut self,
        piece: &[u8],
        mut each: impl FnMut(Fields<'_, N>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // The server sends a row at a time: there is seldom a rest.
        let joined;
        let mut bytes = if self.rest.is_empty() {
            piece
        } else {
            self.rest.extend_from_slice(piece);
            joined = std::mem::take(&mut self.rest);
            &joined
        };
        if !self.begun {
            match bytes.strip_prefix(HEADER) {
                Some(rows) => bytes = rows,
                None if bytes.len() < HEADER.len() => {
                    self.rest = bytes.to_vec();
                    return Ok(());
                }
                None => return Err(malformed("the header")),
            }
            self.begun = true;
        }
        while let Some((fields, after)) = row(bytes)? {
            if let Some(fields) = fields {
                each(fields)?;
            }
            bytes = after;
        }
        self.rest = bytes.to_vec();
        Ok(())
    }
}

/// A row, or `None` where they end, and the bytes that follow.
type Next<'r, const N: usize> = (Option<Fields<'r, N>>, &'r [u8]);

/// What comes first; `None` if it is not complete.
fn row<const N: usize>(bytes: &[u8]) -> Result<Option<Next<'_, N>>, StoreError> {
    let Some((count, mut bytes)) = bytes.split_first_chunk() else { return Ok(None) };
    match i16::from_be_bytes(*count) {
        END => return Ok(Some((None, bytes))),
        count if usize::try_from(count) == Ok(N) => {}
        _ => return Err(malformed("a row's number of fields")),
    }
    let mut fields = [None; N];
    for field in &mut fields {
        let Some((length, after)) = bytes.split_first_chunk() else { return Ok(None) };
        bytes = after;
        if let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) {
            let Some((value, after)) = bytes.split_at_checked(length) else { return Ok(None) };
            (*field, bytes) = (Some(value), after);
        }
    }
    Ok(Some((Some(fields), bytes)))
}

/// A bigint, or NULL.
pub(super) fn int_or_null(field: Option<&[u8]>) -> Result<Option<i64>, StoreError> {
    field.map(|bytes| bytes.try_into().map(i64::from_be_bytes).map_err(|_| malformed("a bigint"))).transpose()
}

/// A bigint.
pub(super) fn int(field: Option<&[u8]>) -> Result<i64, StoreError> {
    int_or_null(field)?.ok_or_else(|| malformed("a bigint that is never NULL"))
}

/// A timestamptz, as microseconds since 1970.
pub(super) fn micros(field: Option<&[u8]>) -> Result<i64, StoreError> {
    int(field)?.checked_add(MICROS_BEFORE_2000).ok_or_else(|| malformed("a moment"))
}

/// A boolean.
pub(super) fn boolean(field: Option<&[u8]>) -> Result<bool, StoreError> {
    match field {
        Some([byte]) => Ok(*byte != 0),
        _ => Err(malformed("a boolean")),
    }
}

/// A text that is never NULL.
pub(super) fn text(field: Option<&[u8]>) -> Result<&str, StoreError> {
    field.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(|| malformed("a text"))
}

fn malformed(what: &str) -> StoreError {
    StoreError::Corrupt(format!("the server's binary rows: {what} cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_however_they_are_cut() {
        let mut rows = Rows::new();
        for (number, text) in [(Some(7), "ada"), (None, ""), (Some(-1), "ü")] {
            rows.row(3);
            rows.int_or_null(number);
            rows.text(text);
            rows.boolean(number.is_some());
        }
        rows.end();
        let bytes = rows.take();
        for cut in 1..bytes.len() {
            let mut reader = Reader::<3>::new();
            let mut found = Vec::new();
            for piece in bytes.chunks(cut) {
                let row = |[number, name, known]: Fields<'_, 3>| {
                    found.push((int_or_null(number)?, text(name)?.to_owned(), boolean(known)?));
                    Ok(())
                };
                reader.read(piece, row).unwrap();
            }
            let told =
                [(Some(7), "ada".to_owned(), true), (None, String::new(), false), (Some(-1), "ü".to_owned(), true)];
            assert_eq!(found, told, "in pieces of {cut}");
        }
    }

    #[test]
    fn what_is_not_of_the_format_is_told() {
        for bytes in [b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\0\x05".as_slice(), b"something else that is long enough"] {
            let read = Reader::<3>::new().read(bytes, |_| Ok(()));
            assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
        }
    }
}
