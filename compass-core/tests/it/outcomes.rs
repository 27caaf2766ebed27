//! Each outcome of a source can be told apart, and says what to do next.

use std::{collections::BTreeMap, time::Duration};

use compass_core::{
    Block, Failure, HostAnswer, SourceKind,
    ports::{RetryAdvice, SourceError},
    testing::outcomes,
};

/// Codes that share their words: for people they are the same.
const NO_CONTENT: [&str; 3] = ["empty_response", "shell_page", "waf_challenge"];

#[test]
fn every_outcome_has_a_name_and_a_next_step_of_its_own() {
    let of_the_job = ["not_kept", "interrupted", "abandoned"];
    let mut steps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for code in outcomes().iter().map(SourceError::code).chain(of_the_job) {
        let step = Failure { code: code.to_owned(), detail: String::new() }.next_step();
        assert!(step.ends_with('.') && step.starts_with(char::is_uppercase), "{code}: {step}");
        assert!(!step.contains("  "), "{code}: {step}");
        steps.entry(step).or_default().push(code);
    }
    for (step, mut codes) in steps {
        codes.sort_unstable();
        assert!(codes.len() == 1 || codes == NO_CONTENT, "{codes:?} are all told {step:?}");
    }
    let of_tomorrow = Failure { code: "of_tomorrow".to_owned(), detail: String::new() };
    assert_eq!(of_tomorrow.next_step(), "Try again later.");
}

#[test]
fn advice_is_never_to_ask_a_blocking_host_again_at_once() {
    let quarter = Duration::from_secs(15 * 60);
    for error in outcomes() {
        let expected = match error.code() {
            "captcha_required" | "waf_challenge" | "shell_page" | "empty_response" | "forbidden"
            | "grid_unavailable" | "partial_list" | "pagination_loop" | "rate_limited" => RetryAdvice::After(quarter),
            "host_paused" => RetryAdvice::At(jiff::Timestamp::UNIX_EPOCH),
            "parameter_block" => RetryAdvice::After(Duration::from_secs(2 * 3_600)),
            "network" | "driver" | "store" => RetryAdvice::Soon,
            _ => RetryAdvice::Never,
        };
        assert_eq!(error.retry(), expected, "{}", error.code());
    }
}

#[test]
fn host_is_left_alone_after_a_block_and_after_nothing_else() {
    for error in outcomes() {
        let (code, failure) = (error.code(), error.failure());
        let block = |least| HostAnswer::Block(Block { cause: failure.clone(), least });
        let expected = match code {
            "captcha_required" | "waf_challenge" | "shell_page" | "empty_response" | "forbidden" | "rate_limited" => {
                block(Duration::from_secs(15 * 60))
            }
            "parameter_block" => block(Duration::from_secs(2 * 3_600)),
            "not_found" | "private" | "audience_controlled" | "video_unavailable" | "suspect_value" => HostAnswer::Good,
            "access_revoked" | "scope_missing" => HostAnswer::Good,
            _ => HostAnswer::Unclear,
        };
        let answer = Err(error);
        assert_eq!(HostAnswer::of(SourceKind::WebDriver, &answer), expected, "{code}");
        // What asks for a script to run is no word to a source that runs none.
        let expected = if ["waf_challenge", "shell_page"].contains(&code) { HostAnswer::Unclear } else { expected };
        assert_eq!(HostAnswer::of(SourceKind::Page, &answer), expected, "{code}");
    }
    let limited = |retry_after| {
        HostAnswer::of(SourceKind::Page, &Err(SourceError::RateLimited { retry_after: Some(retry_after) }))
    };
    let least = |answer| match answer {
        HostAnswer::Block(block) => block.least,
        other => panic!("{other:?}"),
    };
    assert_eq!(least(limited(Duration::from_secs(7_200))), Duration::from_secs(7_200));
    assert_eq!(
        least(limited(Duration::from_secs(1))),
        Duration::from_secs(15 * 60),
        "others are not kept waiting less"
    );
}

#[test]
fn retry_after_is_obeyed_up_to_a_day() {
    let advice = |seconds| SourceError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) }.retry();
    assert_eq!(advice(120), RetryAdvice::After(Duration::from_secs(120)));
    assert_eq!(advice(10 * 365 * 86_400), RetryAdvice::After(Duration::from_secs(86_400)));
    assert_eq!(advice(u64::MAX), RetryAdvice::After(Duration::from_secs(86_400)));
    assert_eq!(advice(0), RetryAdvice::After(Duration::from_secs(1)));
}

#[test]
fn outcome_can_stand_for_the_part_that_is_missing() {
    let partial = SourceError::PartialList { got: 35, wanted: 100, why: "the next part never came".to_owned() };
    let refusal = partial.refusal(None);
    assert_eq!((refusal.item, refusal.reason.as_str()), (None, "partial_list"));
    assert_eq!(refusal.detail, "the list of posts stopped after 35 of 100: the next part never came");
}
