//! The use cases as an axum router, with OpenAPI and problem+json.
//!
//! [`router`] has everything and nests in any axum application; what it needs of the host are the ports that it finds in
//! the host's state, or in a ready-made [`Ports`]. A host that wants a part only takes its sections:
//!
//! ```
//! use axum::{Router, routing::get};
//! use compass_http::{Ports, analytics, router_of, tiktok};
//!
//! fn app(ports: Ports) -> Router {
//!     let figures = router_of([tiktok(), analytics()]).with_state(ports);
//!     Router::new().route("/", get(|| async { "mine" })).nest("/compass", figures)
//! }
//! ```

//!
//! A host that knows who asks lets [`HostSignIn`] say so, and leaves [`accounts`] out. [`Manners`] are what holds for every
//! request: limits, other sites, time, compression, headers. All of it is counted through the `metrics` facade:
//!
//! | metric | labels | what |
//! |---|---|---|
//! | `compass_http_requests_total` | `method`, `route`, `status` | requests, by the pattern of their route |
//! | `compass_http_request_seconds` | `method`, `route` | how long the head of the answer took |
//! | `compass_http_narrations_total` | `outcome` | texts of a narrator, by what became of them; those that were kept, too |
//! | `compass_http_requests_under_way` | | requests whose answer has not begun |

mod accounts;
mod analytics;
mod caller;
mod computations;
mod copied_late;
mod current_user;
mod device;
#[cfg(feature = "docs")]
mod docs;
mod document;
mod extract;
mod files;
mod headers;
mod imports;
mod kept_reports;
mod learnt_corpus;
mod manners;
mod once;
mod operations;
mod ports;
mod problem;
mod provides;
mod recommendations;
mod request_id;
mod section;
mod shared;
mod shown;
mod shutdown;
mod site;
mod tagged;
mod this_machine;
mod tiktok;
mod turns;

use axum::Router;

pub use accounts::accounts;
pub use analytics::analytics;
pub use caller::HostSignIn;
pub use computations::Computations;
pub use current_user::{Credential, CurrentUser};
pub use device::Device;
#[cfg(feature = "docs")]
pub use docs::docs;
pub use extract::{Form, Json, Path, Query};
pub use files::{FileTurn, Files};
pub use imports::imports;
pub use kept_reports::KeptReports;
pub use learnt_corpus::LearntCorpus;
pub use manners::{Limiters, Limits, Manners, OriginError, Rate, accepts_gzip};
pub use operations::operations;
pub use ports::Ports;
pub use problem::{PROBLEM_JSON, Problem, ProblemKind};
pub use provides::{HostState, KnowsPeople, Provides, ProvidesAll};
pub use recommendations::{Compared, ComparedCreators, KeptCorpus, Narration, PlanQuery, recommendations};
pub use section::{Section, router_of};
pub use shown::Shown;
pub use shutdown::Shutdown;
pub use site::{Site, SiteError};
pub use this_machine::only_this_machine;
pub use tiktok::tiktok;
pub use utoipa;

/// The whole API. See [`router_of`] for how it fits into a host.
pub fn router<S: ProvidesAll>() -> Router<S> {
    router_of(sections())
}

/// Every section.
fn sections<S: ProvidesAll>() -> Vec<Section<S>> {
    vec![
        accounts(),
        tiktok(),
        analytics(),
        recommendations(),
        imports(),
        operations(),
        #[cfg(feature = "docs")]
        docs(),
    ]
}

/// The OpenAPI document of the whole API.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    section::describe::<Ports>(sections())
}

/// The examples of the README, run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
