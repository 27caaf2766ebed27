//! What the tables of days tell: what was gained, followers, viewers.

use std::collections::BTreeMap;

use compass_core::{Count, OwnDay};
use jiff::civil::Date;

use super::{
    Bad,
    cell::{Cell, Row},
    layout::{Kind, Layout},
};

/// A figure of a day and where it stands in its table.
type Figure = (usize, fn(&mut OwnDay, &Cell) -> Result<(), Bad>);

/// Adds the figures of a row to its day; of two tables the later one counts, figure by figure.
///
/// A row of which one figure cannot be true is refused with all of its figures.
pub(super) fn add(days: &mut BTreeMap<Date, OwnDay>, layout: &Layout, row: &Row, day: Date) -> Result<(), Bad> {
    let mut of_row = OwnDay::default();
    for (heading, read) in figures(layout.kind) {
        read(&mut of_row, layout.cell(row, *heading))?;
    }
    let known = days.entry(day).or_default();
    *known = OwnDay {
        views: of_row.views.or(known.views),
        profile_views: of_row.profile_views.or(known.profile_views),
        likes: of_row.likes.or(known.likes),
        comments: of_row.comments.or(known.comments),
        shares: of_row.shares.or(known.shares),
        followers: of_row.followers.or(known.followers),
        followers_gained: of_row.followers_gained.or(known.followers_gained),
        viewers: of_row.viewers.or(known.viewers),
        new_viewers: of_row.new_viewers.or(known.new_viewers),
        returning_viewers: of_row.returning_viewers.or(known.returning_viewers),
    };
    Ok(())
}

fn figures(kind: Kind) -> &'static [Figure] {
    match kind {
        Kind::Overview => &[
            (1, |day, cell| gained(&mut day.views, cell)),
            (2, |day, cell| gained(&mut day.profile_views, cell)),
            (3, |day, cell| gained(&mut day.likes, cell)),
            (4, |day, cell| gained(&mut day.comments, cell)),
            (5, |day, cell| gained(&mut day.shares, cell)),
        ],
        Kind::FollowerHistory => &[(1, |day, cell| total(&mut day.followers, cell)), (2, gained_followers)],
        Kind::Viewers => &[(1, |day, cell| total(&mut day.viewers, cell)), (2, new_viewers), (3, returning_viewers)],
        Kind::FollowerActivity | Kind::FollowerGender | Kind::FollowerTopTerritories | Kind::Content => &[],
    }
}

fn gained(place: &mut Option<i64>, cell: &Cell) -> Result<(), Bad> {
    *place = cell.whole()?;
    Ok(())
}

/// On a day whose followers are not told, the table says that nobody was gained, which nobody knows.
fn gained_followers(day: &mut OwnDay, cell: &Cell) -> Result<(), Bad> {
    let gained = cell.whole()?;
    day.followers_gained = gained.filter(|gained| day.followers.is_some() || *gained != 0);
    Ok(())
}

fn new_viewers(day: &mut OwnDay, cell: &Cell) -> Result<(), Bad> {
    day.new_viewers = among_viewers(day, cell)?;
    Ok(())
}

fn returning_viewers(day: &mut OwnDay, cell: &Cell) -> Result<(), Bad> {
    day.returning_viewers = among_viewers(day, cell)?;
    Ok(())
}

/// On a day whose viewers are not told, the table says that none were new, which nobody knows.
fn among_viewers(day: &OwnDay, cell: &Cell) -> Result<Option<Count>, Bad> {
    Ok(count(cell)?.filter(|some| day.viewers.is_some() || some.hi() > 0))
}

fn total(place: &mut Option<Count>, cell: &Cell) -> Result<(), Bad> {
    *place = count(cell)?;
    Ok(())
}

/// A number to the unit; `None` if it is missing.
pub(super) fn count(cell: &Cell) -> Result<Option<Count>, Bad> {
    let exact = |number| Count::exact(number).map_err(|e| Bad::new("suspect_value", e.to_string()));
    cell.total()?.map(exact).transpose()
}
