//! What a source says of an account: the user object with its counters.

use compass_core::{CreatorId, Handle, Profile, ProfileCounts, Refusal, Text, ports::SourceError};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    container::{Scope, Sigi, first_value, unknown_form},
    counts::{Precision, RawProfileStats, Read, profile_counts},
    document::{Shape, shape},
    lenient::{Figure, Flag, Id, Words},
    moment,
    status::{Status, Subject},
};

/// An account as one answer describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the profile says.
    pub profile: Profile,
    /// Its counters; `None` where the answer withholds one or gives one that cannot be true.
    pub counts: ProfileCounts,
    /// Counters that were not accepted, and why.
    pub refused: Vec<Refusal>,
    /// Where two parts of the answer said different things.
    pub disagreements: Vec<String>,
    /// When the answer was made, by its own evidence.
    pub observed_at: Option<Timestamp>,
}

/// Reads an account from JSON: the text of the page's `__UNIVERSAL_DATA_FOR_REHYDRATION__` or `SIGI_STATE`, the answer
/// of `/api/user/detail/`, or a bare `{"user": …, "stats": …}`.
///
/// `asked` is the handle that was asked for; it names the account where the answer is "no such account".
///
/// # Errors
/// What the answer is instead of an account: [`SourceError::NotFound`], [`SourceError::Private`]... for its status codes,
/// [`SourceError::EmptyResponse`] for an answer without a user, [`SourceError::LayoutChanged`] for an unknown form.
///
/// ```
/// let answer = r#"{"userInfo": {
///     "user": {"id": "7065499344158344198", "uniqueId": "ada", "nickname": "Ada"},
///     "stats": {"followerCount": 38500}, "statsV2": {"followerCount": "38490"}}, "statusCode": 0}"#;
/// let account = compass_scrape::parse::user_detail(answer, None)?;
/// assert_eq!(account.profile.handle.as_str(), "ada");
/// assert_eq!(account.counts.followers.map(|count| count.to_string()).as_deref(), Some("38490"));
/// # Ok::<(), compass_core::ports::SourceError>(())
/// ```
pub fn user_detail(json: &str, asked: Option<&Handle>) -> Result<Account, SourceError> {
    match shape(json).map_err(|e| unknown_form("JSON", &e))? {
        Shape::Page => {
            let scope = Scope::read(json)?;
            let detail = scope.user_detail.ok_or_else(|| SourceError::ShellPage {
                detail: "the page's data has no webapp.user-detail".to_owned(),
            })?;
            from_page(&scope, detail, asked)
        }
        Shape::Sigi => from_sigi(&first_value(json).map_err(|e| unknown_form("SIGI_STATE", &e))?, asked),
        _ => from_detail(json, asked),
    }
}

/// The user object, and the author object of a post.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawUser<'a> {
    #[serde(borrow)]
    pub(super) id: Id<'a>,
    #[serde(borrow)]
    pub(super) unique_id: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) nickname: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Words<'a>>,
    pub(super) verified: Flag,
    pub(super) private_account: Flag,
    pub(super) secret: Flag,
    #[serde(borrow)]
    pub(super) language: Option<Words<'a>>,
    pub(super) create_time: Figure,
    /// Pages for telephones put the counters here.
    pub(super) follower_count: Figure,
    pub(super) following_count: Figure,
    pub(super) heart_count: Figure,
    pub(super) video_count: Figure,
}

impl RawUser<'_> {
    /// # Errors
    /// Which part is missing or is not what it should be.
    pub(super) fn profile(&self) -> Result<Profile, String> {
        let words = |words: &Option<Words<'_>>| Text::lossy(words.as_ref().map_or("", |w| &w.0));
        let handle = self.unique_id.as_ref().map_or("", |w| &w.0);
        Ok(Profile {
            id: CreatorId::parse(&self.id.0).map_err(|e| format!("id: {e}"))?,
            handle: Handle::parse(handle).map_err(|e| format!("uniqueId {handle:?}: {e}"))?,
            nickname: words(&self.nickname),
            bio: words(&self.signature),
            verified: self.verified.0,
            private: self.private_account.0 || self.secret.0,
            language: self.language.as_ref().and_then(|w| language(&w.0)),
            created_at: moment::seconds(self.create_time),
        })
    }

    pub(super) fn own_stats(&self) -> RawProfileStats {
        RawProfileStats {
            follower_count: self.follower_count,
            following_count: self.following_count,
            heart_count: self.heart_count,
            video_count: self.video_count,
            ..RawProfileStats::default()
        }
    }
}

/// A language code as TikTok writes it; `un` is its word for "undetermined".
pub(super) fn language(code: &str) -> Option<String> {
    let is_code = (2..=16).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_code && code != "un").then(|| code.to_owned())
}

/// Reads the `webapp.user-detail` of a page.
pub(super) fn from_page(scope: &Scope<'_>, detail: &str, asked: Option<&Handle>) -> Result<Account, SourceError> {
    let mut account = match asked {
        Some(_) => from_detail(detail, asked),
        // The page's own address is looked for only where the page says that there is no such account.
        None => from_detail(detail, None).or_else(|_| from_detail(detail, scope.handle().as_ref())),
    }?;
    account.observed_at = scope.app_context.and_then(moment::of_app_context);
    Ok(account)
}

/// Reads `{"userInfo": {"user", "stats", "statsV2"}, "statusCode"}`, or its inside alone.
pub(super) fn from_detail(json: &str, asked: Option<&Handle>) -> Result<Account, SourceError> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Detail<'a> {
        #[serde(borrow)]
        user_info: Option<Info<'a>>,
        #[serde(borrow)]
        user: Option<RawUser<'a>>,
        stats: Option<RawProfileStats>,
        stats_v2: Option<RawProfileStats>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Info<'a> {
        #[serde(borrow)]
        user: Option<RawUser<'a>>,
        stats: Option<RawProfileStats>,
        stats_v2: Option<RawProfileStats>,
    }

    let status = Status::of(json);
    let error = status.error(Subject::Account(asked));
    let detail: Detail<'_> = match first_value(json) {
        Ok(detail) => detail,
        Err(e) => return Err(error.unwrap_or_else(|| unknown_form("webapp.user-detail", &e))),
    };
    let has_place = detail.user_info.is_some() || detail.user.is_some();
    let info = detail.user_info.unwrap_or(Info { user: detail.user, stats: detail.stats, stats_v2: detail.stats_v2 });
    let user = info.user.filter(|user| !user.id.0.is_empty());
    let mut account = match (error, user) {
        // This status also comes with accounts that are open, so what is shown counts.
        (Some(SourceError::Private), Some(user)) if !user.private_account.0 && !user.secret.0 => {
            account(&user, info.stats, info.stats_v2)?
        }
        (Some(error), _) => return Err(error),
        (None, None) if !has_place => {
            return Err(SourceError::LayoutChanged {
                path: "webapp.user-detail.userInfo".to_owned(),
                detail: "there is no such place in the data".to_owned(),
            });
        }
        (None, None) => return Err(SourceError::EmptyResponse),
        (None, Some(user)) => account(&user, info.stats, info.stats_v2)?,
    };
    account.observed_at = status.made_at();
    Ok(account)
}

/// Reads the account that a page of before 2023 is about.
pub(super) fn from_sigi(sigi: &Sigi<'_>, asked: Option<&Handle>) -> Result<Account, SourceError> {
    let page = sigi.user_page.as_ref();
    let code = page.map_or(Figure::Absent, |page| page.status_code);
    if let Some(error) = Status::from_code(code).error(Subject::Account(asked)) {
        return Err(error);
    }
    let no_user = || SourceError::ShellPage { detail: "SIGI_STATE has no user in it".to_owned() };
    let module = sigi.user_module.as_ref().ok_or_else(no_user)?;
    let named = page.and_then(|page| page.unique_id.as_ref()).map(|words| words.0.as_ref());
    let key = [named, asked.map(Handle::as_str)]
        .into_iter()
        .flatten()
        .find(|name| module.users.contains_key(*name))
        .or_else(|| module.users.keys().next().map(String::as_str).filter(|_| module.users.len() == 1))
        .ok_or_else(no_user)?;
    let path = format!("SIGI_STATE.UserModule.users.{key}");
    let user: RawUser<'_> = first_value(module.users[key].get()).map_err(|e| unknown_form(&path, &e))?;
    if user.id.0.is_empty() {
        return Err(SourceError::EmptyResponse);
    }
    let stats = match module.stats.get(key) {
        Some(raw) => Some(first_value(raw.get()).map_err(|e| unknown_form("SIGI_STATE.UserModule.stats", &e))?),
        None => None,
    };
    account(&user, stats, None)
}

fn account(
    user: &RawUser<'_>,
    stats: Option<RawProfileStats>,
    stats_v2: Option<RawProfileStats>,
) -> Result<Account, SourceError> {
    let profile =
        user.profile().map_err(|detail| SourceError::LayoutChanged { path: "userInfo.user".to_owned(), detail })?;
    let stats = stats.filter(|stats| !stats.is_empty()).unwrap_or_else(|| user.own_stats());
    let Read { counts, refused, disagreements } = profile_counts(Some(&stats), stats_v2.as_ref(), Precision::Exact);
    Ok(Account { profile, counts, refused, disagreements, observed_at: None })
}
