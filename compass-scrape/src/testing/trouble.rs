//! The handles under which the stand-in shows everything but a good page.

use std::time::Duration;

use compass_core::{Handle, samples::SampleCreator};
use jiff::Timestamp;

use super::{Account, Change, Fault, Language, Layout, Reply, RetryAfter, When};

/// Defines a variant with its handle, and how its account differs from a good one; its description is for people too.
macro_rules! troubles {
    ($($(#[doc = $shows:literal])+ $name:ident, $handle:literal, $dress:expr;)+) => {
        /// Something that a visitor can meet instead of a plain good page, each under its own handle.
        ///
        /// Every trouble is an [`Account`] with a [`Fault`], a [`Change`] or a [`Layout`] of its own; for other
        /// combinations, or other moments, write such an account yourself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Trouble {
            $($(#[doc = $shows])+ #[doc = ""] #[doc = concat!("`@", $handle, "`")] $name,)+
        }

        impl Trouble {
            /// Every trouble.
            pub const ALL: [Self; [$($handle),+].len()] = [$(Self::$name),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $handle,)+
                }
            }

            /// What a visitor sees, in one sentence.
            #[must_use]
            pub fn shows(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($shows),+).trim_ascii(),)+
                }
            }

            /// Makes a good account one that shows the trouble.
            fn dress(self, account: Account) -> Account {
                let dress: fn(Account) -> Account = match self {
                    $(Self::$name => $dress,)+
                };
                dress(account)
            }
        }
    };
}

impl Trouble {
    /// The handle under which the stand-in shows it.
    ///
    /// # Panics
    /// Never: a test makes every handle.
    #[must_use]
    pub fn handle(self) -> Handle {
        Handle::parse(self.name()).expect("the names below are valid handles")
    }

    /// The trouble that goes by a handle.
    #[must_use]
    pub fn of(handle: &Handle) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == handle.as_str())
    }

    /// The account that shows it: what is not in trouble about it is like the lender's.
    #[must_use]
    pub fn account(self, lender: &SampleCreator) -> Account {
        self.dress(Account::like(self.handle(), lender))
    }
}

/// Adds what is wrong at all times.
fn always(account: Account, fault: Fault) -> Account {
    account.fault(When::Always, fault)
}

fn reply(account: Account, reply: Reply) -> Account {
    always(account, Fault::Reply(reply))
}

fn too_many(account: Account, retry_after: RetryAfter) -> Account {
    always(account, Fault::TooManyRequests(retry_after))
}

const SINCE_EVER: Timestamp = Timestamp::MIN;
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

troubles! {
    // What an account can be.
    /// Status 10221: no such account, or a banned one. Handles that nobody has are answered in the same way.
    NotFound, "trouble.notfound", |a| always(a, Fault::Status(10221));
    /// Status 10202: no such account.
    Gone, "trouble.gone", |a| always(a, Fault::Status(10202));
    /// Status 10222: the account is private.
    Private, "trouble.private", |a| a.change(SINCE_EVER, Change::Private);
    /// Status 10222 although the account is open and all its posts are there.
    PrivateStatus, "trouble.privatestatus", |a| always(a, Fault::PrivateStatus);
    /// A vanished account: a good answer with zeros for every counter, and no posts.
    Zeros, "trouble.zeros", |a| always(a, Fault::Zeros);
    /// The creator turned on audience controls: status 209002 and the message.
    AudienceControls, "trouble.audience", |a| always(a, Fault::AudienceControls);
    /// The account is not available in this country or region, which only the visible message says.
    GeoBlocked, "trouble.geoblocked", |a| always(a, Fault::GeoBlocked);
    /// A good page with a banner that says that some posts are left out; every second post is.
    Partial, "trouble.partial", |a| always(a, Fault::PartialBanner);

    // Layouts and languages.
    /// A good page of 2023: SIGI_STATE with the first 30 posts in it.
    Layout2023, "trouble.layout2023", |a| a.layout(Layout::Sigi2023);
    /// A good page of 2025: no exact counters, the handle in the place of the nickname.
    Layout2025, "trouble.layout2025", |a| a.layout(Layout::Universal2025);
    /// A good page in French.
    French, "trouble.french", |a| a.language(Language::French);
    /// A good page in Turkish.
    Turkish, "trouble.turkish", |a| a.language(Language::Turkish);
    /// A French page whose list of posts fails.
    FrenchGridError, "trouble.frenchgriderror", |a| always(a.language(Language::French), Fault::ListStatus(-1));
    /// A private account's page in Turkish.
    TurkishPrivate, "trouble.turkishprivate", |a| a.language(Language::Turkish).change(SINCE_EVER, Change::Private);
    /// The account's data has a form that nobody knows yet.
    UnknownLayout, "trouble.unknownlayout", |a| always(a, Fault::UnknownLayout);
    /// The page for telephones.
    Mobile, "trouble.mobile", |a| always(a, Fault::Mobile);

    // Shells, walls and other pages without an account.
    /// The page is the small shell that comes when the site does not trust the browser.
    DowngradeShell, "trouble.downgrade", |a| always(a, Fault::DowngradeShell);
    /// The page is the application's frame without data.
    AppShell, "trouble.appshell", |a| always(a, Fault::AppShell);
    /// The page has data of every kind but the account's.
    GenericShell, "trouble.genericshell", |a| always(a, Fault::GenericShell);
    /// The page is the firewall's "please wait", for ever.
    Waf, "trouble.waf", |a| always(a, Fault::Waf { passes: false });
    /// The page is the firewall's "please wait", which a browser passes by itself after a moment.
    WafPassing, "trouble.wafpassing", |a| always(a, Fault::Waf { passes: true });
    /// The page is empty.
    EmptyPage, "trouble.emptypage", |a| reply(a, Reply::empty());
    /// The page is a sign-in.
    Login, "trouble.login", |a| always(a, Fault::LoginRedirect);
    /// The page is a sign-in that says that there were too many attempts.
    LoginThrottled, "trouble.loginthrottled", |a| always(a, Fault::LoginThrottled);
    /// Visitors from this region must sign in.
    LoginWall, "trouble.loginwall", |a| always(a, Fault::LoginWall);
    /// The page leads to /hk/notfound.
    CountryExit, "trouble.countryexit", |a| always(a, Fault::CountryExit);
    /// The page says that the site is not available in the country.
    CountryBan, "trouble.countryban", |a| always(a, Fault::CountryBan);
    /// Status -1 and no user.
    NoData, "trouble.nodata", |a| always(a, Fault::Status(-1));
    /// Status 0 and an empty user.
    NoUser, "trouble.nouser", |a| always(a, Fault::NoUser);
    /// Status 10000: a captcha is due.
    CaptchaStatus, "trouble.captchastatus", |a| always(a, Fault::Status(10000));
    /// Status 10101: a sign-in is due.
    LoginStatus, "trouble.loginstatus", |a| always(a, Fault::Status(10101));
    /// Status 10201: the soft block after too quick a repetition.
    Blocked, "trouble.blocked", |a| always(a, Fault::Status(10201));

    // HTTP.
    /// HTTP status 403.
    Forbidden, "trouble.forbidden", |a| reply(a, Reply::status(403));
    /// HTTP status 404.
    Missing, "trouble.missing", |a| reply(a, Reply::status(404));
    /// HTTP status 500.
    ServerError, "trouble.servererror", |a| reply(a, Reply::status(500));
    /// HTTP status 503.
    Unavailable, "trouble.unavailable", |a| reply(a, Reply::status(503));
    /// HTTP status 503 the first two times that the page is loaded, and then a good page.
    FailsTwice, "trouble.failstwice", |a| a.fault(When::First(2), Fault::Reply(Reply::status(503)));
    /// HTTP status 429 with `Retry-After: 120`.
    RateLimited, "trouble.ratelimited", |a| too_many(a, RetryAfter::Seconds(120));
    /// HTTP status 429 with a date in five minutes.
    RateLimitedUntil, "trouble.ratelimiteduntil", |a| too_many(a, RetryAfter::DateIn(Duration::from_secs(300)));
    /// HTTP status 429 for ten years.
    RateLimitedForYears, "trouble.ratelimitedyears", |a| too_many(a, RetryAfter::Seconds(TEN_YEARS.as_secs()));
    /// HTTP status 429 with a `Retry-After` that means nothing.
    RateLimitedSomehow, "trouble.ratelimitedodd", |a| too_many(a, RetryAfter::Text("soon; -1".to_owned()));
    /// HTTP status 429 without a word of when.
    RateLimitedSilently, "trouble.ratelimitedmute", |a| too_many(a, RetryAfter::Missing);

    // Pages that come late, large, broken or not at all.
    /// The page never comes.
    SlowPage, "trouble.slow", |a| always(a, Fault::Silent);
    /// The page comes after two seconds.
    LatePage, "trouble.late", |a| always(a, Fault::Slow(Duration::from_secs(2)));
    /// Half of the page comes, and then nothing more.
    StalledPage, "trouble.stalledpage", |a| always(a, Fault::Stalled);
    /// Half of the page comes, and then the connection ends.
    BrokenPage, "trouble.brokenpage", |a| always(a, Fault::BrokenOff);
    /// The page has 100 MB.
    HugePage, "trouble.huge", |a| always(a, Fault::HugeText(100_000_000));
    /// The page has a million elements.
    ManyNodes, "trouble.manynodes", |a| always(a, Fault::Nodes(1_000_000));
    /// The page is a file to be saved.
    Attachment, "trouble.attachment", |a| {
        let name = "attachment; filename=\"profile.html\"";
        reply(a, Reply::text("<h1>saved</h1>").header("content-disposition", name))
    };

    // Pages that lead away.
    /// The page redirects to another host.
    Elsewhere, "trouble.elsewhere", |a| always(a, Fault::Elsewhere);
    /// The page goes to another host by script.
    ElsewhereByScript, "trouble.elsewherescript", |a| always(a, Fault::GoesTo("{elsewhere}/away".to_owned()));
    /// The page redirects to a link-local address.
    LinkLocal, "trouble.linklocal", |a| reply(a, Reply::redirect("http://169.254.169.254/latest/meta-data/"));
    /// The page redirects to a file of the visitor's machine.
    LocalFile, "trouble.localfile", |a| reply(a, Reply::redirect("file:///etc/passwd"));
    /// The page goes to a file of the visitor's machine by script.
    LocalFileByScript, "trouble.localfilescript", |a| always(a, Fault::GoesTo("file:///etc/passwd".to_owned()));
    /// The page redirects to itself for ever.
    RedirectsForever, "trouble.redirects", |a| always(a, Fault::RedirectsForever);
    /// The page loads itself anew for ever.
    ReloadsForever, "trouble.reloads", |a| always(a, Fault::ReloadsForever);

    // Pages that do things.
    /// A captcha lies over the page and no list of posts comes.
    Captcha, "trouble.captcha", |a| always(a, Fault::Captcha);
    /// A good page with a sign-in over it that blocks nothing.
    LoginModal, "trouble.loginmodal", |a| always(a, Fault::LoginModal);
    /// A good page with a consent banner in a shadow root.
    ConsentBanner, "trouble.consent", |a| always(a, Fault::ConsentBanner);
    /// A good page that opens a dialog.
    Dialog, "trouble.dialog", |a| always(a, Fault::Dialogs(1));
    /// A page that opens a dialog again and again.
    EndlessDialogs, "trouble.dialogs", |a| always(a, Fault::EndlessDialogs);
    /// A good page that asks before it is left.
    BeforeUnload, "trouble.beforeunload", |a| always(a, Fault::BeforeUnload);
    /// A page whose script never ends.
    Busy, "trouble.busy", |a| always(a, Fault::Busy);
    /// A page that ends its renderer.
    Crash, "trouble.crash", |a| always(a, Fault::Crash);
    /// A good page that starts downloads.
    Downloads, "trouble.downloads", |a| always(a, Fault::Downloads);
    /// A good page that opens windows.
    PopUps, "trouble.popups", |a| always(a, Fault::PopUps);
    /// A good page that asks for the place, the camera and notifications, and reports what it was answered.
    Prompts, "trouble.prompts", |a| always(a, Fault::Prompts);
    /// A good page that registers a service worker, which reports every page that goes through it.
    ServiceWorker, "trouble.serviceworker", |a| always(a, Fault::ServiceWorker);
    /// A good page that loads things from a host that is neither the site's nor its assets'.
    Contacts, "trouble.contacts", |a| always(a, Fault::Contacts);
    /// A good page whose texts try to be markup.
    HostileText, "trouble.hostiletext", |a| a.change(SINCE_EVER, Change::HostileTexts);

    // Lists of posts, and figures.
    /// The list of posts fails and the grid says "Something went wrong", however often one tries again.
    GridError, "trouble.griderror", |a| always(a, Fault::ListStatus(-1));
    /// The list of posts fails, and the second time it comes.
    GridErrorOnce, "trouble.griderroronce", |a| a.fault(When::First(1), Fault::ListStatus(-1));
    /// The list of posts is answered with nothing.
    EmptyList, "trouble.emptylist", |a| always(a, Fault::ListReply(Reply::empty()));
    /// The list of posts is good and has no posts in it, although the header counts some.
    NoPosts, "trouble.noposts", |a| always(a, Fault::NoPosts);
    /// The list of posts is answered with HTTP status 429 and `Retry-After: 90`.
    ListRateLimited, "trouble.listratelimited", |a| {
        always(a, Fault::ListReply(Reply::status(429).header("retry-after", "90")))
    };
    /// The list of posts is answered with HTTP status 403.
    ListForbidden, "trouble.listforbidden", |a| always(a, Fault::ListReply(Reply::status(403)));
    /// The list of posts is answered with status 10201, the soft block.
    ListBlocked, "trouble.listblocked", |a| always(a, Fault::ListStatus(10201));
    /// The list of posts repeats itself and always promises more.
    EndlessList, "trouble.endlesslist", |a| always(a, Fault::RepeatsItself);
    /// The list of posts goes on for ever with older and older posts.
    EndlessScroll, "trouble.endlessscroll", |a| always(a, Fault::NeverEnds);
    /// The second part of the list of posts never comes.
    StalledList, "trouble.stalledlist", |a| always(a, Fault::StallsAfter(1));
    /// The second part of the list of posts is answered with HTTP status 429, and an hour to wait.
    LimitedList, "trouble.limitedlist", |a| {
        always(a, Fault::ListReplyAfter(1, Reply::status(429).header("retry-after", "3600")))
    };
    /// The second part of the list of posts is empty: not a list without posts, but nothing at all.
    DriedUpList, "trouble.drieduplist", |a| always(a, Fault::ListReplyAfter(1, Reply::empty()));
    /// Each part of the list of posts comes after a second.
    LateList, "trouble.latelist", |a| always(a, Fault::SlowList(Duration::from_secs(1)));
    /// The second part of the list of posts is empty and promises more; the third has the rest.
    GapInList, "trouble.gapinlist", |a| always(a, Fault::Gap);
    /// The list of posts begins with the card of a live broadcast.
    LiveCard, "trouble.livecard", |a| always(a, Fault::LiveCard);
    /// The cards of the grid show no views.
    HiddenViews, "trouble.hiddenviews", |a| always(a, Fault::HiddenViews);
    /// The list of posts has no figures.
    WithheldFigures, "trouble.withheld", |a| always(a, Fault::WithheldFigures);
    /// The newest post has more likes than views.
    ImpossiblePost, "trouble.impossible", |a| always(a, Fault::ImpossiblePost);
    /// The sum of likes has overflowed 32 bits, and there is no exact one.
    OverflowedLikes, "trouble.overflow", |a| {
        let large = a.layout(Layout::Universal2025).change(SINCE_EVER, Change::CountersTimes(10_000.0));
        always(large, Fault::OverflowedLikes)
    };
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use compass_core::samples::World;

    use super::*;

    #[test]
    fn every_trouble_is_found_by_its_handle_and_says_what_it_shows() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::of(&trouble.handle()), Some(trouble));
            assert!(trouble.shows().ends_with('.'), "{trouble:?}");
        }
    }

    #[test]
    fn every_trouble_is_an_account_of_its_own() {
        let world = World::standard();
        let now = "2026-05-01T12:00:00Z".parse().unwrap();
        let mut seen = HashSet::new();
        for trouble in Trouble::ALL {
            let truth = trouble.account(&world.creators()[0]).truth(now);
            assert!(seen.insert(truth.creator().get()), "{trouble:?}");
            for post in truth.videos {
                assert!(seen.insert(post.video.id.get()), "{trouble:?}");
            }
        }
    }
}
