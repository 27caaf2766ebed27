-- Hosts that answered with a block, and until when all workers leave them alone. A host that is well has no row.

CREATE TABLE compass_host_health (
    host TEXT PRIMARY KEY,
    blocks INTEGER NOT NULL CHECK (blocks > 0),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    paused_until INTEGER NOT NULL,
    cause_code TEXT NOT NULL,
    cause_detail TEXT NOT NULL,
    CHECK (first_at <= last_at)
) STRICT, WITHOUT ROWID;

-- How many of a job's attempts only found that it has to wait.
ALTER TABLE compass_jobs ADD COLUMN postponed INTEGER NOT NULL DEFAULT 0 CHECK (postponed >= 0);
