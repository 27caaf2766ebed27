//! Whatever the official API answers, what is read of it can be true.
#![no_main]

#[path = "../../compass-scrape/tests/it/display_api/harness.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| harness::assert_answers_are_sound(bytes));
