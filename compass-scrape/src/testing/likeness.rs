//! An account with the figures of a sample creator under ids of its own.

use compass_core::{Count, CreatorId, Handle, Snapshot, SourceKind, VideoId, samples::SampleCreator};
use jiff::Timestamp;

/// The creator's account at a moment with its newest `posts` posts; the handle decides the ids.
pub(super) fn of(creator: &SampleCreator, handle: &Handle, posts: u32, at: Timestamp) -> Snapshot {
    let mark = mark(handle);
    let mut account = creator.snapshot(at, posts, SourceKind::Sample);
    account.profile.profile.id = id(handle);
    for post in &mut account.videos {
        // The upper half tells the time of the upload and stays.
        let id = post.video.id.get() ^ u64::from(mark);
        post.video.id = VideoId::parse(&id.to_string()).expect("the sign is not touched");
    }
    account.profile.counts.videos = Count::exact(account.videos.len() as u64).ok();
    account
}

/// The account's id.
pub(super) fn id(handle: &Handle) -> CreatorId {
    let id = 6_900_000_000_000_000_000 + u64::from(mark(handle));
    CreatorId::parse(&id.to_string()).expect("19 digits below the largest id")
}

/// A number that goes with a handle (FNV-1a).
fn mark(handle: &Handle) -> u32 {
    handle.as_str().bytes().fold(0x811c_9dc5, |mark, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
