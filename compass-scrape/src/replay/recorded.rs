//! A recorded look read again: to the same values as when it was recorded.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use compass_core::{Handle, Snapshot, SourceKind, ports::SourceError};
use jiff::Timestamp;

use super::{
    file,
    name::{Name, Part},
};
use crate::{
    parse,
    posts::{Posts, Wanted},
    telemetry, visit,
};

/// The files of one look at one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) handle: Handle,
    pub(super) at: Timestamp,
    /// The profile page, and the same as it came without a browser: it was asked for where the browser failed.
    profile: Option<PathBuf>,
    header: Option<PathBuf>,
    /// The lists and the pages of posts, in the order in which they were read.
    parts: Vec<(Part, PathBuf)>,
}

/// Parts files into the looks that they are recordings of and everything else, both in the order of the files.
pub(super) fn recordings(paths: &[PathBuf]) -> (Vec<Recorded>, Vec<PathBuf>) {
    type Files = BTreeMap<u32, (Part, PathBuf)>;
    let mut looks: Vec<(Name, Option<PathBuf>, Files)> = Vec::new();
    let mut others = Vec::new();
    for path in paths {
        let Some(name) = Name::of(path) else {
            others.push(path.clone());
            continue;
        };
        let at = looks.iter().position(|(look, ..)| (&look.handle, look.at) == (&name.handle, name.at));
        let at = at.unwrap_or_else(|| {
            looks.push((name.clone(), None, BTreeMap::new()));
            looks.len() - 1
        });
        if name.part == Part::Header {
            looks[at].1 = Some(path.clone());
        } else {
            looks[at].2.insert(name.number, (name.part, path.clone()));
        }
    }
    let mut recordings = Vec::new();
    for (Name { handle, at, .. }, header, mut files) in looks {
        let profile = match files.remove(&0) {
            Some((Part::Profile, profile)) => Some(profile),
            // Without the page they belong to, lists and posts are read one by one.
            unfit => {
                others.extend(unfit.into_iter().chain(std::mem::take(&mut files).into_values()).map(|(_, path)| path));
                None
            }
        };
        if profile.is_some() || header.is_some() {
            recordings.push(Recorded { handle, at, profile, header, parts: files.into_values().collect() });
        }
    }
    (recordings, others)
}

impl Recorded {
    /// The file that stands for the look.
    pub(super) fn page(&self) -> &Path {
        self.profile.as_ref().or(self.header.as_ref()).expect("a look has a page")
    }

    /// Reads it as it was read then. Everything that is there, if nobody says what is wanted.
    ///
    /// # Errors
    /// What was met then; [`SourceError::Network`] for a file that cannot be read.
    pub(super) fn read(
        &self,
        max_bytes: u64,
        wanted: impl Fn(Option<u64>) -> Option<Wanted>,
        observed_at: Timestamp,
    ) -> Result<Snapshot, SourceError> {
        let rendered = self.profile.as_ref().map(|profile| self.rendered(profile, max_bytes, &wanted, observed_at));
        match (rendered, &self.header) {
            (Some(Ok(snapshot)), _) => Ok(snapshot),
            (_, Some(header)) => {
                let most = wanted(None).map(|wanted| wanted.most);
                visit::header(&text(header, max_bytes)?, &self.handle, most, (observed_at, SourceKind::Replay))
            }
            (Some(Err(error)), None) => Err(error),
            (None, None) => unreachable!("a look has a page"),
        }
    }

    fn rendered(
        &self,
        profile: &Path,
        max_bytes: u64,
        wanted: impl Fn(Option<u64>) -> Option<Wanted>,
        observed_at: Timestamp,
    ) -> Result<Snapshot, SourceError> {
        let text = |path: &Path| text(path, max_bytes);
        let html = text(profile)?;
        if let Some(obstacle) = parse::obstacle(&html) {
            return Err(obstacle);
        }
        let mut profile = parse::profile_parts(&html, Some(&self.handle))?;
        let mut posts = Posts::default();
        posts.extend(std::mem::take(&mut profile.embedded))?;
        for (part, path) in &self.parts {
            let text = text(path)?;
            match part {
                Part::Profile | Part::Header | Part::List => posts.absorb(&text)?,
                Part::Post(id) => match visit::post_page(&text, *id) {
                    Ok(item) => posts.add_page(item),
                    Err(error) => posts.miss(Some(*id), &error),
                },
            }
        }
        let stated = profile.account.counts.videos.map(|count| count.midpoint());
        visit::look(profile, posts, wanted(stated).as_ref(), (observed_at, SourceKind::Replay))
    }
}

/// The text of a recorded file.
///
/// # Errors
/// [`SourceError::Network`] if it cannot be read or is too large: the recording stands for the site.
pub(super) fn text(path: &Path, max_bytes: u64) -> Result<String, SourceError> {
    telemetry::pages(SourceKind::Replay).increment(1);
    let _reading = telemetry::page_span(SourceKind::Replay, "file").entered();
    let unread = |detail: String, source: io::Error| SourceError::Network { detail, source: Some(Box::new(source)) };
    match file::bytes(path, max_bytes) {
        Ok(Some(bytes)) => Ok(file::into_text(bytes)),
        Ok(None) => Err(unread(
            format!("{} has more than {max_bytes} bytes", path.display()),
            io::Error::from(io::ErrorKind::FileTooLarge),
        )),
        Err(e) => Err(unread(format!("{} cannot be read", path.display()), e)),
    }
}
