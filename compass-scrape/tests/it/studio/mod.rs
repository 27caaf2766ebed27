//! What creators export of their own accounts, through the public API.

mod archives;
mod captures;
mod days;
mod fixtures;
mod never_panics;
mod sound;
mod tables;
mod user_data;
mod workbooks;

use std::io::Cursor;

use compass_core::{Handle, OwnData, OwnExport, analytics::Refused};
use compass_scrape::studio::{Import, ImportOptions, Imported};

/// An import of files of one export of @ada that was made on a day.
fn import(exported_on: &str, files: &[(&str, &[u8])]) -> Imported {
    let mut import = Import::new(of_ada(exported_on));
    for (file, bytes) in files {
        import.add("folder", file, None, Cursor::new(*bytes));
    }
    import.finish(None)
}

fn of_ada(exported_on: &str) -> ImportOptions {
    ImportOptions { exported_on: Some(exported_on.parse().unwrap()), handle: Some(ada()), ..ImportOptions::default() }
}

fn ada() -> Handle {
    Handle::parse("ada").unwrap()
}

/// The only creator.
fn only(imported: &Imported) -> &OwnData {
    match imported.creators.as_slice() {
        [only] => only,
        others => panic!("{} creators: {:?}", others.len(), imported.refused),
    }
}

/// The newest export.
fn newest(own: &OwnData) -> &OwnExport {
    own.exports.values().next_back().unwrap()
}

/// The day of the newest export.
fn exported_on(own: &OwnData) -> String {
    own.exports.keys().next_back().unwrap().to_string()
}

/// Which item was refused, and the reason.
fn reasons(refused: &[Refused]) -> Vec<(&str, &str)> {
    refused.iter().map(|refused| (refused.item.as_deref().unwrap_or(""), refused.reason.as_str())).collect()
}
