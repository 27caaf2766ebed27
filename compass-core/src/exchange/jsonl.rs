//! JSON Lines: a header, an observation a line, and an end that tells how many there were.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read as _, Write},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{ExchangeError, Exporter, MAX_LINE, PostLook, Row, SCHEMA, table::has_nul};
use crate::{
    Batch, CreatorId, Handle, Look, Post, Profile, ProfileCounts, ProfileLook, ProfileObservation, Refusal, SourceKind,
    Text, Video, VideoCounts, VideoId, VideoKind, VideoObservation,
};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Header,
    Profile,
    Post,
    End,
}

#[derive(Deserialize)]
struct Tagged {
    r#type: Kind,
}

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    r#type: Kind,
    schema: Cow<'a, str>,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct End {
    r#type: Kind,
    profiles: u64,
    posts: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileLine<'a> {
    r#type: Kind,
    creator: CreatorId,
    handle: Cow<'a, Handle>,
    nickname: Cow<'a, Text>,
    bio: Cow<'a, Text>,
    verified: bool,
    private: bool,
    language: Cow<'a, Option<String>>,
    created_at: Option<Timestamp>,
    observed_at: Timestamp,
    source: SourceKind,
    recorded_at: Option<Timestamp>,
    counts: ProfileCounts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostLine<'a> {
    r#type: Kind,
    creator: CreatorId,
    post: VideoId,
    created_at: Timestamp,
    created_at_derived: bool,
    kind: VideoKind,
    duration: Option<u32>,
    caption: Cow<'a, Text>,
    hashtags: Cow<'a, [String]>,
    sound: Cow<'a, Option<String>>,
    language: Cow<'a, Option<String>>,
    observed_at: Timestamp,
    source: SourceKind,
    recorded_at: Option<Timestamp>,
    pinned: bool,
    counts: VideoCounts,
}

/// Writes JSON Lines.
#[derive(Debug)]
pub struct JsonlWriter<W> {
    out: W,
    profiles: u64,
    posts: u64,
}

impl<W: Write> JsonlWriter<W> {
    /// Begins a file. The lines are small: give something that gathers them, such as a `BufWriter`.
    ///
    /// # Errors
    /// [`ExchangeError::Io`] if the header cannot be written.
    pub fn new(out: W) -> Result<Self, ExchangeError> {
        let mut writer = Self { out, profiles: 0, posts: 0 };
        writer.line(&Header { r#type: Kind::Header, schema: SCHEMA.into() })?;
        Ok(writer)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), ExchangeError> {
        serde_json::to_writer(&mut self.out, line).map_err(io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }
}

impl<W: Write> Exporter for JsonlWriter<W> {
    fn write(&mut self, batch: &Batch) -> Result<(), ExchangeError> {
        for look in &batch.profiles {
            self.line(&ProfileLine::from(look))?;
            self.profiles += 1;
        }
        for look in &batch.looks {
            let post = batch.posts.get(look.post as usize).ok_or_else(super::table::no_post)?;
            self.line(&PostLine::from((post, look)))?;
            self.posts += 1;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExchangeError> {
        self.line(&End { r#type: Kind::End, profiles: self.profiles, posts: self.posts })?;
        self.out.flush()?;
        Ok(())
    }
}

/// Reads JSON Lines.
#[derive(Debug)]
pub struct JsonlReader<R> {
    input: R,
    line: Vec<u8>,
    /// The line that was read last, from 1.
    number: u64,
    profiles: u64,
    posts: u64,
    refused: u64,
    is_over: bool,
}

impl<R: BufRead> JsonlReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ExchangeError::Foreign`] if there is none, or one of another schema; [`ExchangeError::Io`].
    pub fn new(input: R) -> Result<Self, ExchangeError> {
        let mut reader = Self { input, line: Vec::new(), number: 0, profiles: 0, posts: 0, refused: 0, is_over: false };
        let is_short = reader.next_line()?.unwrap_or(true);
        let line = reader.line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&reader.line);
        let header = is_short.then(|| serde_json::from_slice::<Header<'_>>(line).ok()).flatten();
        match header.filter(|header| header.r#type == Kind::Header) {
            Some(header) if header.schema == SCHEMA => Ok(reader),
            Some(header) => Err(ExchangeError::Foreign(format!("it says {:?}", header.schema))),
            None => Err(ExchangeError::Foreign(format!(
                "its first line has to be {}",
                serde_json::json!({"type": "header", "schema": SCHEMA})
            ))),
        }
    }

    /// Reads the next line, without its end; `false` if it is too long, `None` if there is none.
    fn next_line(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let limit = MAX_LINE as u64 + 1;
        if self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let is_short = self.line.ends_with(b"\n") || self.line.len() <= MAX_LINE;
        if !is_short {
            self.line.clear();
            self.pass_over_line()?;
        }
        Ok(Some(is_short))
    }

    fn pass_over_line(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.input.fill_buf()?;
            let (length, is_end) = match bytes.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (bytes.len(), bytes.is_empty()),
            };
            self.input.consume(length);
            if is_end {
                return Ok(());
            }
        }
    }

    fn row(&mut self) -> Result<Option<Row>, ExchangeError> {
        loop {
            let Some(is_short) = self.next_line()? else {
                return Err(ExchangeError::Cut(format!(
                    "line {} is not the last of an export, which tells how many observations it has",
                    self.number
                )));
            };
            if !is_short {
                return Ok(Some(self.refuse("too_large", format!("the line has more than {MAX_LINE} bytes"))));
            }
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let kind = match parsed::<Tagged>(&self.line) {
                Ok(Tagged { r#type }) => r#type,
                Err(why) => return Ok(Some(self.refuse("bad_value", why))),
            };
            let row = match kind {
                Kind::Header => Err("the file has a header already; join the lines between header and end".to_owned()),
                Kind::Profile => parsed::<ProfileLine<'_>>(&self.line).and_then(ProfileLine::row),
                Kind::Post => parsed::<PostLine<'_>>(&self.line).and_then(PostLine::row),
                Kind::End => return self.end(),
            };
            return Ok(Some(match row {
                Ok(row) => {
                    self.profiles += u64::from(kind == Kind::Profile);
                    self.posts += u64::from(kind == Kind::Post);
                    row
                }
                Err(why) => self.refuse("bad_value", why),
            }));
        }
    }

    fn refuse(&mut self, reason: &str, detail: String) -> Row {
        self.refused += 1;
        Row::Refused(Refusal { item: Some(format!("line {}", self.number)), reason: reason.to_owned(), detail })
    }

    /// Compares what was read with what the last line tells.
    fn end(&mut self) -> Result<Option<Row>, ExchangeError> {
        let told = parsed::<End>(&self.line).map_err(|why| ExchangeError::Cut(format!("its end: {why}")))?;
        let read = self.profiles + self.posts + self.refused;
        if self.profiles > told.profiles || self.posts > told.posts || read != told.profiles + told.posts {
            return Err(ExchangeError::Cut(format!(
                "its end tells of {} observations of profiles and {} of posts, and there were {} and {}{}",
                told.profiles,
                told.posts,
                self.profiles,
                self.posts,
                if self.refused > 0 {
                    format!(" beside {} lines that were refused", self.refused)
                } else {
                    String::new()
                }
            )));
        }
        while let Some(is_short) = self.next_line()? {
            if !is_short || !self.line.trim_ascii().is_empty() {
                return Err(ExchangeError::Cut(format!("line {} comes after its end", self.number)));
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for JsonlReader<R> {
    type Item = Result<Row, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let row = self.row().transpose();
        self.is_over = !matches!(row, Some(Ok(_)));
        row
    }
}

/// Reads a line; otherwise which field is wrong, and how.
fn parsed<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let told = error.inner().to_string();
        // The line is numbered in the file; within itself it is the first.
        let told = told.replace(" at line 1 column ", " at byte ");
        if field == "." { told } else { format!("{field}: {told}") }
    })?;
    deserializer.end().map_err(|_| "there is more than one value in the line".to_owned())?;
    Ok(value)
}

impl<'a> From<&'a ProfileLook> for ProfileLine<'a> {
    fn from(look: &'a ProfileLook) -> Self {
        let ProfileLook { observation: ProfileObservation { profile, observed_at, source, counts }, recorded_at } =
            look;
        Self {
            r#type: Kind::Profile,
            creator: profile.id,
            handle: Cow::Borrowed(&profile.handle),
            nickname: Cow::Borrowed(&profile.nickname),
            bio: Cow::Borrowed(&profile.bio),
            verified: profile.verified,
            private: profile.private,
            language: Cow::Borrowed(&profile.language),
            created_at: profile.created_at,
            observed_at: *observed_at,
            source: *source,
            recorded_at: *recorded_at,
            counts: *counts,
        }
    }
}

impl ProfileLine<'_> {
    fn row(self) -> Result<Row, String> {
        let profile = Profile {
            id: self.creator,
            handle: self.handle.into_owned(),
            nickname: self.nickname.into_owned(),
            bio: self.bio.into_owned(),
            verified: self.verified,
            private: self.private,
            language: self.language.into_owned(),
            created_at: self.created_at,
        };
        no_nul("language", &profile.language)?;
        let (observed_at, source, counts) = (self.observed_at, self.source, self.counts);
        let observation = ProfileObservation { profile, observed_at, source, counts };
        Ok(Row::Profile(Box::new(ProfileLook { observation, recorded_at: self.recorded_at })))
    }
}

impl<'a> From<(&'a Post, &'a Look)> for PostLine<'a> {
    fn from((Post { creator, video }, look): (&'a Post, &'a Look)) -> Self {
        Self {
            r#type: Kind::Post,
            creator: *creator,
            post: video.id,
            created_at: video.created_at,
            created_at_derived: video.created_at_derived,
            kind: video.kind,
            duration: video.duration,
            caption: Cow::Borrowed(&video.caption),
            hashtags: Cow::Borrowed(&video.hashtags),
            sound: Cow::Borrowed(&video.sound),
            language: Cow::Borrowed(&video.language),
            observed_at: look.observed_at,
            source: look.source,
            recorded_at: look.recorded_at,
            pinned: look.pinned,
            counts: look.counts,
        }
    }
}

impl PostLine<'_> {
    fn row(self) -> Result<Row, String> {
        let video = Video {
            id: self.post,
            created_at: self.created_at,
            created_at_derived: self.created_at_derived,
            kind: self.kind,
            duration: self.duration,
            caption: self.caption.into_owned(),
            hashtags: self.hashtags.into_owned(),
            sound: self.sound.into_owned(),
            language: self.language.into_owned(),
        };
        no_nul("hashtags", &video.hashtags)?;
        no_nul("sound", &video.sound)?;
        no_nul("language", &video.language)?;
        let (observed_at, source, pinned, counts) = (self.observed_at, self.source, self.pinned, self.counts);
        let observation = VideoObservation { video, observed_at, source, pinned, counts };
        let (creator, recorded_at) = (self.creator, self.recorded_at);
        Ok(Row::Post(Box::new(PostLook { creator, observation, recorded_at })))
    }
}

/// No store may keep a NUL; [`Text`] refuses it itself.
fn no_nul<'a>(field: &str, texts: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
    match texts.into_iter().find(|text| has_nul(text)) {
        Some(text) => Err(format!("{field}: {text:?} has a NUL in it; take it out")),
        None => Ok(()),
    }
}
