//! A stand-in for TikTok: the sample creators on a site of TikTok's shapes, served on loopback or read directly.

mod direct;
mod figures;
mod html;
mod json;
mod server;
mod site;
mod trouble;

pub use direct::DirectSource;
pub use server::StandIn;
pub use trouble::Trouble;
