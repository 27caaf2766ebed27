//! Whatever an export holds, it is read or refused, and what was read is written and read again as the same.
#![no_main]

#[path = "../../compass-core/tests/it/exchange/sound.rs"]
mod sound;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sound::assert_bytes_are_sound(bytes));
