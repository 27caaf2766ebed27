//! A chart as plotly wants it: JSON that is safe inside of HTML.
//!
//! A colour is the name of a custom property of the style sheet: the script looks it up, so that light and dark are decided in one place.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Chart, Colour, Dot, Layer, Scale, Shape};
use crate::words::separators;

pub(super) fn json(chart: &Chart) -> String {
    let layers: Vec<&Layer> = chart.legend().collect();
    let data: Vec<Value> = layers.iter().flat_map(|layer| traces(layer, &chart.zone)).collect();
    let days = layers.iter().flat_map(|layer| match &layer.shape {
        Shape::Days(days) => days.iter().map(|day| (layer.colour, *day)).collect(),
        _ => Vec::new(),
    });
    let shapes: Vec<Value> = days.map(|(colour, day)| day_line(colour, &local(day, &chart.zone))).collect();
    let axis = json!({"fixedrange": true, "gridcolor": "var(--grid)", "zeroline": false, "linecolor": "var(--grid)"});
    let mut y = axis.clone();
    match chart.scale {
        Scale::Linear => y["tickformat"] = json!(",d"),
        Scale::Log => y["type"] = json!("log"),
    }
    let layout = json!({
        "autosize": true, "height": 320, "margin": {"l": 64, "r": 16, "t": 8, "b": 40},
        "font": {"family": "var(--font)", "size": 13, "color": "var(--chart-text)"},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest", "separators": separators(), "dragmode": false, "showlegend": false, "xaxis": axis, "yaxis": y, "shapes": shapes,
    });
    let config = json!({"displayModeBar": false, "responsive": true});
    inert(&json!({"data": data, "layout": layout, "config": config}).to_string())
}

fn traces(layer: &Layer, zone: &TimeZone) -> Vec<Value> {
    let colour = format!("var(--{})", layer.colour.name());
    match &layer.shape {
        Shape::Dots(dots) => vec![markers(layer, dots, &colour, zone)],
        Shape::Line(points) => {
            let (x, y): (Vec<_>, Vec<_>) = points.iter().map(|&(at, value)| (local(at, zone), value)).unzip();
            let line = json!({"color": colour, "width": 2});
            vec![
                json!({"type": "scatter", "mode": "lines", "name": layer.name, "x": x, "y": y, "line": line, "hoverinfo": "skip"}),
            ]
        }
        Shape::Band(points) => {
            let edge = |value: fn(&(Timestamp, f64, f64)) -> f64, fill: &str| {
                let x: Vec<String> = points.iter().map(|point| local(point.0, zone)).collect();
                let y: Vec<f64> = points.iter().map(value).collect();
                json!({"type": "scatter", "mode": "lines", "name": layer.name, "x": x, "y": y, "line": {"width": 0}, "fill": fill,
                       "fillcolor": format!("var(--{}-soft)", layer.colour.name()), "hoverinfo": "skip"})
            };
            vec![edge(|point| point.1, "none"), edge(|point| point.2, "tonexty")]
        }
        Shape::Days(_) => Vec::new(),
    }
}

/// Dots without a line between them: what was not seen is not known.
fn markers(layer: &Layer, dots: &[Dot], colour: &str, zone: &TimeZone) -> Value {
    let x: Vec<String> = dots.iter().map(|dot| local(dot.at, zone)).collect();
    let y: Vec<f64> = dots.iter().map(|dot| dot.value).collect();
    let words: Vec<&str> = dots.iter().map(|dot| dot.words.as_str()).collect();
    let mut trace = json!({
        "type": "scatter", "mode": "markers", "name": layer.name, "x": x, "y": y, "marker": {"color": colour, "size": 6},
        "hovertext": words, "hoverinfo": "text",
    });
    if dots.iter().any(|dot| dot.open.0 < dot.open.1) {
        let up: Vec<f64> = dots.iter().map(|dot| dot.open.1 - dot.value).collect();
        let down: Vec<f64> = dots.iter().map(|dot| dot.value - dot.open.0).collect();
        trace["error_y"] =
            json!({"type": "data", "symmetric": false, "array": up, "arrayminus": down, "color": colour, "width": 2});
    }
    trace
}

fn day_line(colour: Colour, day: &str) -> Value {
    let line = json!({"color": format!("var(--{})", colour.name()), "width": 1, "dash": "dot"});
    json!({"type": "line", "x0": day, "x1": day, "yref": "paper", "y0": 0, "y1": 1, "line": line})
}

/// A moment as plotly's date axis reads it: local time without a zone.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// JSON in which nothing can end the element that it stands in, nor begin another.
fn inert(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::super::tests::chart;
    use super::*;

    #[test]
    fn layers_become_traces_and_days_become_lines() {
        let live = chart("seen").data();
        let modes: Vec<&Value> = live["data"].as_array().unwrap().iter().map(|trace| &trace["mode"]).collect();
        assert_eq!(modes, ["lines", "lines", "markers"]);
        assert_eq!(live["data"][1]["fill"], "tonexty");
        assert_eq!(live["data"][2]["error_y"]["array"], json!([5.0, 5.0]));
        assert_eq!(live["layout"]["shapes"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_text_cannot_end_the_element_that_holds_the_json() {
        let json = inert("</script><script>alert(\"1 & 2\")\u{2028}");
        assert!(!json.contains('<') && !json.contains('>') && !json.contains('&') && !json.contains('\u{2028}'));
    }
}
