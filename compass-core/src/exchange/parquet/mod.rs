//! Parquet: a file of profiles and a file of posts, with typed columns.

mod column;
mod reader;
mod writer;

pub use reader::ParquetReader;
pub use writer::ParquetWriter;

/// The entry of a file's metadata that tells the schema.
const SCHEMA_KEY: &str = "compass.schema";
