//! How many files that people bring are in memory at once.

use std::{error::Error, num::NonZeroUsize, sync::Arc, time::Duration};

use axum::http::Extensions;
use compass_core::UserId;
use tokio::sync::Semaphore;

use crate::{
    extract::came_too_slowly,
    manners::{FILE_PAUSE, FILE_TIME, IsFile},
    problem::{Problem, ProblemKind},
    turns::{Taken, Turn, Turns},
};

/// So many are unpacked at once, unless the host says otherwise.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");
/// How long a request waits for its turn, unless the host says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bounds the files that people bring, each of which is held in memory: one of a person at a time, eight of all together, of which
/// four are unpacked at once. The others wait, and who has waited too long is told to come back (503).
///
/// Each router has one of its own. A host whose pages take files, too, brings one for both:
///
/// ```
/// # use axum::{Extension, Router};
/// # use compass_core::{app, ports::{ExportFile, ExportReader}};
/// # use compass_http::{CurrentUser, Files, Ports, Problem};
/// fn app(ports: Ports, files: &Files) -> Router {
///     compass_http::router().with_state(ports).layer(Extension(files.clone()))
/// }
///
/// /// What a page does with the request that has the file of a person.
/// async fn bring(files: &Files, who: &CurrentUser, head: &axum::http::request::Parts) -> Result<usize, Problem> {
///     let turn = files.turn(who.user.id, &head.extensions).await?;
///     let content = b"the body of the request";
///     let (read, _turn) = turn.read(move || content.len()).await?;
///     Ok(read)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Files {
    turns: Turns<UserId>,
    unpacked: Arc<Semaphore>,
    patience: Duration,
}

/// The right to send a file and to have it read, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct FileTurn {
    _turn: Turn,
    unpacked: Arc<Semaphore>,
}

impl Files {
    /// So many are unpacked at once, and twice as many are on their way.
    #[must_use]
    pub fn at_once(many: NonZeroUsize) -> Self {
        let many = many.get().min(Semaphore::MAX_PERMITS / 2);
        Self { turns: Turns::new(1, 2 * many), unpacked: Arc::new(Semaphore::new(many)), patience: PATIENCE }
    }

    /// How long a request waits for its turn: 5 s unless said otherwise.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Waits for the person's turn to send a file: the body is read after that. By [`Manners`](crate::Manners) it may take as long as
    /// a file does then; `request` are the request's extensions.
    ///
    /// # Errors
    /// [`ProblemKind::Unavailable`] if the turn does not come in time.
    pub async fn turn(&self, person: UserId, request: &Extensions) -> Result<FileTurn, Problem> {
        let turn = self.turns.turn(person, self.patience).await.map_err(|taken| {
            let why = match taken {
                Taken::ByOne => "another file of yours is being read; bring this one when that is over",
                Taken::ByAll => "too many files are being read; bring yours again in a moment",
            };
            Problem::new(ProblemKind::Unavailable).with_detail(why).with_retry_after(self.patience)
        })?;
        if let Some(body) = request.get::<IsFile>() {
            body.say();
        }
        Ok(FileTurn { _turn: turn, unpacked: Arc::clone(&self.unpacked) })
    }

    /// Says that a file did not arrive in time, where that is what `error` comes of.
    #[must_use]
    pub fn too_slow(error: &(dyn Error + 'static)) -> Option<Problem> {
        came_too_slowly(error).then(|| {
            Problem::new(ProblemKind::TooSlow).with_detail(format!(
                "the file did not arrive whole within {} minutes, or paused for {} seconds; bring the parts of the ZIP one by one, or use \
                 a faster connection",
                FILE_TIME.as_secs() / 60,
                FILE_PAUSE.as_secs()
            ))
        })
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::at_once(AT_ONCE)
    }
}

impl FileTurn {
    /// Reads the file where that holds up no other request, and gives the turn back with what was read. It goes on where the client
    /// has gone away, and keeps its turn.
    ///
    /// # Errors
    /// [`ProblemKind::Internal`] if `read` panics.
    pub async fn read<T: Send + 'static>(
        self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Self), Problem> {
        let unpacks = Arc::clone(&self.unpacked).acquire_owned().await.expect("the semaphore is never closed");
        let read = move || {
            let _unpacks = unpacks;
            (read(), self)
        };
        tokio::task::spawn_blocking(read).await.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))
    }
}
