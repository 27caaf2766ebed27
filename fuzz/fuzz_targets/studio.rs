//! Whatever a creator's export holds, it is read or refused, and what is read is sound.
#![no_main]

#[path = "../../compass-scrape/tests/it/studio/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sound::assert_bytes_are_sound(bytes));
