//! When something was observed, by its own evidence, and when something was posted.

use jiff::Timestamp;

use super::{
    container::{first_value, value_of},
    lenient::Figure,
};

/// A moment in Unix seconds; zero and what is out of range are none.
pub(super) fn seconds(figure: Figure) -> Option<Timestamp> {
    figure.number().filter(|n| *n > 0).and_then(|n| Timestamp::from_second(n).ok())
}

/// A moment in Unix milliseconds; zero and what is out of range are none.
pub(super) fn milliseconds(figure: Figure) -> Option<Timestamp> {
    figure.number().filter(|n| *n > 0).and_then(|n| Timestamp::from_millisecond(n).ok())
}

/// When a page was made, by the `webapp.app-context` in it.
///
/// The site gives each new visitor an id and says when. A visitor of long ago has an older one, so this is only a lower
/// bound: nobody sees a page before that.
pub(super) fn of_app_context(json: &str) -> Option<Timestamp> {
    seconds(first_value(value_of(json, "webIdCreatedTime")?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_says_when_its_visitor_was_new() {
        let at = of_app_context(r#"{"webIdCreatedTime":"1668048634","language":"en"}"#);
        assert_eq!(at, "2022-11-10T02:50:34Z".parse().ok());
        for silent in ["", "{}", "[]", r#"{"webIdCreatedTime":"soon"}"#, r#"{"webIdCreatedTime":99999999999999}"#] {
            assert_eq!(of_app_context(silent), None, "{silent}");
        }
    }
}
