//! TikTok's status codes: what an answer is when it is not the content.

use compass_core::{Handle, ports::SourceError};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    container::first_value,
    lenient::{Figure, Words},
    moment,
};

/// What the answer was to be about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    /// An account, and the handle that was asked for.
    Account(Option<&'a Handle>),
    /// A post.
    Video,
    /// A list of posts.
    List,
}

/// The status of an answer; each generation of the site spells it in its own way.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(rename = "statusCode")]
    pub(super) camel: Figure,
    #[serde(rename = "status_code")]
    pub(super) snake: Figure,
    pub(super) code: Figure,
    #[serde(rename = "statusMsg", borrow)]
    pub(super) message: Option<Words<'a>>,
    #[serde(rename = "status_msg", borrow)]
    pub(super) snake_message: Option<Words<'a>>,
    #[serde(rename = "statusMessage", borrow)]
    pub(super) mobile_message: Option<Words<'a>>,
    pub(super) extra: Option<Extra>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    now: Figure,
}

impl<'a> Status<'a> {
    /// The status of an answer in JSON; nothing if it states none.
    pub(super) fn of(json: &'a str) -> Self {
        first_value(json).unwrap_or_default()
    }

    /// A status of which only the code is known.
    pub(super) fn from_code(code: Figure) -> Self {
        Self { camel: code, ..Self::default() }
    }

    /// The code: 0 is good, and so is none at all.
    pub(super) fn code(&self) -> i64 {
        let codes = [self.camel, self.snake, self.code].map(|code| code.number().unwrap_or(0));
        codes.into_iter().max_by_key(|code| (*code != 0, *code)).unwrap_or(0)
    }

    /// When the answer was made, if it says so.
    pub(super) fn made_at(&self) -> Option<Timestamp> {
        moment::milliseconds(self.extra.as_ref()?.now)
    }

    fn message(&self) -> &str {
        [&self.message, &self.snake_message, &self.mobile_message]
            .into_iter()
            .flatten()
            .map(|words| &*words.0)
            .find(|text| !text.is_empty())
            .unwrap_or("no message")
    }

    /// What the status says instead of the content; `None` if it is good.
    pub(super) fn error(&self, subject: Subject<'_>) -> Option<SourceError> {
        let code = self.code();
        let gone = || match subject {
            Subject::Account(Some(handle)) => SourceError::NotFound(handle.clone()),
            Subject::Account(None) | Subject::List => SourceError::ShellPage {
                detail: format!("status {code}: there is no such account, and nothing says which was asked for"),
            },
            Subject::Video => self.video_unavailable(),
        };
        Some(match code {
            0 => return None,
            -1 => SourceError::EmptyResponse,
            8 | 10101 | 10102 => SourceError::LoginRequired,
            10000 => SourceError::CaptchaRequired,
            // Also the answer to too quick a repetition; that clears after two to four hours.
            10201 => SourceError::ParameterBlock,
            10202 | 10221 | 100_002 => gone(),
            10204 | 10215 | 10216 => self.video_unavailable(),
            10222 => SourceError::Private,
            10231 => SourceError::RegionBlocked,
            209_002 => SourceError::AudienceControlled,
            _ => SourceError::LayoutChanged {
                path: "statusCode".to_owned(),
                detail: format!("status {code} ({}) is not known", self.short_message()),
            },
        })
    }

    fn video_unavailable(&self) -> SourceError {
        SourceError::VideoUnavailable { status: self.code(), message: self.short_message() }
    }

    fn short_message(&self) -> String {
        self.message().chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(json: &str, subject: Subject<'_>) -> Option<&'static str> {
        Status::of(json).error(subject).map(|error| error.code())
    }

    #[test]
    fn each_status_is_an_outcome_of_its_own() {
        let ada = Handle::parse("ada").unwrap();
        let account = Subject::Account(Some(&ada));
        for (json, expected) in [
            (r#"{"statusCode":0,"status_code":0}"#, None),
            ("{}", None),
            (r#"{"statusCode":-1,"status_code":0,"userInfo":{}}"#, Some("empty_response")),
            (r#"{"code":"10000","type":"verify","subtype":"slide"}"#, Some("captcha_required")),
            (r#"{"statusCode":10000,"verifyConfig":{}}"#, Some("captcha_required")),
            (r#"{"statusCode":"10201"}"#, Some("parameter_block")),
            (r#"{"statusCode":0,"status_code":10101}"#, Some("login_required")),
            (r#"{"statusCode":10202}"#, Some("not_found")),
            (r#"{"statusCode":10221}"#, Some("not_found")),
            (r#"{"statusCode":10222}"#, Some("private")),
            (r#"{"statusCode":10231}"#, Some("region_blocked")),
            (r#"{"statusCode":209002}"#, Some("audience_controlled")),
            (r#"{"statusCode":77}"#, Some("layout_changed")),
        ] {
            assert_eq!(code_of(json, account), expected, "{json}");
        }
    }

    #[test]
    fn an_answer_says_when_it_was_made() {
        let at = |json: &str| Status::of(json).made_at().map(|at| at.to_string());
        assert_eq!(at(r#"{"extra": {"now": 1668048634000}, "itemList": []}"#).as_deref(), Some("2022-11-10T02:50:34Z"));
        for silent in ["", "{}", "[]", r#"{"extra": null}"#, r#"{"extra": {"now": 0}}"#] {
            assert_eq!(at(silent), None, "{silent}");
        }
    }

    #[test]
    fn a_missing_post_keeps_tiktoks_own_words() {
        let error =
            Status::of(r#"{"statusCode":10204,"statusMsg":"item doesn't exist"}"#).error(Subject::Video).unwrap();
        assert_eq!(error.to_string(), "the video is not available (status 10204: item doesn't exist)");
    }
}
