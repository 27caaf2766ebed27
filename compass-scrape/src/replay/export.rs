//! Which files are what a creator exported of the own account.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use compass_core::analytics::Refused;
use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::studio::{Import, begins_user_data};

/// A folder of exports has at most so many files.
const MOST_FILES: usize = 1_000;

/// Whether an input is a folder, or a file that an own export is made of.
pub(super) fn is_one(path: &Path) -> bool {
    path.is_dir() || is_a_file_of_one(path)
}

/// Adds an input; gives back what of it is no part of an export.
pub(super) fn add(path: &Path, import: &mut Import) -> Vec<Refused> {
    let input = path.display().to_string();
    if !path.is_dir() {
        return add_file(&input, path, import).err().into_iter().collect();
    }
    let files = match files(path) {
        Ok(files) => files,
        Err(e) => return vec![refused(&input, "unreadable", format!("it cannot be read: {e}"))],
    };
    if files.len() > MOST_FILES {
        return vec![refused(
            &input,
            "too_large",
            format!("the folder has {} files; name those that are meant", files.len()),
        )];
    }
    let (of_export, others): (Vec<PathBuf>, Vec<PathBuf>) = files.into_iter().partition(|file| is_a_file_of_one(file));
    if of_export.is_empty() {
        return vec![refused(
            &input,
            "unreadable",
            "no file of the folder is one of an export; name its pages and lists themselves".to_owned(),
        )];
    }
    let mut not_accepted = Vec::new();
    for file in of_export {
        // The tables of a folder belong together; a ZIP is an export of its own.
        let is_table = has_extension(&file, "csv") || has_extension(&file, "xlsx");
        let own_name = file.display().to_string();
        not_accepted.extend(add_file(if is_table { &input } else { &own_name }, &file, import).err());
    }
    for other in others {
        let detail = "in a folder only the files of a TikTok Studio export are read; name this one itself".to_owned();
        not_accepted.push(refused(&other.display().to_string(), "unknown_format", detail));
    }
    not_accepted
}

fn add_file(input: &str, path: &Path, import: &mut Import) -> Result<(), Refused> {
    let file = File::open(path)
        .map_err(|e| refused(&path.display().to_string(), "unreadable", format!("it cannot be read: {e}")))?;
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    import.add(input, &name, changed_on(&file), io::BufReader::new(file));
    Ok(())
}

fn is_a_file_of_one(path: &Path) -> bool {
    if has_extension(path, "csv") || has_extension(path, "xlsx") || has_extension(path, "zip") {
        return path.exists();
    }
    // What is read from a pipe is gone.
    if !path.is_file() {
        return false;
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut start));
    read.is_ok() && (start.starts_with(b"PK\x03\x04") || begins_user_data(&start))
}

/// The files of a folder by name, without the hidden ones.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The day (UTC) on which a file was changed.
fn changed_on(file: &File) -> Option<Date> {
    let at = Timestamp::try_from(file.metadata().ok()?.modified().ok()?).ok()?;
    Some(Offset::UTC.to_datetime(at).date())
}

fn refused(input: &str, reason: &str, detail: String) -> Refused {
    Refused { input: input.to_owned(), item: None, reason: reason.to_owned(), detail }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
