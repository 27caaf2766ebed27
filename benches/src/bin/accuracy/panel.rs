//! Snapshots of videos from `videos-panel-*.csv.gz`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use compass_core::analytics::GrowthPair;
use csv::StringRecord;
use jiff::{civil::DateTime, tz};

use crate::input::{InputError, unpack};

/// Videos with their snapshots, and what could not be used.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    /// By video id: age in days and views.
    videos: BTreeMap<u64, Vec<(f64, f64)>>,
    rows: usize,
    without_views: usize,
    before_posting: usize,
}

const COLUMNS: [&str; 3] = ["video_id", "scrape_time_local_ict", "views"];
/// The panel's times are those of Indochina: UTC+7.
const ZONE: tz::Offset = tz::offset(7);

/// Reads every file; a video may be in several.
pub(crate) fn read(files: &[PathBuf]) -> Result<Panel, InputError> {
    let mut panel = Panel::default();
    files.iter().try_for_each(|file| panel.read(file))?;
    Ok(panel)
}

impl Panel {
    /// Each video's id and the pairs of its snapshots that a model can learn from.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u64, Vec<GrowthPair>)> {
        self.videos.iter().map(|(&id, snapshots)| (id, GrowthPair::of_video(snapshots)))
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let once = self.videos.values().filter(|snapshots| snapshots.len() < 2).count();
        vec![format!(
            "snapshots: {} rows of {} videos; not used: {} without views, {} before the posting, {once} videos with one snapshot",
            self.rows,
            self.videos.len(),
            self.without_views,
            self.before_posting,
        )]
    }

    fn read(&mut self, path: &Path) -> Result<(), InputError> {
        let mut reader = csv::Reader::from_reader(unpack(path)?);
        let header = reader.headers().map_err(|error| trouble(path, error))?.clone();
        let mut columns = [0; COLUMNS.len()];
        for (index, name) in columns.iter_mut().zip(COLUMNS) {
            let found = header.iter().position(|column| column == name);
            *index = found.ok_or_else(|| InputError::NoColumn {
                path: path.to_owned(),
                column: name,
                needed: COLUMNS.join(", "),
            })?;
        }
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    self.add(columns.map(|index| record.get(index).unwrap_or_default())).map_err(|trouble| {
                        let line = record.position().map_or(0, csv::Position::line);
                        InputError::BadLine { path: path.to_owned(), line, trouble }
                    })?
                }
                Ok(false) => return Ok(()),
                Err(error) => return Err(near(path, reader.position().line(), error)),
            }
        }
    }

    fn add(&mut self, [id, at, views]: [&str; COLUMNS.len()]) -> Result<(), String> {
        const SECONDS_A_DAY: f64 = 86_400.0;
        self.rows += 1;
        let id: u64 = id.parse().map_err(|_| format!("video_id {id:?} is not a number"))?;
        let at: DateTime = at.parse().map_err(|_| format!("scrape_time_local_ict {at:?} is not a time"))?;
        let at = ZONE.to_timestamp(at).map_err(|_| format!("scrape_time_local_ict {at} is out of range"))?;
        let snapshots = self.videos.entry(id).or_default();
        if views.is_empty() {
            self.without_views += 1;
            return Ok(());
        }
        let count = views.parse().ok().filter(|views: &f64| views.is_finite() && *views >= 0.0);
        let count = count.ok_or_else(|| format!("views {views:?} is not a count"))?;
        // The upper half of an id is the second of the upload.
        let age = (at.as_second() - (id >> 32).cast_signed()) as f64 / SECONDS_A_DAY;
        if age <= 0.0 {
            self.before_posting += 1;
            return Ok(());
        }
        snapshots.push((age, count));
        Ok(())
    }
}

fn trouble(path: &Path, error: csv::Error) -> InputError {
    near(path, 1, error)
}

fn near(path: &Path, line: u64, error: csv::Error) -> InputError {
    let line = error.position().map_or(line, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => InputError::Unreadable { path: path.to_owned(), line, cause },
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => InputError::BadLine {
            path: path.to_owned(),
            line,
            trouble: format!("{len} fields where the header has {expected_len}"),
        },
        csv::ErrorKind::Utf8 { err, .. } => {
            InputError::BadLine { path: path.to_owned(), line, trouble: format!("not UTF-8: {err}") }
        }
        _ => InputError::BadLine { path: path.to_owned(), line, trouble: "not comma-separated values".to_owned() },
    }
}
