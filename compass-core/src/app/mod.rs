//! The use cases: what a host asks for, over the ports.

mod observations;
mod refresh;
mod report;
mod scheduler;
mod sign_in;
mod track;

pub use observations::Observations;
pub use refresh::{RefreshWorker, request_refresh};
pub use report::{engagement, report, settled, subject};
pub use scheduler::Scheduler;
pub use sign_in::{SignInError, SignedIn, session_of, sign_in, sign_out};
pub use track::track;
