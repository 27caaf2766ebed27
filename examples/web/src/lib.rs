//! The reference service: every crate assembled, with pages.

mod pages;
mod state;

pub use state::{AppState, Site};
