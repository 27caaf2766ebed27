//! What the stand-in answers to each address, apart from how it gets there.

use std::sync::Arc;

use compass_core::{Count, CreatorId, Handle, Snapshot, SourceKind, Text, VideoId, ports::Clock, samples::World};

use super::{Trouble, html, json};

/// A page of posts has no more than this.
const MOST_AT_ONCE: usize = 50;
/// How large the page of [`Trouble::HugePage`] is.
const HUGE: usize = 100_000_000;

/// The stand-in TikTok: the sample creators at the clock's present moment.
#[derive(Clone, Debug)]
pub(super) struct Site {
    world: Arc<World>,
    clock: Arc<dyn Clock>,
}

/// What an address answers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A page.
    Html(String),
    /// Data.
    Json(String),
    /// Another address.
    Redirect(String),
    /// "Too many requests": come back in so many seconds.
    TooMany(u32),
    /// Nothing, ever.
    Never,
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
    pub(super) fn new(world: World, clock: Arc<dyn Clock>) -> Self {
        Self { world: Arc::new(world), clock }
    }

    /// `/`
    pub(super) fn index(&self) -> Answer {
        Answer::Html(html::index(self.world.creators()))
    }

    /// `/@handle`
    pub(super) fn profile(&self, handle: &Handle) -> Answer {
        let Some(account) = self.account(handle) else {
            return Answer::Html(html::profile(None, &json::no_user(10221), ""));
        };
        let detail = json::user_detail(&account, 0);
        match Trouble::of(handle) {
            Some(Trouble::NotFound) => Answer::Html(html::profile(None, &json::no_user(10221), "")),
            Some(Trouble::Private) => {
                Answer::Html(html::profile(Some(&account), &json::user_detail(&account, 10222), ""))
            }
            Some(Trouble::Captcha) => Answer::Html(html::profile(Some(&account), &detail, html::CAPTCHA)),
            Some(Trouble::DowngradeShell) => Answer::Html(html::DOWNGRADE_SHELL.to_owned()),
            Some(Trouble::Waf) => Answer::Html(html::FIREWALL.to_owned()),
            Some(Trouble::EmptyPage) => Answer::Html(String::new()),
            Some(Trouble::Login) => Answer::Redirect("/login?redirect_url=%2F".to_owned()),
            Some(Trouble::Elsewhere) => Answer::Redirect("http://127.0.0.2:9/".to_owned()),
            Some(Trouble::RateLimited) => Answer::TooMany(120),
            Some(Trouble::HugePage) => {
                let mut detail = detail;
                detail["userInfo"]["user"]["signature"] = "x".repeat(HUGE).into();
                Answer::Html(html::profile(Some(&account), &detail, ""))
            }
            Some(Trouble::SlowPage) => Answer::Never,
            Some(Trouble::Dialog) => Answer::Html(html::profile(Some(&account), &detail, html::DIALOG)),
            Some(
                Trouble::GridError
                | Trouble::EmptyList
                | Trouble::EndlessList
                | Trouble::StalledList
                | Trouble::HostileText,
            )
            | None => Answer::Html(html::profile(Some(&account), &detail, "")),
        }
    }

    /// `/@handle/video/ID` and `/@handle/photo/ID`
    pub(super) fn video(&self, handle: &Handle, id: VideoId) -> Answer {
        let account = self.account(handle);
        let post = account.as_ref().and_then(|account| account.videos.iter().find(|post| post.video.id == id));
        Answer::Html(match (&account, post) {
            (Some(account), Some(post)) => html::video(Some(post), &json::video_detail(account, post)),
            _ => html::video(None, &json::no_video()),
        })
    }

    /// `/api/post/item_list/`
    pub(super) fn item_list(&self, query: &ListQuery) -> Answer {
        let now = self.clock.now();
        if query.count > MOST_AT_ONCE {
            return Answer::Json(json::status(10201, "invalid parameters").to_string());
        }
        let handles = self.world.creators().iter().map(|creator| creator.handle().clone());
        let account = handles
            .chain(Trouble::ALL.map(Trouble::handle))
            .filter_map(|handle| self.account(&handle))
            .find(|account| json::sec_uid(account.creator()) == query.sec_uid);
        let Some(account) = account else {
            return Answer::Json(json::status(10202, "user doesn't exist").to_string());
        };
        let cursor = match Trouble::of(account.handle()) {
            Some(Trouble::EmptyList) => return Answer::Json(String::new()),
            Some(Trouble::GridError) => return Answer::Json(json::status(-1, "server error").to_string()),
            Some(Trouble::Captcha) => return Answer::Json(html::CAPTCHA_ANSWER.to_owned()),
            Some(Trouble::EndlessList) => 0,
            Some(Trouble::StalledList) if query.cursor != 0 => return Answer::Never,
            _ => query.cursor,
        };
        let after: Vec<_> = account
            .videos
            .iter()
            .filter(|post| cursor == 0 || (!post.pinned && post.video.created_at.as_millisecond() < cursor))
            .collect();
        let part = &after[..query.count.min(after.len())];
        let endless = Trouble::of(account.handle()) == Some(Trouble::EndlessList);
        let next = part.iter().rev().find(|post| !post.pinned).map_or(now, |post| post.video.created_at);
        let items = part.iter().map(|post| json::item(&account, post)).collect();
        Answer::Json(json::item_list(items, next, endless || after.len() > part.len(), now).to_string())
    }

    /// The account that goes by a handle: a sample creator, or one that borrows such a one's figures for a trouble.
    fn account(&self, handle: &Handle) -> Option<Snapshot> {
        let now = self.clock.now();
        if let Some(creator) = self.world.find(handle) {
            return Some(creator.snapshot(now, u32::MAX, SourceKind::Sample));
        }
        let trouble = Trouble::of(handle)?;
        let place = Trouble::ALL.iter().position(|other| *other == trouble)?;
        let lender = self.world.creators().first()?;
        let mut account = lender.snapshot(now, 40, SourceKind::Sample);
        let profile = &mut account.profile.profile;
        profile.handle = handle.clone();
        profile.id =
            CreatorId::parse(&(6_900_000_000_000_000_001 + place).to_string()).expect("19 digits below the largest id");
        for post in &mut account.videos {
            // The upper half tells the time of the upload; in the lower half five bits are enough for every trouble.
            let id = post.video.id.get() ^ (place as u64 + 1);
            post.video.id = VideoId::parse(&id.to_string()).expect("the sign is not touched");
        }
        profile.private = trouble == Trouble::Private;
        account.profile.counts.videos = Count::exact(account.videos.len() as u64).ok();
        if trouble == Trouble::HostileText {
            profile.nickname = Text::lossy("<b>\"Bold\" & 'bolder'</b>");
            profile.bio = Text::lossy("</script><script>document.title = 'taken over'</script>\n<!-- & \u{2028} 👩‍🍳");
            for post in &mut account.videos {
                let caption = format!("<img src=x onerror=alert(1)> \"&amp;\" {}", post.video.caption);
                post.video.caption = Text::lossy(&caption);
            }
        }
        Some(account)
    }
}
