//! A stand-in for TikTok: accounts stated as data, on a site of TikTok's shapes, served on loopback or read directly.
//!
//! [`StandIn`] serves a [`Scene`]: the sample creators with a [`Trouble`] under each handle, or what a test states.

mod direct;
pub mod display_api;
mod fault;
mod figures;
mod json;
mod likeness;
mod log;
mod marks;
mod pages;
mod routes;
mod scene;
mod server;
mod site;
mod trouble;
mod view;
mod words;

pub use direct::DirectSource;
pub use fault::{Fault, Reply, RetryAfter};
pub use log::{Host, Request};
pub use scene::{Account, Change, Figures, Language, Layout, Scene, When};
pub use server::StandIn;
pub use trouble::Trouble;
