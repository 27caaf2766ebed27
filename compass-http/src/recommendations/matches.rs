//! Creators whose audiences are like the one that the person wants.

use std::sync::Arc;

use axum::response::IntoResponse;
use compass_core::{
    analytics::{AudienceFit, AudienceSource, AudienceTarget},
    app::{MatchSearch, Matching, MatchingCreator},
    ports::{AccountStore, Clock, CreatorStore},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    compared::ComparedCreators,
    search::{MOST, Page, Wanted, each, wrong},
};
use crate::{
    caller::Caller,
    extract::{Address, Json, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
};

/// Creators whose audiences fit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchesView {
    /// The moment that the figures speak of, UTC.
    as_of: Timestamp,
    /// The best first: by the fit, of equals by the least that it can be.
    creators: Vec<MatchView>,
    /// How many creators could be ranked; the first thirty are given.
    ranked: usize,
    /// How many could not, since of their audiences nothing is known that is wanted, nor inferred.
    unknown: usize,
    /// What to send as `cursor` for the next page; `null` if this is the last.
    next: Option<String>,
}

/// A creator, and how well its audience fits.
#[derive(Debug, Serialize, ToSchema)]
struct MatchView {
    /// The handle it was last seen with, without `@`.
    handle: String,
    /// TikTok's lasting id, as a string.
    id: String,
    nickname: String,
    /// When the audience was so, UTC; `null` where no file tells anything that is wanted, and the fit is inferred from posts.
    observed_at: Option<Timestamp>,
    /// The fit with its bounds and parts, as for one account at `analytics/{handle}/audience`, and where each is known from.
    fit: AudienceFit,
}

impl From<MatchingCreator> for MatchView {
    fn from(MatchingCreator { id, handle, nickname, observed_at, fit }: MatchingCreator) -> Self {
        Self { handle: handle.to_string(), id: id.to_string(), nickname: nickname.to_string(), observed_at, fit }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// What counts, with commas between them: `studio_export` (the account's own export, that the person brought), `partner_file`, `inferred`
    /// (guessed from posts). Without it, all do. Whoever has nothing from any of them is left out; languages and interests are only ever
    /// inferred.
    #[param(pattern = "^(studio_export|partner_file|inferred)(,(studio_export|partner_file|inferred)){0,2}$")]
    sources: Option<String>,
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
    /// Where the previous page ended, as it said in `next`.
    #[param(pattern = "^[12]?[0-9]\\.[0-9a-f]{8}$")]
    cursor: Option<String>,
    /// The most creators to give, 1 to 30.
    #[param(minimum = 1, maximum = 30, default = 10)]
    limit: Option<usize>,
}

/// Gives the known creators whose audiences are most like the one in the person's preferences, page by page, up to thirty.
///
/// Of each creator the newest audience counts that the person may see: of what the person brought, and of what the service's operator
/// imported. What other people brought is not looked at. Of what it does not tell, and where there is none, the creator's thirty newest posts
/// let guess: territories by languages that are spoken mostly in one country, languages by those of the captions, and interests by the posts
/// that speak of any of them. That is labelled as `inferred`, part by part with the posts that it rests on, and its bounds are wide. What is
/// not known widens the bounds, too. The list is made anew for each page, as for
/// `/recommendations/creators`.
#[utoipa::path(
    get, path = "/recommendations/matches", tag = "recommendations",
    params(Asked),
    responses(
        (status = 200, description = "A page of creators", body = MatchesView, headers(("link" = Option<String>, description = "The next page, as rel=\"next\"; absent on the last one"))),
        Fails<400>, Fails<401>, Fails<404>, Fails<409>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn matches(
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
    let preferences = accounts.find(who.user).await?.map(|user| user.preferences).unwrap_or_default();
    let target = AudienceTarget::from(&preferences.target);
    if target.is_empty() {
        let why = "no audience is wanted that can be compared: PATCH users/me with countries, languages, interests, genders, ages or \
                   active_hours in target; an interest is looked for in posts by words of two letters or more, not by an emoji alone";
        return Err(Problem::new(ProblemKind::NotFound).with_detail(why));
    }
    let as_of = clock.now();
    let Matching { creators, ranked, unknown } = compared.matching(who.user, target, search, as_of).await?;
    let (creators, next) = page.of(creators, |creator| creator.id)?;
    let creators = creators.into_iter().map(MatchView::from).collect();
    Ok((address.next(next.as_deref()), Json(MatchesView { as_of, creators, ranked, unknown, next })))
}

impl Asked {
    async fn search(&self, creators: &dyn CreatorStore) -> Result<MatchSearch, Problem> {
        let source = |name| AudienceSource::from_name(name).ok_or(name);
        let known = AudienceSource::ALL.map(AudienceSource::as_str).join(", ");
        let sources = each(&self.sources).map(source).collect::<Result<_, _>>();
        let sources = sources.map_err(|name| wrong("sources", &format!("{name:?} is none of {known}")))?;
        let Self { tiers, languages, regions, exclude, .. } = self;
        let filter = Wanted { tiers, languages, regions, exclude }.filter(creators).await?;
        Ok(MatchSearch { most: MOST, filter, sources })
    }
}
