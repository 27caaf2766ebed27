//! Whatever stands for a counter or a handle, what is read of it can be true.
#![no_main]

#[path = "../../compass-scrape/tests/it/parse/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sound::assert_words_are_sound(bytes));
