//! The plain HTTP source: against the stand-in site, and against a server that breaks the rules.

mod captures;
mod faults;
mod requests;
mod stand_in;

use std::time::Duration;

use compass_core::{
    Handle, Snapshot,
    ports::{CollectRequest, NoProgress, ProfileSource as _, SourceError},
};
use compass_scrape::{
    manners::Manners,
    page::{PageBuilder, PageSource},
};

use crate::{raw_server::RawServer, truth::NOON};

fn request(handle: &str, max_videos: u32) -> CollectRequest {
    CollectRequest { handle: Handle::parse(handle).unwrap(), max_videos, since: None, observed_at: NOON }
}

async fn collect(source: &PageSource, handle: &str) -> Result<Snapshot, SourceError> {
    source.collect(&request(handle, 60), &NoProgress).await
}

/// A source that does not wait long.
fn page_of(base_url: &str) -> PageBuilder {
    let manners = Manners::builder().pause(Duration::ZERO).build().unwrap();
    PageSource::builder().base_url(base_url).manners(manners).answer_timeout(Duration::from_secs(20))
}

/// What the server makes of Ada.
async fn ada(server: &RawServer) -> Result<Snapshot, SourceError> {
    collect(&page_of(&server.base_url()).build().unwrap(), "ada.l").await
}
