//! Whatever was observed, the report is sound.
#![no_main]

#[path = "../../compass-core/tests/it/fuzzed/observed.rs"]
mod observed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| observed::Observed::from_bytes(bytes).assert_report_is_sound());
