//! Whatever a page holds, what is read of it can be true.
#![no_main]

#[path = "../../compass-scrape/tests/it/parse/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sound::assert_pages_are_sound(bytes));
