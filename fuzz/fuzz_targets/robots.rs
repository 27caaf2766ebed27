//! Whatever a robots.txt holds, it is read in time, and what forbids a page is a rule of the file that fits.
#![no_main]

#[path = "../../compass-scrape/src/manners/robots_txt.rs"]
mod robots_txt;

use robots_txt::RobotsTxt;

libfuzzer_sys::fuzz_target!(|given: (&str, &[u8])| {
    let (path, file) = given;
    let rules = RobotsTxt::parse(file, "CreatorCompass");
    if let Some(rule) = rules.forbids(path) {
        let pattern = rule.strip_prefix("Disallow: ").expect("what forbids is no permission");
        let written: String = String::from_utf8_lossy(file).chars().filter(|c| !c.is_control()).collect();
        assert!(!pattern.is_empty() && written.contains(pattern));
    }
    let everybody = [b"User-agent: *\nAllow: /\n".as_slice(), b"\nUser-agent: CreatorCompass\nAllow: /\n"].concat();
    assert_eq!(RobotsTxt::parse(&everybody, "CreatorCompass").forbids(path), None);
});
