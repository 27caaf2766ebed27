//! The picture of a chart: paths in a square that the page stretches, so that no width has to be known here.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::{
    Chart, Dot, Shape,
    axis::{Axis, days},
};

/// The side of the square.
const SIDE: f64 = 1000.0;

/// What the page draws.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) paths: Vec<Path>,
    /// Heights of the lines behind it.
    pub(super) grid: Vec<f64>,
    /// The values of these lines, the highest first.
    pub(super) values: Vec<String>,
    pub(super) days: Vec<String>,
}

/// A path with the class of its layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub(super) class: String,
    pub(super) d: String,
}

impl Picture {
    pub(super) fn of(chart: &Chart) -> Self {
        let times = || chart.layers.iter().flat_map(super::Layer::times);
        let (from, to) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
        let axis = Axis::of(chart.layers.iter().flat_map(super::Layer::values), chart.scale);
        let square = Square { from, to, axis: &axis };
        let layers = chart.layers.iter().filter(|layer| !layer.is_empty());
        let paths = layers.flat_map(|layer| {
            let drawn = match &layer.shape {
                Shape::Dots(dots) => vec![("open", square.open(dots)), ("dots", square.dots(dots))],
                Shape::Line(points) => vec![("line", square.line(points.iter().copied()))],
                Shape::Band(points) => vec![("band", square.band(points))],
                Shape::Days(days) => vec![("days", square.days(days))],
            };
            let drawn = drawn.into_iter().filter(|(_, d)| !d.is_empty());
            drawn.map(|(shape, d)| Path { class: format!("{shape} {}", layer.colour.name()), d })
        });
        Self {
            paths: paths.collect(),
            grid: axis.ticks.iter().map(|&tick| square.y(tick)).collect(),
            values: axis.labels(),
            days: days(from, to, &chart.zone),
        }
    }
}

struct Square<'a> {
    from: Timestamp,
    to: Timestamp,
    axis: &'a Axis,
}

impl Square<'_> {
    fn x(&self, at: Timestamp) -> f64 {
        let all = self.to.duration_since(self.from).as_secs_f64().max(1.0);
        tenths(at.duration_since(self.from).as_secs_f64() / all * SIDE)
    }

    fn y(&self, value: f64) -> f64 {
        tenths((1.0 - self.axis.place(value)) * SIDE)
    }

    /// Lines without length and with round ends stay round however the square is stretched.
    fn dots(&self, dots: &[Dot]) -> String {
        drawn(dots.iter().map(|dot| format!("M{} {}h0", self.x(dot.at), self.y(dot.value))))
    }

    fn open(&self, dots: &[Dot]) -> String {
        let open = dots.iter().filter(|dot| dot.open.0 < dot.open.1);
        drawn(open.map(|dot| format!("M{} {}V{}", self.x(dot.at), self.y(dot.open.0), self.y(dot.open.1))))
    }

    fn line(&self, points: impl Iterator<Item = (Timestamp, f64)>) -> String {
        let mut d = String::new();
        for (at, value) in points {
            let begin = if d.is_empty() { 'M' } else { 'L' };
            write!(d, "{begin}{} {}", self.x(at), self.y(value)).expect("a text takes everything");
        }
        d
    }

    fn band(&self, points: &[(Timestamp, f64, f64)]) -> String {
        let (there, back) =
            (points.iter().map(|&(at, lo, _)| (at, lo)), points.iter().rev().map(|&(at, _, hi)| (at, hi)));
        self.line(there.chain(back)) + "Z"
    }

    fn days(&self, days: &[Timestamp]) -> String {
        let shown = days.iter().filter(|day| (self.from..=self.to).contains(day));
        drawn(shown.map(|&day| format!("M{} 0V{SIDE}", self.x(day))))
    }
}

fn drawn(parts: impl Iterator<Item = String>) -> String {
    parts.collect()
}

fn tenths(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::super::tests::chart;
    use super::*;

    #[test]
    fn layers_become_paths_in_their_order() {
        let picture = Picture::of(&chart(""));
        let drawn: Vec<(&str, &str)> =
            picture.paths.iter().map(|path| (path.class.as_str(), path.d.as_str())).collect();
        assert_eq!(
            drawn,
            [
                ("band series", "M0 1000L1000 900L1000 0L0 600Z"),
                ("open series", "M0 900V700M1000 500V300"),
                ("dots series", "M0 800h0M1000 400h0"),
                ("days series", "M444.4 0V1000"),
            ]
        );
        assert_eq!(picture.values, ["140", "130", "120", "110", "100", "90"]);
        assert_eq!(picture.grid, [1000.0, 800.0, 600.0, 400.0, 200.0, 0.0]);
    }
}
