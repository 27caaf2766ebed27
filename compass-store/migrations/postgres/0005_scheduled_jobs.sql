-- Jobs that nobody waits for, and jobs that are wanted no more.

ALTER TABLE compass_jobs DROP CONSTRAINT compass_jobs_state_check;
ALTER TABLE compass_jobs DROP CONSTRAINT compass_jobs_check;
ALTER TABLE compass_jobs
    ADD CONSTRAINT compass_jobs_state_check
        CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    ADD CONSTRAINT compass_jobs_check CHECK ((finished_at IS NULL) = (state IN ('queued', 'running'))),
    ADD COLUMN priority text COLLATE "C" NOT NULL DEFAULT 'asked' CHECK (priority IN ('asked', 'scheduled')),
    ADD COLUMN asked_at timestamptz;
UPDATE compass_jobs SET asked_at = enqueued_at;
ALTER TABLE compass_jobs ALTER COLUMN asked_at SET NOT NULL, ALTER COLUMN priority DROP DEFAULT;

DROP INDEX compass_jobs_next;
CREATE INDEX compass_jobs_next ON compass_jobs (priority, available_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_failed ON compass_jobs (finished_at, id) WHERE state = 'failed';

-- The accounts that people name.
CREATE INDEX compass_users_tracked ON compass_users ((preferences ->> 'handle') COLLATE "C");
