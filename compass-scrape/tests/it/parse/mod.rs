//! Pages and answers to domain values, in the shapes of every era.

pub(crate) mod fixtures;
mod items;
mod layers;
mod never_panics;
mod obstacles;
mod profiles;
mod sound;
mod videos;
