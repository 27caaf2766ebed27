//! Scrapes the stand-in many times over and fails if memory, open files, processes or folders grow:
//! `cargo run -p compass-scrape --release --example soak --features testing -- 200`

#[path = "../tests/it/webdriver/usage.rs"]
mod usage;

use std::{
    error::Error,
    num::ParseIntError,
    sync::Arc,
    time::{Duration, Instant},
};

use compass_core::{
    Handle,
    ports::{Clock as _, CollectRequest, NoProgress, ProfileSource as _, SystemClock},
    samples::World,
};
use compass_scrape::{
    manners::Manners,
    testing::{StandIn, Trouble},
    webdriver::WebDriverSource,
};

use usage::{Usage, Watch, status};

/// Good pages, and some that are not: what a day brings.
const HANDLES: [&str; 6] =
    ["sample.steady", "sample.rising", "sample.fresh", "trouble.captcha", "trouble.griderror", "sample.steady"];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let scrapes: u32 = std::env::args()
        .nth(1)
        .map_or(Ok(200), |text| text.parse())
        .map_err(|e: ParseIntError| format!("the number of scrapes: {e}"))?;
    let site = StandIn::start(World::standard(), Arc::new(SystemClock)).await?;
    let source = WebDriverSource::builder()
        .base_url(site.base_url())
        .asset_hosts([site.asset_url().trim_start_matches("http://")])
        .manners(Manners::builder().pause(Duration::ZERO).build()?)
        .patience(Duration::from_secs(1))
        .pages_per_session(20)
        .video_pages(2)
        .open_listed_posts(true)
        .build()?;
    let mut watch = Watch::default();
    let mut taken: Vec<(u32, Usage)> = Vec::new();
    let begun = Instant::now();
    let mut good = 0;
    for (count, handle) in (1..=scrapes).zip(HANDLES.iter().cycle()) {
        let handle = Handle::parse(handle)?;
        let request = CollectRequest { handle, max_videos: 60, since: None, observed_at: SystemClock.now() };
        match source.collect(&request, &NoProgress).await {
            Ok(_) => good += 1,
            Err(error) if Trouble::of(&request.handle).is_some() && error.code() != "driver" => {}
            Err(error) => return Err(error.into()),
        }
        site.forget_requests();
        watch.look(&source);
        // The first figures are not those of a browser that has just started.
        let mut quarters = (1..=4).map(|quarter| (scrapes * quarter).div_ceil(4));
        if count == 1 || count == scrapes.div_ceil(10) || quarters.any(|at| at == count) {
            let usage = watch.usage();
            println!("after {count:>4} scrapes, {} browsers: {usage}", watch.browsers());
            if count > 1 {
                taken.push((count, usage));
            }
        }
    }
    println!("{good} good pages of {scrapes} in {:.0?}, at most {} kB resident", begun.elapsed(), status("VmHWM:"));
    source.close().await;
    let left = watch.usage();
    println!("after closing: {left}");
    let early = taken.first().map(|(_, usage)| *usage).ok_or("no scrape was made")?;
    for (count, usage) in &taken {
        if let Some(grown) = usage.grown_since(&early) {
            return Err(format!("after {count} scrapes more is used: {grown}").into());
        }
    }
    if (left.processes, left.folders) != (0, 0) {
        return Err(format!("browsers are left: {left}").into());
    }
    Ok(())
}
