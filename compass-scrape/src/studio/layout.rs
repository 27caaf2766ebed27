//! Which table of an export it is, and where its columns are: by its headings, or by its name where they are translated.

use super::{
    Bad,
    cell::{Cell, Row},
    day, told,
};

/// The tables of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Overview,
    FollowerHistory,
    FollowerActivity,
    FollowerGender,
    FollowerTopTerritories,
    Viewers,
    Content,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Overview,
        Self::FollowerHistory,
        Self::FollowerActivity,
        Self::FollowerGender,
        Self::FollowerTopTerritories,
        Self::Viewers,
        Self::Content,
    ];

    /// The name of its file, without the ending.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::FollowerHistory => "FollowerHistory",
            Self::FollowerActivity => "FollowerActivity",
            Self::FollowerGender => "FollowerGender",
            Self::FollowerTopTerritories => "FollowerTopTerritories",
            Self::Viewers => "Viewers",
            Self::Content => "Content",
        }
    }

    /// Its headings in the order in which they are written.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Overview => &["Date", "Video Views", "Profile Views", "Likes", "Comments", "Shares"],
            Self::FollowerHistory => &["Date", "Followers", "Difference in followers from previous day"],
            Self::FollowerActivity => &["Date", "Hour", "Active followers"],
            Self::FollowerGender => &["Gender", "Distribution"],
            Self::FollowerTopTerritories => &["Top territories", "Distribution"],
            Self::Viewers => &["Date", "Total Viewers", "New Viewers", "Returning Viewers"],
            Self::Content => &[
                "Time",
                "Video title",
                "Video link",
                "Post time",
                "Total likes",
                "Total comments",
                "Total shares",
                "Total views",
            ],
        }
    }

    /// The columns without which a row tells nothing, by their place among the headings.
    fn keys(self) -> &'static [usize] {
        match self {
            Self::Content => &[2],
            Self::FollowerActivity => &[0, 1, 2],
            Self::FollowerGender | Self::FollowerTopTerritories => &[0, 1],
            Self::Overview | Self::FollowerHistory | Self::Viewers => &[0],
        }
    }

    /// Whether each row is of a day, which stands in the first column.
    pub(super) fn has_days(self) -> bool {
        matches!(self, Self::Overview | Self::FollowerHistory | Self::FollowerActivity | Self::Viewers)
    }

    /// Refuses a table whose headings, some of them not English, do not stand for the columns of those places: an English
    /// heading at the place of another, or English headings of which one is new.
    fn may_be_read_by_place(self, headings: &Row, first: Option<&Row>) -> Result<(), Bad> {
        let refused = |cell: &Cell, why: &str| {
            let detail = format!("its heading {} {why}, so nobody knows which figures these are", cell.told());
            Err(Bad::new("unknown_table", detail))
        };
        let is_known = |cell: &Cell| Self::ALL.into_iter().flat_map(Self::headings).any(|known| says(cell, known));
        let places = || headings.cells.iter().zip(self.headings());
        for (cell, expected) in places() {
            if is_known(cell) && !says(cell, expected) {
                return refused(cell, &format!("stands where {expected:?} is expected"));
            }
        }
        // "Date" is French as well: the months tell the language.
        let is_translated = first.and_then(|row| row.cells.first()).is_some_and(day::is_translated);
        let is_english = places().next().is_some_and(|(cell, expected)| says(cell, expected)) && !is_translated;
        match places().find(|(cell, expected)| is_english && !says(cell, expected)) {
            Some((cell, expected)) => refused(cell, &format!("is new where {expected:?} is expected")),
            None => Ok(()),
        }
    }

    /// The table of that file or sheet name.
    fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|kind| name.starts_with(&kind.name().to_lowercase()))
    }
}

/// A table and where its columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) kind: Kind,
    /// For each of the known headings, its column.
    columns: Vec<Option<usize>>,
    /// Headings that are not known.
    pub(super) unknown: Vec<String>,
    /// Whether the columns were taken to be where they always are, since their headings are translated.
    pub(super) is_by_place: bool,
}

impl Layout {
    /// Tells a table by its headings; `names` are those of the file and of the sheet, and `first` is the row after them.
    pub(super) fn of(names: &[&str], headings: &Row, first: Option<&Row>) -> Result<Self, Bad> {
        if let Some(known) = Kind::ALL.into_iter().find_map(|kind| Self::by_headings(kind, headings)) {
            return Ok(known);
        }
        let Some(kind) = names.iter().find_map(|name| Kind::of_name(name)) else {
            let first = headings.cells.iter().take(4).map(Cell::told).collect::<Vec<_>>().join(", ");
            let known = Kind::ALL.map(Kind::name).join(", ");
            return Err(Bad::new(
                "unknown_table",
                format!("neither its headings ({first}) nor its name are those of a table of TikTok Studio ({known})"),
            ));
        };
        let (found, expected) = (headings.cells.len(), kind.headings().len());
        if headings.cells.iter().any(|cell| day::written(cell).is_ok() || cell.whole().is_ok_and(|n| n.is_some())) {
            let detail =
                format!("line {} has figures and no headings; give the file as it was downloaded", headings.line);
            return Err(Bad::new("missing_headings", detail));
        }
        if found != expected {
            return Err(Bad::new(
                "unknown_table",
                format!(
                    "{} has {expected} columns, and its headings, which are not English, name {found}; export it with the \
                     interface in English",
                    kind.name()
                ),
            ));
        }
        kind.may_be_read_by_place(headings, first)?;
        Ok(Self { kind, columns: (0..expected).map(Some).collect(), unknown: Vec::new(), is_by_place: true })
    }

    fn by_headings(kind: Kind, headings: &Row) -> Option<Self> {
        let column = |heading: &&str| headings.cells.iter().position(|cell| says(cell, heading));
        let columns: Vec<Option<usize>> = kind.headings().iter().map(column).collect();
        let has_keys = kind.keys().iter().all(|key| columns[*key].is_some());
        // One figure beside the day tells the tables of days apart.
        if !has_keys || columns.iter().flatten().count() < 2 {
            return None;
        }
        let unknown = headings.cells.iter().enumerate().filter(|(place, _)| !columns.contains(&Some(*place)));
        let unknown = unknown.map(|(_, cell)| cell.text().to_owned()).filter(|text| !text.is_empty()).collect();
        Some(Self { kind, columns, unknown, is_by_place: false })
    }

    /// The cell of a row under a heading, by the heading's place; a table without that column has nothing there.
    pub(super) fn cell<'a>(&self, row: &'a Row, heading: usize) -> &'a Cell {
        let column = self.columns.get(heading).copied().flatten();
        column.and_then(|column| row.cells.get(column)).unwrap_or(&Cell::Empty)
    }

    /// Refuses a row with more or fewer cells than the headings: in which column a figure stands is not known then.
    pub(super) fn fits(&self, row: &Row, headings: &Row) -> Result<(), Bad> {
        let (found, expected) = (row.cells.len(), headings.cells.len());
        let is_filled = |cell: &Cell| !matches!(cell, Cell::Empty) && *cell != Cell::Text(String::new());
        if found < expected || row.cells[expected..].iter().any(is_filled) {
            let first = row.cells.first().map_or_else(String::new, |cell| told(cell.text()));
            let detail = format!("it has {found} cells under {expected} headings and begins with {first}");
            return Err(Bad::new("malformed", detail));
        }
        Ok(())
    }
}

/// Whether a heading is that one.
fn says(cell: &Cell, heading: &str) -> bool {
    cell.text().to_lowercase() == heading.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row { line: 1, cells: cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect() }
    }

    #[test]
    fn every_table_is_told_by_its_headings_whatever_its_name_is() {
        for kind in Kind::ALL {
            let layout = Layout::of(&["download (1)"], &row(kind.headings()), None).unwrap();
            assert_eq!(layout.kind, kind);
            assert!(layout.unknown.is_empty());
        }
    }

    #[test]
    fn translated_headings_are_read_by_the_name_and_the_place() {
        let swedish = row(&["Datum", "Följare", "Skillnad i följare från föregående dag"]);
        let layout = Layout::of(&["FollowerHistory"], &swedish, None).unwrap();
        assert_eq!(layout.kind, Kind::FollowerHistory);
        assert_eq!(layout.cell(&row(&["1 maj", "7", "1"]), 1).text(), "7");
        let wider = row(&["Datum", "Följare", "Skillnad", "Räckvidd"]);
        assert!(Layout::of(&["FollowerHistory"], &wider, None).unwrap_err().detail.contains("has 3 columns"));
        assert_eq!(Layout::of(&["tabell"], &swedish, None).unwrap_err().reason, "unknown_table");
    }

    #[test]
    fn columns_are_found_in_any_order_and_unknown_ones_are_told() {
        let layout = Layout::of(&[], &row(&["Likes", "date", "Reached audience"]), None).unwrap();
        assert_eq!((layout.kind, layout.unknown.as_slice()), (Kind::Overview, &["Reached audience".to_owned()][..]));
        let day = row(&["5", "May 1", "9"]);
        assert_eq!((layout.cell(&day, 0).text(), layout.cell(&day, 3).text()), ("May 1", "5"));
        assert_eq!(*layout.cell(&day, 1), Cell::Empty);
    }

    #[test]
    fn a_file_without_headings_loses_no_row_in_silence() {
        let bad = Layout::of(&["Overview"], &row(&["May 1", "1", "2", "3", "4", "5"]), None).unwrap_err();
        assert_eq!(bad.reason, "missing_headings");
    }
}
