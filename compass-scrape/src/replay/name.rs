//! The names of recorded files: `ada.l.20260501T120000Z.003.post-7470546959699348744.html.gz`.

use std::{fmt, path::Path};

use compass_core::{Handle, VideoId};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// What a recorded file is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The profile page, rendered.
    Profile,
    /// The profile page as it comes without a browser.
    Header,
    /// One answer to a request for posts.
    List,
    /// The page of one post.
    Post(VideoId),
}

/// Whose, when and what, and its place in the order in which it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) handle: Handle,
    pub(super) at: Timestamp,
    pub(super) number: u32,
    pub(super) part: Part,
}

impl Name {
    /// What a file's name says; `None` for a file that is no recording.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (name, kind) = name.strip_suffix(".gz").unwrap_or(name).rsplit_once('.')?;
        let (name, part) = name.rsplit_once('.')?;
        let (name, number) = name.rsplit_once('.')?;
        let (handle, at) = name.rsplit_once('.')?;
        let part = match (part, kind) {
            ("profile", "html") => Part::Profile,
            ("header", "html") => Part::Header,
            ("list", "json") => Part::List,
            (post, "html") => Part::Post(VideoId::parse(post.strip_prefix("post-")?).ok()?),
            _ => return None,
        };
        Some(Self { handle: Handle::parse(handle).ok()?, at: moment(at)?, number: number.parse().ok()?, part })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handle, at, number, part } = self;
        // A timestamp before 1970 counts its parts of a second backwards, a clock does not.
        let at = at.to_zoned(TimeZone::UTC);
        write!(f, "{handle}.{}", at.strftime("%Y%m%dT%H%M%S"))?;
        if at.subsec_nanosecond() != 0 {
            write!(f, "_{:09}", at.subsec_nanosecond())?;
        }
        write!(f, "Z.{number:03}.")?;
        match part {
            Part::Profile => f.write_str("profile.html.gz"),
            Part::Header => f.write_str("header.html.gz"),
            Part::List => f.write_str("list.json.gz"),
            Part::Post(id) => write!(f, "post-{id}.html.gz"),
        }
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (seconds, nanoseconds) = text.split_once('_').unwrap_or((text, "0"));
    // What reads times is lenient: it takes signs, and spaces for zeros.
    let (day, time) = seconds.split_once('T')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (day.len(), time.len()) != (8, 6) || ![day, time, nanoseconds].into_iter().all(digits) {
        return None;
    }
    let seconds = DateTime::strptime("%Y%m%dT%H%M%S", seconds).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Timestamp::new(seconds.as_second(), nanoseconds.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u32, part: Part, at: &str) -> Name {
        Name { handle: Handle::parse("ada.l").unwrap(), at: at.parse().unwrap(), number, part }
    }

    #[test]
    fn name_says_whose_when_and_what_and_is_read_again() {
        let post = VideoId::parse("7470546959699348744").unwrap();
        for (name, text) in [
            (name(0, Part::Profile, "2026-05-01T12:00:00Z"), "ada.l.20260501T120000Z.000.profile.html.gz"),
            (name(0, Part::Profile, "1969-12-31T23:59:58.25Z"), "ada.l.19691231T235958_250000000Z.000.profile.html.gz"),
            (name(0, Part::Header, "2026-05-01T12:00:00Z"), "ada.l.20260501T120000Z.000.header.html.gz"),
            (name(1, Part::List, "2026-05-01T12:00:00.5Z"), "ada.l.20260501T120000_500000000Z.001.list.json.gz"),
            (
                name(12, Part::Post(post), "2026-05-01T12:00:00Z"),
                "ada.l.20260501T120000Z.012.post-7470546959699348744.html.gz",
            ),
        ] {
            assert_eq!(name.to_string(), text);
            assert_eq!(Name::of(Path::new(text)), Some(name));
        }
    }

    #[test]
    fn other_files_are_no_recordings() {
        for other in [
            "ada.l.html.gz",
            "ada.l.20260501T120000Z.html",
            ".tmpAbC",
            "ada.2026.000.profile.html",
            "ada.20260501T120000Z.000.profile.json",
            "ada.20260501T120000Z.x.profile.html",
            "..20260501T120000Z.0.list.json",
            "ada.-02221111T000000Z.8.profile.html",
            "ada.20260501T000 30Z.8.profile.html",
            "ada.20260501T000030_-4Z.8.profile.html",
        ] {
            assert_eq!(Name::of(Path::new(other)), None, "{other}");
        }
    }
}
