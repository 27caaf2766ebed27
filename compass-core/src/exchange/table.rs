//! The columns of profiles and of posts, as CSV and Parquet have them.

use std::{borrow::Cow, iter::Zip, slice, vec};

use jiff::Timestamp;

use super::{ExchangeError, PostLook, Row};
use crate::{
    Batch, Count, CreatorId, Handle, IdError, Look, Post, Profile, ProfileCounts, ProfileLook, ProfileObservation,
    SourceKind, Text, Video, VideoCounts, VideoId, VideoKind, VideoObservation,
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Number,
    Moment,
    Text,
    Texts,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// A cell. Ids are positive and counters not negative, so that a signed number holds them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Flag(bool),
    Number(i64),
    Moment(Timestamp),
    Text(Cow<'a, str>),
    Texts(Cow<'a, [String]>),
}

/// A row: a cell for each field of its table.
pub(super) type Cells<'a> = Vec<Option<Value<'a>>>;

/// One of the two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Profiles,
    Posts,
}

impl Table {
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Profiles => PROFILES,
            Self::Posts => POSTS,
        }
    }

    /// Which table has these columns, and where each of its fields is among them.
    ///
    /// The order does not matter; one that is missing or unknown is an error, so that nothing is left behind silently.
    pub(super) fn of_columns(names: &[&str]) -> Result<(Self, Vec<usize>), ExchangeError> {
        let table = if names.contains(&"post") { Self::Posts } else { Self::Profiles };
        let fields = table.fields();
        if names.iter().filter(|name| fields.iter().any(|field| field.name == **name)).count() < 3 {
            return Err(ExchangeError::Foreign(format!(
                "it has the columns {}",
                names.iter().take(8).map(|name| format!("{name:.40?}")).collect::<Vec<_>>().join(", ")
            )));
        }
        for (at, name) in names.iter().enumerate() {
            if !fields.iter().any(|field| field.name == *name) {
                return Err(ExchangeError::Columns(format!("{name:.40?} is none of them; take it out")));
            }
            if names[..at].contains(name) {
                return Err(ExchangeError::Columns(format!("{name:?} is there twice")));
            }
        }
        let place = |field: &Field| {
            let at = names.iter().position(|name| *name == field.name);
            at.ok_or_else(|| ExchangeError::Columns(format!("{:?} is missing", field.name)))
        };
        Ok((table, fields.iter().map(place).collect::<Result<_, _>>()?))
    }

    /// Reads a row; what is wrong with a cell is told with the column's name.
    pub(super) fn row(self, cells: Cells<'_>) -> Result<Row, String> {
        let mut reader = CellReader { cells: self.fields().iter().zip(cells) };
        match self {
            Self::Profiles => profile(&mut reader).map(|look| Row::Profile(Box::new(look))),
            Self::Posts => post(&mut reader).map(|look| Row::Post(Box::new(look))),
        }
    }
}

/// The cells of an observation of a profile, in the order of the fields.
pub(super) fn profile_cells(look: &ProfileLook) -> Cells<'_> {
    let ProfileLook { observation: ProfileObservation { profile, observed_at, source, counts }, recorded_at } = look;
    let mut cells = vec![
        number(profile.id.get()),
        text(profile.handle.as_str()),
        text(profile.nickname.as_str()),
        text(profile.bio.as_str()),
        Some(Value::Flag(profile.verified)),
        Some(Value::Flag(profile.private)),
        profile.language.as_deref().and_then(text),
        profile.created_at.map(Value::Moment),
        Some(Value::Moment(*observed_at)),
        text(source.as_str()),
    ];
    let ProfileCounts { followers, following, likes, videos } = *counts;
    cells.extend([followers, following, likes, videos].into_iter().flat_map(bounds));
    cells.push(recorded_at.map(Value::Moment));
    cells
}

/// The cells of an observation of a post, in the order of the fields.
pub(super) fn post_cells<'a>(batch: &'a Batch, look: &Look) -> Result<Cells<'a>, ExchangeError> {
    let Post { creator, video } = batch.posts.get(look.post as usize).ok_or_else(no_post)?;
    let mut cells = vec![
        number(creator.get()),
        number(video.id.get()),
        Some(Value::Moment(video.created_at)),
        Some(Value::Flag(video.created_at_derived)),
        text(match video.kind {
            VideoKind::Video => "video",
            VideoKind::Photo => "photo",
        }),
        video.duration.map(|seconds| Value::Number(seconds.into())),
        text(video.caption.as_str()),
        Some(Value::Texts(Cow::Borrowed(&video.hashtags))),
        video.sound.as_deref().and_then(text),
        video.language.as_deref().and_then(text),
        Some(Value::Moment(look.observed_at)),
        text(look.source.as_str()),
        Some(Value::Flag(look.pinned)),
    ];
    let VideoCounts { views, likes, comments, shares, saves } = look.counts;
    cells.extend([views, likes, comments, shares, saves].into_iter().flat_map(bounds));
    cells.push(look.recorded_at.map(Value::Moment));
    Ok(cells)
}

/// What is said of an observation that points to no post of its batch.
pub(super) fn no_post() -> ExchangeError {
    ExchangeError::Unfit("it points to no post of its batch".to_owned())
}

/// Whether PostgreSQL could not keep the text.
pub(super) fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

static PROFILES: &[Field] = &[
    required("creator", Kind::Number),
    required("handle", Kind::Text),
    required("nickname", Kind::Text),
    required("bio", Kind::Text),
    required("verified", Kind::Flag),
    required("private", Kind::Flag),
    optional("language", Kind::Text),
    optional("created_at", Kind::Moment),
    required("observed_at", Kind::Moment),
    required("source", Kind::Text),
    optional("followers_lo", Kind::Number),
    optional("followers_hi", Kind::Number),
    optional("following_lo", Kind::Number),
    optional("following_hi", Kind::Number),
    optional("likes_lo", Kind::Number),
    optional("likes_hi", Kind::Number),
    optional("videos_lo", Kind::Number),
    optional("videos_hi", Kind::Number),
    // Last, because of a moment that was cut nobody takes the rest for one: a row is whole or refused.
    optional("recorded_at", Kind::Moment),
];

static POSTS: &[Field] = &[
    required("creator", Kind::Number),
    required("post", Kind::Number),
    required("created_at", Kind::Moment),
    required("created_at_derived", Kind::Flag),
    required("kind", Kind::Text),
    optional("duration", Kind::Number),
    required("caption", Kind::Text),
    required("hashtags", Kind::Texts),
    optional("sound", Kind::Text),
    optional("language", Kind::Text),
    required("observed_at", Kind::Moment),
    required("source", Kind::Text),
    required("pinned", Kind::Flag),
    optional("views_lo", Kind::Number),
    optional("views_hi", Kind::Number),
    optional("likes_lo", Kind::Number),
    optional("likes_hi", Kind::Number),
    optional("comments_lo", Kind::Number),
    optional("comments_hi", Kind::Number),
    optional("shares_lo", Kind::Number),
    optional("shares_hi", Kind::Number),
    optional("saves_lo", Kind::Number),
    optional("saves_hi", Kind::Number),
    // As above.
    optional("recorded_at", Kind::Moment),
];

/// Reads the fields one after the other, as [`PROFILES`] has them.
fn profile(cells: &mut CellReader<'_>) -> Result<ProfileLook, String> {
    let id = cells.id(CreatorId::try_from)?;
    let handle = cells.named(|text| Handle::parse(text).map_err(|why| why.to_string()))?;
    let (nickname, bio) = (cells.words()?, cells.words()?);
    let (verified, private) = (cells.flag()?, cells.flag()?);
    let (language, created_at) = (cells.text()?, cells.moment()?);
    let observed_at = cells.observed_at()?;
    let source = cells.source()?;
    let counts = ProfileCounts {
        followers: cells.count()?,
        following: cells.count()?,
        likes: cells.count()?,
        videos: cells.count()?,
    };
    let recorded_at = cells.moment()?;
    let profile = Profile { id, handle, nickname, bio, verified, private, language, created_at };
    Ok(ProfileLook { observation: ProfileObservation { profile, observed_at, source, counts }, recorded_at })
}

/// Reads the fields one after the other, as [`POSTS`] has them.
fn post(cells: &mut CellReader<'_>) -> Result<PostLook, String> {
    let (creator, id) = (cells.id(CreatorId::try_from)?, cells.id(VideoId::try_from)?);
    let created_at = cells.observed_at()?;
    let created_at_derived = cells.flag()?;
    let kind = cells.named(|text| match text {
        "video" => Ok(VideoKind::Video),
        "photo" => Ok(VideoKind::Photo),
        _ => Err("it is neither video nor photo".to_owned()),
    })?;
    let duration = cells.duration()?;
    let caption = cells.words()?;
    let hashtags = cells.texts()?;
    let (sound, language) = (cells.text()?, cells.text()?);
    let observed_at = cells.observed_at()?;
    let source = cells.source()?;
    let pinned = cells.flag()?;
    let counts = VideoCounts {
        views: cells.count()?,
        likes: cells.count()?,
        comments: cells.count()?,
        shares: cells.count()?,
        saves: cells.count()?,
    };
    let recorded_at = cells.moment()?;
    let video = Video { id, created_at, created_at_derived, kind, duration, caption, hashtags, sound, language };
    let observation = VideoObservation { video, observed_at, source, pinned, counts };
    Ok(PostLook { creator, observation, recorded_at })
}

/// Gives the cells of a row in order, as what the domain has.
struct CellReader<'a> {
    cells: Zip<slice::Iter<'static, Field>, vec::IntoIter<Option<Value<'a>>>>,
}

impl<'a> CellReader<'a> {
    fn next(&mut self) -> (&'static Field, Option<Value<'a>>) {
        self.cells.next().expect("a row has a cell for each field")
    }

    /// A cell of a field that is never empty.
    fn required(&mut self) -> Result<(&'static Field, Value<'a>), String> {
        let (field, value) = self.next();
        Ok((field, value.ok_or_else(|| format!("{}: it is empty, and every row has one", field.name))?))
    }

    fn id<T>(&mut self, read: impl FnOnce(i64) -> Result<T, IdError>) -> Result<T, String> {
        let (field, value) = self.required()?;
        match value {
            Value::Number(id) => read(id).map_err(|why| format!("{}: {why}", field.name)),
            _ => Err(not_of_kind(field)),
        }
    }

    fn flag(&mut self) -> Result<bool, String> {
        match self.required()? {
            (_, Value::Flag(flag)) => Ok(flag),
            (field, _) => Err(not_of_kind(field)),
        }
    }

    fn observed_at(&mut self) -> Result<Timestamp, String> {
        match self.required()? {
            (_, Value::Moment(moment)) => Ok(moment),
            (field, _) => Err(not_of_kind(field)),
        }
    }

    fn moment(&mut self) -> Result<Option<Timestamp>, String> {
        match self.next() {
            (_, None) => Ok(None),
            (_, Some(Value::Moment(moment))) => Ok(Some(moment)),
            (field, Some(_)) => Err(not_of_kind(field)),
        }
    }

    fn text(&mut self) -> Result<Option<String>, String> {
        match self.next() {
            (_, None) => Ok(None),
            (field, Some(Value::Text(text))) if has_nul(&text) => Err(nul(field, &text)),
            (_, Some(Value::Text(text))) => Ok(Some(text.into_owned())),
            (field, Some(_)) => Err(not_of_kind(field)),
        }
    }

    fn named<T>(&mut self, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, String> {
        match self.required()? {
            (field, Value::Text(text)) => read(&text).map_err(|why| format!("{}: {text:.40?}: {why}", field.name)),
            (field, _) => Err(not_of_kind(field)),
        }
    }

    fn source(&mut self) -> Result<SourceKind, String> {
        let names = || SourceKind::ALL.map(SourceKind::as_str).join(", ");
        self.named(|text| SourceKind::from_name(text).ok_or_else(|| format!("it is none of {}", names())))
    }

    fn words(&mut self) -> Result<Text, String> {
        match self.required()? {
            (field, Value::Text(text)) => Text::parse(&text).map_err(|why| format!("{}: {why}", field.name)),
            (field, _) => Err(not_of_kind(field)),
        }
    }

    fn texts(&mut self) -> Result<Vec<String>, String> {
        match self.required()? {
            (field, Value::Texts(texts)) => match texts.iter().find(|text| has_nul(text)) {
                Some(text) => Err(nul(field, text)),
                None => Ok(texts.into_owned()),
            },
            (field, _) => Err(not_of_kind(field)),
        }
    }

    fn duration(&mut self) -> Result<Option<u32>, String> {
        let (field, value) = self.next();
        match value {
            None => Ok(None),
            Some(Value::Number(seconds)) => u32::try_from(seconds)
                .map(Some)
                .map_err(|_| format!("{}: {seconds} is no number of seconds up to {}", field.name, u32::MAX)),
            Some(_) => Err(not_of_kind(field)),
        }
    }

    /// Reads both bounds.
    fn count(&mut self) -> Result<Option<Count>, String> {
        let ((field, lo), (_, hi)) = (self.next(), self.next());
        match (lo, hi) {
            (None, None) => Ok(None),
            (Some(Value::Number(lo)), Some(Value::Number(hi))) => {
                let unsigned = |n: i64| {
                    u64::try_from(n).map_err(|_| format!("{}: {n} is negative; a counter begins at 0", field.name))
                };
                let count = Count::range(unsigned(lo)?, unsigned(hi)?);
                count.map(Some).map_err(|why| format!("{}: {why}", field.name))
            }
            _ => Err(format!(
                "{}: a counter has both bounds, the same number twice if it is exact, or none if it is missing",
                field.name
            )),
        }
    }
}

fn number<'a>(number: u64) -> Option<Value<'a>> {
    // Ids and counters are at most the largest signed number.
    i64::try_from(number).ok().map(Value::Number)
}

#[expect(clippy::unnecessary_wraps, reason = "a cell may be empty")]
fn text(text: &str) -> Option<Value<'_>> {
    Some(Value::Text(Cow::Borrowed(text)))
}

fn bounds<'a>(count: Option<Count>) -> [Option<Value<'a>>; 2] {
    [count.and_then(|count| number(count.lo())), count.and_then(|count| number(count.hi()))]
}

fn not_of_kind(field: &Field) -> String {
    format!("{}: it is of another type", field.name)
}

fn nul(field: &Field, text: &str) -> String {
    format!("{}: {text:.40?} has a NUL in it; take it out", field.name)
}
