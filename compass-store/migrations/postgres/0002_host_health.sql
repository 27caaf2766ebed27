-- Hosts that answered with a block, and until when all workers leave them alone. A host that is well has no row.

CREATE TABLE compass_host_health (
    host text PRIMARY KEY,
    blocks bigint NOT NULL CHECK (blocks > 0),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    paused_until timestamptz NOT NULL,
    cause_code text NOT NULL,
    cause_detail text NOT NULL,
    CHECK (first_at <= last_at)
);

-- How many of a job's attempts only found that it has to wait.
ALTER TABLE compass_jobs ADD COLUMN postponed bigint NOT NULL DEFAULT 0 CHECK (postponed >= 0);
