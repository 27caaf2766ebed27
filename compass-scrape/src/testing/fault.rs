//! What can be wrong with what the stand-in shows.

use std::time::Duration;

/// Something that a visitor meets instead of a good page, on top of it, or instead of a good list of posts.
///
/// Those of one account go together: a consent banner may lie over a page whose list of posts fails.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    // Instead of the page.
    /// The page is this answer: a status, an empty body, a redirect to anywhere.
    Reply(Reply),
    /// Status 429.
    TooManyRequests(RetryAfter),
    /// The page never comes.
    Silent,
    /// The page comes so late.
    Slow(Duration),
    /// Half of the page comes, and then nothing more.
    Stalled,
    /// Half of the page comes, and then the connection ends.
    BrokenOff,
    /// The page redirects to itself for ever, each time under another address.
    RedirectsForever,
    /// The page loads itself anew for ever, by script.
    ReloadsForever,
    /// The page redirects to a host that is not the site's ([`StandIn::elsewhere_url`](super::StandIn::elsewhere_url)).
    Elsewhere,
    /// The page leads there by script: `{elsewhere}` in it stands for the host that is not the site's.
    GoesTo(String),
    /// The firewall's "Please wait...", which a browser passes by itself after a moment, or does not.
    Waf {
        /// Whether it does.
        passes: bool,
    },
    /// The small shell without data that comes when the site does not trust the browser.
    DowngradeShell,
    /// The application's frame without data.
    AppShell,
    /// A page whose data has every scope but the account's.
    GenericShell,
    /// The site asks this visitor's region to sign in, and shows nothing else.
    LoginWall,
    /// A redirect to `/login`.
    LoginRedirect,
    /// A redirect to `/login`, which says that there were too many attempts.
    LoginThrottled,
    /// A redirect to `/hk/notfound`.
    CountryExit,
    /// A page that says that the site is not available in the country.
    CountryBan,
    /// The page for telephones, which any visitor with a telephone's user agent gets.
    Mobile,
    /// The account's data is this status code and no user.
    Status(i64),
    /// The account's data has an empty user and status 0.
    NoUser,
    /// The account's data has zeros for every counter, as that of a vanished one does.
    Zeros,
    /// Status 10222 although the account is public and its posts are there.
    PrivateStatus,
    /// The creator has turned on audience controls: status 209002 and the message.
    AudienceControls,
    /// "This account isn't available in your country or region", which only the visible message says.
    GeoBlocked,
    /// The account's data has another form than any that is known.
    UnknownLayout,

    // In the page.
    /// A captcha lies over the page, and the list of posts answers that one is due.
    Captcha,
    /// A sign-in that lies over the page and blocks nothing.
    LoginModal,
    /// A consent banner in a shadow root.
    ConsentBanner,
    /// A banner that says that some posts are left out, and every second post is.
    PartialBanner,
    /// A page that opens a dialog, so many times.
    Dialogs(u32),
    /// A page that opens a dialog again and again.
    EndlessDialogs,
    /// A page that asks before it is left.
    BeforeUnload,
    /// A page whose script never ends.
    Busy,
    /// A page that ends its renderer.
    Crash,
    /// A biography of so many bytes.
    HugeText(usize),
    /// So many elements below the profile.
    Nodes(usize),
    /// A page that starts downloads.
    Downloads,
    /// A page that opens windows.
    PopUps,
    /// A page that asks for the place, the camera and notifications, and reports what it was answered.
    Prompts,
    /// A page that registers a service worker, which reports every page that goes through it.
    ServiceWorker,
    /// A page that loads a picture, a frame and data from a host that is neither the site's nor its assets'.
    Contacts,
    /// The sum of likes has overflowed 32 bits in `stats`.
    OverflowedLikes,

    // The list of posts.
    /// The list is this answer.
    ListReply(Reply),
    /// The list is this status code; the grid says "Something went wrong" and offers to try again.
    ListStatus(i64),
    /// The list has no posts in it and says that there are no more.
    NoPosts,
    /// The list brings the same posts again and always promises more.
    RepeatsItself,
    /// The list goes on for ever with ever older posts.
    NeverEnds,
    /// The list never answers a request beyond the first so many since the page was loaded.
    StallsAfter(u32),
    /// The list is this answer beyond the first so many requests since the page was loaded.
    ListReplyAfter(u32, Reply),
    /// The list comes so late.
    SlowList(Duration),
    /// The second part of the list is empty, and promises more.
    Gap,
    /// The first post of the list is the card of a live broadcast.
    LiveCard,
    /// The cards of the grid show no views.
    HiddenViews,
    /// The figures of the posts are withheld: they have no `stats`.
    WithheldFigures,
    /// The newest post has more likes than views.
    ImpossiblePost,
}

impl Fault {
    /// Whether it counts requests for the list of posts rather than loads of the page.
    pub(super) fn is_of_the_list(&self) -> bool {
        matches!(
            self,
            Self::ListReply(_)
                | Self::ListStatus(_)
                | Self::NoPosts
                | Self::RepeatsItself
                | Self::NeverEnds
                | Self::StallsAfter(_)
                | Self::ListReplyAfter(..)
                | Self::SlowList(_)
                | Self::Gap
                | Self::LiveCard
                | Self::WithheldFigures
                | Self::ImpossiblePost
        )
    }
}

/// The `Retry-After` of a status 429.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// None.
    Missing,
    /// So many seconds.
    Seconds(u64),
    /// The date that the stand-in's clock shows so much later.
    DateIn(Duration),
    /// This, whatever it means.
    Text(String),
}

/// An answer as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers; one that HTTP does not allow is left out.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer of this status with a short page that names it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let page = format!("<!DOCTYPE html><title>{status}</title><h1>{status}</h1><p>The stand-in answers so.</p>");
        Self { status, headers: Vec::new(), body: page.into_bytes() }.header("content-type", "text/html; charset=utf-8")
    }

    /// Status 200 with nothing in it.
    #[must_use]
    pub fn empty() -> Self {
        Self { body: Vec::new(), ..Self::status(200) }
    }

    /// Plain text.
    #[must_use]
    pub fn text(body: impl Into<Vec<u8>>) -> Self {
        let reply = Self { status: 200, headers: Vec::new(), body: body.into() };
        reply.header("content-type", "text/plain; charset=utf-8")
    }

    /// A redirect (302), followed or not.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self { body: Vec::new(), ..Self::status(302) }.header("location", to)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
