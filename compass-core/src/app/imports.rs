//! Own exports: keeping what they tell, and the audience of an account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{
    AudienceObservation, Handle, Import, ImportId, OwnData, Refusal, SourceKind, UserId,
    analytics::{AudienceFit, AudienceGap, AudienceShares, AudienceTarget, Subject, audience_fit, audience_gaps},
    app::{content_signals, subject},
    ports::{
        AudienceStore, Clock, CreatorStore, ExportFile, ExportReader, Exported, ImportStore, Random, StoreError,
        new_uuid,
    },
};

/// So many refusals of a file are kept; the others are counted.
const REFUSALS: usize = 100;

/// So many files of one person are kept.
pub const MOST_IMPORTS: u32 = 200;

/// So many days, posts and exports are kept in the files of one person: a report of one's own reads all of one account at once.
pub const MOST_IMPORTED: u64 = 200_000;

/// A file that was read, to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Brought {
    /// SHA-256 of its bytes, and of what its owner said of it.
    pub digest: [u8; 32],
    /// What it tells of one account.
    pub own: OwnData,
    /// What was not accepted of it, and why.
    pub refused: Vec<Refusal>,
}

/// Why nothing of a file is taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Untaken {
    /// It tells of no account, or nothing of it is accepted: why, as far as the reader can say.
    #[error("nothing of the file is accepted")]
    Nothing(Vec<Refusal>),
    /// It is of several accounts.
    #[error("the file is of {} accounts", .0.len())]
    Several(Vec<Handle>),
}

/// Reads the export of one account: what is to be kept of it, and what was assumed, for people.
///
/// It takes as long as [`ExportReader::read`]: a host does it where that holds nobody up.
///
/// # Errors
/// [`Untaken`] says why nothing of it is taken.
pub fn read_export(reader: &dyn ExportReader, file: &ExportFile<'_>) -> Result<(Brought, Vec<String>), Untaken> {
    let Exported { creators, refused, notes } = reader.read(file);
    let own = match <[_; 1]>::try_from(creators) {
        Ok([own]) => own,
        Err(none) if none.is_empty() => return Err(Untaken::Nothing(refused)),
        Err(several) => return Err(Untaken::Several(several.into_iter().map(|own| own.handle).collect())),
    };
    // What is said of the file is a part of it: with another handle or day the same bytes tell something else.
    let said = (file.handle.map(ToString::to_string), file.exported_on.map(|day| day.to_string()));
    let digest = Sha256::new().chain_update(file.content).chain_update(format!("{said:?}")).finalize().into();
    Ok((Brought { digest, own, refused }, notes))
}

/// Keeps what an own export tells: all of it as private as `user` wants; or with `None`, for the operator, the audiences in it alone, which
/// everybody is then shown.
///
/// What the same owner brought before, or brings at the same time, is not kept again: `false` says that it was there, and gives the
/// import of then, without [`Import::own`].
///
/// # Errors
/// As [`ImportStore::add`], [`StoreError::Conflict`] where a person has brought [`MOST_IMPORTS`] files or more than
/// [`MOST_IMPORTED`] would be kept, and [`StoreError::Invalid`] where the operator's tells of no audience.
pub async fn keep_export(
    imports: &dyn ImportStore,
    clock: &dyn Clock,
    random: &dyn Random,
    user: Option<UserId>,
    brought: Brought,
) -> Result<(Import, bool), StoreError> {
    if let Some(known) = imports.same(user, brought.digest).await? {
        return Ok((known, false));
    }
    let Brought { digest, own, refused } = brought;
    let now = clock.now();
    let id = ImportId(new_uuid(random, now));
    let source = own.sources().next().unwrap_or(SourceKind::StudioExport);
    // An export of today is as of noon, which may be still to come: it is known from now on.
    let audiences: BTreeMap<Timestamp, &AudienceShares> =
        own.audiences().map(|(at, shares)| (at.min(now), shares)).collect();
    let audiences: Vec<AudienceObservation> = audiences
        .into_iter()
        .map(|(observed_at, shares)| AudienceObservation { import: id, observed_at, shares: shares.clone() })
        .collect();
    let accepted = match user {
        Some(user) => {
            let accepted = (own.days.len() + own.posts.len() + own.exports.len()) as u64;
            make_sure_of_room(&imports.imports(user, MOST_IMPORTS).await?, accepted)?;
            accepted
        }
        None if audiences.is_empty() => {
            return Err(StoreError::Invalid(
                "it tells of no audience, which is all that is kept for everybody: sign in and bring it yourself to have \
                 its other figures"
                    .to_owned(),
            ));
        }
        None => audiences.len() as u64,
    };
    let import = Import {
        id,
        user,
        handle: own.handle.clone(),
        source,
        digest,
        imported_at: now,
        accepted,
        refused: refused.len() as u64,
        refusals: refused.into_iter().take(REFUSALS).collect(),
        // The other figures are private, and nobody could be shown the operator's.
        own: user.is_some().then_some(own),
    };
    match imports.add(&import, &audiences).await {
        Ok(()) => Ok((import, true)),
        Err(StoreError::Conflict(why)) => match imports.same(user, digest).await? {
            Some(brought_meanwhile) => Ok((brought_meanwhile, false)),
            None => Err(StoreError::Conflict(why)),
        },
        Err(other) => Err(other),
    }
}

fn make_sure_of_room(kept: &[Import], more: u64) -> Result<(), StoreError> {
    let mend = "delete one that is no longer needed first";
    if kept.len() >= MOST_IMPORTS as usize {
        return Err(StoreError::Conflict(format!(
            "{MOST_IMPORTS} exports of one person are kept, and no more: {mend}"
        )));
    }
    if kept.iter().fold(more, |sum, import| sum.saturating_add(import.accepted)) > MOST_IMPORTED {
        let why = format!("the exports of one person have {MOST_IMPORTED} days, posts and exports at most: {mend}");
        return Err(StoreError::Conflict(why));
    }
    Ok(())
}

/// Everything that a report of an account is made of for somebody who exported it: what was observed of it by a moment, and what that
/// person's own exports tell; `None` if the person brought none of it. What others brought is not looked at.
///
/// What was exported before the account was renamed counts, too, and what was exported under a former name since, unless another
/// account goes by that name now. The report is as private as the exports.
///
/// # Errors
/// [`StoreError`] if a store fails.
pub async fn own_subject(
    creators: &dyn CreatorStore,
    imports: &dyn ImportStore,
    user: UserId,
    handle: &Handle,
    as_of: Timestamp,
) -> Result<Option<Subject>, StoreError> {
    let known = known_subject(creators, imports, user, handle, as_of).await?;
    Ok(known.filter(|subject| subject.own.is_some()))
}

/// Everything that a person may know of an account as of a moment: what was observed, with what that person's own exports tell of it; `None`
/// if nothing is known. With [`own`](Subject::own), it is as private as the exports.
///
/// # Errors
/// [`StoreError`] if a store fails.
pub async fn known_subject(
    creators: &dyn CreatorStore,
    imports: &dyn ImportStore,
    user: UserId,
    handle: &Handle,
    as_of: Timestamp,
) -> Result<Option<Subject>, StoreError> {
    let observed = subject(creators, handle, as_of).await?;
    let mut files = imports.own(user, handle).await?;
    for former in observed.iter().flat_map(former_names) {
        if creators.find(former).await?.is_none() {
            files.extend(imports.own(user, former).await?);
        }
    }
    let Some(own) = OwnData::together(files) else { return Ok(observed) };
    let own = OwnData { handle: handle.clone(), ..own };
    let unseen =
        || Subject { handle: handle.clone(), profile: None, history: Vec::new(), videos: Vec::new(), own: None };
    Ok(Some(Subject { own: Some(own), ..observed.unwrap_or_else(unseen) }))
}

/// Under which other names the account was seen.
fn former_names(seen: &Subject) -> BTreeSet<&Handle> {
    seen.history.iter().map(|look| &look.profile.handle).filter(|name| **name != seen.handle).collect()
}

/// An account's audience, and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownAudience {
    /// The audience as a file tells it, or else as posts let guess it.
    pub shares: AudienceShares,
    /// When the audience was so; `None` where it is guessed from posts.
    pub observed_at: Option<Timestamp>,
    /// How well it fits what is wanted; `None` where nothing is.
    pub fit: Option<AudienceFit>,
    /// What would have to be different for it to fit better, the most worthwhile first; empty where nothing is wanted.
    pub gaps: Vec<AudienceGap>,
}

/// The newest audience of an account by a moment that the viewer may see, held against the one that is wanted, with what the newest posts
/// let guess of what no file tells; `None` if no file tells anything, and nothing that is wanted can be guessed.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn audience(
    creators: &dyn CreatorStore,
    audiences: &dyn AudienceStore,
    handle: &Handle,
    viewer: Option<UserId>,
    target: &AudienceTarget,
    as_of: Timestamp,
) -> Result<Option<KnownAudience>, StoreError> {
    let told = audiences.audience(handle, viewer, as_of).await?;
    let (shares, observed_at) = told.map(|told| (told.shares, told.observed_at)).unzip();
    if target.is_empty() {
        return Ok(shares.map(|shares| KnownAudience { shares, observed_at, fit: None, gaps: Vec::new() }));
    }
    let posts = content_signals(creators, handle, as_of).await?;
    let fit = audience_fit(shares.as_ref(), &posts, target, as_of);
    if shares.is_none() && fit.overall.value.is_none() {
        return Ok(None);
    }
    let gaps = audience_gaps(shares.as_ref(), &posts, target, as_of);
    let shares = shares.unwrap_or_else(|| posts.audience());
    Ok(Some(KnownAudience { shares, observed_at, fit: Some(fit), gaps }))
}
