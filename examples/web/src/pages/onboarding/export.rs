//! Bringing a TikTok Studio export: in place of a handle, or later.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    PreferencesChange,
    app::{self, Untaken},
    ports::ExportFile,
};
use compass_http::{CurrentUser, Files, Problem, ProblemKind};
use multer::{Constraints, Multipart, SizeLimit};

use super::{Mistakes, OnboardingPage, Typed};
use crate::{
    AppState,
    pages::{dashboard, frame::show},
};

/// The most bytes of a file, as the API takes them.
const LARGEST: u64 = 32 << 20;
/// The form around the file.
const FORM: u64 = 64 << 10;
const LONGEST_NAME: usize = 255;
const TOO_SLOW: &str =
    "The file took too long to arrive. Bring the parts of the ZIP one by one, or use a faster connection.";
/// So many reasons are told where nothing of a file is taken.
const TOLD: usize = 3;

/// A file as a form sends it.
struct File {
    name: String,
    content: Vec<u8>,
}

/// `POST /onboarding/export`
pub(in crate::pages) async fn bring(
    State(state): State<AppState>,
    who: CurrentUser,
    request: Request,
) -> Result<Response, Problem> {
    let turn = state.files.turn(who.user.id, request.extensions()).await?;
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
    let (read, _turn) = turn.read(read).await?;
    let brought = match read {
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
        // As a mistake, since browsers may send all of it once more by themselves after a 408.
        error if Files::too_slow(&error).is_some() => Ok(Err(TOO_SLOW.to_owned())),
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
    use std::{
        convert::Infallible,
        sync::{Condvar, Mutex},
        time::Duration,
    };

    use axum::body::{Body, Bytes};
    use compass_core::ports::{ExportReader, Exported};
    use futures_util::{StreamExt as _, stream};
    use tokio::sync::Notify;

    use super::*;
    use crate::pages::testing::{Pages, form_of_file};

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

    /// Reads when it is let.
    #[derive(Debug, Default)]
    struct Gated {
        begun: Notify,
        is_open: Mutex<bool>,
        opened: Condvar,
    }

    impl Gated {
        fn open(&self) {
            *self.is_open.lock().unwrap() = true;
            self.opened.notify_all();
        }
    }

    /// Lets it read however the test ends: the runtime waits for its thread.
    struct Opening(Arc<Gated>);

    impl Drop for Opening {
        fn drop(&mut self) {
            self.0.open();
        }
    }

    impl ExportReader for Gated {
        fn read<'f>(&self, _: &ExportFile<'f>) -> Exported {
            self.begun.notify_one();
            drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
            Exported::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_read_after_its_sender_has_gone_keeps_its_turn() {
        let reader = Arc::new(Gated::default());
        let _opening = Opening(Arc::clone(&reader));
        let pages = Pages::new().with_reader(Arc::<Gated>::clone(&reader)).signed_in(None).await;
        let bring = || pages.post_file("/onboarding/export", "a.csv", CSV);
        tokio::select! {
            _ = bring() => panic!("nothing was let"),
            () = reader.begun.notified() => {}
        }
        let second = async {
            let wait = async {
                tokio::task::yield_now().await;
                // While a thread reads, the clock does not go on by itself.
                tokio::time::advance(Duration::from_secs(5)).await;
            };
            tokio::join!(bring(), wait).0
        };
        tokio::select! {
            refused = second => {
                assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
                refused.says(&["Another file of yours is being read"]);
            }
            () = reader.begun.notified() => panic!("the second is read beside the first"),
        }
        reader.open();
        bring().await.says(&["Nothing of the file can be taken"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_comes_slowly_is_waited_for_and_one_that_stops_is_not() {
        let pages = Pages::new().with_exports().signed_in(None).await;
        let form = form_of_file("Overview_2026-05-01_1777600000_ada.csv", CSV).into_bytes();
        let pieces = |n: usize| {
            let pieces: Vec<_> =
                form.chunks(20).take(n).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
            stream::iter(pieces).then(async |piece| {
                tokio::time::sleep(Duration::from_secs(9)).await;
                piece
            })
        };
        let taken = pages.post_form_of_file("/onboarding/export", Body::from_stream(pieces(usize::MAX))).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.html);
        let stops = Body::from_stream(pieces(8).chain(stream::pending()));
        let refused = pages.post_form_of_file("/onboarding/export", stops).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.says(&[TOO_SLOW, "id=\"file-error\""]);
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
