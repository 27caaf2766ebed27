//! When something was observed, by its own evidence, and when something was posted.

use jiff::Timestamp;
use serde::Deserialize;

use super::{container::first_value, lenient::Figure};

/// A moment in Unix seconds; zero and what is out of range are none.
pub(super) fn seconds(figure: Figure) -> Option<Timestamp> {
    figure.number().filter(|n| *n > 0).and_then(|n| Timestamp::from_second(n).ok())
}

/// When a page was made, by the `webapp.app-context` in it.
///
/// The site gives each new visitor an id and says when. A visitor of long ago has an older one, so this is only a lower
/// bound: nobody sees a page before that.
pub(super) fn of_app_context(json: &str) -> Option<Timestamp> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct AppContext {
        web_id_created_time: Figure,
    }
    seconds(first_value::<AppContext>(json).unwrap_or_default().web_id_created_time)
}

/// When an answer was made, by the `extra.now` in it, which is in milliseconds.
pub(super) fn of_answer(json: &str) -> Option<Timestamp> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Answer {
        extra: Option<Extra>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Extra {
        now: Figure,
    }
    let now = first_value::<Answer>(json).unwrap_or_default().extra?.now.number()?;
    Timestamp::from_millisecond(now).ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_a_page_say_when_they_were_made() {
        let at = "2022-11-10T02:50:34Z".parse().ok();
        assert_eq!(of_answer(r#"{"extra":{"now":1668048634000},"itemList":[]}"#), at);
        assert_eq!(of_app_context(r#"{"webIdCreatedTime":"1668048634","language":"en"}"#), at);
        for silent in ["", "{}", "[]", r#"{"extra":null}"#, r#"{"extra":{"now":0}}"#, r#"{"webIdCreatedTime":"soon"}"#]
        {
            assert_eq!(of_answer(silent).or(of_app_context(silent)), None, "{silent}");
        }
    }
}
