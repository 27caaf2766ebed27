//! Serves the stand-in TikTok, to try a scraper or the service without touching the real one.
//!
//! `cargo run -p compass-scrape --example standin --features testing -- [--listen HOST:PORT]`

use std::{error::Error, io::Write as _, net::SocketAddr, sync::Arc};

use compass_core::{
    Handle,
    ports::{Clock, SystemClock},
    samples::SampleCreator,
};
use compass_scrape::testing::{Account, Change, Fault, Scene, StandIn, Trouble, When};
use jiff::{Timestamp, ToSpan as _};

const USAGE: &str = "usage: standin [--listen HOST:PORT]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => SocketAddr::from(([127, 0, 0, 1], 8100)),
        [flag, address] if flag == "--listen" => address.parse().map_err(|_| USAGE)?,
        _ => return Err(USAGE.into()),
    };
    let clock = Arc::new(SystemClock);
    let soon = clock.now() + 2.minutes();
    let mut scene = Scene::standard();
    let stories = stories(&compass_core::samples::World::standard().creators()[0], soon)?;
    let told: Vec<_> = stories.iter().map(|(account, story)| (account.handle.clone(), *story)).collect();
    scene.accounts.extend(stories.into_iter().map(|(account, _)| account));

    let stand_in = StandIn::listen(scene, clock, address).await?;
    print(&stand_in, &told, soon)?;
    std::future::pending().await
}

/// Accounts to which something happens two minutes after the start.
fn stories(like: &SampleCreator, soon: Timestamp) -> Result<Vec<(Account, &'static str)>, Box<dyn Error>> {
    let account = |name: &str| Ok::<_, Box<dyn Error>>(Account::like(Handle::parse(name)?, like));
    let deleted = account("story.deleted")?;
    let newest = deleted.truth(soon).videos.into_iter().find(|post| !post.pinned).ok_or("samples have posts")?;
    Ok(vec![
        (account("story.private")?.change(soon, Change::Private), "becomes private"),
        (
            account("story.renamed")?.change(soon, Change::Renamed(Handle::parse("story.newname")?)),
            "becomes @story.newname",
        ),
        (deleted.change(soon, Change::PostDeleted(newest.video.id)), "loses its newest post"),
        (account("story.falling")?.change(soon, Change::CountersTimes(0.9)), "loses a tenth of every counter"),
        (account("story.vanished")?.fault(When::From(soon), Fault::Zeros), "shows zeros"),
    ])
}

fn print(stand_in: &StandIn, stories: &[(Handle, &str)], soon: Timestamp) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let address = stand_in.base_url();
    writeln!(out, "The stand-in TikTok is on {address} and stops with Ctrl-C.\n\nGood pages, whose counters grow:")?;
    let handles: Vec<Handle> = stand_in.scene(|scene| scene.accounts.iter().map(|a| a.handle.clone()).collect());
    for handle in handles.iter().filter(|handle| handle.as_str().starts_with("sample.")) {
        writeln!(out, "  {address}/@{handle}")?;
    }
    writeln!(out, "\nGood pages of accounts to which something happens at {}:", soon.strftime("%H:%M:%S UTC"))?;
    for (handle, story) in stories {
        writeln!(out, "  {:<26} {story}", format!("@{handle}"))?;
    }
    writeln!(out, "\nEverything else:")?;
    for trouble in Trouble::ALL {
        writeln!(out, "  {:<26} {}", format!("@{}", trouble.handle()), trouble.shows())?;
    }
    Ok(())
}
