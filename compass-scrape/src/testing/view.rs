//! One account as it is shown to one visitor at one moment.

use compass_core::{Snapshot, VideoId, VideoObservation};
use jiff::Timestamp;

use super::{Fault, Language, Layout, words::Words};

/// What the pages and the data of an account are made from.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The account as it truly is.
    pub(super) truth: Snapshot,
    pub(super) layout: Layout,
    pub(super) language: Language,
    /// What is wrong now.
    pub(super) faults: Vec<Fault>,
    pub(super) now: Timestamp,
    /// How often the list of posts has been asked for since the page was loaded.
    pub(super) time: u32,
    /// Where pictures are; empty for the site itself.
    pub(super) assets: String,
    /// A host that is not the site's.
    pub(super) elsewhere: String,
}

impl View {
    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }

    pub(super) fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    /// The posts that are shown.
    pub(super) fn posts(&self) -> impl Iterator<Item = &VideoObservation> {
        let left_out = self.has(&Fault::PartialBanner);
        let all = if self.has(&Fault::Zeros) { &[][..] } else { self.truth.videos.as_slice() };
        all.iter().enumerate().filter(move |(place, _)| !left_out || place % 2 == 0).map(|(_, post)| post)
    }

    pub(super) fn post(&self, id: VideoId) -> Option<&VideoObservation> {
        self.truth.videos.iter().find(|post| post.video.id == id)
    }
}
