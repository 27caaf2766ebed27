//! The name of a request, `x-request-id`, by which the log and whoever asked speak of it.

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use compass_core::ports::{Clock as _, Random as _, SystemClock, SystemRandom};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A proxy names a request with a UUID or the like.
const LONGEST: usize = 128;

/// The name that a proxy in front has given a request, or else a new one, which the request has from then on. Nothing but the log
/// depends on it.
pub(crate) fn of(request: &mut Request) -> HeaderValue {
    let is_name =
        |name: &HeaderValue| (1..=LONGEST).contains(&name.len()) && name.as_bytes().iter().all(u8::is_ascii_graphic);
    if let Some(name) = request.headers().get(REQUEST_ID).filter(|name| is_name(name)) {
        return name.clone();
    }
    let name = new();
    // In place of one that nobody could tell from the log around it.
    request.headers_mut().insert(REQUEST_ID, name.clone());
    name
}

/// Names the answer as its request, unless the route has done so.
pub(crate) fn add(response: &mut Response, name: HeaderValue) {
    response.headers_mut().entry(REQUEST_ID).or_insert(name);
}

/// A UUID of version 7: by the time, what this process has drawn, and a count.
fn new() -> HeaderValue {
    static PROCESS: LazyLock<[u8; 10]> = LazyLock::new(|| {
        let mut drawn = [0; 10];
        SystemRandom.fill(&mut drawn);
        drawn
    });
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut bytes = *PROCESS;
    // Multiplied with an odd number each count is another still, and does not say at sight how many requests there were.
    let factor = u32::from_be_bytes([bytes[2], bytes[3], bytes[4], bytes[5]]) | 1;
    let count = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(factor);
    bytes[6..].copy_from_slice(&count.to_be_bytes());
    let millis = u64::try_from(SystemClock.now().as_millisecond()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer())).expect("digits and hyphens")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::new;

    #[test]
    fn each_name_is_another_and_a_uuid_of_version_7() {
        let names: HashSet<String> = (0..1_000).map(|_| new().to_str().unwrap().to_owned()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| uuid::Uuid::parse_str(name).unwrap().get_version_num() == 7));
    }
}
