//! New jobs, heard of from PostgreSQL itself.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::ports::JobBell;
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::{sync::Notify, task::AbortHandle, time};

use super::PATIENCE;
use crate::statements::postgres::CHANNEL;

/// How long a server that could not be listened to is left alone.
const AWAY: Duration = Duration::from_secs(1);

/// Rings for every job that anybody enqueues in the schema, in whatever process.
#[derive(Debug)]
pub(super) struct PgBell {
    rung: Arc<Notify>,
    listening: AbortHandle,
}

impl PgBell {
    /// Listens on a connection of its own, so that it takes none of the pool's.
    pub(super) fn new(pool: &PgPool, schema: Option<Arc<str>>) -> Self {
        let rung = Arc::new(Notify::new());
        let alone = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(pool.connect_options().as_ref().clone());
        let listening = tokio::spawn(listen(pool.clone(), alone, schema, Arc::clone(&rung))).abort_handle();
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

async fn listen(pool: PgPool, alone: PgPool, schema: Option<Arc<str>>, rung: Arc<Notify>) {
    let mut told = false;
    loop {
        let mut heard = false;
        if let Err(error) = hear(&pool, &alone, schema.as_deref(), &rung, &mut heard).await
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
    pool: &PgPool,
    alone: &PgPool,
    schema: Option<&str>,
    rung: &Notify,
    heard: &mut bool,
) -> Result<(), sqlx::Error> {
    // Where the host's connections look for tables may be known to them alone.
    let channel: String = sqlx::query_scalar(CHANNEL).bind(schema).fetch_one(pool).await?;
    let mut listener = PgListener::connect_with(alone).await?;
    listener.eager_reconnect(false);
    listener.listen(&channel).await?;
    *heard = true;
    loop {
        // At first, too: what came while nobody listened has not rung.
        rung.notify_one();
        if listener.try_recv().await?.is_none() {
            return Ok(());
        }
    }
}
