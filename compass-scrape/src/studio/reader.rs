//! A file that somebody brought, for the use cases.

use std::io::Cursor;

use compass_core::{
    Refusal,
    ports::{ExportFile, ExportReader, Exported},
};

use super::{Import, ImportOptions};
use crate::partner;

/// Reads exports of TikTok Studio and "Download your data" from memory, and audiences that a [partner](crate::partner) tells of.
///
/// ```
/// use compass_core::{Handle, ports::{ExportFile, ExportReader}};
/// use compass_scrape::studio::StudioReader;
///
/// let ada: Handle = "ada".parse()?;
/// let table = "\"Date\",\"Followers\",\"Difference in followers from previous day\"\n\"January 1\",\"5010\",\"-1\"";
/// let read = StudioReader::default().read(&ExportFile {
///     name: "FollowerHistory.csv",
///     content: table.as_bytes(),
///     handle: Some(&ada),
///     exported_on: "2026-01-03".parse().ok(),
/// });
/// assert_eq!((read.creators.len(), read.refused.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StudioReader {
    options: ImportOptions,
}

/// At most 64 MiB of tables and 256 MiB of the data of a user, unpacked.
impl Default for StudioReader {
    fn default() -> Self {
        Self { options: ImportOptions { max_user_data_bytes: 256 * 1024 * 1024, ..ImportOptions::default() } }
    }
}

impl ExportReader for StudioReader {
    fn read<'f>(&self, file: &ExportFile<'f>) -> Exported {
        if partner::is_partner_file(file.content) {
            return partner::read(file.content);
        }
        let mut import = Import::new(ImportOptions {
            exported_on: file.exported_on,
            handle: file.handle.cloned(),
            ..self.options.clone()
        });
        import.add(file.name, file.name, None, Cursor::new(file.content));
        let read = import.finish(None);
        let of_file = |refused: compass_core::analytics::Refused| Refusal {
            item: refused.item,
            reason: refused.reason,
            detail: refused.detail,
        };
        Exported {
            creators: read.creators,
            refused: read.refused.into_iter().map(of_file).collect(),
            notes: read.notes,
        }
    }
}
