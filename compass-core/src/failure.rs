//! Why a refresh failed, and what people do about it.

/// Why a refresh failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// The stable name of the outcome, as [`SourceError::code`](crate::ports::SourceError::code) gives it.
    pub code: String,
    /// What happened and what to do, for people.
    pub detail: String,
}

impl Failure {
    /// What the creator or the operator does now: one or two whole sentences, made for this code.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self.code.as_str() {
            "not_found" => "Check the spelling. If the account was renamed, enter its new name.",
            "private" => "Only public accounts can be read. Make it public, then refresh.",
            "login_required" => "The service never signs in to TikTok. Try again later.",
            "audience_controlled" => "Its audience controls have to allow signed-out visitors.",
            "region_blocked" => "Whoever runs the service can use a browser in another region.",
            "captcha_required" => {
                "The service does not solve captchas: it leaves TikTok alone for a while, then looks again."
            }
            "waf_challenge" | "shell_page" | "empty_response" => {
                "This usually passes. The service leaves TikTok alone for a while, then looks again."
            }
            "forbidden" => {
                "The service leaves TikTok alone for a while. If it stays, its network is refused: whoever runs the \
                 service should open the page there in a browser."
            }
            "grid_unavailable" => {
                "What the profile itself showed is kept. The posts are asked for again in a quarter of an hour."
            }
            "partial_list" => "What was read is kept. Refresh later for the rest.",
            "pagination_loop" => {
                "Nothing of this look was kept, since posts would be missing. It is tried again in a quarter of an hour."
            }
            "video_unavailable" => "It may have been removed. Try again later.",
            "rate_limited" => "The service waits as long as TikTok asks; nothing is lost.",
            "parameter_block" => "This passes within hours. The service leaves TikTok alone meanwhile.",
            "robots_disallowed" => {
                "The service keeps to it. The official API, or the creator's own export from TikTok Studio, gives the \
                 figures without loading this page."
            }
            "host_paused" => "Nothing has to be done: the refresh goes on by itself.",
            "layout_changed" => "Tell whoever runs the service: it needs an update.",
            "suspect_value" => "The account may have been removed. Look at it on TikTok.",
            "network" => "Check the network connection, then try again.",
            "driver" => "Whoever runs the service should check that Chromium and ChromeDriver are installed.",
            "not_connected" => "Its creator can connect it in the settings. Its public page can be read all the same.",
            "access_revoked" => "Its creator connects the account again in the settings. What was read before is kept.",
            "scope_missing" => "Its creator connects the account again and leaves every permission ticked.",
            "unknown_identity" => "Refresh once from the public page; from then on the official API can be used.",
            "application_refused" => {
                "Whoever runs the service should check its client key, client secret and redirect URI with TikTok."
            }
            "store" => "Try again soon; if it stays, whoever runs the service should look at its database.",
            "not_kept" => "Nothing that was observed before is lost. If it stays, tell whoever runs the service.",
            "interrupted" => "It goes on by itself.",
            "abandoned" => "Try again; if it stays, tell whoever runs the service.",
            _ => "Try again later.",
        }
    }
}
