//! Exports, put together by creator.

mod dated;
mod downloaded;
mod ends;
mod export;

use std::io::{Read, Seek};

use compass_core::{Handle, OwnData, Refusal, analytics::Refused};
use jiff::civil::Date;

use self::{
    dated::{Anchor, Dated},
    downloaded::Downloaded,
    export::Export,
};
use super::{
    name::{Named, named},
    refused,
};

/// How exports are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// The day on which they were exported, where it is known: it decides the years of their days.
    pub exported_on: Option<Date>,
    /// Whose exports they are that do not say so themselves.
    pub handle: Option<Handle>,
    /// The most bytes of the tables of one export, unpacked.
    pub max_bytes: u64,
    /// The most bytes of the `user_data_tiktok.json` of one export, unpacked; it is not held, but takes its time.
    pub max_user_data_bytes: u64,
}

impl Default for ImportOptions {
    /// At most 64 MiB of tables: a year's export has a tenth of one. At most 1 GiB of the data of a user.
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self { exported_on: None, handle: None, max_bytes: 64 * MIB, max_user_data_bytes: 1024 * MIB }
    }
}

/// What exports gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The creators, in the order of the exports.
    pub creators: Vec<OwnData>,
    /// Everything that was not accepted: which file and line, and why.
    pub refused: Vec<Refused>,
    /// What was assumed, for people.
    pub notes: Vec<String>,
}

/// Reads exports of TikTok Studio (the ZIPs, or the CSV and XLSX files in them) and `user_data_tiktok.json`.
///
/// It recognises each by its content. A figure that is not told is absent; where two exports tell of one day, the one that
/// was made later counts. Nothing is written to disk and no formula is evaluated.
///
/// ```
/// use std::io::Cursor;
/// use compass_scrape::studio::{Import, ImportOptions};
///
/// let table = "\u{FEFF}\"Date\",\"Followers\",\"Difference in followers from previous day\"\n\
///              \"December 31\",\"undefined\",\"0\"\n\"January 1\",\"5010\",\"-1\"\n\"2 de enero\",\"5013\",\"3\"";
/// let mut import = Import::new(ImportOptions {
///     exported_on: "2026-01-03".parse().ok(),
///     handle: "ada".parse().ok(),
///     ..ImportOptions::default()
/// });
/// import.add("FollowerHistory.csv", "FollowerHistory.csv", None, Cursor::new(table));
/// let imported = import.finish(None);
/// let ada = &imported.creators[0];
/// let days: Vec<String> = ada.days.keys().map(ToString::to_string).collect();
/// assert_eq!(days, ["2025-12-31", "2026-01-01", "2026-01-02"]);
/// assert!(ada.days.values().next().is_some_and(|day| day.followers.is_none()));
/// assert_eq!(ada.looks().last().and_then(|look| look.counts.followers).map(|n| n.lo()), Some(5013));
/// ```
#[derive(Debug)]
pub struct Import {
    options: ImportOptions,
    exports: Vec<Export>,
}

impl Import {
    /// Nothing yet.
    #[must_use]
    pub fn new(options: ImportOptions) -> Self {
        Self { options, exports: Vec::new() }
    }

    /// Adds a file: a ZIP, a table, or `user_data_tiktok.json`.
    ///
    /// Files with the same `input` are those of one folder, and one export unless their names tell of several: tables
    /// whose names have different handles or ranges are exports of their own. `input` is told in refusals; `file` is the
    /// file's own name, of which handle and range are read. `modified` is the day on which the file was changed: where nothing
    /// else tells when the export was made, it was made on that day at the latest. `user_data_tiktok.json` is a download of
    /// its own: it is of the day that its own ZIP or file tells, and of none before the newest that it speaks of.
    pub fn add(&mut self, input: &str, file: &str, modified: Option<Date>, content: impl Read + Seek) {
        let named = named(file);
        let is_of = |export: &Export| export.input == input && export.named == named;
        let at = self.exports.iter().position(is_of).unwrap_or_else(|| {
            self.exports.push(Export::new(input, named, &self.options));
            self.exports.len() - 1
        });
        self.exports[at].add(file, modified, content);
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exports.is_empty()
    }

    /// Puts the exports together. `only_creator` is the one whose exports they are, if nothing in them says so and the
    /// options do not: the only creator of the other inputs.
    #[must_use]
    pub fn finish(self, only_creator: Option<&Handle>) -> Imported {
        let mut imported = Imported::default();
        let mut of_somebody: Vec<(Handle, Export)> = Vec::new();
        let mut of_nobody: Vec<Export> = Vec::new();
        let of_inputs: Vec<(String, Handle)> = self
            .exports
            .iter()
            .filter_map(|export| Some((export.input.clone(), export.named.handle.clone()?)))
            .collect();
        for mut export in self.exports {
            imported.refuse_all(&export.input, std::mem::take(&mut export.refused));
            imported.notes.append(&mut export.notes);
            let mut handles = export.handles();
            // A table whose name tells nothing is of the same account as those beside it.
            if export.named == Named::default() {
                handles.extend(of_inputs.iter().filter(|(input, _)| *input == export.input).map(|(_, of)| of.clone()));
                handles.sort_unstable();
                handles.dedup();
            }
            match handles.as_slice() {
                _ if export.is_empty() => {}
                [] => of_nobody.push(export),
                [one] => {
                    if let Some(given) = self.options.handle.as_ref().filter(|given| *given != one) {
                        imported.notes.push(format!(
                            "{}: it says itself that it is of @{one}, and is not taken to be of @{given}, which was given",
                            export.input
                        ));
                    }
                    of_somebody.push((one.clone(), export));
                }
                several => {
                    let names: Vec<String> = several.iter().map(|handle| format!("@{handle}")).collect();
                    let detail = format!("it speaks of {}; one export is of one account", names.join(" and "));
                    imported.refuse(&export.input, None, "handle_conflict", detail);
                }
            }
        }
        let mut known: Vec<&Handle> = of_somebody.iter().map(|(handle, _)| handle).chain(only_creator).collect();
        known.sort_unstable();
        known.dedup();
        let only = match known.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        };
        if let (None, Some(handle)) = (&self.options.handle, &only) {
            imported.notes.extend(of_nobody.iter().map(|export| {
                format!(
                    "{}: nothing says whose it is; it is taken to be of @{handle}, the only creator here",
                    export.input
                )
            }));
        }
        match self.options.handle.or(only) {
            Some(handle) => of_somebody.extend(of_nobody.into_iter().map(|export| (handle.clone(), export))),
            None => {
                for export in of_nobody {
                    let detail = "nothing says whose export it is; give the handle, or the ZIP as it was downloaded";
                    imported.refuse(&export.input, None, "missing_handle", detail.to_owned());
                }
            }
        }
        while let Some((handle, _)) = of_somebody.first() {
            let handle = handle.clone();
            let (of_one, others): (Vec<_>, Vec<_>) = of_somebody.into_iter().partition(|(of, _)| *of == handle);
            of_somebody = others;
            let exports = of_one.into_iter().map(|(_, export)| export).collect();
            imported.add(handle, exports, self.options.exported_on);
        }
        imported
    }
}

impl Imported {
    /// Adds the exports of one creator, the oldest first.
    fn add(&mut self, handle: Handle, exports: Vec<Export>, given: Option<Date>) {
        // "Download your data" is another download than that of the tables.
        let of_tables = exports.iter().filter(|export| !export.tables.is_empty());
        let mut ends: Vec<Date> = of_tables.filter_map(|export| export.named.end).collect();
        ends.sort_unstable();
        ends.dedup();
        let inputs: Vec<String> = exports.iter().map(|export| export.input.clone()).collect();
        let end_of_others = ends.first().copied().filter(|_| ends.len() == 1);
        let mut dated: Vec<Dated> = Vec::new();
        let mut downloaded: Vec<Downloaded> = Vec::new();
        for mut export in exports {
            let input = export.input.clone();
            for user in std::mem::take(&mut export.user_data) {
                let (of_user, refusals) = Downloaded::new(&export, user, given);
                self.refuse_all(&input, refusals);
                self.notes.extend(of_user.as_ref().and_then(Downloaded::note).map(str::to_owned));
                downloaded.extend(of_user);
            }
            if export.tables.is_empty() {
                continue;
            }
            let anchor = Anchor::of(&export, given, end_of_others);
            let bound = Anchor::bound(&export, given);
            match Dated::new(export, anchor, bound) {
                (Some(of_export), refusals) => {
                    self.refuse_all(&input, refusals);
                    self.notes.extend_from_slice(of_export.notes());
                    dated.push(of_export);
                }
                (None, refusals) => self.refuse_all(&input, refusals),
            }
        }
        dated.sort_by_key(Dated::exported_on);
        downloaded.sort_by_key(Downloaded::exported_on);
        let mut own: Option<OwnData> = None;
        for export in dated {
            let own = own.get_or_insert_with(|| OwnData::new(handle.clone()));
            let (input, refusals) = export.fill(own);
            self.refuse_all(&input, refusals);
        }
        for of_user in downloaded {
            of_user.fill(own.get_or_insert_with(|| OwnData::new(handle.clone())));
        }
        match own {
            Some(own) if own.sources().next().is_none() => {
                for input in inputs {
                    // Where something was refused, that says why nothing is left.
                    if self.refused.iter().all(|refused| refused.input != input) {
                        let detail = "it tells neither of posts, nor of days, followers or the account".to_owned();
                        self.refuse(&input, None, "nothing_told", detail);
                    }
                }
            }
            own => self.creators.extend(own),
        }
    }

    fn refuse(&mut self, input: &str, item: Option<String>, reason: &str, detail: String) {
        self.refused.push(refused(input, Refusal { item, reason: reason.to_owned(), detail }));
    }

    fn refuse_all(&mut self, input: &str, refusals: Vec<Refusal>) {
        self.refused.extend(refusals.into_iter().map(|refusal| refused(input, refusal)));
    }
}
