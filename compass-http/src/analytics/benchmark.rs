//! Where a creator stands among others of its size.

use axum::response::Response;
use compass_core::analytics::{Signal, Standing, Tier};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::{Asked, Focus},
    sections::About,
};
use crate::problem::{Fails, Problem};

/// Where a creator stands among its peers.
#[derive(Debug, Serialize, ToSchema)]
struct BenchmarkView {
    #[serde(flatten)]
    about: About,
    /// The size of the account by its followers; null if they were never shown.
    tier: Option<Tier>,
    /// When the creators that it is compared with were read, UTC; null where nothing is known to compare with.
    compared_at: Option<Timestamp>,
    /// How many creators there were to compare with, of all sizes.
    creators: usize,
    /// For each figure that is compared, the share of its peers with less, and how many peers there are: none with fewer than 30 of its
    /// size. Of its language, too, where 30 are.
    benchmarks: Vec<Standing>,
    /// What may look unusual, with the evidence; never a verdict.
    authenticity: Vec<Signal>,
}

/// Gives where a creator stands among others of its size and, where there are enough, its language.
///
/// Peers are the creators that this service knows and saw in the last 90 days, by their newest 30 posts; what people brought of their
/// own accounts is not in it. As of a moment more than a week ago there are none.
#[utoipa::path(
    get, path = "/analytics/{handle}/benchmark", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The comparison", body = BenchmarkView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn benchmark(asked: Asked<Focus>) -> Result<Response, Problem> {
    let view = |mut report| {
        let about = About::of(&mut report);
        let learnt = asked.learnt(report.as_of);
        BenchmarkView {
            about,
            tier: report.counts.followers.map(|followers| Tier::of(followers.midpoint())),
            compared_at: learnt.map(|learnt| learnt.at),
            creators: learnt.map_or(0, |learnt| learnt.corpus.peers.len()),
            benchmarks: report.benchmarks,
            authenticity: report.authenticity,
        }
    };
    asked.cut("benchmark", view).await
}
