//! Reports on many creators: made side by side, given one by one.

use std::borrow::Borrow;

use jiff::Timestamp;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{CreatorReport, Observed, ReportOptions, figures::Seen};
use crate::{
    Handle, OwnData, Profile, ProfileObservation, VideoObservation,
    analytics::{ComparedFigures, GrowthPair, Peers},
};

/// Everything that was observed of one creator.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The handle to report on where no profile is known.
    pub handle: Handle,
    /// The profile to report on where no look shows one; `None` if the creator is known from an own export alone.
    pub profile: Option<Profile>,
    /// Looks at the profile, in any order.
    pub history: Vec<ProfileObservation>,
    /// Looks at the posts, in any order.
    pub videos: Vec<VideoObservation>,
    /// What the creator exported of the own account.
    pub own: Option<OwnData>,
}

impl Subject {
    /// A creator without an own export.
    #[must_use]
    pub fn new(profile: Profile, history: Vec<ProfileObservation>, videos: Vec<VideoObservation>) -> Self {
        Self { handle: profile.handle.clone(), profile: Some(profile), history, videos, own: None }
    }

    /// The report of this creator as of a moment: see [`creator_report`](super::creator_report).
    #[must_use]
    pub fn report(&self, as_of: Timestamp, options: &ReportOptions) -> CreatorReport {
        self.observed().report(as_of, options)
    }

    /// The figures that others of its size are compared with, as the report has them, without the rest of it; `None` if the followers
    /// are not shown, or the account's id is not known: by it nobody is compared with itself.
    #[must_use]
    pub fn compared(&self, as_of: Timestamp, options: &ReportOptions) -> Option<ComparedFigures> {
        let seen = Seen::of(self.observed(), as_of);
        let of_history = self.history.iter().filter(|look| look.observed_at <= as_of).map(|look| &look.profile);
        let id = of_history.chain(&self.profile).next()?.id;
        let followers = seen.counts().followers?.midpoint();
        let tables = seen.tables(options.window);
        let figures = seen.figures(&tables, options, as_of);
        let compared = figures.filter(|figure| Peers::compared().contains(&figure.id));
        let metrics = compared.map(|figure| (figure.id, figure)).collect();
        Some(ComparedFigures { id, followers, language: seen.language(), metrics })
    }

    /// The newest look at the profile or at a post, or the newest moment of the own export, by a moment; `None` if there
    /// was none.
    #[must_use]
    pub fn newest(&self, as_of: Timestamp) -> Option<Timestamp> {
        let looks = self.history.iter().map(|look| look.observed_at);
        let own = self.own.iter().filter_map(|own| own.newest(as_of));
        looks.chain(self.videos.iter().map(|look| look.observed_at)).chain(own).filter(|at| *at <= as_of).max()
    }

    /// The newest look at any of the posts, or at those in the own export, by a moment; `None` if there was none.
    #[must_use]
    pub fn posts_seen(&self, as_of: Timestamp) -> Option<Timestamp> {
        let exported = self.own.iter().flat_map(|own| &own.posts);
        self.videos.iter().chain(exported).map(|look| look.observed_at).filter(|at| *at <= as_of).max()
    }

    /// What the posts that were seen more than once by a moment teach of the growth of views. Posts whose views only an own
    /// export's lists of the best show are left out: those that grew most are in such a list again.
    #[must_use]
    pub fn growth_pairs(&self, as_of: Timestamp) -> Vec<GrowthPair> {
        let Seen { posts, best_only, .. } = Seen::of(self.observed(), as_of);
        let told = posts.iter().filter(|post| !best_only.has(post));
        told.flat_map(|post| GrowthPair::of_video(&post.views)).collect()
    }

    fn observed(&self) -> Observed<'_> {
        let Self { handle, profile, history, videos, own } = self;
        Observed { handle, profile: profile.as_ref(), history, videos, own: own.as_ref() }
    }
}

/// So many creators are read, reported on and given before the next are read.
const AT_ONCE: usize = 256;

/// Makes the reports of any number of creators as of a moment, in the order of the input.
///
/// Each is the same, to the bit, as [`Subject::report`] makes of that creator alone, on any number of threads. They are made
/// on rayon's pool, or on that in which this is called, and given to `each` on the calling thread; no more than 256
/// creators are held at once, so the input may be a stream, of creators or of references to them.
///
/// ```
/// use compass_core::{analytics::{ReportOptions, Subject, creator_reports}, samples::World};
/// let now = "2026-05-01T00:00:00Z".parse()?;
/// let subjects = World::standard().creators().iter().map(|creator| {
///     let history = creator.history(now, 7);
///     Subject::new(
///         creator.profile(),
///         history.iter().map(|look| look.profile.clone()).collect(),
///         history.into_iter().flat_map(|look| look.videos).collect(),
///     )
/// }).collect::<Vec<_>>();
/// let mut handles = Vec::new();
/// creator_reports(&subjects, now, &ReportOptions::default(), |report| handles.push(report.handle.to_string()));
/// assert_eq!(handles.len(), 5);
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn creator_reports<S: Borrow<Subject> + Sync>(
    subjects: impl IntoIterator<Item = S>,
    as_of: Timestamp,
    options: &ReportOptions,
    mut each: impl FnMut(CreatorReport),
) {
    let mut subjects = subjects.into_iter();
    loop {
        let some: Vec<S> = subjects.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return;
        }
        let report = |subject: &S| subject.borrow().report(as_of, options);
        let reports: Vec<CreatorReport> = some.par_iter().map(report).collect();
        reports.into_iter().for_each(&mut each);
    }
}
