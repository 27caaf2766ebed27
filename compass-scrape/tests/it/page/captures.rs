//! Real pages, as a server would send them, from the folder that `COMPASS_CAPTURES` names.

use std::{fs, path::PathBuf};

use compass_core::{Count, Snapshot, ports::SourceError};
use compass_scrape::NOT_GIVEN;

use super::ada;
use crate::raw_server::{RawServer, Reply};

/// What the source makes of a capture; `None` where there are none on this machine.
async fn served(name: &str) -> Option<Result<Snapshot, SourceError>> {
    let Some(folder) = std::env::var_os("COMPASS_CAPTURES").map(PathBuf::from) else {
        eprintln!("COMPASS_CAPTURES is not set: no real page was served");
        return None;
    };
    let packed = fs::read(folder.join("pages").join(name)).unwrap();
    let headers = ["Content-Type: text/html; charset=utf-8", "Content-Encoding: gzip"];
    let server = RawServer::start(move |_| Reply::http("200 OK", &headers, &packed)).await;
    Some(ada(&server).await)
}

#[tokio::test]
async fn header_is_read_where_the_grid_was_withheld() {
    let Some(seen) = served("profile-grid-failed-2024.html.gz").await else { return };
    let seen = seen.unwrap();
    let counts = seen.profile.counts;
    // 830600, 166, 19400000 and 915 stand in the page, the large ones rounded.
    assert_eq!(counts.followers, Count::range(830_550, 830_649).ok());
    assert_eq!(counts.following, Count::exact(166).ok());
    assert_eq!(counts.likes, Count::range(19_350_000, 19_449_999).ok());
    assert_eq!(counts.videos, Count::exact(915).ok());
    assert_eq!((seen.videos.len(), seen.refused[0].reason.as_str()), (0, NOT_GIVEN));
}

#[tokio::test]
async fn header_of_2026_is_exact() {
    let Some(seen) = served("profile-grid-2026.html.gz").await else { return };
    let counts = seen.unwrap().profile.counts;
    assert_eq!((counts.followers, counts.likes), (Count::exact(3_666).ok(), Count::exact(272_628).ok()));
    assert_eq!(counts.videos, Count::exact(543).ok());
}

#[tokio::test]
async fn page_that_is_no_profile_says_so() {
    for (name, code) in [
        ("shell-app-2026.html.gz", "shell_page"),
        ("shell-downgrade-2026.html.gz", "shell_page"),
        ("video-ok-2026.html.gz", "layout_changed"),
    ] {
        let Some(met) = served(name).await else { return };
        assert_eq!(met.unwrap_err().code(), code, "{name}");
    }
}
