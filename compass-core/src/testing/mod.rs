//! For tests and for hosts that try the library out: in-memory adapters, a settable clock, creators with planted
//! truth, and the conformance suites.

mod clock;
mod creator_tokens;
mod memory;
mod outcomes;
pub mod planted;
mod random;
#[doc(hidden)]
pub mod scenarios;
mod source;

pub use clock::FixedClock;
pub use creator_tokens::MemoryCreatorTokens;
pub use memory::MemoryStore;
pub use outcomes::outcomes;
pub use random::SeededRandom;
pub use source::ScriptedSource;
