//! CSV (RFC 4180): a file of profiles and a file of posts.

mod cell;
mod reader;
mod writer;

pub use reader::CsvReader;
pub use writer::CsvWriter;
