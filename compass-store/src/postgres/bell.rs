//! New jobs, heard of from PostgreSQL itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::ports::JobBell;
use sqlx::{
    Executor as _,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{sync::Notify, task::AbortHandle, time};

use super::{
    PATIENCE,
    connections::{Connections, within},
};
use crate::statements::{PING, postgres::CHANNEL};

/// How long a server that could not be listened to is left alone.
const AWAY: Duration = Duration::from_secs(1);

/// A server that was silent for so long is asked whether it is there.
const SILENCE: Duration = Duration::from_secs(60);

/// Rings for every job that anybody enqueues in the schema, in whatever process.
#[derive(Debug)]
pub(super) struct PgBell {
    rung: Arc<Notify>,
    listening: AbortHandle,
}

impl PgBell {
    /// Listens on a connection of its own, so that it takes none of the pool's.
    pub(super) fn new(connections: &Connections, schema: Option<Arc<str>>) -> Self {
        let rung = Arc::new(Notify::new());
        let listening = tokio::spawn(listen(connections.clone(), schema, Arc::clone(&rung))).abort_handle();
        Self { rung, listening }
    }
}

impl Drop for PgBell {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[async_trait]
impl JobBell for PgBell {
    async fn wait(&self, at_most: Duration) {
        // Too late is what the worker does not rely on.
        time::timeout(at_most, self.rung.notified()).await.ok();
    }
}

async fn listen(connections: Connections, schema: Option<Arc<str>>, rung: Arc<Notify>) {
    let mut told = false;
    loop {
        let mut heard = false;
        if let Err(error) = hear(&connections, schema.as_deref(), &rung, &mut heard).await
            && !told
        {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "new jobs are looked for but not heard of until the database can be listened to again"
            );
        }
        told = !heard;
        time::sleep(AWAY).await;
    }
}

/// Listens until the connection is lost.
async fn hear(
    connections: &Connections,
    schema: Option<&str>,
    rung: &Notify,
    heard: &mut bool,
) -> Result<(), sqlx::Error> {
    // Where the host's connections look for tables may be known to them alone.
    let channel: String = sqlx::query_scalar(CHANNEL).bind(schema).fetch_one(connections).await?;
    // A pool of its own each time: sqlx is still at the connection that was lost, and may be for long.
    let alone = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(connections.pool().connect_options().as_ref().clone());
    let mut listener = PgListener::connect_with(&alone).await?;
    listener.eager_reconnect(false);
    within(PATIENCE, listener.listen(&channel)).await.flatten()?;
    *heard = true;
    // What came while nobody listened has not rung.
    rung.notify_one();
    loop {
        match time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(_))) => rung.notify_one(),
            Ok(lost) => return lost.map(drop),
            // There is nothing to tell, or nobody who would.
            Err(_silent) => _ = within(PATIENCE, listener.execute(PING)).await.flatten()?,
        }
    }
}
