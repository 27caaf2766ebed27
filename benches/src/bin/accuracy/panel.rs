//! Snapshots of videos from `videos-panel-*.csv.gz`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use compass_core::analytics::GrowthPair;
use csv::StringRecord;
use jiff::{civil::DateTime, tz};

use crate::{
    input::{InputError, unpack},
    items::Item,
};

/// Videos with their snapshots, and what could not be used.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    /// By video id: age in days and views.
    videos: BTreeMap<u64, Vec<(f64, f64)>>,
    /// By the creator's name and the video's id, each video as it was last seen; empty without names.
    pub creators: BTreeMap<String, BTreeMap<u64, Item>>,
    rows: usize,
    without_views: usize,
    before_posting: usize,
}

const COLUMNS: [&str; 3] = ["video_id", "scrape_time_local_ict", "views"];
/// What videos are compared by, where there is such a column: the creator, the length, and the reactions.
const FURTHER: [&str; 6] = ["user_name", "duration", "likes", "comments", "shares", "saves"];
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
        let further = FURTHER.map(|name| header.iter().position(|column| column == name));
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let field = |index: usize| record.get(index).unwrap_or_default();
                    let further = further.map(|index| index.map_or("", field));
                    self.add(columns.map(field), further).map_err(|trouble| {
                        let line = record.position().map_or(0, csv::Position::line);
                        InputError::BadLine { path: path.to_owned(), line, trouble }
                    })?
                }
                Ok(false) => return Ok(()),
                Err(error) => return Err(near(path, reader.position().line(), error)),
            }
        }
    }

    fn add(&mut self, [id, at, views]: [&str; COLUMNS.len()], further: [&str; FURTHER.len()]) -> Result<(), String> {
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
        self.keep(id, at.as_second(), count, further);
        Ok(())
    }

    fn keep(&mut self, id: u64, collected: i64, views: f64, further: [&str; FURTHER.len()]) {
        let [name, duration, reactions @ ..] = further;
        if name.is_empty() {
            return;
        }
        let reactions = reactions.map(|count| count.parse().ok().filter(|count: &f64| *count >= 0.0));
        let (created, duration) = ((id >> 32).cast_signed(), seconds(duration));
        let item = Item { created, collected, views: Some(views), reactions, duration, ..Item::default() };
        let kept = self.creators.entry(name.to_owned()).or_default().entry(id).or_default();
        // Of two rows of one moment the larger count, so that the order of the rows does not matter.
        if (kept.collected, kept.views) < (item.collected, item.views) {
            *kept = item;
        }
    }
}

/// A length as `01:02` or `1:02:03`.
fn seconds(duration: &str) -> Option<u32> {
    let parts: Vec<u32> = duration.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.into_iter().try_fold(0_u32, |sum, part| sum.checked_mul(60)?.checked_add(part))
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
