//! The data of a user with the day on which it was made: a download of its own, whatever tables stand beside it.

use compass_core::{DatedBy, OwnAccount, OwnData, OwnExport, ProfileCounts, Refusal};
use jiff::civil::Date;

use super::{
    dated::Anchor,
    export::{Export, UserFile},
};
use crate::studio::{Bad, user_data::UserData, year::day_after};

/// The data of a user, and its day.
#[derive(Debug)]
pub(super) struct Downloaded {
    data: UserData,
    exported_on: Date,
    by: DatedBy,
    note: Option<String>,
}

impl Downloaded {
    /// Finds the day, which is never before the newest thing in the data. `None` if nothing tells it.
    pub(super) fn new(export: &Export, user: UserFile, given: Option<Date>) -> (Option<Self>, Vec<Refusal>) {
        let UserFile { file, mut data, .. } = user;
        let anchor = Anchor::of_days(given, export.named.end, None, user.archive_day, user.file_day);
        let mut refused = export.of_user_data(&file, data.refuse_after(anchor.map(|anchor| day_after(anchor.day()))));
        let newest = data.newest();
        let Some(exported_on) = anchor.map(|anchor| anchor.day()).max(newest) else {
            let detail = "nothing says when it was made; give the day of the export, or the ZIP as it was downloaded";
            refused.push(Bad::new("missing_day", detail).of(export.item(&file, None)));
            return (None, refused);
        };
        let by = anchor.map_or(DatedBy::Rows, |anchor| anchor.by());
        let why = match (by, anchor) {
            (DatedBy::Given | DatedBy::FileName, _) => None,
            (_, Some(anchor)) => Some(format!("because the file is of {}", anchor.day())),
            (_, None) => Some("the newest day that it tells".to_owned()),
        };
        let input = &export.input;
        let note = why.map(|why| {
            format!(
                "{input}: {file} is taken to be of {exported_on}, {why}; give the day of the export if that is not so"
            )
        });
        (Some(Self { data, exported_on, by, note }), refused)
    }

    pub(super) fn exported_on(&self) -> Date {
        self.exported_on
    }

    /// What was assumed.
    pub(super) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Tells what it holds.
    pub(super) fn fill(self, own: &mut OwnData) {
        let Self { data, exported_on, by, .. } = self;
        let told = own.exports.entry(exported_on).or_insert_with(|| OwnExport::new(by));
        told.dated_by = told.dated_by.max(by);
        own.posts.extend(data.posts(exported_on));
        let account = OwnAccount { nickname: data.nickname, bio: data.bio, counts: data.counts };
        let tells = account.nickname.is_some() || account.bio.is_some() || account.counts != ProfileCounts::default();
        told.account = tells.then_some(account).or(told.account.take());
        if !data.followed_since.is_empty() {
            told.followed_since = data.followed_since;
        }
    }
}
