-- Jobs that nobody waits for, and jobs that are wanted no more.
-- SQLite changes no check of a table: both are made anew, the events first, which would otherwise go with their jobs.

CREATE TABLE compass_jobs_new (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    handle TEXT NOT NULL,
    requested_by BLOB REFERENCES compass_users (id) ON DELETE SET NULL,
    priority TEXT NOT NULL CHECK (priority IN ('asked', 'scheduled')),
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    postponed INTEGER NOT NULL DEFAULT 0 CHECK (postponed >= 0),
    enqueued_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    finished_at INTEGER,
    failure_code TEXT,
    failure_detail TEXT,
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'running'))),
    CHECK ((failure_code IS NULL) = (failure_detail IS NULL))
) STRICT;
INSERT INTO compass_jobs_new (id, handle, requested_by, priority, asked_at, state, attempts, postponed, enqueued_at,
        available_at, finished_at, failure_code, failure_detail)
    SELECT id, handle, requested_by, 'asked', enqueued_at, state, attempts, postponed, enqueued_at, available_at,
        finished_at, failure_code, failure_detail FROM compass_jobs;

CREATE TABLE compass_job_events_new (
    job_id BLOB NOT NULL REFERENCES compass_jobs_new (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    happened_at INTEGER NOT NULL,
    progress TEXT NOT NULL CHECK (json_valid(progress)),
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO compass_job_events_new (job_id, seq, happened_at, progress)
    SELECT job_id, seq, happened_at, progress FROM compass_job_events;

DROP TABLE compass_job_events;
DROP TABLE compass_jobs;
-- The events' reference is renamed with the table that it names.
ALTER TABLE compass_jobs_new RENAME TO compass_jobs;
ALTER TABLE compass_job_events_new RENAME TO compass_job_events;

-- One refresh of a handle at a time.
CREATE UNIQUE INDEX compass_jobs_open ON compass_jobs (handle) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_last ON compass_jobs (handle, enqueued_at, id);
CREATE INDEX compass_jobs_next ON compass_jobs (priority, available_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_requested_by ON compass_jobs (requested_by);
CREATE INDEX compass_jobs_finished ON compass_jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX compass_jobs_failed ON compass_jobs (finished_at, id) WHERE state = 'failed';

-- The accounts that people name.
CREATE INDEX compass_users_tracked ON compass_users (preferences ->> 'handle');
