//! Bringing a TikTok Studio export: in place of a handle, or later.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    PreferencesChange, UserId,
    app::{self, Untaken},
    ports::ExportFile,
};
use compass_http::{CurrentUser, Problem, ProblemKind};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Mistakes, OnboardingPage, Typed};
use crate::{
    AppState,
    pages::{dashboard, frame::show},
};

/// As many files as these are held in memory at once,
const AT_ONCE: usize = 4;
/// and whoever waits longer for a turn is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a file, as the API takes them.
const LARGEST: u64 = 32 << 20;
/// The form around the file.
const FORM: u64 = 64 << 10;
const LONGEST_NAME: usize = 255;
/// So many reasons are told where nothing of a file is taken.
const TOLD: usize = 3;

/// Bounds how many files are read at once, and reads one of a person at a time: files that come slowly keep nobody else waiting.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Turns {
    all: Arc<Semaphore>,
    people: Arc<Mutex<BTreeSet<UserId>>>,
}

/// The right to send a file, until it is dropped.
#[derive(Debug)]
struct Turn {
    _permit: OwnedSemaphorePermit,
    _of_person: OfPerson,
}

/// Whose file is being read.
#[derive(Debug)]
struct OfPerson {
    person: UserId,
    people: Arc<Mutex<BTreeSet<UserId>>>,
}

impl Turns {
    async fn of(&self, person: UserId) -> Result<Turn, Problem> {
        let wait = |why: &str| Problem::new(ProblemKind::Unavailable).with_detail(why).with_retry_after(PATIENCE);
        if !self.people.lock().unwrap_or_else(PoisonError::into_inner).insert(person) {
            return Err(wait("another file of yours is being read; bring this one when that is over"));
        }
        let of_person = OfPerson { person, people: Arc::clone(&self.people) };
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.all).acquire_owned()).await;
        let permit = permit.map_err(|_| wait("too many files are being read; bring yours again in a moment"))?;
        Ok(Turn { _permit: permit.expect("the semaphore is never closed"), _of_person: of_person })
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), people: Arc::default() }
    }
}

impl Drop for OfPerson {
    fn drop(&mut self) {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.person);
    }
}

/// A file as a form sends it.
struct File {
    name: String,
    content: Vec<u8>,
}

/// `POST /onboarding/export`
pub(in crate::pages) async fn bring(
    State(state): State<AppState>,
    who: CurrentUser,
    Extension(turns): Extension<Turns>,
    request: Request,
) -> Result<Response, Problem> {
    let _turn = turns.of(who.user.id).await?;
    let file = match read(request).await? {
        Ok(file) => file,
        Err(mistake) => return again(&state, &who, mistake),
    };
    let reader = Arc::clone(&state.ports.exports);
    let read = move || {
        let File { name, content } = file;
        // A form says nothing of the file.
        app::read_export(&*reader, &ExportFile { name: &name, content: &content, handle: None, exported_on: None })
    };
    let read = tokio::task::spawn_blocking(read).await;
    let brought = match read.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))? {
        Ok((brought, _)) => brought,
        Err(why) => return again(&state, &who, words(&why)),
    };
    let ports = &state.ports;
    let (clock, random) = (&*ports.clock, &*ports.random);
    let handle = brought.own.handle.clone();
    app::keep_export(&*ports.imports, clock, random, Some(who.user.id), brought).await?;
    if who.user.preferences.handle.is_some() {
        return Ok(Redirect::to("/account#imports").into_response());
    }
    // The first file says which account it is about.
    let change = PreferencesChange { handle: Some(Some(handle)), ..PreferencesChange::default() };
    let (accounts, creators, jobs) = (&*ports.accounts, &*ports.creators, &*ports.jobs);
    if app::named_unseen(creators, &change).await?.is_some() {
        who.may_ask_for_a_look()?;
    }
    let (_, job) = app::track(accounts, creators, jobs, clock, random, who.user.id, &change).await?;
    Ok(Redirect::to(&dashboard::address(job.map(|job| job.id))).into_response())
}

/// Why nothing of a file is taken, and what to do.
fn words(why: &Untaken) -> String {
    match why {
        Untaken::Several(_) => "The file is of several accounts: bring the export of one account at a time.".to_owned(),
        Untaken::Nothing(refused) => {
            let mut why: Vec<&str> = refused.iter().take(TOLD).map(|refusal| refusal.detail.as_str()).collect();
            if why.is_empty() {
                why.push("it tells of no account");
            }
            format!("Nothing of the file can be taken: {}. Bring the ZIP as TikTok Studio gives it.", why.join("; "))
        }
    }
}

/// The form again, with what was wrong.
fn again(state: &AppState, who: &CurrentUser, mistake: String) -> Result<Response, Problem> {
    let typed = Typed::from_preferences(&who.user.preferences);
    let page = OnboardingPage::new(state, who, typed, Mistakes::default());
    show(StatusCode::UNPROCESSABLE_ENTITY, &OnboardingPage { export_mistake: Some(mistake), ..page })
}

/// Reads the file of a form, or says what is wrong with it.
async fn read(request: Request) -> Result<Result<File, String>, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|_| {
        Problem::new(ProblemKind::UnsupportedMediaType)
            .with_detail("send the form of the page; programs use POST /tiktok/import")
    })?;
    let sizes = SizeLimit::new().whole_stream(LARGEST + FORM).per_field(LARGEST);
    let stream = request.into_body().into_data_stream();
    let mut form = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(sizes));
    let wrong = |error: multer::Error| match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            Ok(Err(format!("The file has more than {} MiB. Bring the parts of the ZIP one by one.", LARGEST >> 20)))
        }
        error => Err(Problem::new(ProblemKind::BadRequest).with_detail(format!("the form cannot be read: {error}"))),
    };
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) if field.name() == Some("file") => field,
            Ok(Some(_)) => continue,
            Ok(None) => return Ok(Err("Choose a file first.".to_owned())),
            Err(error) => return wrong(error),
        };
        let name: String =
            field.file_name().unwrap_or("export").chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        return match field.bytes().await {
            Ok(content) if content.is_empty() => Ok(Err("Choose a file first: this one is empty.".to_owned())),
            Ok(content) => {
                Ok(Ok(File { name: if name.is_empty() { "export".to_owned() } else { name }, content: content.into() }))
            }
            Err(error) => wrong(error),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Pages;

    const CSV: &str = "Date,Video Views,Profile Views,Likes,Comments,Shares\nMay 1,10,2,3,1,0\nApril 30,12,2,3,1,0\n";

    #[tokio::test]
    async fn an_export_names_the_account_and_is_kept_for_the_person() {
        let pages = Pages::new().with_exports().signed_in(None).await;
        let answer = pages.post_file("/onboarding/export", "Overview_2026-05-01_1777600000_ada.csv", CSV).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.html);
        assert!(answer.header("location").starts_with("/dashboard?job="), "{}", answer.header("location"));
        assert_eq!(pages.user().await.preferences.handle.unwrap().as_str(), "ada");
        pages.get("/account").await.says(&["@ada", "taken"]);
        let again = pages.post_file("/onboarding/export", "Overview_2026-05-01_1777600000_ada.csv", CSV).await;
        assert_eq!(again.header("location"), "/account#imports");
    }

    #[tokio::test]
    async fn one_persons_slow_files_keep_nobody_else_waiting() {
        let (turns, [ada, bea]) = (Turns::default(), [1, 2].map(|n| UserId(uuid::Uuid::from_u128(n))));
        let first = turns.of(ada).await.unwrap();
        for _ in 0..AT_ONCE {
            assert_eq!(turns.of(ada).await.unwrap_err().kind(), ProblemKind::Unavailable);
        }
        turns.of(bea).await.expect("she has a turn of her own");
        drop(first);
        turns.of(ada).await.expect("the first file was read");
    }

    #[tokio::test]
    async fn what_is_no_export_is_told_beside_the_field() {
        let pages = Pages::new().with_exports().signed_in(None).await;
        let hostile = "<img src=x onerror=alert(2)>.csv";
        for (name, content, told) in
            [("export.zip", "", "Choose a file first"), (hostile, "nothing", "Nothing of the file can be taken")]
        {
            let answer = pages.post_file("/onboarding/export", name, content).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            answer.says(&[told, "id=\"file-error\""]);
            answer.does_not_say(&["<img src=x"]);
        }
        let form = pages.post("/onboarding/export", "file=x").await;
        assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}
