//! The endpoints of the stand-in API.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Form, Router,
    body::Bytes,
    extract::{Query, State as Shares},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use compass_core::{Snapshot, SourceKind, VideoKind};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    ApiAccount, ApiFault, Shared, State,
    grants::{Access, Consent, Issued},
};

/// A list gives no more at once.
const MOST_AT_ONCE: u64 = 20;

type Pairs = BTreeMap<String, String>;

pub(super) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v2/auth/authorize/", get(authorize))
        .route("/v2/oauth/token/", post(token))
        .route("/v2/oauth/revoke/", post(revoke))
        .route("/v2/user/info/", get(user_info))
        .route("/v2/video/list/", post(video_list))
        .with_state(shared)
}

/// An error in the API's envelope.
pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let error = json!({"code": code, "message": message, "log_id": "202605011200000102030405060708AB"});
    (status, axum::Json(json!({"data": {}, "error": error, "code": code, "error_description": message})))
        .into_response()
}

/// The consent page, on which whoever is signed in answers at once.
async fn authorize(Shares(shared): Shares<Arc<Shared>>, Query(asked): Query<Pairs>) -> Response {
    let State { world, grants, .. } = &mut *shared.state();
    let given = |name: &str| asked.get(name).map_or("", String::as_str);
    let proof = given("code_challenge");
    let faults = [
        ("client_key", given("client_key") == world.client_key),
        ("redirect_uri", given("redirect_uri") == world.redirect_uri),
        ("response_type", given("response_type") == "code"),
        ("state", !given("state").is_empty()),
        ("code_challenge_method", given("code_challenge_method") == "S256"),
        // TikTok wants hexadecimal digits here, where the standard has base64url.
        ("code_challenge", proof.len() == 64 && proof.bytes().all(|b| b.is_ascii_hexdigit())),
    ];
    if let Some((name, _)) = faults.iter().find(|(_, good)| !good) {
        return (StatusCode::BAD_REQUEST, format!("Something went wrong: {name}")).into_response();
    }
    let Ok(mut back) = Url::parse(&world.redirect_uri) else { return StatusCode::BAD_REQUEST.into_response() };
    back.query_pairs_mut().append_pair("state", given("state"));
    if world.declines {
        back.query_pairs_mut().append_pair("error", "access_denied").append_pair("error_description", "User denied");
        return Redirect::to(back.as_str()).into_response();
    }
    let signed_in = world.signed_in.clone();
    let account = world.account(&signed_in);
    let scopes: Vec<String> = given("scope")
        .split(',')
        .filter(|scope| account.allows.iter().any(|a| a == scope))
        .map(str::to_owned)
        .collect();
    let consent =
        Consent { open_id: account.open_id.clone(), scopes: scopes.clone(), challenge: proof.to_ascii_lowercase() };
    let code = grants.code(consent);
    back.query_pairs_mut().append_pair("code", &code).append_pair("scopes", &scopes.join(","));
    Redirect::to(back.as_str()).into_response()
}

async fn token(Shares(shared): Shares<Arc<Shared>>, Form(form): Form<Pairs>) -> Response {
    let given = |name: &str| form.get(name).map_or("", String::as_str);
    let kind = given("grant_type");
    let fault = note(&shared, &format!("/v2/oauth/token/ {kind}"));
    let secrets = ["client_secret", "code", "code_verifier", "refresh_token"].map(given).join(" ");
    if let Some(answer) = faulty(fault, &secrets).await {
        return answer;
    }
    let now = shared.clock.now();
    let State { world, grants, .. } = &mut *shared.state();
    if given("client_key") != world.client_key || given("client_secret") != world.client_secret {
        return oauth_refusal("invalid_client", "Client key or secret is incorrect.");
    }
    let (access_life, refresh_life) = (world.access_life, world.refresh_life);
    let of = |open_id: &str| world.accounts.iter().find(|account| account.open_id == open_id);
    let (issued, opens) = match kind {
        "authorization_code" => {
            let Some(consent) = grants.spend_code(given("code")) else {
                return oauth_refusal("invalid_grant", "Authorization code is expired.");
            };
            let digest = Sha256::digest(given("code_verifier").as_bytes());
            let proof: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            if proof != consent.challenge {
                return oauth_refusal("invalid_grant", "Code verifier or code challenge is invalid.");
            }
            if given("redirect_uri") != world.redirect_uri {
                return oauth_refusal(
                    "invalid_request",
                    "Redirect_uri is not matched with the uri when requesting code.",
                );
            }
            let Some(account) = of(&consent.open_id) else {
                return oauth_refusal("invalid_grant", "The account is gone.");
            };
            let issued = grants.issue(account, consent.scopes.clone(), now, access_life, refresh_life);
            (issued, (consent.open_id, consent.scopes))
        }
        "refresh_token" => {
            let spent = given("refresh_token");
            let Some(opens) = grants.renewable(spent, now) else {
                return oauth_refusal("invalid_grant", "Refresh token is invalid or expired.");
            };
            let issued = grants.renew(spent, &opens, now + access_life, world.rotates);
            (issued, (opens.open_id, opens.scopes))
        }
        _ => return oauth_refusal("unsupported_grant_type", "Grant type is not supported."),
    };
    let Issued { access, refresh } = issued;
    let (open_id, scopes) = opens;
    axum::Json(json!({
        "access_token": access, "expires_in": access_life.as_secs(), "open_id": open_id,
        "refresh_expires_in": refresh_life.as_secs(), "refresh_token": refresh, "scope": scopes.join(","),
        "token_type": "Bearer",
    }))
    .into_response()
}

async fn revoke(Shares(shared): Shares<Arc<Shared>>, Form(form): Form<Pairs>) -> Response {
    let given = |name: &str| form.get(name).map_or("", String::as_str);
    let fault = note(&shared, "/v2/oauth/revoke/");
    if let Some(answer) = faulty(fault, &format!("{} {}", given("client_secret"), given("token"))).await {
        return answer;
    }
    let now = shared.clock.now();
    let State { world, grants, .. } = &mut *shared.state();
    if given("client_key") != world.client_key || given("client_secret") != world.client_secret {
        return oauth_refusal("invalid_client", "Client key or secret is incorrect.");
    }
    match grants.opened_by(given("token"), now).map(|access| access.open_id.clone()) {
        Some(open_id) => {
            grants.withdraw(&open_id);
            StatusCode::OK.into_response()
        }
        None => oauth_refusal("invalid_request", "Access token is invalid."),
    }
}

async fn user_info(Shares(shared): Shares<Arc<Shared>>, Query(asked): Query<Pairs>, headers: HeaderMap) -> Response {
    let opened = match open(&shared, "/v2/user/info/", &headers).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let Opened { access, account, seen, .. } = opened;
    let (profile, counts) = (&seen.profile.profile, seen.profile.counts);
    let count = |count: Option<compass_core::Count>| count.map(|count| count.midpoint());
    let fields = [
        ("open_id", "user.info.basic", json!(account.open_id)),
        ("union_id", "user.info.basic", json!(format!("union-{}", account.open_id))),
        ("avatar_url", "user.info.basic", json!("https://example.invalid/avatar.jpeg")),
        ("display_name", "user.info.basic", json!(profile.nickname.as_str())),
        ("bio_description", "user.info.profile", json!(profile.bio.as_str())),
        ("profile_deep_link", "user.info.profile", json!("https://vm.example.invalid/x")),
        ("is_verified", "user.info.profile", json!(profile.verified)),
        ("username", "user.info.profile", json!(account.username.as_str())),
        ("follower_count", "user.info.stats", json!(count(counts.followers))),
        ("following_count", "user.info.stats", json!(count(counts.following))),
        ("likes_count", "user.info.stats", json!(count(counts.likes))),
        ("video_count", "user.info.stats", json!(count(counts.videos))),
    ];
    match chosen(&asked, &fields, &access) {
        Ok(user) => content(json!({"user": user})),
        Err(answer) => *answer,
    }
}

async fn video_list(
    Shares(shared): Shares<Arc<Shared>>,
    Query(asked): Query<Pairs>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let opened = match open(&shared, "/v2/video/list/", &headers).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let Opened { access, account, seen, fault, as_strings } = opened;
    let json_type =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let Ok(Value::Object(body)) = serde_json::from_slice(if body.is_empty() { b"{}" } else { &body }) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_params", "The request body is not a JSON object");
    };
    let most = body.get("max_count").map_or(Some(10), Value::as_u64).filter(|n| (1..=MOST_AT_ONCE).contains(n));
    let cursor = body.get("cursor").map_or(Some(i64::MAX), Value::as_i64);
    let (Some(most), Some(cursor), true) = (most, cursor, json_type) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "invalid_params",
            "max_count is 1 to 20, cursor a number, the type JSON",
        );
    };
    let first_page = cursor == i64::MAX;
    if fault == Some(ApiFault::SecondPage) && !first_page {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Something is wrong");
    }
    let from = if fault == Some(ApiFault::SamePage) { i64::MAX } else { cursor };
    let mut videos = seen.videos;
    videos.sort_by_key(|post| std::cmp::Reverse((post.video.created_at, post.video.id)));
    let end_of_first_page = videos.get(19).map_or(0, |post| post.video.created_at.as_millisecond());
    videos.retain(|post| post.video.created_at.as_millisecond() < from && fault != Some(ApiFault::EmptyPages));
    let page = &videos[..usize::try_from(most).unwrap_or(usize::MAX).min(videos.len())];
    let text_or_number = |n: i64| if as_strings { json!(n.to_string()) } else { json!(n) };
    let mut listed = Vec::new();
    for post in page {
        let (video, counts) = (&post.video, post.counts);
        let count = |count: Option<compass_core::Count>| count.map(|count| count.midpoint());
        let kind = if video.kind == VideoKind::Photo { "photo" } else { "video" };
        let share_url = format!("https://www.tiktok.com/@{}/{kind}/{}?utm_campaign=tt4d", account.username, video.id);
        let id = if as_strings { json!(video.id.to_string()) } else { json!(video.id.get()) };
        let fields = [
            ("id", "video.list", id),
            ("create_time", "video.list", text_or_number(video.created_at.as_second())),
            ("cover_image_url", "video.list", json!("https://example.invalid/cover.jpeg")),
            ("share_url", "video.list", json!(share_url)),
            ("video_description", "video.list", json!(video.caption.as_str())),
            ("duration", "video.list", json!(video.duration.unwrap_or(0))),
            ("height", "video.list", json!(1024)),
            ("width", "video.list", json!(576)),
            ("title", "video.list", json!("")),
            ("embed_link", "video.list", json!("https://example.invalid/embed")),
            ("like_count", "video.list", json!(count(counts.likes))),
            ("comment_count", "video.list", json!(count(counts.comments))),
            ("share_count", "video.list", json!(count(counts.shares))),
            ("view_count", "video.list", json!(count(counts.views))),
        ];
        match chosen(&asked, &fields, &access) {
            Ok(video) => listed.push(video),
            Err(answer) => return *answer,
        }
    }
    let calls = shared.state().log.asked().len();
    let next = match fault {
        Some(ApiFault::SamePage | ApiFault::EmptyPages) => 1_700_000_000_000 - i64::try_from(calls).unwrap_or(0),
        Some(ApiFault::SameCursor) => end_of_first_page,
        _ => page.last().map_or(0, |post| post.video.created_at.as_millisecond()),
    };
    let endless = matches!(fault, Some(ApiFault::SamePage | ApiFault::SameCursor | ApiFault::EmptyPages));
    content(json!({
        "videos": listed, "cursor": text_or_number(next), "has_more": endless || page.len() < videos.len(),
    }))
}

/// What a request with a good token may see.
struct Opened {
    access: Access,
    account: ApiAccount,
    seen: Snapshot,
    fault: Option<ApiFault>,
    as_strings: bool,
}

/// Checks limit and token.
async fn open(shared: &Shared, endpoint: &str, headers: &HeaderMap) -> Result<Opened, Response> {
    let now = shared.clock.now();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
    let (admitted, fault) = {
        let State { world, log, .. } = &mut *shared.state();
        (log.admit(endpoint, now, world.requests_a_minute), world.fault)
    };
    if let Some(answer) = faulty(fault, token).await {
        return Err(answer);
    }
    if !admitted {
        return Err(refusal(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "The API rate limit was exceeded."));
    }
    let State { world, grants, .. } = &mut *shared.state();
    let invalid = || {
        let message = "The access token is invalid or not found in the request.";
        refusal(StatusCode::UNAUTHORIZED, "access_token_invalid", message)
    };
    let access = grants.opened_by(token, now).cloned().ok_or_else(invalid)?;
    let account =
        world.accounts.iter().find(|account| account.open_id == access.open_id).cloned().ok_or_else(invalid)?;
    let sample = shared.samples.find(&account.sample).ok_or_else(invalid)?;
    let seen = sample.snapshot(now, u32::MAX, SourceKind::Sample);
    Ok(Opened { access, account, seen, fault, as_strings: world.numbers_as_strings })
}

/// The fields that were asked for, if the token's scopes give them.
fn chosen(asked: &Pairs, fields: &[(&str, &str, Value)], access: &Access) -> Result<Map<String, Value>, Box<Response>> {
    let names = asked.get("fields").map_or("", String::as_str).split(',').map(str::trim);
    let mut chosen = Map::new();
    for name in names {
        let Some((_, scope, value)) = fields.iter().find(|(field, ..)| *field == name) else {
            let message = format!("The field {name:?} is not known");
            return Err(Box::new(refusal(StatusCode::BAD_REQUEST, "invalid_params", &message)));
        };
        if !access.scopes.iter().any(|granted| granted == scope) {
            let message = "The user did not authorize the scope required for completing this request.";
            return Err(Box::new(refusal(StatusCode::UNAUTHORIZED, "scope_not_authorized", message)));
        }
        chosen.insert(name.to_owned(), value.clone());
    }
    Ok(chosen)
}

fn content(data: Value) -> Response {
    let error = json!({"code": "ok", "message": "", "log_id": "202605011200000102030405060708AB"});
    axum::Json(json!({"data": data, "error": error})).into_response()
}

fn oauth_refusal(error: &str, description: &str) -> Response {
    let body = json!({"error": error, "error_description": description, "log_id": "20260501120000010203040506070800"});
    (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
}

/// Writes a request down, and gives the fault of the moment.
fn note(shared: &Shared, request: &str) -> Option<ApiFault> {
    let now = shared.clock.now();
    let State { world, log, .. } = &mut *shared.state();
    log.admit(request, now, usize::MAX);
    world.fault
}

async fn faulty(fault: Option<ApiFault>, secrets: &str) -> Option<Response> {
    match fault {
        Some(fault) => fault.answer(secrets).await,
        None => None,
    }
}
