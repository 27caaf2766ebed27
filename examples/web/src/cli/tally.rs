//! How many observations have gone by, on a terminal while they do.

use compass_core::Batch;
use indicatif::{ProgressBar, ProgressStyle};

/// Counts observations, and shows the count if stderr is a terminal.
#[derive(Debug)]
pub(super) struct Tally {
    profiles: u64,
    posts: u64,
    verb: &'static str,
    bar: ProgressBar,
}

impl Tally {
    /// `verb` says what has been done to them, such as "exported".
    pub(super) fn new(verb: &'static str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {human_pos} observations {msg} ({per_sec})");
        let bar = ProgressBar::no_length().with_style(style.expect("the template is well formed")).with_message(verb);
        Self { profiles: 0, posts: 0, verb, bar }
    }

    pub(super) fn add(&mut self, batch: &Batch) {
        self.profiles += batch.profiles.len() as u64;
        self.posts += batch.looks.len() as u64;
        self.bar.set_position(self.total());
    }

    pub(super) fn total(&self) -> u64 {
        self.profiles + self.posts
    }

    /// Says the sum, for people.
    pub(super) fn tell(&self) {
        self.bar.finish_and_clear();
        let Self { profiles, posts, verb, .. } = self;
        eprintln!("{verb} {profiles} observations of profiles and {posts} of posts");
    }
}
