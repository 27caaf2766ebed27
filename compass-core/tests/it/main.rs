//! The core through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod aggregate;
mod audience_fit;
mod authenticity;
mod benchmarks;
mod best_time;
mod breakouts;
mod calibration;
mod catalogue;
mod edges;
mod exchange;
mod forecast;
mod forecast_coverage;
mod fuzzed;
mod gone;
mod growth_model;
mod insights;
mod lifts;
mod manners;
mod memory;
mod nearest;
mod outcomes;
mod own_data;
mod post_value;
mod posting;
mod properties;
mod recommend;
mod refresh;
mod report;
mod rosetta;
mod schedule;
mod series;
mod track;
mod trends;
mod values;
