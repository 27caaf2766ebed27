//! Creators like the person's own account, and why.

use std::sync::Arc;

use axum::response::IntoResponse;
use compass_core::{
    Handle,
    app::{self, SimilarCreator},
    ports::{AccountStore, Clock, CreatorStore},
    recommend::{self, Reason, Search},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    compared::{Compared, ComparedCreators},
    no_account,
    search::{MOST, Page, Wanted, wrong},
};
use crate::{
    caller::Caller,
    extract::{Address, Json, Query},
    problem::{Fails, Problem},
    provides::Provided,
    tiktok::unknown_creator,
};

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
    /// Only creators whose biographies have the flag of one of these countries, and of no other: ISO 3166-1 alpha-2 codes with commas
    /// between them. TikTok's pages do not say where an account is.
    #[param(pattern = "^[A-Za-z]{2}(,[A-Za-z]{2}){0,29}$")]
    regions: Option<String>,
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
    let page = Page::parse(asked.cursor.as_deref(), asked.limit)?;
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
    let Compared { found, notice } = compared.similar(vector, search).await?;
    let (found, too_little_known) = match found {
        Ok(found) => (found, None),
        Err(too_little) => (Vec::new(), Some(too_little.to_string())),
    };
    let (found, next) = page.of(found, |creator| creator.alike.id)?;
    let page = found.into_iter().map(SimilarCreatorView::from).collect();
    Ok((
        address.next(next.as_deref()),
        Json(SimilarView { handle: handle.to_string(), creators: page, too_little_known, notice, next }),
    ))
}

impl Asked {
    async fn search(&self, creators: &dyn CreatorStore) -> Result<Search, Problem> {
        let variety = self.variety.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&variety) {
            return Err(wrong("variety", "it is a number from 0 to 1"));
        }
        let Self { tiers, languages, regions, exclude, .. } = self;
        let wanted = Wanted { tiers, languages, regions, exclude };
        Ok(Search { most: MOST, lambda: 1.0 - variety, filter: wanted.filter(creators).await? })
    }
}
