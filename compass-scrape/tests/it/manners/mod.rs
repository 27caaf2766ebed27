//! robots.txt and the pace, through the sources that keep to them.

mod pace;
mod robots;

use std::{sync::Arc, time::Duration};

use compass_core::{
    Handle, Snapshot,
    ports::{CollectRequest, NoProgress, ProfileSource as _, SourceError},
    testing::FixedClock,
};
use compass_scrape::{
    manners::{Manners, MannersBuilder},
    page::PageSource,
};

use crate::truth::NOON;

/// Manners without pauses, by a clock that stands still.
fn hasty(clock: &Arc<FixedClock>) -> MannersBuilder {
    Manners::builder().pause(Duration::ZERO).clock(Arc::<FixedClock>::clone(clock))
}

fn noon() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(NOON))
}

fn page(base_url: &str, manners: &Manners) -> PageSource {
    PageSource::builder().base_url(base_url).manners(manners.clone()).build().unwrap()
}

async fn collect(source: &PageSource, handle: &str) -> Result<Snapshot, SourceError> {
    let request =
        CollectRequest { handle: Handle::parse(handle).unwrap(), max_videos: 5, since: None, observed_at: NOON };
    source.collect(&request, &NoProgress).await
}
