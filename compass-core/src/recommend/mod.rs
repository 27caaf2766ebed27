//! Which creators are alike, and why: portraits, a score whose reasons add up to it, and the search among millions.

mod embedding;
mod filter;
mod gallery;
mod lexicon;
mod nearest;
mod portrait;
mod score;
mod variety;
mod words;

pub use embedding::LexicalEmbedder;
pub use filter::Filter;
pub use gallery::{Gallery, Match, Search, TooLittleKnown};
pub use nearest::{DamagedVectors, Near, VectorError, Vectors};
pub use portrait::{Known, KnownPost, Portrait, Trait};
pub use score::{PartWeights, Reason, Score, Shared};
pub use words::words;
