//! A chart over time, described once: a picture that the server draws, and what plotly needs to make it live.

mod axis;
mod live;
mod picture;

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use super::assets;
use picture::Picture;

/// A chart over time. Its page has its heading as `{id}`, and the same in a sentence as `{id}-summary`.
#[derive(Clone, Debug, Template)]
#[template(path = "chart.html")]
pub(super) struct Chart {
    /// The id of its heading.
    pub(super) id: &'static str,
    /// What is drawn, the rearmost first.
    pub(super) layers: Vec<Layer>,
    pub(super) scale: Scale,
    /// The zone of its days.
    pub(super) zone: TimeZone,
}

/// How values become heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    /// The same distance for the same factor; values below 1 are drawn as 1.
    Log,
}

/// Something that is drawn, with its name in the legend.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
    pub(super) shape: Shape,
}

/// Colours of the style sheet that people with any kind of sight tell apart (Okabe and Ito 2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Series,
    Trend,
    Forecast,
    Change,
}

/// The form of a layer.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Dots(Vec<Dot>),
    Line(Vec<(Timestamp, f64)>),
    /// Between a lower and an upper line.
    Band(Vec<(Timestamp, f64, f64)>),
    /// Days on which something changed.
    Days(Vec<Timestamp>),
}

/// Something that was seen.
#[derive(Clone, Debug)]
pub(super) struct Dot {
    pub(super) at: Timestamp,
    pub(super) value: f64,
    /// What the source's rounding, or a projection, leaves open; both the value where nothing is.
    pub(super) open: (f64, f64),
    pub(super) words: String,
}

impl Colour {
    /// Its class, and the name of its custom property.
    fn name(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Trend => "trend",
            Self::Forecast => "forecast",
            Self::Change => "change",
        }
    }
}

impl Layer {
    fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::Dots(dots) => dots.is_empty(),
            Shape::Line(points) => points.len() < 2,
            Shape::Band(points) => points.len() < 2,
            Shape::Days(days) => days.is_empty(),
        }
    }

    /// What its entry in the legend looks like.
    fn class(&self) -> String {
        let shape = match self.shape {
            Shape::Dots(_) => "dots",
            Shape::Line(_) => "line",
            Shape::Band(_) => "band",
            Shape::Days(_) => "days",
        };
        format!("{shape} {}", self.colour.name())
    }

    fn times(&self) -> Vec<Timestamp> {
        match &self.shape {
            Shape::Dots(dots) => dots.iter().map(|dot| dot.at).collect(),
            Shape::Line(points) => points.iter().map(|point| point.0).collect(),
            Shape::Band(points) => points.iter().map(|point| point.0).collect(),
            Shape::Days(_) => Vec::new(),
        }
    }

    fn values(&self) -> Vec<f64> {
        match &self.shape {
            Shape::Dots(dots) => dots.iter().flat_map(|dot| [dot.value, dot.open.0, dot.open.1]).collect(),
            Shape::Line(points) => points.iter().map(|point| point.1).collect(),
            Shape::Band(points) => points.iter().flat_map(|point| [point.1, point.2]).collect(),
            Shape::Days(_) => Vec::new(),
        }
    }
}

impl Chart {
    /// Whether there is anything to draw: one moment is not a course.
    pub(super) fn is_worth_drawing(&self) -> bool {
        let mut times = self.layers.iter().flat_map(Layer::times);
        times.next().is_some_and(|first| times.any(|other| other != first))
    }

    fn picture(&self) -> Picture {
        Picture::of(self)
    }

    /// As plotly wants it.
    fn json(&self) -> String {
        live::json(self)
    }

    fn legend(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(|layer| !layer.is_empty())
    }

    fn plotly(&self) -> String {
        assets::PLOTLY.url()
    }
}

/// For the tests of other modules: the data of a chart as plotly gets it.
#[cfg(test)]
impl Chart {
    pub(super) fn data(&self) -> serde_json::Value {
        serde_json::from_str(&self.json()).expect("it is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_775_000_000 + day * 86_400).unwrap()
    }

    pub(super) fn chart(words: &str) -> Chart {
        let dot = |day: i64, value: f64| Dot {
            at: at(day),
            value,
            open: (value - 5.0, value + 5.0),
            words: words.to_owned(),
        };
        let layer = |name, shape| Layer { name, colour: Colour::Series, shape };
        Chart {
            id: "followers",
            layers: vec![
                layer("Band", Shape::Band(vec![(at(0), 90.0, 110.0), (at(9), 95.0, 140.0)])),
                layer("Seen", Shape::Dots(vec![dot(0, 100.0), dot(9, 120.0)])),
                layer("Turn", Shape::Days(vec![at(4)])),
                layer("Nothing", Shape::Line(Vec::new())),
            ],
            scale: Scale::Linear,
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn the_page_has_the_picture_the_legend_and_what_makes_it_live() {
        let html = chart("100").to_string();
        for text in ["<svg", "aria-describedby=\"followers-summary\"", "Seen", "Turn", "application/json", "plotly-"] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("Nothing") && !html.contains("style=") && !html.contains("NaN"), "{html}");
    }

    #[test]
    fn nothing_in_its_words_ends_the_element_that_they_stand_in() {
        let html = chart("</script><script>alert(1)</script>").to_string();
        assert_eq!(html.matches("</script>").count(), 1, "{html}");
    }

    #[test]
    fn one_moment_is_not_worth_a_picture() {
        let mut one = chart("");
        assert!(one.is_worth_drawing());
        one.layers = vec![one.layers.remove(2)];
        assert!(!one.is_worth_drawing());
    }
}
