//! What the stand-in shows, as data: the accounts, how their pages look, what happens to them and what is wrong, and when.

use compass_core::{
    Count, CreatorId, Handle, Snapshot, SourceKind, Text, VideoId,
    samples::{SampleCreator, World},
};
use jiff::Timestamp;

use super::{Fault, Reply, Trouble, figures::scaled, likeness};

/// Everything that a stand-in shows. It is plain data: write one, start a [`StandIn`](super::StandIn) with it, and
/// change it while that runs.
///
/// ```
/// use compass_core::{Handle, samples::World};
/// use compass_scrape::testing::{Account, Change, Fault, Layout, Reply, Scene, When};
///
/// let world = World::standard();
/// let ada = Account::like(Handle::parse("ada")?, &world.creators()[0])
///     .layout(Layout::Sigi2023)
///     .change("2026-05-02T00:00:00Z".parse()?, Change::Private)
///     .fault(When::First(2), Fault::Reply(Reply::status(503)));
/// let scene = Scene { accounts: vec![ada], robots: Reply::text("User-agent: *\nDisallow: /search\n") };
/// assert_eq!(scene.find(&Handle::parse("ada")?, "2026-05-01T12:00:00Z".parse()?).unwrap().changes.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scene {
    /// The accounts. Of two that go by one handle the first is shown.
    pub accounts: Vec<Account>,
    /// What `/robots.txt` answers.
    pub robots: Reply,
}

impl Default for Scene {
    /// Nobody, and a robots.txt that lets everybody read profiles.
    fn default() -> Self {
        let robots = Reply::text("User-agent: *\nDisallow: /search\nAllow: /\n");
        Self { accounts: Vec::new(), robots }
    }
}

impl Scene {
    /// The five sample creators, and every [`Trouble`] under its handle.
    #[must_use]
    pub fn standard() -> Self {
        World::standard().into()
    }

    /// The account that goes by a handle at a moment.
    #[must_use]
    pub fn find(&self, handle: &Handle, at: Timestamp) -> Option<&Account> {
        self.accounts.iter().find(|account| account.handle_at(at) == handle)
    }
}

impl From<World> for Scene {
    /// These creators, and every [`Trouble`] under its handle: an account that is like the first of them.
    fn from(world: World) -> Self {
        let samples = world.creators().iter().map(Account::sample);
        let lender = world.creators().first();
        let troubles = lender.into_iter().flat_map(|lender| Trouble::ALL.map(|trouble| trouble.account(lender)));
        Self { accounts: samples.chain(troubles).collect(), ..Self::default() }
    }
}

/// One account of a [`Scene`].
#[derive(Clone, Debug)]
pub struct Account {
    /// The handle it begins with; see [`Change::Renamed`].
    pub handle: Handle,
    /// Where its profile, its posts and its counters come from.
    pub figures: Figures,
    /// How its page is built.
    pub layout: Layout,
    /// The language of its page.
    pub language: Language,
    /// What happens to it, and when.
    pub changes: Vec<(Timestamp, Change)>,
    /// What is wrong with what is shown of it, and when. Several may be at once; the first that replaces the page does.
    pub faults: Vec<(When, Fault)>,
}

impl Account {
    /// A sample creator under its own handle.
    #[must_use]
    pub fn sample(creator: &SampleCreator) -> Self {
        Self::new(creator.handle().clone(), Figures::Sample(creator.clone()))
    }

    /// An account with another handle and other ids that has the figures of a sample creator and its newest 40 posts.
    #[must_use]
    pub fn like(handle: Handle, creator: &SampleCreator) -> Self {
        Self::new(handle, Figures::Like { creator: creator.clone(), posts: 40 })
    }

    /// An account of which everything is stated.
    #[must_use]
    pub fn stated(snapshot: Snapshot) -> Self {
        Self::new(snapshot.handle().clone(), Figures::Stated(Box::new(snapshot)))
    }

    fn new(handle: Handle, figures: Figures) -> Self {
        let (layout, language) = (Layout::default(), Language::default());
        Self { handle, figures, layout, language, changes: Vec::new(), faults: Vec::new() }
    }

    /// Sets how its page is built.
    #[must_use]
    pub fn layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// Sets the language of its page.
    #[must_use]
    pub fn language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Adds something that happens to it.
    #[must_use]
    pub fn change(mut self, at: Timestamp, change: Change) -> Self {
        self.changes.push((at, change));
        self
    }

    /// Adds something that is wrong.
    #[must_use]
    pub fn fault(mut self, when: When, fault: Fault) -> Self {
        self.faults.push((when, fault));
        self
    }

    /// Its numeric id, which stays whatever happens to it.
    #[must_use]
    pub fn id(&self) -> CreatorId {
        match &self.figures {
            Figures::Sample(creator) => creator.profile().id,
            Figures::Like { .. } => likeness::id(&self.handle),
            Figures::Stated(snapshot) => snapshot.creator(),
        }
    }

    /// The handle it goes by at a moment.
    #[must_use]
    pub fn handle_at(&self, at: Timestamp) -> &Handle {
        let renamed = self.changes_until(at).into_iter().rev().find_map(|change| match change {
            Change::Renamed(handle) => Some(handle),
            _ => None,
        });
        renamed.unwrap_or(&self.handle)
    }

    /// The account as it truly is at a moment, to the unit: what a perfect source would see, whatever the page shows.
    #[must_use]
    pub fn truth(&self, at: Timestamp) -> Snapshot {
        let mut truth = match &self.figures {
            Figures::Sample(creator) => creator.snapshot(at, u32::MAX, SourceKind::Sample),
            Figures::Like { creator, posts } => likeness::of(creator, &self.handle, *posts, at),
            Figures::Stated(snapshot) => stated(snapshot, at),
        };
        truth.profile.profile.handle = self.handle.clone();
        for change in self.changes_until(at) {
            change.apply(&mut truth);
        }
        truth
    }

    /// What has happened by then, in the order in which it happened.
    fn changes_until(&self, at: Timestamp) -> Vec<&Change> {
        let mut done: Vec<_> = self.changes.iter().filter(|(moment, _)| *moment <= at).collect();
        done.sort_by_key(|(moment, _)| *moment);
        done.into_iter().map(|(_, change)| change).collect()
    }
}

/// Where an account's profile, posts and counters come from.
#[derive(Clone, Debug)]
pub enum Figures {
    /// A sample creator, whose counters grow and who goes on posting as the clock goes on.
    Sample(SampleCreator),
    /// The same figures under other ids.
    Like {
        /// Whose figures they are.
        creator: SampleCreator,
        /// How many posts are kept, the newest ones.
        posts: u32,
    },
    /// Exactly these, for ever; a post is there from its own time on.
    Stated(Box<Snapshot>),
}

/// How a profile page is built: TikTok has changed it over the years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// `SIGI_STATE` with 30 posts in the page, whose `createTime` is a string and whose `author` is the handle; rounded
    /// counters only, no saves; `user-title` is the handle. The other script holds only the context and the table of texts.
    Sigi2023,
    /// `__UNIVERSAL_DATA_FOR_REHYDRATION__` without posts and without `statsV2`; `user-title` is the handle.
    Universal2025,
    /// The same with exact counters in `statsV2`; `user-title` is the nickname, `user-subtitle` the handle.
    #[default]
    Universal2026,
}

impl Layout {
    /// Every layout, the oldest first.
    pub const ALL: [Self; 3] = [Self::Sigi2023, Self::Universal2025, Self::Universal2026];
}

/// A language that pages are in: their table of texts, their grid and their error messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
    /// Turkish, whose table of texts lacks two keys that the others have.
    Turkish,
}

/// Something that happens to an account.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// From then on it goes by another handle, and nobody goes by the old one.
    Renamed(Handle),
    /// It becomes private: status 10222, no posts.
    Private,
    /// It is public again.
    Public,
    /// A post is deleted.
    PostDeleted(VideoId),
    /// Followers, likes and every counter of every post are this many times what they were; below 1 they fall.
    CountersTimes(f64),
    /// Its texts become such as try to be markup.
    HostileTexts,
}

impl Change {
    fn apply(&self, truth: &mut Snapshot) {
        let profile = &mut truth.profile;
        match self {
            Self::Renamed(handle) => profile.profile.handle = handle.clone(),
            Self::Private => profile.profile.private = true,
            Self::Public => profile.profile.private = false,
            Self::PostDeleted(id) => {
                let before = truth.videos.len();
                truth.videos.retain(|post| post.video.id != *id);
                if truth.videos.len() < before {
                    let left = profile.counts.videos.map(|count| count.lo().saturating_sub(1));
                    profile.counts.videos = left.and_then(|left| Count::exact(left).ok());
                }
            }
            Self::CountersTimes(factor) => {
                let times = |count| scaled(count, *factor);
                profile.counts.followers = times(profile.counts.followers);
                profile.counts.likes = times(profile.counts.likes);
                for post in &mut truth.videos {
                    let counts = &mut post.counts;
                    counts.views = times(counts.views);
                    counts.likes = times(counts.likes);
                    counts.comments = times(counts.comments);
                    counts.shares = times(counts.shares);
                    counts.saves = times(counts.saves);
                }
            }
            Self::HostileTexts => {
                profile.profile.nickname = Text::lossy("<b>\"Bold\" & 'bolder'</b>");
                profile.profile.bio =
                    Text::lossy("</script><script>document.title = 'taken over'</script>\n<!-- & \u{2028} 👩‍🍳");
                for post in &mut truth.videos {
                    let caption = format!("<img src=x onerror=alert(1)> \"&amp;\" {}", post.video.caption);
                    post.video.caption = Text::lossy(&caption);
                }
            }
        }
    }
}

/// When something is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// At all times.
    #[default]
    Always,
    /// From this moment on.
    From(Timestamp),
    /// Before this moment.
    Until(Timestamp),
    /// From the first moment on, before the second.
    Between(Timestamp, Timestamp),
    /// The first so many times: of a page each time that it is loaded, of a list of posts each time that it is asked for
    /// since the page was loaded last.
    First(u32),
}

impl When {
    /// Whether it is so at a moment, the `time`th time, counted from 1.
    pub(super) fn is_now(self, now: Timestamp, time: u32) -> bool {
        match self {
            Self::Always => true,
            Self::From(start) => start <= now,
            Self::Until(end) => now < end,
            Self::Between(start, end) => start <= now && now < end,
            Self::First(times) => time <= times,
        }
    }
}

fn stated(snapshot: &Snapshot, at: Timestamp) -> Snapshot {
    let mut truth = snapshot.clone();
    truth.videos.retain(|post| post.video.created_at <= at);
    truth.profile.observed_at = at;
    for post in &mut truth.videos {
        post.observed_at = at;
    }
    truth
}
