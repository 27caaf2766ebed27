//! What is in a ZIP: its entries within limits of number and size, and never a file on disk.

use std::io::{Read, Seek};

use jiff::civil::{Date, date};
use zip::{ZipArchive, read::ZipFile};

use super::{Bad, told};

/// An export has at most a handful of files, a workbook a dozen parts.
const MOST_ENTRIES: usize = 256;

/// How many bytes may still be unpacked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    left: u64,
    of: u64,
}

impl Room {
    pub(super) fn new(bytes: u64) -> Self {
        Self { left: bytes, of: bytes }
    }

    /// Reads all of it, if there is room. What a ZIP says of the size is not asked: it may lie.
    pub(super) fn read(&mut self, what: &str, from: impl Read) -> Result<Vec<u8>, Bad> {
        let mut bytes = Vec::new();
        // One byte more than there is room for tells that there is more.
        let read = from.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|e| Bad::new("damaged", format!("{} cannot be read: {e}", told(what))))?;
        self.take(what, bytes.len())?;
        Ok(bytes)
    }

    /// Takes the bytes that something needs in memory, if there is room.
    pub(super) fn take(&mut self, what: &str, bytes: usize) -> Result<(), Bad> {
        let Some(left) = self.left.checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX)) else {
            self.left = 0;
            let detail = format!("{} makes the export larger than {} bytes when unpacked", told(what), self.of);
            return Err(Bad::new("too_large", detail));
        };
        self.left = left;
        Ok(())
    }
}

/// What was found in an archive besides the files themselves.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// Entries that were not accepted, by name.
    pub(super) refused: Vec<(String, Bad)>,
    /// The newest day on which an entry was changed.
    pub(super) day: Option<Date>,
}

/// Whether a ZIP is an Excel workbook.
pub(super) fn is_workbook(zip: impl Read + Seek) -> bool {
    ZipArchive::new(zip).is_ok_and(|zip| zip.index_for_name("[Content_Types].xml").is_some())
}

/// Gives every file in an archive to `read`, with its name.
pub(super) fn each_entry(
    zip: impl Read + Seek,
    mut read: impl FnMut(&str, &mut dyn Read) -> Result<(), Bad>,
) -> Result<Inventory, Bad> {
    let mut zip = ZipArchive::new(zip)
        .map_err(|e| Bad::new("damaged", format!("it is no ZIP that can be read, so download it again ({e})")))?;
    if zip.len() > MOST_ENTRIES {
        let detail = format!("it has {} entries, and no export has more than {MOST_ENTRIES}", zip.len());
        return Err(Bad::new("too_large", detail));
    }
    let mut inventory = Inventory::default();
    for index in 0..zip.len() {
        let number = format!("entry {}", index + 1);
        let mut entry = match zip.by_index(index) {
            Ok(entry) => entry,
            Err(e) => {
                let why = format!("it cannot be unpacked: {e}");
                inventory.refused.push((number, Bad::new("damaged", why)));
                continue;
            }
        };
        let name = entry.name().map_or(number, std::borrow::Cow::into_owned);
        if entry.is_dir() || is_of_the_system(&name) {
            continue;
        }
        inventory.day = inventory.day.max(changed_on(&entry));
        if let Err(bad) = ordinary(&entry, &name).and_then(|()| read(&name, &mut entry)) {
            inventory.refused.push((name, bad));
        }
    }
    Ok(inventory)
}

/// The name of a file without the folders before it.
pub(super) fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Refuses what is no ordinary file with an ordinary name.
fn ordinary<R: Read>(entry: &ZipFile<'_, R>, name: &str) -> Result<(), Bad> {
    let leads_elsewhere = name.starts_with(['/', '\\'])
        || name.as_bytes().get(1) == Some(&b':')
        || name.split(['/', '\\']).any(|part| part == "..");
    if leads_elsewhere || entry.is_symlink() {
        return Err(Bad::new("unsafe_path", format!("{} leads out of the archive", told(name))));
    }
    if entry.encrypted() {
        return Err(Bad::new("encrypted", format!("{} is encrypted; unpack it first", told(name))));
    }
    Ok(())
}

/// What macOS and Windows put beside the files.
fn is_of_the_system(name: &str) -> bool {
    name.starts_with("__MACOSX/") || base_name(name).starts_with('.') || base_name(name) == "desktop.ini"
}

/// The day on which an entry was changed; 1980 stands for "not known".
fn changed_on<R: Read>(entry: &ZipFile<'_, R>) -> Option<Date> {
    let at = entry.last_modified()?;
    let day = Date::new(at.year().cast_signed(), at.month().cast_signed(), at.day().cast_signed()).ok()?;
    (day >= date(2014, 1, 1)).then_some(day)
}
