//! Creators like the person's own account, and why.

use std::{collections::BTreeSet, fmt, sync::Arc};

use axum::response::IntoResponse;
use compass_core::{
    Handle, Language,
    analytics::Tier,
    app::{self, SimilarCreator},
    ports::{AccountStore, Clock, CreatorStore},
    recommend::{self, Filter, Reason, Search},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::{kept_corpus::ComparedCreators, no_account};
use crate::{
    caller::Caller,
    extract::{Address, Json, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    tiktok::unknown_creator,
};

/// So many creators are given in all, page by page.
const MOST: usize = 30;
const USUAL_PAGE: usize = 10;
const MOST_EXCLUDED: usize = 30;

/// Creators that are like one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SimilarView {
    /// Who they are like.
    handle: String,
    /// The most alike first, unless variety was asked for.
    creators: Vec<SimilarCreatorView>,
    /// Why there are none, if too little is known of the one; otherwise `null`.
    too_little_known: Option<String>,
    /// What the comparison had to do without, such as a language model that could not be reached; `null` if nothing.
    notice: Option<String>,
    /// What to send as `cursor` for the next page; `null` if this is the last.
    next: Option<String>,
}

/// A creator, how alike it is, and why.
#[derive(Debug, Serialize, ToSchema)]
struct SimilarCreatorView {
    /// The handle it was last seen with, without `@`.
    handle: String,
    /// TikTok's lasting id, as a string.
    id: String,
    nickname: String,
    /// From 0 to 1: the sum of what the reasons add.
    score: f64,
    /// The strongest first.
    reasons: Vec<ReasonView>,
}

/// A part of a score.
#[derive(Debug, Serialize, ToSchema)]
struct ReasonView {
    /// How much of the score it is.
    adds: f64,
    /// In words.
    text: String,
    /// What the two share, the strongest first.
    shared: Vec<SharedView>,
}

/// A hashtag, a word, a side of posts or a language that two creators share.
#[derive(Debug, Serialize, ToSchema)]
struct SharedView {
    name: String,
    /// How much of the score it is.
    adds: f64,
}

impl From<SimilarCreator> for SimilarCreatorView {
    fn from(similar: SimilarCreator) -> Self {
        Self {
            handle: similar.handle.to_string(),
            id: similar.alike.id.to_string(),
            nickname: similar.nickname.to_string(),
            score: similar.alike.score.value,
            reasons: similar.alike.score.reasons.into_iter().map(ReasonView::from).collect(),
        }
    }
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        fn named<T>(shared: Vec<(T, f64)>, name: impl Fn(T) -> String) -> Vec<SharedView> {
            shared.into_iter().map(|(what, adds)| SharedView { name: name(what), adds }).collect()
        }
        let text = reason.to_string();
        let shared = match reason.shared {
            recommend::Shared::Hashtags(tags) => named(tags, |tag| format!("#{tag}")),
            recommend::Shared::Words(words) => named(words, |word| word),
            recommend::Shared::Engagement(traits) => named(traits, |of| of.to_string()),
            recommend::Shared::Languages(languages) => named(languages, |language| language.to_string()),
            recommend::Shared::Spelling | recommend::Shared::Meaning | recommend::Shared::Size(..) => Vec::new(),
        };
        Self { adds: reason.adds, text, shared }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Another account than the one in the person's preferences.
    #[param(value_type = Option<compass_core::openapi::Handle>)]
    handle: Option<Handle>,
    /// Only creators of these sizes, with commas between them: `nano` (fewer than 10,000 followers), `micro` (100,000), `mid`
    /// (500,000), `macro` (1,000,000), `mega`.
    #[param(pattern = "^(nano|micro|mid|macro|mega)(,(nano|micro|mid|macro|mega)){0,4}$")]
    tiers: Option<String>,
    /// Only creators who post mostly in these languages: ISO 639-1 codes with commas between them.
    #[param(pattern = "^[A-Za-z]{2}(,[A-Za-z]{2}){0,29}$")]
    languages: Option<String>,
    /// None of these: up to 30 handles with commas between them.
    #[param(pattern = "^@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_](,@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]){0,29}$")]
    exclude: Option<String>,
    /// From 0, the plain order, to 1, where each should be unlike those before it.
    #[param(minimum = 0, maximum = 1, default = 0)]
    variety: Option<f64>,
    /// Where the previous page ended, as it said in `next`.
    #[param(pattern = "^[12]?[0-9]\\.[0-9a-f]{8}$")]
    cursor: Option<String>,
    /// The most creators to give, 1 to 30.
    #[param(minimum = 1, maximum = 30, default = 10)]
    limit: Option<usize>,
}

/// Gives the creators that are most like an account, page by page, up to thirty.
///
/// The list is made anew for each page; where it begins otherwise than on the pages before, because other creators are known by now, the
/// next page is refused (409), so that no creator is left out or comes twice.
///
/// They are compared by the words of biographies and posts, by how posts do, by language and size; the reasons add up to the
/// score. Of an account without any word too little is known.
#[utoipa::path(
    get, path = "/recommendations/creators", tag = "recommendations",
    params(Asked),
    responses(
        (status = 200, description = "A page of creators", body = SimilarView, headers(("link" = Option<String>, description = "The next page, as rel=\"next\"; absent on the last one"))),
        Fails<400>, Fails<401>, Fails<404>, Fails<409>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn creators(
    who: Caller,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    address: Address,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    compared: ComparedCreators,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let (cursor, limit) = asked.page()?;
    let search = asked.search(&*creators).await?;
    let handle = match asked.handle {
        Some(handle) => handle,
        None => {
            let named = accounts.find(who.user).await?.and_then(|user| user.preferences.handle);
            named.ok_or_else(|| no_account(", or send one as handle"))?
        }
    };
    let vector =
        app::profile_vector(&*creators, &handle, clock.now()).await?.ok_or_else(|| unknown_creator(&handle))?;
    let notice = compared.notice().await?;
    let (found, too_little_known) = match compared.similar(vector, search).await? {
        Ok(found) => (found, None),
        Err(too_little) => (Vec::new(), Some(too_little.to_string())),
    };
    let begin = cursor.as_ref().map_or(0, |cursor| cursor.begin);
    if cursor.is_some_and(|cursor| cursor != Cursor::after(begin, &found)) {
        let why =
            "cursor: other creators are known by now, so that this list goes on otherwise; begin again without it";
        return Err(Problem::new(ProblemKind::Conflict).with_detail(why));
    }
    let end = begin.saturating_add(limit);
    let next = (end < found.len()).then(|| Cursor::after(end, &found).to_string());
    let page = found.into_iter().skip(begin).take(limit).map(SimilarCreatorView::from).collect();
    Ok((
        address.next(next.as_deref()),
        Json(SimilarView { handle: handle.to_string(), creators: page, too_little_known, notice, next }),
    ))
}

impl Asked {
    fn page(&self) -> Result<(Option<Cursor>, usize), Problem> {
        let limit = self.limit.unwrap_or(USUAL_PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(wrong("limit", &format!("a page has 1 to {MOST} creators")));
        }
        let parse =
            |cursor| Cursor::parse(cursor).ok_or_else(|| wrong("cursor", "send what the previous page gave as next"));
        Ok((self.cursor.as_deref().map(parse).transpose()?, limit))
    }

    async fn search(&self, creators: &dyn CreatorStore) -> Result<Search, Problem> {
        let variety = self.variety.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&variety) {
            return Err(wrong("variety", "it is a number from 0 to 1"));
        }
        let mut filter = Filter {
            tiers: each(self.tiers.as_deref()).map(tier).collect::<Result<_, _>>()?,
            languages: (each(self.languages.as_deref()).map(Language::parse).collect::<Result<_, _>>())
                .map_err(|error| wrong("languages", &error.to_string()))?,
            ..Filter::default()
        };
        let excluded: BTreeSet<Handle> = (each(self.exclude.as_deref()).map(Handle::parse).collect::<Result<_, _>>())
            .map_err(|error| wrong("exclude", &error.to_string()))?;
        if excluded.len() > MOST_EXCLUDED {
            return Err(wrong("exclude", &format!("there are at most {MOST_EXCLUDED}")));
        }
        for handle in excluded {
            filter.exclude.extend(creators.find(&handle).await?.map(|profile| profile.id));
        }
        Ok(Search { most: MOST, lambda: 1.0 - variety, filter })
    }
}

/// A place in a list, and what came before it.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    begin: usize,
    before: String,
}

impl Cursor {
    fn after(begin: usize, found: &[SimilarCreator]) -> Self {
        let mut before = Sha256::new();
        for creator in &found[..begin.min(found.len())] {
            before.update(creator.alike.id.to_string());
            before.update(" ");
        }
        let before = before.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { begin, before }
    }

    fn parse(text: &str) -> Option<Self> {
        let (begin, before) = text.split_once('.')?;
        let begin = begin.parse().ok().filter(|begin| *begin < MOST)?;
        Some(Self { begin, before: before.to_owned() })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.begin, self.before)
    }
}

/// The entries of a list; none if it is left out.
fn each(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.into_iter().flat_map(|list| list.split(','))
}

fn tier(name: &str) -> Result<Tier, Problem> {
    Ok(match name {
        "nano" => Tier::Nano,
        "micro" => Tier::Micro,
        "mid" => Tier::Mid,
        "macro" => Tier::Macro,
        "mega" => Tier::Mega,
        _ => return Err(wrong("tiers", "they are nano, micro, mid, macro and mega")),
    })
}

fn wrong(what: &str, why: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest).with_detail(format!("{what}: {why}"))
}
