//! What people saved: pages, answers of the site's API and lists of posts, read again.
//!
//! [`read()`] turns files into observations of creators; [`ReplaySource`] answers from a folder of pages instead of from
//! the site.

mod export;
mod file;
mod merge;
mod name;
mod recorded;
mod recorder;
mod source;

use std::path::{Path, PathBuf};

use compass_core::{
    CreatorId, Handle, OwnData, ProfileObservation, SourceKind, VideoObservation, analytics::Refused,
    ports::SourceError,
};
use jiff::{Timestamp, civil::Date};

pub(crate) use name::Part;
pub(crate) use recorder::Recorder;
pub use source::ReplaySource;

use self::{file::Content, merge::Merge};
use crate::{
    parse::{self, Page},
    studio::{Import, ImportOptions},
};

/// How inputs are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// The most bytes of one input, after decompression.
    pub max_bytes: u64,
    /// When an account was observed, where nothing in the inputs says so. Without it such an account is refused.
    pub observed_at: Option<Timestamp>,
    /// The day on which a creator's own export was made, whose days have no year. Without it the name of the ZIP tells it,
    /// or else the time of the file.
    pub exported_on: Option<Date>,
    /// Whose own exports they are that do not say so themselves.
    pub handle: Option<Handle>,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self { max_bytes: 512 * 1024 * 1024, observed_at: None, exported_on: None, handle: None }
    }
}

/// What a number of inputs gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The creators, in the order of the inputs.
    pub creators: Vec<RecordedCreator>,
    /// Everything that was not accepted, and why.
    pub refused: Vec<Refused>,
    /// What was assumed of the inputs, for people.
    pub notes: Vec<String>,
}

/// What the inputs say of one creator.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedCreator {
    /// The creator's lasting identity; `None` if only an own export speaks of the creator, since no export tells it.
    pub id: Option<CreatorId>,
    /// The handle that was seen last.
    pub handle: Handle,
    /// Observations of the account; none if only an own export speaks of it, else at least one. Where no input describes
    /// the account it is made from the newest post's author.
    pub profiles: Vec<ProfileObservation>,
    /// Observations of its posts, in the order of the inputs.
    pub videos: Vec<VideoObservation>,
    /// What the creator exported of the own account.
    pub own: Option<OwnData>,
    /// Where parts of one input said different things.
    pub disagreements: Vec<String>,
}

/// Reads saved pages (`.html`), and lists of posts, item structs, user details and API answers (`.json`, `.jsonl`), each
/// plain or gzipped; what an input is, is seen from its content. Inputs on the same creator are put together.
///
/// The files of a recorded look, which
/// [`WebDriverBuilder::record`](crate::webdriver::WebDriverBuilder::record) keeps, are told by their names and read as one
/// look, of the time when it was made.
///
/// It reads what creators export of their own accounts, too: ZIPs of TikTok Studio, folders of their CSV and XLSX files,
/// single ones, and `user_data_tiktok.json`. They belong to the creator who has the same handle in the other inputs.
///
/// It reads files and blocks meanwhile. An input that cannot be read is among the refused; it never fails the others.
///
/// ```
/// use compass_scrape::replay::{ReplayOptions, read};
///
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("ada.json");
/// std::fs::write(&file, r#"{"userInfo": {"user": {"id": "70654", "uniqueId": "ada", "nickname": "Ada"},
///     "stats": {"followerCount": 12}}, "extra": {"now": 1739376010000}}"#)?;
/// let recording = read(&[file], &ReplayOptions::default());
/// assert_eq!(recording.creators[0].profiles[0].profile.handle.as_str(), "ada");
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn read(inputs: &[PathBuf], options: &ReplayOptions) -> Recording {
    let mut merge = Merge::default();
    let (exported_on, handle) = (options.exported_on, options.handle.clone());
    let mut import = Import::new(ImportOptions { exported_on, handle, ..ImportOptions::default() });
    let (recordings, others) = recorded::recordings(inputs);
    for recorded in recordings {
        let input = recorded.page().display().to_string();
        match recorded.read(options.max_bytes, |_| None, recorded.at) {
            Ok(snapshot) => merge.snapshot(&input, snapshot),
            Err(error) => {
                let reason = if matches!(error, SourceError::Network { .. }) { "unreadable" } else { error.code() };
                merge.refuse(Refused { input, item: None, reason: reason.to_owned(), detail: error.to_string() });
            }
        }
    }
    for path in &others {
        let input = path.display().to_string();
        if export::is_one(path) {
            for refused in export::add(path, &mut import) {
                merge.refuse(refused);
            }
        } else if let Err(refused) = read_one(path, &input, options, &mut merge) {
            merge.refuse(refused);
        }
    }
    let imported = import.finish(merge.only_handle());
    merge.exports(imported);
    merge.finish(options.observed_at)
}

fn read_one(path: &Path, input: &str, options: &ReplayOptions, merge: &mut Merge) -> Result<(), Refused> {
    let refused = |error: SourceError| Refused {
        input: input.to_owned(),
        item: None,
        reason: error.code().to_owned(),
        detail: error.to_string(),
    };
    match file::content(path, options.max_bytes)? {
        Content::Html(html) => match parse::page(&html, None, SourceKind::Replay).map_err(refused)? {
            Page::Profile(snapshot) => merge.snapshot(input, *snapshot),
            Page::Video(page) => merge.video_page(input, *page),
        },
        Content::Json(json) => match parse::document(&json, None) {
            Ok(document) => merge.document(input, document),
            Err(SourceError::LayoutChanged { path, detail }) => {
                return Err(Refused {
                    input: input.to_owned(),
                    item: None,
                    reason: "unknown_format".to_owned(),
                    detail: format!("{path}: {detail}"),
                });
            }
            Err(error) => return Err(refused(error)),
        },
    }
    Ok(())
}
