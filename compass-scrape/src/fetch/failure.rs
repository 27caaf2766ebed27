//! Why no answer came, as an outcome of the port.

use std::{error::Error, io};

use compass_core::ports::SourceError;

/// What a failed request or a broken answer means. The address is left out: what was asked for is known.
pub(crate) fn failure(error: reqwest::Error) -> SourceError {
    let error = error.without_url();
    let cause = root(&error);
    let detail = if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() && is_tls(&error) {
        format!("no secure connection: {cause}")
    } else if error.is_connect() {
        format!("no connection: {cause}")
    } else if error.is_body() || error.is_decode() {
        format!("the answer broke off or is damaged: {cause}")
    } else {
        format!("no answer: {cause}")
    };
    SourceError::Network { detail, source: Some(Box::new(error)) }
}

/// Whether it is the handshake that failed: the TLS library's own errors come as invalid data, each in another wrapping.
fn is_tls(error: &reqwest::Error) -> bool {
    fn is_damaged(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
            || error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(is_damaged)
    }
    causes(error).filter_map(|cause| cause.downcast_ref()).any(is_damaged)
}

/// The words of the innermost cause.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}
