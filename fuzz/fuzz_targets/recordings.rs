//! Whatever a file is called, a name that is taken for a recording's is written and read again as the same.
#![no_main]

#[path = "../../compass-scrape/src/replay/name.rs"]
mod name;

use std::path::Path;

use name::Name;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Some(name) = Name::of(Path::new(text)) {
        let again = name.to_string();
        assert_eq!(Name::of(Path::new(&again)), Some(name), "{text} was written as {again}");
        assert!(!again.contains(['/', '\\', '\0']), "{again} leads out of its folder");
    }
});
