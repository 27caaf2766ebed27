//! The browser source against the stand-in site, with a real Chromium.

mod child;
mod collecting;
mod drivers;
mod figures;
mod manners;
mod pool;
mod processes;
mod reach;
mod recording;
mod served;
mod soak;
mod troubles;
mod usage;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use compass_core::{
    Handle, Snapshot,
    ports::{CollectRequest, NoProgress, ProfileSource, SourceError},
    samples::World,
    testing::FixedClock,
};
use compass_scrape::{
    manners::Manners,
    testing::StandIn,
    webdriver::{WebDriverBuilder, WebDriverSource},
};

use crate::truth::NOON;

/// The stand-in with its clock standing still.
async fn stand_in() -> StandIn {
    StandIn::start(World::standard(), Arc::new(FixedClock::new(NOON))).await.unwrap()
}

/// A source that does not wait where nothing is to be waited for.
fn browser_on(site: &StandIn) -> WebDriverBuilder {
    let assets = site.asset_url().trim_start_matches("http://");
    browser_at(site.base_url()).asset_hosts([assets])
}

/// The same of any site.
fn browser_at(base_url: &str) -> WebDriverBuilder {
    let manners = Manners::builder().pause(Duration::ZERO).build().unwrap();
    WebDriverSource::builder().base_url(base_url).manners(manners)
}

fn request(handle: &str, max_videos: u32) -> CollectRequest {
    CollectRequest { handle: Handle::parse(handle).unwrap(), max_videos, since: None, observed_at: NOON }
}

async fn collect(source: &WebDriverSource, handle: &str, max_videos: u32) -> Result<Snapshot, SourceError> {
    source.collect(&request(handle, max_videos), &NoProgress).await
}

/// A process group and a folder that a source has opened, by which can be seen whether they are gone.
struct Traces {
    group: u32,
    folder: PathBuf,
}

impl Traces {
    /// Those of the source's present driver.
    fn of(source: &WebDriverSource) -> Self {
        Self::of_driver(*source.driver_processes().first().expect("a driver runs"))
    }

    fn of_driver(group: u32) -> Self {
        let environment = fs::read_to_string(format!("/proc/{group}/environ")).unwrap();
        let folder = environment.split('\0').find_map(|variable| variable.strip_prefix("TMPDIR=")).unwrap();
        let traces = Self { group, folder: folder.into() };
        assert!(traces.folder.is_dir());
        traces
    }

    /// The processes of the group that still run.
    fn processes(&self) -> Vec<String> {
        usage::processes(self.group)
    }

    fn assert_gone(&self) {
        assert_eq!(self.processes(), Vec::<String>::new());
        assert!(!self.folder.exists(), "{} is still there", self.folder.display());
    }
}
