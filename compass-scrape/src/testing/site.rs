//! What the stand-in answers to each address, apart from how it gets there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use compass_core::{CreatorId, Handle, VideoId, ports::Clock};

use super::{
    Account, Fault, Reply, RetryAfter, Scene, When,
    json::{self, posts},
    pages::{self, FILLER},
    view::View,
};

/// A page of posts has no more than this.
const MOST_AT_ONCE: usize = 50;

/// The stand-in TikTok: a scene at the clock's present moment.
#[derive(Clone, Debug)]
pub(super) struct Site {
    scene: Arc<Mutex<Scene>>,
    clock: Arc<dyn Clock>,
    /// How often each account's page was loaded, and its list asked for since.
    asked: Arc<Mutex<HashMap<CreatorId, Asked>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    page: u32,
    list: u32,
}

/// What an address answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A page.
    Html(String),
    /// Data.
    Json(String),
    /// A page with so many bytes of filler in it, which is not made before it is sent.
    Filled { before: String, filler: &'static str, times: usize, after: String },
    /// Anything else.
    Reply(Reply),
    /// A page of which half comes; then nothing comes, or the connection ends.
    Half { page: String, ends: bool },
    /// The answer comes so late.
    Late(Duration, Box<Self>),
    /// Nothing, ever.
    Never,
}

/// Who asks, and by which address.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitor {
    /// Where pictures are; empty for the site itself.
    pub(super) assets: String,
    /// A host that is not the site's.
    pub(super) elsewhere: String,
    pub(super) user_agent: String,
    pub(super) cookies: String,
    /// How often the page has redirected already.
    pub(super) hop: u64,
}

/// What a list of posts is asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListQuery {
    pub(super) sec_uid: String,
    pub(super) count: usize,
    /// 0, or where the last part ended: a time in milliseconds.
    pub(super) cursor: i64,
}

impl Site {
    pub(super) fn new(scene: Scene, clock: Arc<dyn Clock>) -> Self {
        Self { scene: Arc::new(Mutex::new(scene)), clock, asked: Arc::default() }
    }

    pub(super) fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `/`
    pub(super) fn index(&self) -> Answer {
        Answer::Html(pages::index(&self.scene(), self.clock.now()))
    }

    /// `/robots.txt`
    pub(super) fn robots(&self) -> Reply {
        self.scene().robots.clone()
    }

    /// `/login`
    pub(super) fn login(&self, throttled: bool) -> Answer {
        Answer::Html(pages::login(throttled))
    }

    /// `/hk/notfound`
    pub(super) fn country_exit(&self) -> Answer {
        Answer::Html(pages::country_exit())
    }

    /// `/@handle`
    pub(super) fn profile(&self, handle: &Handle, visitor: &Visitor) -> Answer {
        let Some(view) = self.view_of(handle, visitor, Part::Page) else {
            return Answer::Html(pages::not_found(handle, self.clock.now()));
        };
        view.faults.iter().find_map(|fault| instead_of_the_page(fault, &view, visitor)).unwrap_or_else(|| page(&view))
    }

    /// `/@handle/video/ID` and `/@handle/photo/ID`
    pub(super) fn video(&self, handle: &Handle, id: VideoId, visitor: &Visitor) -> Answer {
        let view = self.view_of(handle, visitor, Part::Other);
        let post = view.as_ref().and_then(|view| Some((view, view.post(id)?)));
        Answer::Html(match post {
            Some((view, post)) if visitor.is_a_telephone() => pages::mobile_post(view, post),
            Some((view, post)) => pages::post(view, post),
            None => pages::no_post(self.clock.now()),
        })
    }

    /// `/api/user/detail/`
    pub(super) fn user_detail(&self, handle: &Handle) -> Answer {
        let view = self.view_of(handle, &Visitor::default(), Part::Other);
        let detail = view.map_or_else(|| json::no_user(10221), |view| json::user_detail(&view));
        Answer::Json(detail.to_string())
    }

    /// `/api/post/item_list/`
    pub(super) fn item_list(&self, query: &ListQuery, visitor: &Visitor) -> Answer {
        if query.count > MOST_AT_ONCE {
            return Answer::Json(json::status(10201, "invalid parameters").to_string());
        }
        let account = {
            let scene = self.scene();
            scene.accounts.iter().find(|account| json::sec_uid(account.id()) == query.sec_uid).cloned()
        };
        let Some(account) = account else {
            return Answer::Json(json::status(10202, "user doesn't exist").to_string());
        };
        let view = self.view(&account, visitor, Part::List);
        let good = || Answer::Json(posts::list(&view, query).to_string());
        let instead = view.faults.iter().find_map(|fault| {
            Some(match fault {
                Fault::ListReply(reply) => Answer::Reply(reply.clone()),
                Fault::ListStatus(status) => Answer::Json(json::status(*status, "server error").to_string()),
                Fault::Captcha => Answer::Json(json::CAPTCHA_IS_DUE.to_owned()),
                Fault::StallsAfter(parts) if view.time > *parts => Answer::Never,
                Fault::ListReplyAfter(parts, reply) if view.time > *parts => Answer::Reply(reply.clone()),
                Fault::SlowList(time) => Answer::Late(*time, Box::new(good())),
                _ => return None,
            })
        });
        instead.unwrap_or_else(good)
    }

    fn view_of(&self, handle: &Handle, visitor: &Visitor, part: Part) -> Option<View> {
        let account = self.scene().find(handle, self.clock.now())?.clone();
        Some(self.view(&account, visitor, part))
    }

    /// The account at this moment with what is wrong with it now. It counts how often a part is asked for.
    fn view(&self, account: &Account, visitor: &Visitor, part: Part) -> View {
        let now = self.clock.now();
        let truth = account.truth(now);
        let asked = {
            let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = all.entry(truth.creator()).or_default();
            match part {
                Part::Page => *asked = Asked { page: asked.page.saturating_add(1), list: 0 },
                Part::List => asked.list = asked.list.saturating_add(1),
                Part::Other => {}
            }
            *asked
        };
        let time = |fault: &Fault| if fault.is_of_the_list() { asked.list.max(1) } else { asked.page.max(1) };
        let is_now = |(when, fault): &&(When, Fault)| when.is_now(now, time(fault));
        View {
            faults: account.faults.iter().filter(is_now).map(|(_, fault)| fault.clone()).collect(),
            layout: account.layout,
            language: account.language,
            truth,
            now,
            time: asked.list,
            assets: visitor.assets.clone(),
            elsewhere: visitor.elsewhere.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Page,
    List,
    Other,
}

impl Visitor {
    fn is_a_telephone(&self) -> bool {
        self.user_agent.contains("Mobile")
    }
}

/// The account's page, whatever else is on it.
fn page(view: &View) -> Answer {
    let html = if view.truth.profile.profile.private { pages::private(view) } else { pages::profile(view) };
    let filler = view.faults.iter().find_map(|fault| match fault {
        Fault::HugeText(bytes) => Some(("x", *bytes)),
        Fault::Nodes(count) => Some(("<i></i>", *count)),
        _ => None,
    });
    match (filler, html.split_once(FILLER)) {
        (Some((filler, times)), Some((before, after))) => {
            Answer::Filled { before: before.to_owned(), filler, times, after: after.to_owned() }
        }
        _ => Answer::Html(html),
    }
}

/// What comes because of a fault instead of the page; `None` if the page comes.
fn instead_of_the_page(fault: &Fault, view: &View, visitor: &Visitor) -> Option<Answer> {
    let handle = view.truth.handle();
    let redirect = |to: &str| Answer::Reply(Reply::redirect(to));
    Some(match fault {
        Fault::Reply(reply) => Answer::Reply(reply.clone()),
        Fault::TooManyRequests(retry_after) => Answer::Reply(too_many_requests(retry_after, view)),
        Fault::Silent => Answer::Never,
        Fault::Slow(time) => Answer::Late(*time, Box::new(page(view))),
        Fault::Stalled => Answer::Half { page: pages::profile(view), ends: false },
        Fault::BrokenOff => Answer::Half { page: pages::profile(view), ends: true },
        Fault::RedirectsForever => redirect(&format!("/@{handle}?hop={}", visitor.hop.saturating_add(1))),
        Fault::ReloadsForever => Answer::Html(pages::reloading()),
        Fault::Elsewhere => redirect(&format!("{}/away", visitor.elsewhere)),
        Fault::LoginRedirect => redirect(&format!("/login?redirect_url=%2F%40{handle}")),
        Fault::LoginThrottled => redirect(&format!("/login?throttled=1&redirect_url=%2F%40{handle}")),
        Fault::CountryExit => redirect("/hk/notfound"),
        Fault::CountryBan => Answer::Html(pages::country_ban()),
        Fault::Waf { passes } if !(*passes && visitor.cookies.contains(pages::WAF_PASSED)) => {
            Answer::Html(pages::firewall(*passes))
        }
        Fault::DowngradeShell => Answer::Html(pages::downgrade_shell(view)),
        Fault::AppShell => Answer::Html(pages::app_shell(view)),
        Fault::GenericShell => Answer::Html(pages::generic_shell(view)),
        Fault::LoginWall => Answer::Html(pages::login_wall(view)),
        Fault::Mobile => Answer::Html(pages::mobile_profile(view)),
        Fault::Status(status) => Answer::Html(pages::status(view, *status)),
        Fault::NoUser => Answer::Html(pages::no_user(view)),
        Fault::AudienceControls => Answer::Html(pages::audience_controls(view)),
        Fault::GeoBlocked => Answer::Html(pages::geo_blocked(view)),
        _ => return None,
    })
}

fn too_many_requests(retry_after: &RetryAfter, view: &View) -> Reply {
    let reply = Reply::status(429);
    match retry_after {
        RetryAfter::Missing => reply,
        RetryAfter::Seconds(seconds) => reply.header("retry-after", &seconds.to_string()),
        RetryAfter::DateIn(time) => {
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            let date = printer.timestamp_to_rfc9110_string(&(view.now + *time));
            match (date, printer.timestamp_to_rfc9110_string(&view.now)) {
                // By the stand-in's own clock, which is not this machine's.
                (Ok(until), Ok(now)) => reply.header("date", &now).header("retry-after", &until),
                _ => reply,
            }
        }
        RetryAfter::Text(text) => reply.header("retry-after", text),
    }
}
