//! Reading what creators export of their own accounts.

use std::fmt;

use jiff::civil::Date;

use crate::{Handle, OwnData, Refusal};

/// A file that a creator exported, and what its owner says of it.
#[derive(Clone, Copy, Debug)]
pub struct ExportFile<'f> {
    /// The file's own name: of it the handle and the days may be read.
    pub name: &'f str,
    /// The bytes.
    pub content: &'f [u8],
    /// Whose it is, where the file does not say so.
    pub handle: Option<&'f Handle>,
    /// The day on which it was exported, where that is known.
    pub exported_on: Option<Date>,
}

/// What a file gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    /// The accounts that it tells of, in the order of the file.
    pub creators: Vec<OwnData>,
    /// Everything that was not accepted: which part and line, and why.
    pub refused: Vec<Refusal>,
    /// What was assumed, for people.
    pub notes: Vec<String>,
}

/// Reads what creators export of their own accounts.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait ExportReader: fmt::Debug + Send + Sync {
    /// Reads a file, whatever its bytes are. It may take seconds, and many times the memory of the file, but never without a bound.
    fn read<'f>(&self, file: &ExportFile<'f>) -> Exported;
}

/// Reads no file: for hosts that take no exports.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoExports;

impl ExportReader for NoExports {
    fn read<'f>(&self, _file: &ExportFile<'f>) -> Exported {
        let detail = "exports are not read here".to_owned();
        Exported { refused: vec![Refusal { item: None, reason: "not_read".to_owned(), detail }], ..Exported::default() }
    }
}
