-- What sign-in, imports, reports and advice need to remember, and the record of what was done.

-- From where a browser came (forgotten first), and when its session was ended: ended ones are kept for a while.
ALTER TABLE compass_sessions ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE compass_sessions ADD COLUMN ended_at INTEGER;
ALTER TABLE compass_sessions ADD COLUMN ip TEXT;
ALTER TABLE compass_sessions ADD COLUMN user_agent TEXT;
UPDATE compass_sessions SET last_seen_at = opened_at;
CREATE INDEX compass_sessions_expired ON compass_sessions (expires_at);
CREATE INDEX compass_sessions_ended ON compass_sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX compass_sessions_client ON compass_sessions (last_seen_at) WHERE ip IS NOT NULL OR user_agent IS NOT NULL;

-- Sign-ins whose browsers are at the provider. Taking one deletes it.
CREATE TABLE compass_sign_ins (
    state_hash BLOB PRIMARY KEY CHECK (length(state_hash) = 32),
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX compass_sign_ins_expired ON compass_sign_ins (expires_at);

-- The tokens of a session, each the successor of the one whose next_hash names it.
CREATE TABLE compass_refresh_tokens (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    session_id BLOB NOT NULL REFERENCES compass_sessions (id) ON DELETE CASCADE,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    next_hash BLOB CHECK (length(next_hash) = 32),
    revoked_at INTEGER,
    CHECK ((used_at IS NULL) = (next_hash IS NULL))
) STRICT;
CREATE INDEX compass_refresh_tokens_session ON compass_refresh_tokens (session_id, issued_at, token_hash);
CREATE INDEX compass_refresh_tokens_expired ON compass_refresh_tokens (expires_at);

-- Files that were read. What they tell is as private as they are, so it goes with them.
CREATE TABLE compass_imports (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB REFERENCES compass_users (id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    imported_at INTEGER NOT NULL,
    accepted INTEGER NOT NULL CHECK (accepted >= 0),
    refused INTEGER NOT NULL CHECK (refused >= 0),
    refusals TEXT NOT NULL CHECK (json_valid(refusals))
) STRICT;
CREATE INDEX compass_imports_user ON compass_imports (user_id, imported_at, id);
CREATE INDEX compass_imports_handle ON compass_imports (handle);
CREATE INDEX compass_imports_digest ON compass_imports (digest, imported_at, id);

-- A row with an empty bucket has the share of all groups that are not told.
CREATE TABLE compass_audience_shares (
    import_id BLOB NOT NULL REFERENCES compass_imports (id) ON DELETE CASCADE,
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('studio_export', 'partner_file', 'inferred')),
    dimension TEXT NOT NULL CHECK (dimension IN ('gender', 'territory', 'age', 'active_hours')),
    bucket TEXT NOT NULL,
    share REAL NOT NULL CHECK (share BETWEEN 0 AND 1),
    PRIMARY KEY (import_id, observed_at, source, dimension, bucket)
) STRICT, WITHOUT ROWID;

-- Reports as they were made; user_id says whose private exports went into one.
CREATE TABLE compass_reports (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    handle TEXT NOT NULL,
    creator_id INTEGER CHECK (creator_id > 0),
    user_id BLOB REFERENCES compass_users (id) ON DELETE CASCADE,
    as_of INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    engine TEXT NOT NULL,
    input_hash BLOB NOT NULL CHECK (length(input_hash) = 32),
    report TEXT NOT NULL CHECK (json_valid(report)),
    inputs_thinned_at INTEGER
) STRICT;
-- The same inputs give the same report, so one of each is kept.
CREATE UNIQUE INDEX compass_reports_public ON compass_reports (handle, as_of, engine, input_hash) WHERE user_id IS NULL;
CREATE UNIQUE INDEX compass_reports_private
    ON compass_reports (user_id, handle, as_of, engine, input_hash) WHERE user_id IS NOT NULL;
CREATE INDEX compass_reports_last ON compass_reports (handle, made_at, id);
CREATE INDEX compass_reports_whole ON compass_reports (creator_id, as_of) WHERE inputs_thinned_at IS NULL;

-- What people were advised, and what came of it.
CREATE TABLE compass_advice (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES compass_users (id) ON DELETE CASCADE,
    report_id BLOB NOT NULL REFERENCES compass_reports (id) ON DELETE CASCADE,
    given_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    said TEXT NOT NULL CHECK (json_valid(said)),
    expected TEXT NOT NULL CHECK (json_valid(expected)),
    due_at INTEGER NOT NULL,
    settled_at INTEGER,
    found TEXT CHECK (json_valid(found)),
    CHECK ((settled_at IS NULL) = (found IS NULL))
) STRICT;
CREATE INDEX compass_advice_user ON compass_advice (user_id, given_at, id);
CREATE INDEX compass_advice_report ON compass_advice (report_id);
CREATE INDEX compass_advice_due ON compass_advice (due_at, id) WHERE settled_at IS NULL;

-- What was done. A person who is erased is taken out of the events, which stay.
CREATE TABLE compass_audit_log (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    happened_at INTEGER NOT NULL,
    actor BLOB REFERENCES compass_users (id) ON DELETE SET NULL,
    action TEXT NOT NULL,
    subject BLOB REFERENCES compass_users (id) ON DELETE SET NULL,
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    ip TEXT
) STRICT;
CREATE INDEX compass_audit_log_actor ON compass_audit_log (actor, happened_at, id);
CREATE INDEX compass_audit_log_subject ON compass_audit_log (subject, happened_at, id);
CREATE INDEX compass_audit_log_at ON compass_audit_log (happened_at);
CREATE INDEX compass_audit_log_client ON compass_audit_log (happened_at) WHERE ip IS NOT NULL;

-- What retention looks for.
CREATE INDEX compass_jobs_finished ON compass_jobs (finished_at) WHERE finished_at IS NOT NULL;
