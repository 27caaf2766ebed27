//! What creators export of their own accounts: the tables of TikTok Studio, and "Download your data".
//!
//! | question | file |
//! |---|---|
//! | what is in a file that somebody brought? | `reader` |
//! | which exports belong together, and what do they say of a creator? | `import` |
//! | what does the name of an export tell? | `name` |
//! | what is in a ZIP? | `archive` |
//! | which rows has a table? | `csv_rows`, `xlsx_rows` |
//! | which table is it, and where are its columns? | `layout` |
//! | what does a cell say? | `cell` |
//! | which day does a text name, and of which year is it? | `day`, `months`, `year` |
//! | what do the rows tell? | `daily`, `followers`, `content`, `post_link` |
//! | how many refusals of one file are told? | `few_refusals` |
//! | what is in `user_data_tiktok.json`, of what we may read? | `user_data` |
//!
//! Days and hours are those of the clock on the creator's wall, which the export does not name. Nothing of an export is
//! written to disk, and no formula is evaluated.

mod archive;
mod cell;
mod content;
mod csv_rows;
mod daily;
mod day;
mod few_refusals;
mod followers;
mod import;
mod layout;
mod months;
mod name;
mod post_link;
mod reader;
mod user_data;
mod xlsx_rows;
mod year;

use compass_core::{Refusal, analytics::Refused};

pub use import::{Import, ImportOptions, Imported};
pub use reader::StudioReader;
pub(crate) use user_data::begins_user_data;

/// Why something of an export is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bad {
    reason: &'static str,
    detail: String,
}

impl Bad {
    fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    fn of(self, item: Option<String>) -> Refusal {
        Refusal { item, reason: self.reason.to_owned(), detail: self.detail }
    }
}

/// The refusal of something in an input.
fn refused(input: &str, refusal: Refusal) -> Refused {
    Refused { input: input.to_owned(), item: refusal.item, reason: refusal.reason, detail: refusal.detail }
}

/// A text from outside, short enough to be told.
fn told(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
