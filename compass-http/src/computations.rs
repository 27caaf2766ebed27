//! How many reports are computed at once: anybody may ask for one, and each keeps a core busy for a while.

use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemKind};

/// How long a request waits for its turn, unless the host says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bounds how many reports are read and computed at once, whoever asks for them: the others wait, and who has waited too long is
/// told to come back (503).
///
/// Each router has one of its own, for as many as there are cores and a wait of 5 s. A host may bring another:
///
/// ```
/// # use std::{num::NonZeroUsize, time::Duration};
/// # use axum::{Extension, Router};
/// # use compass_http::{Computations, Ports};
/// fn app(ports: Ports) -> Router {
///     let few = Computations::at_once(NonZeroUsize::MIN).with_patience(Duration::from_secs(1));
///     compass_http::router().with_state(ports).layer(Extension(few))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Computations {
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// The right to compute one report, until it is dropped.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Computations {
    /// So many at once.
    #[must_use]
    pub fn at_once(many: NonZeroUsize) -> Self {
        let turns = Arc::new(Semaphore::new(many.get().min(Semaphore::MAX_PERMITS)));
        Self { turns, patience: PATIENCE }
    }

    /// How long a request waits for its turn: 5 s unless said otherwise.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Reads and then computes, in one turn: reading waits for the turn, and computing is done where it holds up no other request.
    ///
    /// # Errors
    /// What `read` gives, [`ProblemKind::Unavailable`] if the turn does not come in time, [`ProblemKind::Internal`] if `compute`
    /// panics.
    pub async fn run<R: Send + 'static, T: Send + 'static>(
        &self,
        read: impl Future<Output = Result<R, Problem>>,
        compute: impl FnOnce(R) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.turn().await?;
        let read = read.await?;
        // It goes on where the client has gone away, and so it keeps its turn.
        let compute = move || {
            let _turn = turn;
            compute(read)
        };
        let failed = |failed| Problem::new(ProblemKind::Internal).with_cause(failed);
        tokio::task::spawn_blocking(compute).await.map_err(failed)
    }

    /// Waits for a turn. Whatever goes on after the request has gone has to keep it.
    pub(crate) async fn turn(&self) -> Result<Turn, Problem> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(permit) => Ok(Turn { _permit: permit.expect("the semaphore is never closed") }),
            Err(_) => Err(Problem::new(ProblemKind::Unavailable)
                .with_detail("too much is being computed; ask again in a moment")
                .with_retry_after(self.patience)),
        }
    }
}

impl Default for Computations {
    fn default() -> Self {
        Self::at_once(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }
}
